"""The two loops that cost time, compiled by numba, and the same in numpy.

`rate` is the right-hand side of the Cahn-Hilliard equation by 5-point stencils on a
periodic grid; fluxes are taken on the faces between cells, so what one cell loses its
neighbour gains. `bdf2` is the solve of chapter 5's time step in Fourier space. If numba
is not installed the functions in numpy, which the tests compare with it, take its place.
"""

import numpy as np

try:
    from numba import njit
except ImportError:
    njit = None


def rate_numpy(
    field: np.ndarray, constants: tuple[float, float, float, float], out: np.ndarray
) -> float:
    """Write dc/dt of `field` (rows, columns) into `out` and return the energy.

    `constants` are those of `Alloy.in_cells`. The energy uses forward differences, of
    which the 5-point Laplacian is the exact derivative.
    """
    w, kappa, m_a, m_b = constants
    square = field * field
    steps = [np.roll(field, -1, axis) - field for axis in (0, 1)]
    around = sum(np.roll(field, shift, axis) for axis in (0, 1) for shift in (1, -1))
    potential = w * (field * square - field) - kappa * (around - 4 * field)
    share = 0.25 * (2 - field) * (1 + field) * (1 + field)
    mobility = m_b + (m_a - m_b) * share
    out[:] = 0
    for axis in (0, 1):
        face = 0.5 * (mobility + np.roll(mobility, -1, axis))
        flux = face * (np.roll(potential, -1, axis) - potential)
        out += flux - np.roll(flux, 1, axis)
    bulk = 0.25 * w * np.sum((square - 1) ** 2)
    return float(bulk + 0.5 * kappa * sum(np.sum(step * step) for step in steps))


def bdf2_numpy(
    now: tuple[np.ndarray, np.ndarray],
    before: tuple[np.ndarray, np.ndarray],
    operator: tuple[np.ndarray, np.ndarray, float, float],
    steps: tuple[float, float],
    out: np.ndarray,
) -> float:
    """One stabilised step in Fourier space; see `imex` for the scheme.

    `now` and `before` are pairs (field, rate) of half spectra. `operator`
    holds the eigenvalues of minus the Laplacian along rows and columns,
    and a and b of the implicit term a lam^2 + b lam. `steps` are this step
    and its ratio to the previous one, 0 for a first step without a past.
    Writes the new spectrum to `out` and returns the sum of squares of its
    distance from the predictor.
    """
    lam_rows, lam_columns, a, b = operator
    lam = lam_rows[:, None] + lam_columns
    damping = lam * (a * lam + b)
    step, ratio = steps
    ahead, back = 1 + ratio, ratio * ratio / (1 + ratio)
    predictor = ahead * now[0] - ratio * before[0]
    slope = ahead * now[1] - ratio * before[1]
    past = ahead * now[0] - back * before[0]
    known = past + step * (slope + damping * predictor)
    out[:] = known / ((1 + 2 * ratio) / (1 + ratio) + step * damping)
    apart = np.abs(out - predictor) ** 2
    # Inner columns of a half spectrum stand for two waves each.
    return float(2 * apart.sum() - apart[:, 0].sum() - apart[:, -1].sum())


if njit is None:
    rate, bdf2 = rate_numpy, bdf2_numpy
else:
    from helpers.spinodal.stencils_numba import bdf2, rate

__all__ = ["bdf2", "bdf2_numpy", "rate", "rate_numpy"]
