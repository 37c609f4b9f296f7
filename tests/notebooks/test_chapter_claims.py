"""Layer 4: the claims of the executed notebooks are complete, and their words follow numbers."""

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
    for claim in read_claims(executed(ROOT, Scale.QUICK, name)):
        if claim["measured"] is not None:
            assert claim["covers"] or claim["leaves_out"], claim["id"]


@pytest.mark.parametrize("name", chapters(ROOT))
def test_every_phrase_about_an_order_turns_with_the_numbers(name):
    notebook = executed(ROOT, Scale.QUICK, name)
    glued = read_glued(notebook)
    for key, order in read_orders(notebook).items():
        opposite = {order.above: order.below, order.below: order.above}
        assert glued[key] == str(order), key
        assert str(order.mirrored()) == opposite.get(str(order), order.between), key
