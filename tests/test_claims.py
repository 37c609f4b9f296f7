import json
import math

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.claims import Claim, Source, Verdict
from helpers.claims_table import ClaimsTable
from helpers.results import glue_numbers, read_claims


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


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        ((8.5, 12.0), Verdict.REPRODUCED),
        ((7.0, 9.5), Verdict.PARTLY),
        ((2.0, 3.0), Verdict.PARTLY),
    ],
)
def test_no_alternative_can_be_left_out_of_the_verdict(other, verdict):
    assert claim(alternatives={"a second set of rates": other}).verdict == verdict


def test_the_span_is_the_envelope_of_all_that_was_found():
    made = claim(alternatives={"another seed": (7.0, 9.5), "a rival": (10.0, 14.0)})
    assert made.span == (7.0, 14.0)
    assert made.as_json()["span"] == [7.0, 14.0]
    html = ClaimsTable([made]).to_html()
    assert "10.0 [7.0, 14.0]" in html
    assert "Widened to hold what another seed, a rival gave" in html


def test_an_interval_outside_the_range_is_not_reproduced():
    assert claim(measured=5.0, interval=(4.0, 7.9)).verdict == Verdict.NOT_REPRODUCED


def test_a_smaller_object_is_reproduced_only_in_miniature():
    assert claim(miniature=True).verdict == Verdict.MINIATURE


def test_without_a_measurement_there_must_be_a_reason():
    blank = {"measured": None, "interval": None}
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
        {"alternatives": {"another seed": (9.0, math.nan)}},
        {"covers": (Source.SEEDS,), "leaves_out": (Source.SEEDS, Source.PEOPLE)},
        {"measured": None, "interval": None, "reason": "x", "alternatives": {"y": (0, 1)}},
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


def test_the_table_escapes_and_labels_its_cells():
    html = ClaimsTable([claim(statement="a < b")]).to_html()
    assert "a &lt; b" in html
    assert html.count('data-label="Verdict"') == 1
    assert "10.0 [9.0, 11.0]" in html


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
