"""The simulated retail accounts by themselves: friends as networkx counts them, and stakes."""

import networkx as nx
import numpy as np
import pytest

from helpers.market.herd import Herd
from helpers.market.january import PEOPLE, START_PRICE, TICKS, Arm, Experiment, January, Tape


def test_the_chance_to_join_counts_friends_as_networkx_does():
    """Frequency of joining against 1 - exp(-friends * share of neighbours who hold)."""
    world = January(lonely=0, friends=0.5, greed=0, mood=0)
    rng = np.random.default_rng(0)
    herd = Herd(Experiment([Arm(world)], 1, 60, 0), rng)
    herd.holds[0, ::3] = True
    herd.joined[0, ::3] = 0
    graph = nx.from_scipy_sparse_array(herd.graph)
    tape = Tape(*(np.full((1, TICKS), float(START_PRICE)) for _ in range(6)))
    draws = 4_000
    counts = np.zeros(60)
    for _ in range(draws):
        joins, _ = herd.decide(30, tape, rng)
        counts += joins[0]
    for person in range(60):
        friends = list(graph[person])
        share = np.mean([friend % 3 == 0 for friend in friends])
        expected = 0 if person % 3 == 0 else 1 - np.exp(-0.5 * share)
        error = np.sqrt(expected * (1 - expected) / draws)
        assert abs(counts[person] / draws - expected) < 4.5 * error + 1e-9


def test_a_people_of_900000_weighs_the_same_as_a_small_one():
    """All accounts together bring the same money whatever their number."""
    small, large = (
        Herd(Experiment([Arm(January())], 1, n, 1), np.random.default_rng(1)) for n in (500, 20_000)
    )
    mean = January().stake * PEOPLE * 100
    assert large.stakes.sum() == pytest.approx(mean, rel=0.05)
    assert small.stakes.sum() == pytest.approx(mean, rel=0.25)
