"""The exact optimum of two-armed bandits with a fixed number of pulls.

A belief is what Bayes' rule keeps: pulls n and summed rewards s of each arm. Backward
induction (Bellman, 1957) over beliefs gives the most that any strategy can collect on
average. The Bernoulli bandit has finitely many beliefs. The Gaussian one is translation
invariant and the exponential one scale invariant, which leaves one continuous
coordinate, held on a grid. Arms are drawn independently from one prior.
Used by chapter 6, "What is the best that can be done?".

Shapes: n and s (episodes, 2); advantages (episodes, 2) are Q - V, at most 0.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.signal import fftconvolve, lfilter
from scipy.stats import norm

from helpers.bayes.conjugate import Bernoulli, Exponential, Gaussian


@dataclass(frozen=True)
class BernoulliBandit:
    """Two coins; a pull pays the flip."""

    arm: Bernoulli = field(default_factory=Bernoulli)
    pulls: int = 20

    def mean(self, n: np.ndarray, s: np.ndarray) -> np.ndarray:
        """Posterior mean reward of each arm."""
        return (self.arm.a + s) / (self.arm.a + self.arm.b + n)

    def true_mean(self, theta: np.ndarray) -> np.ndarray:
        return theta

    def sample_mean(self, n: np.ndarray, s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One draw of each arm's mean from its posterior."""
        return rng.beta(self.arm.a + s, self.arm.b + n - s)

    @cached_property
    def q(self) -> np.ndarray:
        """Q[t, n1, s1, s2, arm]: a pull now, and the best pulls later.

        n2 = t - n1. Entries that no history reaches hold numbers without
        meaning.
        """
        size = self.pulls + 1
        n1, s1, s2 = np.ogrid[:size, :size, :size]
        q = np.zeros((self.pulls, size, size, size, 2))
        best = np.zeros(3 * [size + 1])  # after the last pull
        for t in reversed(range(self.pulls)):
            p1 = self.mean(n1, s1)
            p2 = self.mean(np.maximum(t - n1, 0), s2)
            won1, lost1 = best[1:, 1:, :-1], best[1:, :-1, :-1]
            won2, lost2 = best[:-1, :-1, 1:], best[:-1, :-1, :-1]
            q[t, ..., 0] = p1 * (1 + won1) + (1 - p1) * lost1
            q[t, ..., 1] = p2 * (1 + won2) + (1 - p2) * lost2
            best = np.pad(q[t].max(axis=-1), (0, 1))
        return q

    @property
    def optimum(self) -> float:
        """Expected sum of rewards of the best strategy."""
        return float(self.q[0, 0, 0, 0].max())

    def advantage(self, n: np.ndarray, s: np.ndarray) -> np.ndarray:
        t, s = n[0].sum(), s.astype(int)
        q = self.q[t, n[:, 0], s[:, 0], s[:, 1]]
        return q - q.max(axis=1, keepdims=True)

    def value_of(self, policy) -> float:
        """Expected sum of rewards of any policy, by the same induction.

        `policy(n, s)` gives the probability of each arm, (beliefs, 2).
        """
        size = self.pulls + 1
        value = np.zeros((size + 1, size + 1, size + 1))
        for t in reversed(range(self.pulls)):
            n1, s1, s2 = (g.ravel() for g in np.indices((t + 1, t + 1, t + 1)))
            real = (s1 <= n1) & (s2 <= t - n1)
            n1, s1, s2 = n1[real], s1[real], s2[real]
            n, s = np.stack([n1, t - n1], axis=1), np.stack([s1, s2], axis=1)
            p = self.mean(n, s)
            next1 = p[:, 0] * (1 + value[n1 + 1, s1 + 1, s2])
            next1 += (1 - p[:, 0]) * value[n1 + 1, s1, s2]
            next2 = p[:, 1] * (1 + value[n1, s1, s2 + 1])
            next2 += (1 - p[:, 1]) * value[n1, s1, s2]
            now = np.zeros_like(value)
            now[n1, s1, s2] = (policy(n, s) * np.stack([next1, next2], axis=1)).sum(axis=1)
            value = now
        return float(value[0, 0, 0])


