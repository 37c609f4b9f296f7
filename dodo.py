"""The build graph of the book, and the commands in front of it.

    python dodo.py book [--scale quick|book|paper]
    python dodo.py chapter NAME [--scale …]     run one chapter, no pages
    python dodo.py lab [NAME]                   open a chapter in JupyterLab
    python dodo.py refresh [NAME …]             store quick outputs in the notebooks
    python dodo.py record                       store the book's results in book/record.json
    python dodo.py bands [NAME …] [--scale …]   derive where the claims are expected
    python dodo.py test                         layers 1 to 5

doit runs what is not fresh, two chapters at a time. Freshness is decided by content
(`helpers.build.inputs`, `helpers.build.publish.digest`) and kept beside the results themselves, so
doit's own database is thrown away after each run.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

from doit import get_var
from doit.cmd_base import ModuleTaskLoader
from doit.doit_cmd import DoitMain
from doit.exceptions import BaseFail, TaskError, UnmetDependency
from doit.reporter import ZeroReporter
from doit.task import Task
from filelock import FileLock, Timeout

from helpers.build import inputs, processors, publish, record
from helpers.build.execute import INTERRUPTED, isolate_kernels, stop_once
from helpers.build.progress import Progress
from helpers.scale import Scale

ROOT = Path(__file__).resolve().parent
RUNNING: set[subprocess.Popen[str]] = set()  # chapters being executed, to be ended with us
PROGRESS: list[Progress] = []  # of the build at work, at book scale


class Reporter(ZeroReporter):
    """Silent but for errors nobody foresaw: chapters and pages report for themselves."""

    def add_failure(self, task: Task, fail: BaseFail) -> None:
        if isinstance(fail, TaskError) and not isinstance(fail, UnmetDependency):
            sys.stderr.write(fail.get_msg())


DOIT_CONFIG = {
    "default_tasks": ["html"],
    "num_process": 2,
    "par_type": "thread",  # each chapter is a process of its own anyway
    "continue": True,  # one failed chapter does not stop the others
    "verbosity": 2,
    "reporter": Reporter,
}


def task_chapter() -> Iterator[dict[str, Any]]:
    """Execute a chapter at the chosen scale."""
    scale = Scale(get_var("scale", Scale.BOOK))
    costs = record.costs(ROOT)
    # The longest first, so that none is left alone at the end.
    for name in sorted(publish.chapters(ROOT), key=costs.__getitem__, reverse=True):
        script = script_of(name)
        output = publish.executed(ROOT, scale, name)
        yield {
            "name": name,
            "actions": [(run_chapter, [name, script, output, scale])],
            "uptodate": [(inputs.is_fresh, [script, output, scale, ROOT])],
        }


def task_html() -> dict[str, Any]:
    """Build the pages with warnings as errors."""
    scale = Scale(get_var("scale", Scale.BOOK))
    return {
        "actions": [(build_html, [scale])],
        "task_dep": ["chapter"],
        "uptodate": [(publish.is_fresh, [ROOT, scale])],
    }


def script_of(name: str) -> Path:
    return ROOT / "notebooks" / f"{name}.py"


def run_chapter(name: str, script: Path, output: Path, scale: Scale) -> bool:
    """Execute a chapter and say how far the build is."""
    ended_well = execute(script, output, "--scale", scale)
    if ended_well and PROGRESS:
        print(f"{name}  {PROGRESS[0].finish(name)}", flush=True)
    return ended_well


def execute(*arguments: str | Path) -> bool:
    """Run `helpers.build.execute` in a process of its own; it reports for itself."""
    return run_module("helpers.build.execute", *arguments)


def run_module(module: str, *arguments: str | Path) -> bool:
    """Whether a module of ours, run in a process of its own, ended well."""
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    RUNNING.add(process)
    _, errors = process.communicate()
    RUNNING.discard(process)
    if process.returncode != INTERRUPTED:  # an event loop cut short complains at length
        sys.stderr.write(errors)
    return process.returncode == 0


def build_html(scale: Scale) -> bool:
    print("building the pages", flush=True)
    try:
        publish.build(ROOT, scale)
    except (publish.BuildFailed, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return False
    return True


def run_tasks(tasks: list[str], scale: Scale) -> int:
    """doit's exit code. One build at a time; whether `_build` can be written shows first."""
    publish.chapters(ROOT)  # a broken table of contents is one sentence, not doit's traceback
    folder = ROOT / "_build"
    try:
        folder.mkdir(exist_ok=True)
        with FileLock(folder / ".lock", timeout=0), tempfile.TemporaryDirectory() as throwaway:
            publish.restore(publish.html_folder(ROOT, scale))
            database = str(Path(throwaway) / "doit.db")
            command = ["run", "--db-file", database, *tasks, f"scale={scale}"]
            return DoitMain(ModuleTaskLoader(globals())).run(command)
    except Timeout:
        sys.exit(f"error: another build is at work in {folder}: wait for it or stop it")
    except OSError as error:
        sys.exit(f"error: cannot write to {folder} ({error.strerror}): free that path")


