"""Gittins indices: the best rule when pulls never end but are discounted.

An arm's index is the sure wage per pull for which one would just give the arm up for
good (Gittins, 1979). With a fixed number of pulls the rule is close, but not optimal.
Used by chapter 6, "What is the best that can be done?".
"""

import numpy as np

from helpers.bayes.bandits import BernoulliBandit
from helpers.bayes.conjugate import Bernoulli
from helpers.bayes.strategies import Strategy, choose_larger

WAGES = np.linspace(0, 1, 1001)


def bernoulli_indices(coin: Bernoulli, discount: float, largest: int, ahead: int) -> np.ndarray:
    """The index [n, s] of a coin after n <= `largest` flips with s ones.

    Backward induction from `ahead` flips, for all wages at once: flip on, or
    take the wage for ever. The index is the wage at which flipping on stops
    being better. Raises ValueError for a discount outside (0, 1).
    """
    if not 0 < discount < 1:
        raise ValueError(f"the discount must lie between 0 and 1, not {discount}")
    forever = WAGES / (1 - discount)
    indices = np.zeros((largest + 1, largest + 1))
    s = np.arange(ahead + 2)[:, None]
    mean = (coin.a + s) / (coin.a + coin.b + ahead + 1)
    best = np.maximum(mean / (1 - discount), forever)
    for n in reversed(range(ahead + 1)):
        p = (coin.a + s[: n + 1]) / (coin.a + coin.b + n)
        flip_on = p * (1 + discount * best[1:]) + (1 - p) * discount * best[:-1]
        best = np.maximum(flip_on, forever)
        if n <= largest:
            lead = forever - flip_on  # rises with the wage
            indices[n, : n + 1] = [np.interp(0, row, WAGES) for row in lead]
    return indices


def gittins(bandit: BernoulliBandit, discount: float) -> Strategy:
    """The arm with the larger index."""
    table = bernoulli_indices(bandit.arm, discount, bandit.pulls, ahead=200)
    return lambda n, s: choose_larger(table[n, s.astype(int)])
