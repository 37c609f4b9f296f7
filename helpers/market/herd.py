"""Retail in the simulated January 2021: they catch the idea from friends.

Used by chapter 1, "A simulated January 2021".
"""

import numpy as np
from scipy import sparse

from helpers.market.contagion import friendships
from helpers.market.january import (
    NEWS_DAYS,
    PEOPLE,
    RESTRICTED_DAYS,
    START_PRICE,
    TICKS_A_DAY,
    Experiment,
    Tape,
    drift,
)


def _single(array: np.ndarray) -> np.ndarray:
    """Half the memory, which decides at 900,000 accounts."""
    return array.astype(np.float32)


def _price(tape: Tape, tick: int) -> np.ndarray:
    """The last price before a tick trades, (worlds, 1) in cents."""
    if tick > 0:
        return tape.price[:, tick - 1 : tick]
    return np.full((len(tape.price), 1), float(START_PRICE))


class Herd:
    """Retail accounts: they catch the idea from friends, buy once, and sell once."""

    def __init__(self, experiment: Experiment, rng: np.random.Generator) -> None:
        self.experiment, self.accounts = experiment, experiment.accounts
        drawn = (experiment.chances, self.accounts)
        shape = (len(experiment.worlds), self.accounts)
        seeds = rng.integers(2**31, size=experiment.chances)
        graphs = [friendships(self.accounts, int(seed)) for seed in seeds]
        self.graph = sparse.block_diag(graphs * len(experiment.arms), format="csr")
        self.degree = np.diff(self.graph.indptr).reshape(shape).astype(np.float32)
        self.p = experiment.parameters()
        spread = [experiment.repeat(rng.standard_normal(drawn, dtype=np.float32)) for _ in range(3)]
        mean = self.p["stake"] * 100 * PEOPLE / self.accounts
        self.stakes = (mean * np.exp(spread[0] - 0.5)).astype(np.int64)
        self.stop = np.clip(self.p["stop"] * np.exp(0.4 * spread[1]), 0.05, 0.95)
        self.take = 1 + (self.p["take"] - 1) * np.exp(0.5 * spread[2])
        self.stop, self.take = _single(self.stop), _single(self.take)
        kind = [experiment.repeat(rng.random(drawn, dtype=np.float32)) for _ in range(2)]
        self.firm = kind[0] < self.p["never_sell"]
        self.barred = kind[1] < self.p["restricted"]
        self.holds = np.zeros(shape, dtype=bool)
        self.joined = np.full(shape, -1, dtype=np.int16)
        self.paid = np.ones(shape, dtype=np.float32)
        self.highest = np.ones(shape, dtype=np.float32)
        self.mood = np.zeros((experiment.chances, 1))
        self.joining = np.zeros((shape[0], 1))  # fraction of accounts per day
        self._joins_a_day = np.zeros((shape[0], TICKS_A_DAY))

    def decide(
        self, tick: int, tape: Tape, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """Who buys and who sells now, both (worlds, accounts) bool."""
        p, day = self.p, tick // TICKS_A_DAY
        self.mood = drift(self.mood, 2 * TICKS_A_DAY, rng)
        mood = np.exp(p["mood"] * self.experiment.repeat(self.mood))
        now, day_ago = _price(tape, tick), _price(tape, tick - TICKS_A_DAY)
        excitement = np.maximum(1 + p["greed"] * (now / day_ago - 1), 0.2)
        factor = p["hype"] * mood * excitement
        for news_day, effect in NEWS_DAYS.items():
            factor = factor * np.where(day == news_day - p["early"], p[effect], 1)

        friends = self.graph @ self.holds.ravel().astype(np.float32)
        share = friends.reshape(self.degree.shape) / self.degree
        rate = _single(factor * p["lonely"])
        rate = rate + _single(factor * p["friends"]) * share
        drawn = (self.experiment.chances, self.accounts)
        chance = self.experiment.repeat(rng.random(drawn, np.float32))
        joins = (self.joined < 0) & (chance < -np.expm1(-rate))
        if day in RESTRICTED_DAYS:
            joins &= ~self.barred

        now = _single(now)
        fell = now < (1 - self.stop) * self.highest
        won = now > self.take * self.paid
        leave = np.where(fell | won, p["haste"], p["boredom"])
        leaves = self.holds & ~self.firm & (chance < leave)
        return joins, leaves

    def settle(self, tick: int, price: np.ndarray, bought: np.ndarray, leaves: np.ndarray) -> None:
        """Take note of what the auction did; `bought` and `leaves` (worlds, accounts) bool."""
        self.holds = (self.holds | bought) & ~leaves
        self.joined[bought] = tick
        paid = np.broadcast_to(price[:, None], self.holds.shape)
        self.paid[bought] = paid[bought]
        self.highest = _single(np.where(bought, paid, np.maximum(self.highest, paid)))
        self._joins_a_day[:, tick % TICKS_A_DAY] = bought.mean(axis=1)
        self.joining = self._joins_a_day.sum(axis=1, keepdims=True)
