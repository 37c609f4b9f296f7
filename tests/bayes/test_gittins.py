"""Gittins indices against published tables and a package."""

import numpy as np
import pytest
from markovianbandit import rested_bandit_from_P1_R1

from helpers.bayes.bandits import BernoulliBandit
from helpers.bayes.conjugate import Bernoulli
from helpers.bayes.gittins import bernoulli_indices, gittins

# Discount 0.9, prior Beta(a, b): rows b = 1, 2, 3, columns a = 1, 2, 3.
PUBLISHED = [[0.7029, 0.8001, 0.8452], [0.5001, 0.6346, 0.7072], [0.3796, 0.5163, 0.6010]]


def test_published_table():
    table = bernoulli_indices(Bernoulli(), 0.9, largest=4, ahead=200)
    ours = [[table[a + b - 2, a - 1] for a in (1, 2, 3)] for b in (1, 2, 3)]
    np.testing.assert_allclose(ours, PUBLISHED, atol=5.1e-5)


@pytest.mark.parametrize(
    ("discount", "ahead", "index"),
    [(0.5, 60, 0.559019), (0.9, 200, 0.702889), (0.95, 300, 0.761434), (0.99, 700, 0.869860)],
)
def test_an_untried_coin(discount, ahead, index):
    found = bernoulli_indices(Bernoulli(), discount, largest=0, ahead=ahead)[0, 0]
    assert found == pytest.approx(index, abs=2e-6)


@pytest.mark.parametrize("discount", [0.5, 0.8])
def test_indices_equal_another_package(discount):
    """The package wants a finite chain: after 24 flips the posterior stays as it is."""
    depth = 24
    state = {}
    for n in range(depth + 1):
        for s in range(n + 1):
            state[n, s] = len(state)
    chances, rewards = np.zeros((len(state), len(state))), np.zeros(len(state))
    for (n, s), here in state.items():
        rewards[here] = (1 + s) / (2 + n)
        if n == depth:
            chances[here, here] = 1
        else:
            chances[here, state[n + 1, s + 1]] = rewards[here]
            chances[here, state[n + 1, s]] = 1 - rewards[here]
    theirs = rested_bandit_from_P1_R1(chances, rewards).gittins_indices(discount=discount)
    ours = bernoulli_indices(Bernoulli(), discount, largest=3, ahead=100)
    for n in range(4):
        for s in range(n + 1):
            assert ours[n, s] == pytest.approx(theirs[state[n, s]], abs=2e-4)


def test_the_index_rule_is_close_to_the_optimum_but_below_it():
    game = BernoulliBandit()
    value = game.value_of(gittins(game, 0.9))
    assert 12.4236 < value < game.optimum - 0.005


def test_a_discount_of_one_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1, not 1"):
        bernoulli_indices(Bernoulli(), 1.0, largest=0, ahead=10)
