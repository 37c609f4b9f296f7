"""Run one chapter with papermill, or refresh its stored outputs.

    python -m helpers.build.execute notebooks/01_x.py out.ipynb --scale paper
    python -m helpers.build.execute notebooks/01_x.py --refresh

The percent script is the source. A result replaces its predecessor in one step and only
when the whole notebook ran without error or warning, so a failed or interrupted run
leaves nothing that looks fresh.
"""

import argparse
import hashlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import jupytext
import nbformat
import papermill
from filelock import FileLock, Timeout
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from traitlets import Unicode
from traitlets.config import Config

from helpers.build import noise, processors
from helpers.build.inputs import digest, sources_digest
from helpers.build.install import ROOT
from helpers.build.tolerance import PICTURES
from helpers.scale import Scale

PATIENCE = 60  # seconds for a notebook's process to start
INTERRUPTED = 130  # the shell's exit code for Ctrl-C
FOLDERS = {"MPLCONFIGDIR": "matplotlib", "IPYTHONDIR": "ipython", "NUMBA_CACHE_DIR": "numba"}


class ChapterFailed(Exception):
    """A chapter stopped early; the message names notebook, cell and reason in one line."""


def execute(script: Path, output: Path, scale: Scale, root: Path = ROOT) -> None:
    """Run `script` at `scale` and put the executed notebook at `output`, atomically.

    The notebook's metadata keep the digests of its inputs (`helpers.build.inputs`). Raises
    ChapterFailed when the chapter does not reach its end without error or warning (what
    had been run until then is kept in the folder `failed` beside `output`) and OSError
    when `output` cannot be written.
    """
    made_from = {
        "inputs": digest(script, scale, root),
        "sources": sources_digest(script, scale, root),
    }
    notebook = run(script, {"scale": str(scale)}, output.parent / "failed")
    notebook.metadata["headlines"] = made_from
    _replace(output, notebook)


def refresh(script: Path, root: Path = ROOT) -> None:
    """Store the text outputs of `script` at its default scale, and the noise of its numbers.

    The chapter runs once on every processor of `helpers.build.processors`; the outputs of
    this one go into the paired notebook, and how far the others lie off beside it. Raises
    ChapterFailed as `execute` does, and where a number is noisier than
    `helpers.build.noise` allows; then nothing is stored.
    """
    runs = []
    for name in processors.SETTINGS:
        with processors.emulated(name):
            runs.append(_for_git(run(script, {}, root / "_build" / "failed")))
    try:
        found = noise.measure(runs)
        noise.check(found, noise.chaotic(script))
    except noise.Unsteady as error:
        raise ChapterFailed(f"{script.name}: {error}") from None
    noise.write(script, found)
    _replace(script.with_suffix(".ipynb"), runs[0])


def _for_git(notebook: NotebookNode) -> NotebookNode:
    """Without pictures, which nbval does not compare and which would bloat every diff.

    And without the interpreter's version, which differs from one maintainer to the next.
    """
    notebook.metadata.pop("language_info", None)
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number:03d}"  # jupytext draws random ids: noise in diffs
        for item in cell.get("outputs", []):
            for mime in PICTURES:
                item.get("data", {}).pop(mime, None)
    return notebook


@contextmanager
def only_writer(output: Path, root: Path = ROOT) -> Iterator[None]:
    """Hold the one lock there is for `output`; BlockingIOError when another run holds it.

    Locks lie in `_build`, since their files stay behind.
    """
    folder = root / "_build" / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    place = hashlib.sha256(os.fsencode(output.resolve())).hexdigest()[:16]
    lock = FileLock(folder / f"{output.stem}-{place}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise BlockingIOError(
            f"another run is at work on {output}: wait for it or stop it"
        ) from None
    try:
        yield
    finally:
        lock.release()


def read_script(script: Path) -> NotebookNode:
    """The notebook that a percent script describes; FileNotFoundError names the others."""
    if not script.is_file():
        known = ", ".join(sorted(path.stem for path in script.parent.glob("[0-9]*.py")))
        raise FileNotFoundError(f"unknown chapter {script.stem!r}: choose one of {known}")
    notebook = jupytext.read(script)
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    return notebook


def isolate_kernels(root: Path = ROOT) -> None:
    """Set the variables that keep a reader's own settings out of the results.

    One thread each: two chapters share two cores, and sums do not depend on threads. This
    clone's helpers come first, whatever the environment has installed. What numba compiles
    is kept in `_build`, out of the sources. HEADLINES_PROCESSOR names a processor to
    pretend to be (`helpers.build.processors`).
    """
    libraries = ("OMP_NUM", "OPENBLAS_NUM", "MKL_NUM", "NUMEXPR_NUM", "VECLIB_MAXIMUM")
    os.environ.update({f"{library}_THREADS": "1" for library in libraries})
    os.environ.update(processors.settings())
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    elsewhere = [path for path in given if path not in ("", str(root))]
    os.environ["PYTHONPATH"] = os.pathsep.join([str(root), *elsewhere])
    for variable, name in FOLDERS.items():
        folder = root / "_build" / "settings" / name
        folder.mkdir(parents=True, exist_ok=True)
        os.environ[variable] = str(folder)