class _OnAGrid:
    """What the two bandits with one continuous coordinate share."""

    @property
    def optimum(self) -> float:
        """Expected sum of rewards of the best strategy."""
        return self._solution[0]

    def advantage(self, n: np.ndarray, s: np.ndarray) -> np.ndarray:
        t, where, unit = n[0].sum(), self._coordinate(n, s), self._unit(n, s)
        lead = np.empty(len(n))
        for n1 in np.unique(n[:, 0]):
            here = n[:, 0] == n1
            lead[here] = np.interp(where[here], self.grid, self._solution[1][t][n1])
        return np.minimum(np.stack([lead * unit, -lead * unit], axis=1), 0)


@dataclass(frozen=True)
class GaussianBandit(_OnAGrid):
    """Two readings with known variance; a pull pays the reading.

    V = (pulls left) * m2 + W(m1 - m2; n1, n2), m being posterior means.
    """

    arm: Gaussian = field(default_factory=Gaussian)
    pulls: int = 20
    step: float = 0.01  # of the grid, in standard deviations of the prior

    def variance(self, n: np.ndarray | int) -> np.ndarray | float:
        return 1 / (1 / self.arm.t2 + n / self.arm.s2)

    def mean(self, n: np.ndarray, s: np.ndarray) -> np.ndarray:
        return self.variance(n) * (self.arm.m0 / self.arm.t2 + s / self.arm.s2)

    def true_mean(self, theta: np.ndarray) -> np.ndarray:
        return theta

    def sample_mean(self, n: np.ndarray, s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return rng.normal(self.mean(n, s), np.sqrt(self.variance(n)))

    @cached_property
    def grid(self) -> np.ndarray:
        """Values of m1 - m2."""
        reach = round(8 / self.step)
        return np.arange(-reach, reach + 1) * self.step * np.sqrt(self.arm.t2)

    def _coordinate(self, n: np.ndarray, s: np.ndarray) -> np.ndarray:
        mean = self.mean(n, s)
        return mean[:, 0] - mean[:, 1]

    def _unit(self, n: np.ndarray, s: np.ndarray) -> float:
        return 1.0

    @cached_property
    def _solution(self) -> tuple[float, list[list[np.ndarray]]]:
        """The optimum, and Q1 - Q2 on the grid for each t and n1."""
        d = self.grid
        best = [np.zeros_like(d)] * (self.pulls + 1)
        leads = []
        for t in reversed(range(self.pulls)):
            left = self.pulls - t - 1
            q1 = [d + self._after_pull(best[n1 + 1], left, n1) for n1 in range(t + 1)]
            q2 = [self._after_pull(best[n1], left, t - n1) for n1 in range(t + 1)]
            best = np.maximum(q1, q2)
            leads.insert(0, np.subtract(q1, q2))
        return self.pulls * self.arm.m0 + float(best[0][len(d) // 2]), leads

    def _after_pull(self, best: np.ndarray, left: int, n: int) -> np.ndarray:
        """E best(d + sd Z): pulling an arm for the (n + 1)th time moves its mean.

        After taking off `left * max(d, 0)`, whose expectation is known, the
        rest fades at both ends. It counts as linear between grid points, and
        for such a function the convolution below is exact.
        """
        d, h = self.grid, self.grid[1] - self.grid[0]
        sd = np.sqrt(self.variance(n) - self.variance(n + 1))
        k = np.arange(-1, len(d) + 1) * h / sd
        excess = sd * (norm.pdf(k) - k * norm.sf(k))  # E max(sd Z - k sd, 0)
        mass = np.diff(excess, 2) / h  # of sd Z near 0, h, 2h, …
        kernel = np.concatenate([mass[:0:-1], mass])
        rest = fftconvolve(best - left * np.maximum(d, 0), kernel, mode="same")
        return rest + left * (d * norm.cdf(d / sd) + sd * norm.pdf(d / sd))


@dataclass(frozen=True)
class ExponentialBandit(_OnAGrid):
    """Two waiting times; a pull pays the wait, whose mean is 1 / rate.

    V = S2 W(log(S1 / S2); n1, n2), S being the Gamma posteriors' rate parameters.
    A pull multiplies the arm's S by e^E with E ~ Exponential(a + n).
    Raises ValueError for a <= 1, where the mean is infinite.
    """

    arm: Exponential = field(default_factory=lambda: Exponential(3.0, 2.0))
    pulls: int = 20
    step: float = 0.005  # of the grid

    def __post_init__(self) -> None:
        if self.arm.a <= 1:
            raise ValueError(f"a must exceed 1 for a finite mean reward, not {self.arm.a}")

    def mean(self, n: np.ndarray, s: np.ndarray) -> np.ndarray:
        return (self.arm.b + s) / (self.arm.a + n - 1)

    def true_mean(self, theta: np.ndarray) -> np.ndarray:
        return 1 / theta

    def sample_mean(self, n: np.ndarray, s: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return (self.arm.b + s) / rng.gamma(self.arm.a + n)

    @cached_property
    def grid(self) -> np.ndarray:
        """Values of log(S1 / S2)."""
        reach = round(12 / self.step)
        return np.arange(-reach, reach + 1) * self.step

    def _coordinate(self, n: np.ndarray, s: np.ndarray) -> np.ndarray:
        return np.log((self.arm.b + s[:, 0]) / (self.arm.b + s[:, 1]))

    def _unit(self, n: np.ndarray, s: np.ndarray) -> np.ndarray:
        return self.arm.b + s[:, 1]

    @cached_property
    def _solution(self) -> tuple[float, list[list[np.ndarray]]]:
        """The optimum, and Q1 - Q2 in units of S2 for each t and n1."""
        rho, a = self.grid, self.arm.a
        best = [np.zeros_like(rho)] * (self.pulls + 1)
        leads = []
        for t in reversed(range(self.pulls)):
            left = self.pulls - t - 1
            q1 = [
                np.exp(rho) / (a + n1 - 1) + self._after_first(best[n1 + 1], left, a + n1)
                for n1 in range(t + 1)
            ]
            q2 = [
                1 / (a + t - n1 - 1) + self._after_second(best[n1], left, a + t - n1)
                for n1 in range(t + 1)
            ]
            best = np.maximum(q1, q2)
            leads.insert(0, np.subtract(q1, q2))
        return self.arm.b * float(best[0][len(rho) // 2]), leads

    def _after_first(self, best: np.ndarray, left: int, a: float) -> np.ndarray:
        """E best(rho + E) with E ~ Exponential(a), from right to left.

        Between grid points `best` counts as linear in S1 / S2, which it is
        at both ends. At the right end only arm 1 is pulled.
        """
        h = self.step
        mass = -np.expm1(-a * h)
        slope = -a / (a - 1) * np.expm1(-(a - 1) * h) - mass
        end = left * np.exp(self.grid[-1]) / (a - 1)
        return _filtered(best[::-1], mass, slope / np.expm1(h), end)[::-1]

    def _after_second(self, best: np.ndarray, left: int, a: float) -> np.ndarray:
        """E e^E best(rho - E): the unit S2 grows too. At the left only arm 2 is pulled."""
        h, tilted = self.step, a - 1  # e^E weighs E towards Exponential(a - 1)
        mass = -np.expm1(-tilted * h)
        slope = mass + tilted / a * np.expm1(-a * h)
        growth = a / tilted
        return growth * _filtered(best, mass, slope / -np.expm1(-h), left / a)


def _filtered(values: np.ndarray, mass: float, share: float, start: float) -> np.ndarray:
    """y[k] = (mass - share) v[k] + share v[k - 1] + (1 - mass) y[k - 1], y[0] = start."""
    kept = 1 - mass
    state = [share * values[0] + kept * start]
    rest, _ = lfilter([mass - share, share], [1, -kept], values[1:], zi=state)
    return np.concatenate([[start], rest])


Bandit = BernoulliBandit | GaussianBandit | ExponentialBandit
