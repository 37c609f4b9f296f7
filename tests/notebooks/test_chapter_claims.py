"""Layer 4: the claims of the executed notebooks are complete."""

import pytest
from support import ROOT

from helpers.build.publish import chapters, executed
from helpers.results import read_claims
from helpers.scale import Scale

FEWEST = 3


@pytest.mark.parametrize("name", chapters(ROOT))
def test_claims_are_complete(name):
    """At quick scale, which `make test` has just built."""
    claims = read_claims(executed(ROOT, Scale.QUICK, name))
    assert len(claims) >= FEWEST
    assert all(claim["verdict"] for claim in claims)
    assert any(claim["measured"] is not None for claim in claims)
