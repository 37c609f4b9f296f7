"""The build graph of the book, and the commands in front of it.

    python dodo.py book [--scale quick|book|paper]
    python dodo.py chapter NAME [--scale …]     run one chapter, no pages
    python dodo.py refresh [NAME …]             store quick outputs in the notebooks
    python dodo.py test                         layers 1 to 5

doit runs what is not fresh, two chapters at a time. Freshness is decided by content
(`helpers.inputs`, `helpers.publish.digest`), kept beside the results themselves.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from doit import get_var
from doit.cmd_base import ModuleTaskLoader
from doit.doit_cmd import DoitMain
from doit.exceptions import BaseFail, TaskError, UnmetDependency
from doit.reporter import ZeroReporter
from doit.task import Task

from helpers import inputs, publish
from helpers.execute import INTERRUPTED, read_script
from helpers.scale import Scale

ROOT = Path(__file__).resolve().parent


class Reporter(ZeroReporter):
    """Silent but for errors nobody foresaw: chapters and pages report for themselves."""

    def add_failure(self, task: Task, fail: BaseFail) -> None:
        if isinstance(fail, TaskError) and not isinstance(fail, UnmetDependency):
            sys.stderr.write(fail.get_msg())


DOIT_CONFIG = {
    "default_tasks": ["html"],
    "dep_file": str(ROOT / "_build" / "doit.db"),
    "num_process": 2,
    "par_type": "thread",  # each chapter is a process of its own anyway
    "continue": True,  # one failed chapter does not stop the others
    "verbosity": 2,
    "reporter": Reporter,
}
# One thread each: two chapters share two cores, and sums do not depend on threads.
ENVIRONMENT = os.environ | {
    f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
}


def task_chapter() -> Iterator[dict]:
    """Execute a chapter at the chosen scale."""
    scale = Scale(get_var("scale", Scale.BOOK))
    for name in publish.chapters(ROOT):
        script = ROOT / "notebooks" / f"{name}.py"
        output = publish.executed(ROOT, scale, name)
        yield {
            "name": name,
            "actions": [(run_chapter, [script, output, scale])],
            "uptodate": [(is_fresh, [script, output, scale])],
        }


def task_html() -> dict:
    """Build the pages with warnings as errors."""
    scale = Scale(get_var("scale", Scale.BOOK))
    return {
        "actions": [(build_html, [scale])],
        "task_dep": ["chapter"],
        "uptodate": [(publish.is_fresh, [ROOT, scale])],
    }


def is_fresh(script: Path, output: Path, scale: Scale) -> bool:
    """Whether the executed notebook was made from what is there now."""
    if not output.is_file():
        return False
    made_from = nbformat.read(output, as_version=4).metadata.get("headlines", {}).get("inputs")
    return made_from == inputs.digest(script, scale, ROOT)


def run_chapter(script: Path, output: Path, scale: Scale) -> bool:
    command = [sys.executable, "-m", "helpers.execute", script, output, "--scale", scale]
    done = subprocess.run(
        command, check=False, env=ENVIRONMENT, cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    if done.returncode != INTERRUPTED:  # then its kernel's last words are noise
        sys.stderr.write(done.stderr)
    return done.returncode == 0


def build_html(scale: Scale) -> bool:
    print("building the pages", flush=True)
    try:
        publish.build(ROOT, scale)
    except publish.BuildFailed as error:
        print(f"error: {error}", file=sys.stderr)
        return False
    return True


def run_tasks(tasks: list[str], scale: Scale) -> int:
    """doit's exit code; `_build` is probed first, for one clear sentence."""
    try:
        (ROOT / "_build").mkdir(exist_ok=True)
        (ROOT / "_build" / ".writable").touch()
    except OSError as error:
        sys.exit(f"error: cannot write to {ROOT / '_build'} ({error.strerror}): free that path")
    return DoitMain(ModuleTaskLoader(globals())).run([*tasks, f"scale={scale}"])


def book(scale: Scale) -> int:
    target = publish.html_folder(ROOT, scale)
    if run_tasks(["html"], scale) != 0:
        sys.exit(f"error: the book was not rebuilt; {publish.kept(target)}")
    print(f"The book is ready: open {target / 'index.html'}")
    return 0


def chapter(name: str, scale: Scale) -> int:
    read_script(ROOT / "notebooks" / f"{name}.py")  # an unknown name is one sentence
    if run_tasks([f"chapter:{name}"], scale) != 0:
        return 1
    print(f"{publish.executed(ROOT, scale, name)} is fresh; `make book` puts it into the pages")
    return 0


def refresh(names: list[str]) -> int:
    """Run at quick scale and store the outputs that Binder shows and nbval compares."""
    for name in names or publish.chapters(ROOT):
        script = ROOT / "notebooks" / f"{name}.py"
        command = [sys.executable, "-m", "helpers.execute", script, "--refresh"]
        if subprocess.run(command, check=False, env=ENVIRONMENT, cwd=ROOT).returncode != 0:
            return 1
    return 0


def test() -> int:
    """Build at quick scale, then all five layers in one pytest run."""
    if run_tasks(["html"], Scale.QUICK) != 0:
        sys.exit("error: the book does not build at quick scale, so its pages cannot be tested")
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile"]
    command += ["--nbval", "--nbval-current-env", "tests", "notebooks"]
    return subprocess.run(command, check=False, env=ENVIRONMENT, cwd=ROOT).returncode


def main() -> int:
    parser = argparse.ArgumentParser(prog="dodo.py", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("book", "chapter", "refresh", "test"):
        command = commands.add_parser(name)
        if name in ("book", "chapter"):
            command.add_argument("--scale", default=Scale.BOOK)
        if name == "chapter":
            command.add_argument("name", nargs="?", default="")
        if name == "refresh":
            command.add_argument("names", nargs="*")
    arguments = vars(parser.parse_args())
    command = {"book": book, "chapter": chapter, "refresh": refresh, "test": test}
    try:
        if "scale" in arguments:
            arguments["scale"] = Scale(arguments["scale"])
        return command[arguments.pop("command")](**arguments)
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        print("interrupted: nothing was lost, run the same again to continue", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
