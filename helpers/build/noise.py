"""How far the numbers of a chapter lie apart between processors, kept beside the notebook.

`make refresh` runs a chapter once for each of `helpers.build.processors.SETTINGS` and
stores, per number, the largest relative difference in `notebooks/NN_name.noise.json`.
nbval then allows `helpers.build.tolerance.MARGIN` times that. What is noisier than `MOST`
must be aggregated in the chapter until it is not, or be named with a reason in
`notebooks/chaotic.toml`.
"""

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from nbformat import NotebookNode

from helpers.build.tolerance import ZERO, Number, blocks, times

MOST = 1e-3  # relative; ten times it is the 1 % change that must not pass
LEAST = 1e-9  # what is below needs no entry: the floor of the comparison allows it
NAMED = 50  # a block with more noisy numbers, such as a drawing, has one entry for all

Noise = dict[str, dict[str, float]]  # by cell, then by number or block; relative


class Unsteady(Exception):
    """A chapter differs between processors by more than noise; the message says where."""


def path_of(chapter: Path) -> Path:
    return chapter.with_suffix(".noise.json")


def read(chapter: Path) -> Noise:
    """The noise stored beside a script or notebook; none where there is no file."""
    path = path_of(chapter)
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write(chapter: Path, found: Noise) -> None:
    path_of(chapter).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def chaotic(chapter: Path) -> dict[str, str]:
    """The numbers of a chapter that are let off, by name, each with its reason."""
    path = chapter.parent / "chaotic.toml"
    named = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return named.get(chapter.stem, {})


def check(found: Noise, named: Mapping[str, str]) -> None:
    """Raises Unsteady for numbers above `MOST` that nobody named as chaotic."""
    loud = {
        f"{name} in {cell}": level
        for cell, numbers in found.items()
        for name, level in numbers.items()
        if level > MOST and name not in named
    }
    if loud:
        worst = sorted(loud, key=loud.__getitem__, reverse=True)
        several = ", ".join(f"{name} ({loud[name]:.0e})" for name in worst[:20])
        raise Unsteady(
            f"{len(loud)} numbers differ by more than {MOST:.1%} between processors: {several}; "
            "aggregate them, or name them with a reason in chaotic.toml"
        )


def measure(runs: Sequence[NotebookNode]) -> Noise:
    """The largest relative difference of each number between runs of one script.

    Raises Unsteady where the runs differ in words or in their outputs, which no tolerance
    could compare.
    """
    noise: Noise = {}
    for cells in zip(*(compared_cells(run) for run in runs), strict=True):
        if found := _cell_noise(cells):
            noise[cells[0].id] = found
    return noise


def compared_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The code cells whose outputs must agree: those that did not switch that off."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and "nbval-ignore-output" not in cell.metadata.get("tags", [])
    ]


def _cell_noise(cells: Sequence[NotebookNode]) -> dict[str, float]:
    """The noise of a cell's numbers by name; those in full first, which texts only repeat."""
    runs, timed = [blocks(cell.outputs) for cell in cells], times(cells[0])
    if len({tuple(block.name for block in run) for run in runs}) > 1:
        raise Unsteady(f"{cells[0].id} has other outputs on another processor")
    found: dict[str, float] = {}
    for same in sorted(zip(*runs, strict=True), key=lambda blocks: not blocks[0].in_full):
        block = same[0]
        if len({other.words for other in same}) > 1:
            raise Unsteady(f"{cells[0].id}, {block.name}: other words on another processor")
        noisy = {}
        for numbers in zip(*(other.numbers for other in same), strict=True):
            level = _apart(numbers)
            known = block.noise_of(numbers[0], found)
            if level > max(LEAST, known) and not timed.cover(block, numbers[0]):
                noisy[numbers[0].name] = _round_up(level)
        found |= {block.name: max(noisy.values())} if len(noisy) > NAMED else noisy
    return found


def _apart(numbers: Sequence[Number]) -> float:
    """The relative difference of one number between runs; a flip of the last digit is none."""
    values = [number.value for number in numbers]
    apart, size = max(values) - min(values), max(map(abs, values))
    return 0.0 if apart <= max(ZERO, 1.001 * numbers[0].unit) else apart / size


def _round_up(value: float) -> float:
    """Two digits, never less: a small file, and a tolerance that holds."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / step - 1e-9) * step:.2g}")
