import nbformat
import pytest

from helpers.build import budgets
from helpers.keys import GLUED


@pytest.fixture
def executed(tmp_path):
    """Write an executed notebook that cost so many seconds of a budget of 100."""

    def write(seconds, name="01_x"):
        facts = {
            "scale": "quick", "cpu_seconds": 2 * seconds, "slowness": 2.0,
            "reference_seconds": seconds, "budget": 100.0,
        }  # fmt: skip
        outputs = [
            nbformat.v4.new_output(
                "display_data", data={GLUED: repr(v)}, metadata={"scrapbook": {"name": k}}
            )
            for k, v in facts.items()
        ]
        path = tmp_path / "quick" / "notebooks" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        cell = nbformat.v4.new_code_cell(outputs=outputs)
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
        return str(path)

    return write


@pytest.mark.parametrize(("seconds", "told"), [(100.0, False), (101.0, True), (129.0, True)])
def test_a_chapter_over_its_budget_is_told(executed, capsys, seconds, told):
    budgets.main([executed(seconds)])
    assert ("OVER BUDGET" in capsys.readouterr().out) == told


def test_a_chapter_far_over_its_budget_fails_and_is_named(executed):
    with pytest.raises(SystemExit, match="error: beyond 1.3 times the budget: 02_y"):
        budgets.main([executed(50.0), executed(131.0, "02_y")])


def test_a_notebook_without_costs_is_one_sentence(executed, tmp_path):
    path = executed(1.0)
    nbformat.write(nbformat.v4.new_notebook(), path)
    with pytest.raises(SystemExit, match="error: .*: run the chapters again"):
        budgets.main([path])
