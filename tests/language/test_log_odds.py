"""Log-odds against the independent package logodds, and its symmetries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from logodds import log_odds_details

from helpers.language.log_odds import log_odds

COUNTS = arrays.arrays(np.int64, 5, elements=st.integers(0, 10**6))
PRIORS = arrays.arrays(np.float64, 5, elements=st.floats(0.01, 1e4))


@pytest.mark.parametrize("seed", range(3))
def test_equal_to_an_independent_package(seed):
    rng = np.random.default_rng(seed)
    words = [f"word{number}" for number in range(500)]
    zipf = 1e5 / (1 + np.arange(500))
    first, second, background = rng.poisson(zipf), rng.poisson(zipf[::-1] * 0.1), rng.poisson(zipf)
    counts = [
        dict(zip(words, column.tolist(), strict=True)) for column in (first, second, background)
    ]
    theirs = log_odds_details(*counts, alpha=0.5)
    ours = log_odds(first, second, background + 0.5)
    for name in ("delta", "variance", "z"):
        wanted = [theirs[word][name] for word in words]
        np.testing.assert_allclose(getattr(ours, name), wanted, rtol=0, atol=1e-10)


def test_two_words_by_hand():
    found = log_odds([3, 1], [1, 1], [1, 1])
    assert found.delta[0] == pytest.approx(np.log(4 / 2) - np.log(2 / 2))
    assert found.variance[0] == pytest.approx(1 / 4 + 1 / 2)
    assert found.z[0] == pytest.approx(np.log(2) / np.sqrt(0.75))


@given(COUNTS, COUNTS, PRIORS)
def test_exchanging_the_texts_changes_the_sign_only(first, second, prior):
    one, two = log_odds(first, second, prior), log_odds(second, first, prior)
    np.testing.assert_allclose(one.delta, -two.delta, atol=1e-9)
    np.testing.assert_allclose(one.variance, two.variance)


@given(COUNTS, PRIORS)
def test_a_text_does_not_differ_from_itself(counts, prior):
    np.testing.assert_array_equal(log_odds(counts, counts, prior).delta, 0)


def test_a_heavy_prior_leaves_no_difference():
    light = log_odds([30, 5, 200], [4, 28, 210], np.ones(3))
    heavy = log_odds([30, 5, 200], [4, 28, 210], np.full(3, 1e9))
    assert light.z[0] > 2
    assert abs(heavy.z).max() < 1e-3


@pytest.mark.parametrize(
    ("prior", "words"),
    [([1.0, 0.0], "needs a positive prior count"), ([1.0], "odds need at least two words")],
)
def test_priors_without_an_answer(prior, words):
    counts = np.ones(len(prior))
    with pytest.raises(ValueError, match=words):
        log_odds(counts, counts, prior)
