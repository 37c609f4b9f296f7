"""The production solver: adaptive, stabilised, second order, two FFTs a step. Chapter 5.

Implicit-explicit backward differentiation of second order (IMEX-BDF2; Ascher, Ruuth and
Wetton 1995, with variable steps as in Wang and Ruuth 2008). The fluxes are explicit; what
would make an explicit step unstable is damped by adding and subtracting a linear term
that is inverted exactly in Fourier space. Two things may reject a step: a change that is
too large, and an energy that rises, which no solution of the equation allows.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from helpers.spinodal.alloy import Alloy, check_field
from helpers.spinodal.spectra import backward, forward
from helpers.spinodal.stencils import bdf2, rate

STABILISER = 2.0  # b / (M w); covers the barrier's curvature for |c| up to 1
GROWTH = 1.5  # largest ratio of neighbouring steps; variable BDF2 is stable up to 1 + sqrt 2
RUNGS = 8  # step sizes lie on a ladder of this many per octave: the same on every machine
LEVEL = 1e-11  # relative rise of the energy that rounding may cause


@dataclass(frozen=True)
class Snapshot:
    """The state at one of the requested times."""

    time: float
    field: np.ndarray  # composition (rows, columns)
    energy: float
    steps: int  # accepted so far
    rejected: int


def evolve(
    field: np.ndarray,
    alloy: Alloy,
    times: Sequence[float],
    tolerance: float = 1e-3,
    fixed_step: float | None = None,
) -> Iterator[Snapshot]:
    """Snapshots at `times`, starting from `field` (rows, columns) at time 0.

    `tolerance` bounds each step's distance from its linear prediction, as a share of the
    composition's standard deviation. `fixed_step` switches the control off, to measure
    the order of the scheme. Raises ValueError for bad input before any time is spent.
    """
    field = check_field(field)
    times = np.asarray(times, dtype=float)
    if times.ndim != 1 or not np.isfinite(times).all() or (np.diff(times, prepend=0) < 0).any():
        raise ValueError("times must be finite numbers that rise from 0 or later")
    if not 0 < tolerance <= 0.1:
        raise ValueError(f"the tolerance must lie between 0 and 0.1, got {tolerance}")
    if fixed_step is not None and not 0 < fixed_step < math.inf:
        raise ValueError(f"a fixed step must be a positive number, got {fixed_step}")
    if field.std() == 0:
        raise ValueError("a uniform field never separates: add noise to it")
    return _Integration(field, alloy, tolerance, fixed_step).snapshots(times)


class _Integration:
    """The state of one run, with all the memory that its steps need."""

    def __init__(
        self, field: np.ndarray, alloy: Alloy, tolerance: float, fixed_step: float | None
    ) -> None:
        self.constants, self.area = alloy.in_cells, alloy.cell**2
        self.tolerance, self.fixed_step = tolerance, fixed_step
        waves = [2 - 2 * np.cos(2 * np.pi * np.arange(n) / n) for n in field.shape]
        symbols = (waves[0], waves[1][: field.shape[1] // 2 + 1].copy())
        w, kappa, m_a, m_b = self.constants
        fastest = max(m_a, m_b)
        self.operator = (*symbols, fastest * kappa, fastest * STABILISER * w)
        self.field, self.slope, self.next_field = (field.copy() for _ in range(3))
        self.energy = rate(field, self.constants, self.slope)
        shape = (len(symbols[0]), len(symbols[1]))
        self.trial, *memory = (np.zeros(shape, complex) for _ in range(5))
        self.now = (forward(field, memory[0]), forward(self.slope, memory[1]))
        self.before = (memory[2], memory[3])
        self.mean = field.mean()  # for ever: the scheme conserves it
        self.time, self.last_step, self.spread = 0.0, math.inf, self.root_squares()
        self.steps = self.rejected = 0
        # A first step that changes the composition by a tenth of the tolerance.
        self.step = fixed_step or _rung(0.1 * tolerance * field.std() / self.slope.std())

    def snapshots(self, times: np.ndarray) -> Iterator[Snapshot]:
        for time in times:
            while self.time < time:
                self.advance(time)
            yield Snapshot(
                float(time), self.field.copy(), self.energy * self.area, self.steps, self.rejected
            )

    def advance(self, until: float) -> None:
        """One step towards `until`, made smaller until it is accepted."""
        while True:
            # What is left is divided evenly: a sliver would spoil the next.
            left = until - self.time
            count = max(1, math.ceil(left / self.step * (1 - 1e-12)))
            step = left / count
            change = self.propose(step)
            if not math.isfinite(change) or step < 1e-14 * until:
                where = f"at time {self.time:.6g}"
                raise ArithmeticError(f"no step is small enough {where}")
            wanted = 0.7 * math.sqrt(self.tolerance / max(change, 1e-300))
            if change <= self.tolerance or self.fixed_step:
                backward(self.trial, self.next_field)
                energy = rate(self.next_field, self.constants, self.slope)
                if energy <= self.energy * (1 + LEVEL) or self.fixed_step:
                    break
                wanted = 0.5
            self.rejected += 1
            self.step = _rung(step * min(wanted, 0.7))
        self.accept(step, energy)
        self.time = until if count == 1 else self.time + step
        if not self.fixed_step:
            self.step = _rung(step * min(wanted, GROWTH))

    def accept(self, step: float, energy: float) -> None:
        """Make the trial the present, and reuse the oldest memory for the next one."""
        oldest = self.before
        self.before, self.now = self.now, (self.trial, forward(self.slope, oldest[1]))
        self.trial = oldest[0]
        self.field, self.next_field = self.next_field, self.field
        self.energy, self.last_step, self.spread = energy, step, self.root_squares()
        self.steps += 1

    def propose(self, step: float) -> float:
        """Put the next spectrum into `trial`; return its relative change from prediction."""
        ratio = step / self.last_step
        squares = bdf2(self.now, self.before, self.operator, (step, ratio), self.trial)
        return math.sqrt(squares / self.field.size) / self.spread

    def root_squares(self) -> float:
        """Root of the summed squared deviations of the composition from its mean."""
        squares = float(np.vdot(self.field, self.field)) - self.field.size * self.mean**2
        return math.sqrt(squares)


def _rung(step: float) -> float:
    """The largest step on the ladder that is not above `step`."""
    return 2.0 ** (math.floor(math.log2(step) * RUNGS) / RUNGS)
