"""A two-phase mixture in the Cahn-Hilliard model. Used by all of chapter 5.

The composition c runs from -1 (phase B) to +1 (phase A) and follows

    dc/dt = div( M(c) grad mu ),   mu = w (c^3 - c) - kappa lap c,

the descent of the energy  E = sum of  w/4 (c^2 - 1)^2 + kappa/2 |grad c|^2  (Cahn and
Hilliard 1958). The mobility passes smoothly from M_B to M_A, M(c) = s M_A + (1 - s) M_B
with s = (2 - c)(1 + c)^2 / 4.
"""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Alloy:
    """Material constants, in the model's own units of length, time and energy.

    Raises ValueError for a mobility, barrier, gradient coefficient or cell size that is
    not a positive number.
    """

    mobility_a: float = 1.0  # M_A, where c = +1
    mobility_b: float = 1.0  # M_B, where c = -1
    barrier: float = 1.0  # w
    gradient: float = 1.0  # kappa
    cell: float = 1.0  # side of a grid cell

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} must be a positive number, got {value}")

    @property
    def in_cells(self) -> tuple[float, float, float, float]:
        """(w, kappa, M_A, M_B) with lengths counted in cells, as the stencils want them."""
        square = self.cell**2
        return (
            self.barrier,
            self.gradient / square,
            self.mobility_a / square,
            self.mobility_b / square,
        )

    def mobility(self, composition: float | np.ndarray) -> float | np.ndarray:
        """M(c)."""
        share = (2 - composition) * (1 + composition) ** 2 / 4
        return share * self.mobility_a + (1 - share) * self.mobility_b

    def growth_rate(self, symbol: float, mean: float) -> float:
        """Rate at which a small wave on a uniform composition `mean` grows.

        `symbol` is the eigenvalue of minus the Laplacian (of the 5-point stencil, or k^2).
        Linearised Cahn-Hilliard equation, Cahn (1961).
        """
        curvature = self.barrier * (3 * mean**2 - 1)
        return -self.mobility(mean) * symbol * (curvature + self.gradient * symbol)

    @property
    def largest_explicit_step(self) -> float:
        """Forward Euler is stable below this step, for |c| up to 1.

        The largest eigenvalue of minus the 5-point Laplacian is 8 / cell^2, and the
        largest curvature of the barrier, at |c| = 1, is 2 w.
        """
        symbol = 8 / self.cell**2
        fastest = max(self.mobility_a, self.mobility_b)
        return 2 / (fastest * symbol * (self.gradient * symbol + 2 * self.barrier))


def check_field(field: np.ndarray) -> np.ndarray:
    """The field as contiguous float64 (rows, columns).

    Raises ValueError unless it is a two-dimensional, finite array of even sides from 4 up, within
    [-1.5, 1.5].
    """
    field = np.ascontiguousarray(field, dtype=float)
    if field.ndim != 2 or min(field.shape) < 4 or any(side % 2 for side in field.shape):
        raise ValueError(
            f"a field needs two even sides of at least 4 cells, got the shape {field.shape}"
        )
    if not np.isfinite(field).all():
        raise ValueError("the field holds NaN or infinity: check how it was made")
    if np.abs(field).max() > 1.5:
        raise ValueError("the composition must lie between -1.5 and 1.5 (pure phases: -1 and 1)")
    return field