def known(name: str) -> str:
    """The name itself if it is a chapter's; ValueError names the chapters."""
    names = publish.chapters(ROOT)
    if name not in names:
        raise ValueError(f"unknown chapter {name!r}: choose one of {', '.join(names)}")
    return name


def book(scale: Scale) -> int:
    target = publish.html_folder(ROOT, scale)
    if scale is Scale.BOOK:
        PROGRESS.append(Progress({name: record.costs(ROOT)[name] for name in stale(scale)}))
    if run_tasks(["html"], scale) != 0:
        earlier = "is still the earlier one" if target.is_dir() else "does not exist yet"
        sys.exit(f"error: the book was not rebuilt; the one in {target} {earlier}")
    print(f"The book is ready: open {target / 'index.html'}")
    if scale is Scale.BOOK:
        for line in record.moved(ROOT):
            print(f"moved since the record: {line}")
    if strays := record.strays(ROOT, scale):
        sys.exit("error: outside the bands that were derived for them: " + "; ".join(strays))
    return 0


def stale(scale: Scale) -> list[str]:
    """The chapters that a build would run."""
    return [
        name
        for name in publish.chapters(ROOT)
        if not inputs.is_fresh(script_of(name), publish.executed(ROOT, scale, name), scale, ROOT)
    ]


def store_record() -> int:
    print(f"{record.write(ROOT)} holds the results of {publish.html_folder(ROOT, Scale.BOOK)}")
    return 0


def bands(names: list[str], scale: Scale) -> int:
    """Derive the bands of the claims from other seeds and processors; hours at book scale."""
    wanted = [known(name) for name in names] or publish.chapters(ROOT)
    derive = partial(run_module, "helpers.build.derive_bands", "--scale", scale)
    with ThreadPoolExecutor(2) as pool:
        return 0 if all(list(pool.map(derive, map(script_of, wanted)))) else 1


def chapter(name: str, scale: Scale) -> int:
    if run_tasks([f"chapter:{known(name)}"], scale) != 0:
        return 1
    print(f"{publish.executed(ROOT, scale, name)} is fresh")
    return 0


def lab(name: str) -> NoReturn:
    """Become JupyterLab, set as a build is, with a chapter open, or all of them to choose from.

    Its root is ours, since pyproject.toml there pairs notebooks and scripts.
    """
    opened = f"notebooks/{known(name)}.ipynb" if name else "notebooks"
    isolate_kernels(ROOT)
    options = [f"--ServerApp.root_dir={ROOT}", f"--LabApp.default_url=/lab/tree/{opened}"]
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", *options])


def refresh(names: list[str]) -> int:
    """Run at quick scale and store the outputs that Binder shows and nbval compares."""
    wanted = [known(name) for name in names] or publish.chapters(ROOT)
    with ThreadPoolExecutor(2) as pool:  # all of them, whatever fails
        done = pool.map(lambda name: execute(script_of(name), "--refresh"), wanted)
        return 0 if all(list(done)) else 1


def test() -> int:
    """Build at quick scale, then all five layers in one pytest run."""
    if find_spec("nbval") is None:
        sys.exit(
            "error: what tests need is not installed: run `python3 -m helpers.build.install --dev`"
        )
    if run_tasks(["html"], Scale.QUICK) != 0:
        sys.exit("error: the book does not build at quick scale, so its pages cannot be tested")
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile"]
    command += ["--nbval", "--nbval-current-env", "tests", "notebooks"]
    emulated = os.environ | processors.settings()  # HEADLINES_PROCESSOR, for the units, too
    return subprocess.run(command, check=False, cwd=ROOT, env=emulated).returncode


def end_running(patience: float = 20) -> None:
    """Tell the chapters to stop (those that know already ignore it); end any that go on."""
    for process in list(RUNNING):
        process.terminate()
    for process in list(RUNNING):
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()


def main() -> int:
    parser = argparse.ArgumentParser(prog="dodo.py", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("book", "chapter", "lab", "refresh", "record", "bands", "test"):
        command = commands.add_parser(name)
        if name in ("book", "chapter", "bands"):
            command.add_argument("--scale", default=Scale.BOOK)
        if name in ("chapter", "lab"):
            command.add_argument("name", nargs="?", default="")
        if name in ("refresh", "bands"):
            command.add_argument("names", nargs="*")
    arguments = vars(parser.parse_args())
    run: dict[str, Callable[..., int]] = {
        "book": book, "chapter": chapter, "lab": lab, "refresh": refresh,
        "record": store_record, "bands": bands, "test": test,
    }  # fmt: skip
    stop_once()
    try:
        if "scale" in arguments:
            arguments["scale"] = Scale(arguments["scale"])
        return run[arguments.pop("command")](**arguments)
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        end_running()
        print("interrupted: nothing was lost, run the same again to continue", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
