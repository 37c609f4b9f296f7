"""Retail in the simulated January 2021: they catch the idea from friends.

Used by chapter 1, "January 2021 in a machine".
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
        self.stop, self.take = self.stop.astype(np.float32), self.take.astype(np.float32)
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

    def decide(self, tick: int, tape: Tape, rng: np.random.Generator) -> tuple:
        """Who wants to buy and who to sell now, both (worlds, accounts) bool."""
        p, day = self.p, tick // TICKS_A_DAY
        self.mood = drift(self.mood, 2 * TICKS_A_DAY, rng)
        mood = np.exp(p["mood"] * self.experiment.repeat(self.mood))
        chances = (self.experiment.chances, self.accounts)
        chance = self.experiment.repeat(rng.random(chances, dtype=np.float32))
        first = np.full((len(mood), 1), START_PRICE)
        now = tape.price[:, tick - 1 : tick] if tick else first
        before = tape.price[:, tick - 14 : tick - 13] if tick > TICKS_A_DAY else START_PRICE
        excitement = np.clip(1 + p["greed"] * (now / before - 1), 0.2, None)
        factor = p["hype"] * mood * excitement
        if day in NEWS_DAYS:
            factor = factor * p[NEWS_DAYS[day]]
        holding = (self.graph @ self.holds.ravel().astype(np.float32)).reshape(self.holds.shape)
        rate = (factor * p["lonely"]).astype(np.float32) + (factor * p["friends"]).astype(
            np.float32
        ) * (holding / self.degree)
        joins = (self.joined < 0) & (chance < -np.expm1(-rate))
        if day in RESTRICTED_DAYS:
            joins &= ~self.barred
        now = now.astype(np.float32)
        reason = (now < (1 - self.stop) * self.highest) | (now > self.take * self.paid)
        leave = np.where(reason, p["haste"], p["boredom"])
        leaves = self.holds & ~self.firm & (chance < leave)
        return joins, leaves

    def settle(self, tick: int, price: np.ndarray, bought: np.ndarray, leaves: np.ndarray) -> None:
        """Take note of what the auction did; `bought` and `leaves` (worlds, accounts) bool."""
        self.holds = (self.holds | bought) & ~leaves
        self.joined[bought] = tick
        paid = np.broadcast_to(price[:, None], self.holds.shape)
        self.paid[bought] = paid[bought]
        self.highest = np.where(bought, paid, np.maximum(self.highest, price[:, None])).astype(
            np.float32
        )
        self._joins_a_day[:, tick % TICKS_A_DAY] = bought.mean(axis=1)
        self.joining = self._joins_a_day.sum(axis=1, keepdims=True)
