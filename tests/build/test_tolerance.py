"""Layer 3 tested itself: nbval must fail for a changed number and pass for noise."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from support import ROOT, run_in

from helpers.build.tolerance import Times, blocks, differences
from helpers.tables import tabulate

NO_TIMES = Times()


def stream(text):
    return [{"output_type": "stream", "name": "stdout", "text": text}]


def glued(value, name="x"):
    data = {"application/papermill.record/text/plain": repr(value)}
    return [
        {"output_type": "display_data", "data": data, "metadata": {"scrapbook": {"name": name}}}
    ]


def shown(table, decimals):
    data = tabulate(table, decimals)._repr_mimebundle_()
    return [{"output_type": "execute_result", "data": data, "metadata": {}}]


def agree(stored, new, noise=None, timed=NO_TIMES):
    return not list(differences(blocks(stored), blocks(new), noise or {}, timed))


@pytest.mark.parametrize(
    ("stored", "new", "equal"),
    [
        ("grew 6.607167 %", "grew 6.607167 %", True),
        ("grew 6.607167 %", "grew 6.607168 %", True),  # one unit of the last digit
        ("grew 6.607167 %", "grew 6.607169 %", False),
        ("grew 6.607 %", "grew 6.673 %", False),
        ("grew 6.607 %", "fell 6.607 %", False),
        ("grew 6.607 %", "grew -6.607 %", False),
        ("<td>−70.3</td>", "<td>−71.0</td>", False),
        ("1,000,000 rows", "1,000,001 rows", True),
        ("1,000,000 rows", "1,000,002 rows", False),
        ("12 rows", "13 rows", False),  # a count
        ("0.5 of 12", "0.5 of 13", False),
        ("1e-06", "2e-06", True),
        ("1e-06", "3e-06", False),
        ("a    9.9\nb    0.1", "a   10.0\nb    0.1", True),  # the column widens
        ("| --- |", "| ----- |", True),
        ("[1000,5]", "[1000, 5]", False),
        ("nan s", "0.5 s", False),
    ],
)
def test_words_must_match_and_numbers_almost(stored, new, equal):
    assert agree(stream(stored), stream(new)) == equal
    assert agree(stream(new), stream(stored)) == equal


@pytest.mark.parametrize(
    ("new", "noise", "equal"),
    [
        (0.5 * (1 + 5e-9), 0.0, True),
        (0.5 * (1 + 5e-8), 0.0, False),
        (0.5 * (1 + 5e-8), 1e-8, True),
        (0.5 * (1 + 5e-6), 1e-6, True),
        (0.5 * (1 + 5e-5), 1e-6, False),
        (-0.5, 0.0, False),
    ],
)
def test_a_glued_number_has_ten_times_its_noise_and_never_less_than_the_floor(new, noise, equal):
    assert agree(glued(0.5), glued(new), {"x": noise}) == equal


def test_what_should_be_zero_may_be_almost_zero():
    assert agree(glued(0.0), glued(1e-17))
    assert not agree(glued(0.0), glued(1e-9))


def test_the_noise_of_a_block_is_that_of_each_number_without_its_own():
    stored, new = stream("0.12345678 0.5"), stream("0.12345999 0.5")
    assert not agree(stored, new)
    assert agree(stored, new, {"stdout": 1e-5})
    assert not agree(stored, new, {"stdout": 1e-5, "stdout #1": 1e-7})


def test_a_rounded_table_may_flip_but_the_values_behind_it_may_not():
    table = pd.DataFrame({"points": [0.0499999999]}, index=["grade"])
    flipped = pd.DataFrame({"points": [0.0500000001]}, index=["grade"])
    other = pd.DataFrame({"points": [0.0505]}, index=["grade"])
    assert "0.0" in shown(table, 1)[0]["data"]["text/plain"]
    assert agree(shown(table, 1), shown(flipped, 1))
    (found,) = differences(blocks(shown(table, 1)), blocks(shown(other, 1)), {}, NO_TIMES)
    assert found.startswith("table 1: grade, points: 0.0499")


def test_a_table_that_loses_a_value_is_another():
    table = pd.DataFrame({"points": [1.0, 2.0]})
    assert not agree(shown(table, 1), shown(pd.DataFrame({"points": [1.0, None]}), 1))


def test_measured_times_may_differ_by_their_factor():
    text = stream("2,300 times in 0.5 s")
    assert agree(text, stream("9,000 times in 1.2 s"), timed=Times(5.0))
    assert not agree(text, stream("12,000 times in 0.5 s"), timed=Times(5.0))
    assert not agree(text, stream("400 times in 0.5 s"), timed=Times(5.0))
    assert not agree(text, stream("−2,300 times in 0.5 s"), timed=Times(5.0))


def test_a_pattern_tells_the_times_from_the_rest_of_a_cell():
    timed = Times(5.0, "seconds")
    assert agree(glued(1.0, "seconds"), glued(2.0, "seconds"), timed=timed)
    assert not agree(glued(1.0, "seconds"), glued(6.0, "seconds"), timed=timed)
    assert not agree(glued(1.0, "error"), glued(1.01, "error"), timed=timed)


def test_the_order_in_which_a_file_keeps_the_kinds_of_an_output_does_not_matter():
    (made,) = shown(pd.DataFrame({"points": [1.0]}), 1)
    assert agree([made], [made | {"data": dict(reversed(made["data"].items()))}])


def test_other_outputs_are_a_difference():
    (found,) = differences(blocks(stream("1")), blocks(glued(1.0)), {}, NO_TIMES)
    assert found.startswith("outputs ['stdout'] became ['x']")


CHAPTER = "01_trading_vs_investing"
FORMULA = "return 100 * (annual_growth(market) - annual_growth(bills))"


@pytest.mark.parametrize(("factor", "passes"), [("1.01", False), ("(1 + 1e-9)", True)])
def test_a_changed_helper_fails_and_noise_passes(tmp_path: Path, factor: str, passes: bool):
    """The whole way: a copy of the project, one formula altered, nbval on the chapter."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "helpers", tmp_path / "helpers", ignore=ignore)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=ignore)
    (tmp_path / "book").mkdir()
    shutil.copy2(ROOT / "book" / "record.json", tmp_path / "book")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    helper = tmp_path / "helpers" / "market" / "returns.py"
    text = helper.read_text()
    assert FORMULA in text
    helper.write_text(text.replace(FORMULA, f"{FORMULA} * {factor}"))
    done = run_in(
        tmp_path,
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
        *("--nbval", "--nbval-current-env", f"notebooks/{CHAPTER}.ipynb"),
    )
    assert (done.returncode == 0) == passes, done.stdout[-3000:]
    if not passes:
        assert "mismatch" in done.stdout
