import json
import math

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.claims import Claim, Verdict
from helpers.claims_table import ClaimsTable
from helpers.results import glue_numbers, read_claims
from helpers.wording import numbers


def claim(**changes) -> Claim:
    fields = {
        "id": "speed",
        "statement": "It is faster.",
        "article": "10 times",
        "paper": "9 times",
        "criterion": "it is at least 8 times as fast",
        "holds": (8.0, math.inf),
        "measured": 10.0,
        "interval": (9.0, 11.0),
        "method": "bootstrap",
        "anchor": "a stopwatch",
        "band": (5.0, 15.0),
    }
    return Claim(**fields | changes)


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((9.0, 11.0), Verdict.REPRODUCED),
        ((8.0, 10.0), Verdict.REPRODUCED),
        ((7.9, 10.0), Verdict.PARTLY),
        ((10.0, 10.0), Verdict.REPRODUCED),
    ],
)
def test_the_verdict_follows_from_the_interval(interval, verdict):
    assert claim(interval=interval).verdict == verdict


def test_an_interval_outside_the_range_is_not_reproduced():
    assert claim(measured=5.0, interval=(4.0, 7.9)).verdict == Verdict.NOT_REPRODUCED


def test_a_smaller_object_is_reproduced_only_in_miniature():
    assert claim(miniature=True).verdict == Verdict.MINIATURE


def test_without_a_measurement_there_must_be_a_reason():
    blank = {"measured": None, "interval": None, "band": None}
    assert claim(**blank, reason="No data.").verdict == Verdict.UNMEASURABLE
    with pytest.raises(ValueError, match="reason is empty"):
        claim(**blank)


@given(st.floats(-100, 100), st.floats(0, 50), st.floats(0, 50))
def test_a_verdict_never_contradicts_the_measured_value(measured, below, above):
    made = claim(measured=measured, interval=(measured - below, measured + above))
    inside = measured >= 8.0
    if made.verdict == Verdict.REPRODUCED:
        assert inside
    if made.verdict == Verdict.NOT_REPRODUCED:
        assert not inside


@pytest.mark.parametrize(
    "wrong",
    [
        {"interval": (11.0, 9.0)},
        {"interval": (math.nan, 11.0)},
        {"interval": (10.5, 11.0)},
        {"measured": math.nan},
        {"interval": None},
        {"band": None},
        {"statement": ""},
        {"anchor": ""},
        {"measured": None},
    ],
)
def test_an_incomplete_or_contradictory_claim_is_refused(wrong):
    with pytest.raises(ValueError, match="claim 'speed'"):
        claim(**wrong)


def test_two_claims_cannot_share_an_id():
    with pytest.raises(ValueError, match="ids must differ"):
        ClaimsTable([claim(), claim()])


def test_the_band_is_where_maintainers_expect_the_value():
    assert claim().in_band
    assert not claim(band=(0.0, 9.9)).in_band


def test_the_table_escapes_and_labels_its_cells():
    html = ClaimsTable([claim(statement="a < b")]).to_html()
    assert "a &lt; b" in html
    assert html.count('data-label="Verdict"') == 1
    assert "10.0 [9.0, 11.0]" in html


def test_numbers_share_their_decimals():
    assert numbers((0.0458, 0.0046, 0.087), width=0.0824) == ["0.046", "0.005", "0.087"]
    assert numbers((-70.28, -72.8), width=4.3) == ["−70.3", "−72.8"]
    assert numbers((42_667.0,), width=5_000) == ["42,667"]
    assert numbers((8.0,), width=0) == ["8"]
    assert numbers((0.5, 8.0), width=0) == ["0.50", "8.00"]


def test_claims_are_read_back_from_an_executed_notebook(tmp_path):
    record = json.dumps([claim().as_json()])
    output = nbformat.v4.new_output(
        "display_data",
        data={"application/papermill.record/text/plain": repr(record)},
        metadata={"scrapbook": {"name": "claims-json"}},
    )
    cell = nbformat.v4.new_code_cell(outputs=[output])
    path = tmp_path / "chapter.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    (found,) = read_claims(path)
    assert found["verdict"] == "reproduced"
    assert found["holds"] == [8.0, None]


def test_a_notebook_without_claims_says_so(tmp_path):
    path = tmp_path / "chapter.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), path)
    with pytest.raises(ValueError, match="holds no claims: run the chapter again"):
        read_claims(path)


def test_nan_never_reaches_a_sentence():
    with pytest.raises(ValueError, match="'speed' for the prose is NaN"):
        glue_numbers(speed=math.nan)
