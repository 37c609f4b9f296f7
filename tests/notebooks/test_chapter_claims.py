"""Layer 4: the claims of the executed notebooks are complete, and words follow numbers."""

import pytest
from support import ROOT

from helpers import record
from helpers.build import bands
from helpers.build.publish import chapters, executed
from helpers.results import read_claims, read_glued, read_orders
from helpers.scale import Scale

FEWEST = 3


@pytest.mark.parametrize("name", chapters(ROOT))
def test_claims_are_complete(name):
    """At quick scale, which `make test` has just built."""
    claims = read_claims(executed(ROOT, Scale.QUICK, name))
    assert len(claims) >= FEWEST
    assert any(claim["measured"] is not None for claim in claims)


@pytest.mark.parametrize("name", chapters(ROOT))
def test_a_quick_run_gives_no_verdict_and_stays_in_its_bands(name):
    claims = read_claims(executed(ROOT, Scale.QUICK, name))
    assert {claim["verdict"] for claim in claims} == {None}
    expected = bands.read(ROOT / "notebooks" / f"{name}.py", Scale.QUICK)
    measured = {claim["id"] for claim in claims if claim["measured"] is not None}
    assert set(expected) == measured, "run `make bands SCALE=quick`"
    assert bands.strays(claims, expected) == []


def test_claims_have_ids_of_their_own_in_the_whole_book():
    paths = (executed(ROOT, Scale.QUICK, name) for name in chapters(ROOT))
    ids = [claim["id"] for path in paths for claim in read_claims(path)]
    assert len(set(ids)) == len(ids)


def test_the_record_knows_every_claim():
    for name in chapters(ROOT):
        known = {claim["id"]: claim for claim in record.read()[name]["claims"]}
        quick = read_claims(executed(ROOT, Scale.QUICK, name))
        assert list(known) == [claim["id"] for claim in quick], "run `make book`, `make record`"
        assert all(claim["verdict"] for claim in known.values())


@pytest.mark.parametrize("name", chapters(ROOT))
def test_a_claim_says_why_where_its_band_is_wider_than_its_value(name):
    claims = read_claims(executed(ROOT, Scale.QUICK, name))
    for scale in (Scale.QUICK, Scale.BOOK):
        expected = bands.read(ROOT / "notebooks" / f"{name}.py", scale)
        for claim in claims:
            low, high = expected.get(claim["id"], (1.0, 1.0))
            if high - low > abs(low + high) / 2:
                assert claim["unsteady"], f"{claim['id']} at {scale} scale"


@pytest.mark.parametrize("name", chapters(ROOT))
def test_every_measured_claim_says_what_its_interval_allows_for(name):
    claims = read_claims(executed(ROOT, Scale.QUICK, name))
    silent = [
        claim["id"]
        for claim in claims
        if claim["measured"] is not None and not claim["covers"] + claim["leaves_out"]
    ]
    assert not silent


@pytest.mark.parametrize("name", chapters(ROOT))
def test_every_phrase_about_an_order_turns_with_the_numbers(name):
    """So no sentence can contradict the table that it speaks of."""
    path = executed(ROOT, Scale.QUICK, name)
    glued = read_glued(path)
    for key, order in read_orders(path).items():
        opposite = {
            order.above: order.below,
            order.below: order.above,
            order.between: order.between,
        }
        assert glued[key] == str(order), key
        assert str(order.mirrored()) == opposite[glued[key]], key
