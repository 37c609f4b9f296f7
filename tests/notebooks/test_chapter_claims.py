"""Layer 4: the claims of the executed notebooks are complete, and words follow numbers."""

import pytest
from support import ROOT

from helpers.build.publish import chapters, executed
from helpers.results import read_claims, read_glued, read_orders
from helpers.scale import Scale

FEWEST = 3


@pytest.mark.parametrize("name", chapters(ROOT))
def test_claims_are_complete(name):
    """At quick scale, which `make test` has just built."""
    claims = read_claims(executed(ROOT, Scale.QUICK, name))
    assert len(claims) >= FEWEST
    assert all(claim["verdict"] for claim in claims)
    assert any(claim["measured"] is not None for claim in claims)


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
