"""Benchmark 1a of PFHub, the phase-field community's yardstick. Chapter 5.

Spinodal decomposition on a periodic square of side 200 (Jokisaari et al. 2017): free
energy density 5 (c - 0.3)^2 (0.7 - c)^2, gradient coefficient 2, mobility 5. In
u = (c - 0.5) / 0.2 it is the Cahn-Hilliard equation of `alloy` with w = 0.8, kappa = 2
and M = 5, and energies are 0.04 times those of u.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from helpers.spinodal.alloy import Alloy

SIDE = 200
ENERGY = 0.04  # energy of the benchmark per energy of u
TABLE = Path(__file__).with_name("memphis_1a.csv")


def alloy(cell: float = 1.0) -> Alloy:
    """The benchmark's constants for u on cells of side `cell`."""
    return Alloy(mobility_a=5, mobility_b=5, barrier=0.8, gradient=2, cell=cell)


def initial(cell: float = 1.0) -> np.ndarray:
    """u at time 0 at the points x, y = cell, 2 cell, ..., 200.

    The formula is not periodic: it jumps at the edges, and where the points lie matters.
    """
    x = cell * np.arange(1, round(SIDE / cell) + 1)[:, None]
    y = x.T
    bumps = (
        np.cos(0.105 * x) * np.cos(0.11 * y)
        + (np.cos(0.13 * x) * np.cos(0.087 * y)) ** 2
        + np.cos(0.025 * x - 0.15 * y) * np.cos(0.07 * x - 0.02 * y)
    )
    return 0.01 * bumps / 0.2


def energy_central(u: np.ndarray) -> float:
    """The benchmark's energy on unit cells with central differences, as MEMPHIS reads it."""
    slopes = [(np.roll(u, -1, axis) - np.roll(u, 1, axis)) / 2 for axis in (0, 1)]
    bulk = 0.2 * (u * u - 1) ** 2
    return ENERGY * float(np.sum(bulk + sum(slope * slope for slope in slopes)))


def published() -> pd.Series:
    """Energies that MEMPHIS, the paper's own solver, reported at 56 times."""
    table = pd.read_csv(TABLE, comment="#", index_col="time")
    return table["total_energy"]


def end_states() -> dict[str, float]:
    """Energy of the two shapes in which the two phases can come to rest, in closed form.

    The line energy of a flat interface in c is sqrt(2 kappa rho) (0.4)^3 / 6 with rho = 5.
    Half the square in one stripe has two interfaces of length 200; half of it in a disc
    has one of length 2 sqrt(pi A). Curvature shifts the disc's composition a little, which
    the formula leaves out.
    """
    line = np.sqrt(2 * 2 * 5) * 0.4**3 / 6
    return {
        "stripe": 2 * SIDE * line,
        "disc": 2 * np.sqrt(np.pi * SIDE**2 / 2) * line,
    }