def run(script: Path, parameters: dict[str, Any], failed: Path) -> NotebookNode:
    """The executed notebook of a percent script; ChapterFailed leaves what ran in `failed`."""
    notebook = read_script(script)
    isolate_kernels()
    # Socket paths may have about 100 characters, which some systems' own folder exceeds.
    short = "/tmp" if os.name == "posix" else None
    with tempfile.TemporaryDirectory(prefix="headlines-", dir=short) as scratch:
        partial = Path(scratch) / script.with_suffix(".ipynb").name
        log = Path(scratch) / script.with_suffix(".log").name
        try:
            executed = papermill.execute_notebook(
                notebook,
                partial,
                parameters=parameters,
                cwd=script.parent,
                start_timeout=PATIENCE,
                progress_bar=False,
                config=_kernel_config(scratch, log),
                kernel_manager_class=LoggingKernelManager,
                on_cell_start=_progress(script.stem, notebook),
            )
            _check_complete(executed)
        except (PapermillExecutionError, RuntimeError, _Incomplete) as error:
            failed.mkdir(parents=True, exist_ok=True)
            for leftover in filter(Path.is_file, (partial, log)):
                shutil.copy2(leftover, failed / leftover.name)
            raise ChapterFailed(
                f"{script.name}: {_what_failed(error)}; what ran is in {failed / partial.name}"
            ) from None
    for leftover in (partial, log):
        (failed / leftover.name).unlink(missing_ok=True)
    return _tidy(executed)


class _Incomplete(Exception):
    """The notebook ended early or complained, though no cell raised."""


def _check_complete(notebook: NotebookNode) -> None:
    """papermill takes `sys.exit()` for success, and warnings would reach the page."""
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        where = f"cell {number} ({cell.source.strip().splitlines()[0]!r})"
        if cell.execution_count is None or any(o.output_type == "error" for o in cell.outputs):
            raise _Incomplete(f"{where} was not run to its end")
        for output in cell.outputs:
            if output.get("name") == "stderr":
                first = (output.text.strip().splitlines() or [""])[0].rsplit(": ", 1)[-1]
                what = f"a warning, {first!r}" if first else "blank text on stderr"
                raise _Incomplete(f"{where} wrote {what}: handle it in the cell")


def _what_failed(error: Exception) -> str:
    if isinstance(error, PapermillExecutionError):
        line = error.source.strip().splitlines()[0]
        reason = (str(error.evalue).splitlines() or [""])[0]
        return f"cell {error.cell_index + 1} ({line!r}) failed with {error.ename}: {reason}"
    if isinstance(error, DeadKernelError):
        return "its process died, perhaps for lack of memory (its last words are in the .log)"
    if isinstance(error, RuntimeError):  # jupyter_client's word for a process that is too slow
        return f"its process did not start ({error}), so run it again on a less busy machine"
    return str(error)


class LoggingKernelManager(AsyncKernelManager):
    """Keeps what a kernel's process itself says, such as noise at its end, in a file."""

    log_file = Unicode().tag(config=True)

    async def start_kernel(self, **options: Any) -> None:  # type: ignore[override]  # as theirs
        with open(self.log_file, "w") as log:
            await super().start_kernel(stdout=log, stderr=log, **options)


def _kernel_config(folder: str, log: Path) -> Config:
    """Sockets in a private folder: parallel kernels on TCP can draw the same port."""
    # A cell that goes on after an interrupt is given one second, not five, to stop.
    config = Config(LoggingKernelManager={"log_file": str(log), "shutdown_wait_time": 1.0})
    if os.name == "posix":
        config.LoggingKernelManager.update({"transport": "ipc", "ip": f"{folder}/kernel"})
    return config


def _progress(name: str, notebook: NotebookNode) -> Callable[..., None]:
    """A papermill hook that says each section's title when its first cell starts."""
    started = time.monotonic()
    # papermill may inject one cell, so sections are found by the cells' own text.
    titles: dict[str, str] = {}
    title = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("#"):
            title = cell.source.splitlines()[0].lstrip("# ")
        elif cell.cell_type == "code" and title:
            titles[cell.source], title = title, ""

    def say(cell: NotebookNode, **_: object) -> None:
        if cell.source in titles:
            seconds = time.monotonic() - started
            print(f"{name}  {seconds:4.0f} s  {titles[cell.source]}", flush=True)

    return say


def _tidy(notebook: NotebookNode) -> NotebookNode:
    """Drop what differs from run to run and hide the cell that papermill injected."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        tags = cell.metadata.pop("tags", [])
        if "injected-parameters" in tags:
            tags.append("remove-cell")
        if tags:
            cell.metadata["tags"] = tags
    return notebook


def _replace(path: Path, notebook: NotebookNode) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.stem}.{uuid4().hex}.partial")
    try:
        nbformat.write(notebook, partial)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def stop_once() -> None:
    """Let Ctrl-C, the end of a cluster job or a closed terminal interrupt us, once.

    What follows, tidying up, is not disturbed. Under nohup a closed terminal ends nothing.
    """
    ends = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        ends.append(signal.SIGHUP)

    def interrupt(*_: object) -> None:
        for which in ends:
            signal.signal(which, signal.SIG_IGN)
        raise KeyboardInterrupt

    for which in ends:
        signal.signal(which, interrupt)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m helpers.build.execute", description=__doc__)
    parser.add_argument("script", type=Path)
    parser.add_argument("output", type=Path, nargs="?")
    parser.add_argument("--scale", default="quick")
    parser.add_argument(
        "--refresh", action="store_true", help="update the paired .ipynb, at the script's scale"
    )
    arguments = parser.parse_args()
    if arguments.refresh == (arguments.output is not None):
        sys.exit("error: give either an output notebook or --refresh")
    stop_once()
    try:
        scale = Scale(arguments.scale)
        script = arguments.script.resolve()
        output = (arguments.output or script.with_suffix(".ipynb")).resolve()
        with only_writer(output):
            if arguments.refresh:
                refresh(script)
            else:
                execute(script, output, scale)
    except SyntaxError as error:
        sys.exit(f"error: {error.filename}, line {error.lineno}: {error.msg}")
    except (ChapterFailed, ValueError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        print(f"interrupted: {arguments.script.stem}", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
