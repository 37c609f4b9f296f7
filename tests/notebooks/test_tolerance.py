"""Layer 3 tested itself: nbval must fail for a changed number and pass for noise."""

import importlib.util
import shutil
from pathlib import Path

import pytest
from support import ROOT, run_in

spec = importlib.util.spec_from_file_location("tolerance", ROOT / "notebooks" / "conftest.py")
tolerance = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tolerance)


def tolerant(text: str, rtol: float = tolerance.RTOL):
    made = tolerance.TolerantText(text)
    made.rtol = rtol
    return made


@pytest.mark.parametrize(
    ("stored", "new", "equal"),
    [
        ("grew 6.607167 %", "grew 6.607167 %", True),
        ("grew 6.607167001 %", "grew 6.607167002 %", True),
        ("grew 6.607 %", "grew 6.673 %", False),
        ("grew 6.607 %", "fell 6.607 %", False),
        ("grew 6.607 %", "grew -6.607 %", False),
        ("<td>−70.3</td>", "<td>−71.0</td>", False),
        ("1,000,000 rows", "1,000,001 rows", False),
        ("38 days", "39 days", False),
        ("1.5 and 2.5", "1.5", False),
        ("loss 7.675226e-05", "loss 7.67522601e-05", True),
        ("loss 7.675226e-05", "loss 7.752e-05", False),
        ("nan", "0.5", False),
        ("1.0", "inf", False),
        ("[100000,1.5]", "[100000,1.9]", False),
        ("12,3.5", "1,23.5", False),
        ("$1,234,567.80", "$1,234,567.90", False),
        ("252,196.3", "252,196.4", False),
        ("[52,196.3]", "[53,196.3]", False),
        ("0.0", "1e-17", True),
        ("1.2e-17", "-3e-18", True),
        ("1.", "1.000000001", True),
        ("1.0", "1", True),
        ("1", "1.0", True),
    ],
)
def test_words_must_match_and_numbers_almost(stored, new, equal):
    assert (tolerant(stored) == new) == equal
    assert (tolerant(stored) != new) != equal


def test_a_cell_can_widen_its_tolerance():
    assert tolerant("0.500", rtol=1e-2) == "0.503"
    assert tolerant("0.500", rtol=1e-4) != "0.503"


def test_a_cell_can_set_an_absolute_tolerance():
    near_zero = tolerant("[12,-0.0001]", rtol=0.05)
    assert near_zero != "[13,0.0002]"
    near_zero.atol = 1.5
    assert near_zero == "[13,0.0002]"
    assert near_zero != "[14,0.0002]"


def test_a_cell_with_measured_times_can_allow_a_factor():
    text = tolerant("2,300 times in 0.5 s")
    text.factor = 5.0
    assert text == "9,000 times in 1.2 s"
    assert text == "11,000  times in   0.5 s"  # columns move with the length of numbers
    assert text != "12,000 times in 0.5 s"
    assert text != "400 times in 0.5 s"
    assert text != "−2,300 times in 0.5 s"
    assert text != "2,300 times in nan s"


CHAPTER = "01_trading_vs_investing"
FORMULA = "return 100 * (annual_growth(market) - annual_growth(bills))"


@pytest.mark.parametrize(("factor", "passes"), [("1.01", False), ("(1 + 1e-9)", True)])
def test_a_changed_helper_fails_and_noise_passes(tmp_path: Path, factor: str, passes: bool):
    """The whole way: a copy of the project, one formula altered, nbval on the chapter."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "helpers", tmp_path / "helpers", ignore=ignore)
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=ignore)
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
