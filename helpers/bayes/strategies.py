"""Ways to play a bandit, and how far each stays below the optimum.

A strategy maps beliefs, pulls n and summed rewards s of shape (episodes, 2), to the
probability of each arm. Used by chapter 6, "What is the best that can be done?".
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from helpers.bayes.bandits import Bandit, BernoulliBandit

Strategy = Callable[[np.ndarray, np.ndarray], np.ndarray]


def choose_larger(score: np.ndarray) -> np.ndarray:
    """All on the arm with the larger score; ties, up to rounding, are split."""
    lead = score[:, :1] - score[:, 1:]
    first = np.where(np.abs(lead) < 1e-9, 0.5, lead > 0)
    return np.hstack([first, 1 - first])


def random(n: np.ndarray, s: np.ndarray) -> np.ndarray:
    return np.full(n.shape, 0.5)


def greedy(bandit: Bandit) -> Strategy:
    """The arm with the larger posterior mean: never explores on purpose."""
    return lambda n, s: choose_larger(bandit.mean(n, s))


def optimal(bandit: Bandit) -> Strategy:
    return lambda n, s: choose_larger(bandit.advantage(n, s))


def thompson(bandit: Bandit, rng: np.random.Generator) -> Strategy:
    """The arm that is better in one draw from the posterior (Thompson, 1933)."""
    return lambda n, s: choose_larger(bandit.sample_mean(n, s, rng))


def thompson_chance(bandit: BernoulliBandit) -> Strategy:
    """Thompson's chance of each arm, exactly, for coins with whole-numbered priors.

    P(theta1 > theta2) is the integral of a density times a distribution
    function; both are polynomials, for which the quadrature is exact.
    """
    nodes, weights = np.polynomial.legendre.leggauss(bandit.pulls + 12)
    theta, weights = (nodes + 1) / 2, weights / 2

    def strategy(n: np.ndarray, s: np.ndarray) -> np.ndarray:
        a, b = bandit.arm.a + s, bandit.arm.b + n - s
        above = beta.cdf(theta, a[:, 1:], b[:, 1:]) * beta.pdf(theta, a[:, :1], b[:, :1])
        first = above @ weights
        return np.stack([first, 1 - first], axis=1)

    return strategy


def ucb1(n: np.ndarray, s: np.ndarray) -> np.ndarray:
    """Auer, Cesa-Bianchi and Fischer (2002): sample mean + sqrt(2 ln t / n)."""
    t, tried = n.sum(axis=1, keepdims=True), np.maximum(n, 1)
    bonus = np.sqrt(2 * np.log(np.maximum(t, 1)) / tried)
    return choose_larger(np.where(n == 0, 1e9, s / tried + bonus))


@dataclass(frozen=True)
class Played:
    """What a strategy did in many episodes."""

    shortfall: np.ndarray  # (episodes,), expected loss against the optimum
    rewards: np.ndarray  # (episodes,), what was collected

    @property
    def mean(self) -> float:
        return float(self.shortfall.mean())

    @property
    def error(self) -> float:
        """Standard error of the mean shortfall."""
        return float(self.shortfall.std(ddof=1) / np.sqrt(len(self.shortfall)))


def play(
    bandit: Bandit,
    strategy: Strategy,
    episodes: int,
    seed: int,
) -> Played:
    """Play, and add up what each choice gave away.

    The shortfall of a strategy is the expected sum of V - Q over its own
    beliefs and choices (Kakade and Langford, 2002). Every term is exact
    and at least 0, so luck with rewards does not blur the sum.
    """
    rng = np.random.default_rng(seed)
    theta = bandit.arm.parameters(2 * episodes, rng)
    offers = bandit.arm.observe(theta, bandit.pulls, rng).numpy()
    offers = offers.reshape(episodes, 2, bandit.pulls)
    n, s = np.zeros((episodes, 2), int), np.zeros((episodes, 2))
    shortfall, rewards = np.zeros(episodes), np.zeros(episodes)
    everyone = np.arange(episodes)
    for t in range(bandit.pulls):
        chances = strategy(n, s)
        shortfall -= (chances * bandit.advantage(n, s)).sum(axis=1)
        arm = (rng.random(episodes) > chances[:, 0]).astype(int)
        paid = offers[everyone, arm, t]
        rewards += paid
        n[everyone, arm] += 1
        s[everyone, arm] += paid
    return Played(shortfall, rewards)
