"""Run one chapter with papermill, or refresh its stored outputs.

    python -m helpers.execute notebooks/01_x.py out.ipynb --scale paper
    python -m helpers.execute notebooks/01_x.py --refresh

The percent script is the source. A result replaces its predecessor in one step and only
when the whole notebook ran, so a failed or interrupted run leaves nothing that looks
fresh.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import jupytext
import nbformat
import papermill
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from helpers.inputs import digest
from helpers.install import ROOT
from helpers.scale import Scale

INTERRUPTED = 130  # the shell's exit code for Ctrl-C
IMAGES = ("image/png", "image/jpeg")


class ChapterFailed(Exception):
    """A cell raised; the message names notebook, cell and error in one line."""


def execute(script: Path, output: Path, scale: Scale, root: Path = ROOT) -> None:
    """Run `script` at `scale` and put the executed notebook at `output`, atomically.

    The notebook's metadata keep the digest of its inputs (`helpers.inputs`), the scale
    and the wall time in seconds. Raises ChapterFailed when a cell raises (what had been
    run until then is kept in the folder `failed` beside `output`) and OSError when `output`
    cannot be written.
    """
    inputs = digest(script, scale, root)
    started = time.monotonic()
    notebook = _run(script, {"scale": str(scale)}, output.parent / "failed" / output.name)
    seconds = time.monotonic() - started
    notebook.metadata["headlines"] = {"inputs": inputs, "scale": str(scale), "seconds": seconds}
    _replace(output, notebook)


def refresh(script: Path, root: Path = ROOT) -> None:
    """Run `script` at its default scale and store text outputs in the paired notebook.

    Images are left out: nbval does not compare them and they would bloat every diff.
    So is the interpreter's version, which differs from one maintainer to the next.
    """
    paired = script.with_suffix(".ipynb")
    notebook = _run(script, {}, root / "_build" / "refresh" / "failed" / paired.name)
    notebook.metadata.pop("language_info", None)
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number:03d}"  # jupytext draws random ids: noise in diffs
        for item in cell.get("outputs", []):
            for mime in IMAGES:
                item.get("data", {}).pop(mime, None)
    _replace(paired, notebook)


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


def _run(script: Path, parameters: dict[str, str], failed: Path) -> NotebookNode:
    notebook = read_script(script)
    failed.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="headlines-") as sockets:
        try:
            notebook = papermill.execute_notebook(
                notebook,
                failed,
                parameters=parameters,
                cwd=script.parent,
                progress_bar=False,
                config=_kernel_config(sockets),
                on_cell_start=_progress(script.stem, notebook),
            )
        except PapermillExecutionError as error:
            line = error.source.strip().splitlines()[0]
            raise ChapterFailed(
                f"{script.name}: cell {error.cell_index + 1} ({line!r}) failed with "
                f"{error.ename}: {error.evalue}; what ran until then is in {failed}"
            ) from None
        except KeyboardInterrupt:
            failed.unlink(missing_ok=True)
            raise
    failed.unlink(missing_ok=True)
    return _tidy(notebook)


def _kernel_config(folder: str) -> Config:
    """Sockets in a private folder: parallel kernels on TCP can draw the same port."""
    if os.name != "posix":
        return Config()
    return Config(KernelManager={"transport": "ipc", "ip": f"{folder}/kernel"})


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
    partial = path.with_suffix(".partial")
    nbformat.write(notebook, partial)
    os.replace(partial, path)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m helpers.execute", description=__doc__)
    parser.add_argument("script", type=Path)
    parser.add_argument("output", type=Path, nargs="?")
    parser.add_argument("--scale", default="quick")
    parser.add_argument("--refresh", action="store_true", help="update the paired .ipynb")
    arguments = parser.parse_args()
    if arguments.refresh == (arguments.output is not None):
        sys.exit("error: give either an output notebook or --refresh")
    try:
        scale = Scale(arguments.scale)
        script = arguments.script.resolve()
        if arguments.refresh:
            refresh(script)
        else:
            execute(script, arguments.output.resolve(), scale)
    except (ChapterFailed, ValueError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        print(f"interrupted: {arguments.script.stem}", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
