"""Layer 2: script and notebook of a chapter are one, and its stored outputs are sound."""

import re

import jupytext
import nbformat
import pytest
from support import ROOT

from helpers.build.publish import chapters

CHAPTERS = chapters(ROOT)
KEPT = ("tags", "mystnb", "nbval")


def stored(name):
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)


def inputs(notebook):
    return [
        (
            cell.cell_type,
            cell.source,
            {key: cell.metadata[key] for key in KEPT if key in cell.metadata},
        )
        for cell in notebook.cells
    ]


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_script_is_a_chapter_of_the_book():
    scripts = {path.stem for path in (ROOT / "notebooks").glob("[0-9]*.py")}
    assert scripts == set(CHAPTERS)


@pytest.mark.parametrize("name", CHAPTERS)
def test_script_and_notebook_agree(name):
    script = jupytext.read(ROOT / "notebooks" / f"{name}.py")
    assert inputs(stored(name)) == inputs(script), f"run `make refresh NAME={name}`"


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_cell_was_run_in_order(name):
    counts = [cell.execution_count for cell in code_cells(stored(name))]
    assert counts == list(range(1, len(counts) + 1)), f"run `make refresh NAME={name}`"


@pytest.mark.parametrize("name", CHAPTERS)
def test_stored_outputs_hold_no_error_warning_path_or_picture(name):
    for cell in code_cells(stored(name)):
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", output
            text = str(output)
            assert not re.search(r"/(home|root|tmp|Users|work)/|ipykernel_", text), cell.source
            assert "image/png" not in output.get("data", {}), cell.source


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_default_scale_is_quick(name):
    (cell,) = [c for c in code_cells(stored(name)) if "parameters" in c.metadata.get("tags", [])]
    assert 'scale = "quick"' in cell.source


@pytest.mark.parametrize("name", CHAPTERS)
def test_nbval_is_switched_off_only_for_freshness_and_sampled_text(name):
    for cell in code_cells(stored(name)):
        off = {tag for tag in cell.metadata.get("tags", []) if tag.startswith("nbval-")}
        if off:
            assert off == {"nbval-ignore-output"}
            freshness = cell.source.startswith("provenance.publish(")
            assert freshness or "sampling.sample(" in cell.source, cell.source
        declared = cell.metadata.get("nbval", {})
        assert set(declared) <= {"factor", "times"}, cell.source  # no tolerance set by hand
        if declared:
            assert re.search("seconds|speed", cell.source), cell.source
            assert declared["factor"] <= 10, cell.source


@pytest.mark.parametrize("name", CHAPTERS)
def test_code_fits_the_column_of_the_page(name):
    for cell in code_cells(stored(name)):
        for line in cell.source.splitlines():
            assert len(line) <= 78, line


@pytest.mark.parametrize("name", CHAPTERS)
def test_no_line_of_prose_is_taken_for_a_comment(name):
    """MyST leaves out lines that start with a percent sign, as wrapping can make them."""
    for cell in stored(name).cells:
        if cell.cell_type == "markdown":
            assert not [line for line in cell.source.splitlines() if line.startswith("%")]


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_figure_has_alternative_text(name):
    """Where a cell draws, `<Figure` is its stored text; its metadata must say what is seen."""
    for cell in code_cells(stored(name)):
        if any("<Figure" in str(output.get("data", "")) for output in cell.outputs):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt) > 40, cell.source
