"""The naive solver: forward Euler, the scheme of the paper's own code. Chapter 5."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from helpers.spinodal.alloy import Alloy, check_field
from helpers.spinodal.stencils import rate


def euler(
    field: np.ndarray, alloy: Alloy, step: float, counts: Sequence[int]
) -> Iterator[np.ndarray]:
    """The composition after each number of steps in `counts` (rising), as fresh arrays.

    Raises ValueError for a bad field, counts that fall, or a step that is not positive or
    lies above the limit of stability, before any time is spent.
    """
    field = check_field(field).copy()
    limit = alloy.largest_explicit_step
    if not 0 < step <= limit:
        raise ValueError(
            f"an explicit step must lie between 0 and {limit:.3g}, where the scheme stays "
            f"stable, got {step:.3g}: take a smaller one, or use imex.evolve"
        )
    if any(b < a for a, b in pairwise([0, *counts])):
        raise ValueError(f"counts of steps must rise from 0, got {list(counts)}")
    return _march(field, alloy, step, counts)


def _march(
    field: np.ndarray, alloy: Alloy, step: float, counts: Sequence[int]
) -> Iterator[np.ndarray]:
    slope, done = np.empty_like(field), 0
    for count in counts:
        for _ in range(count - done):
            rate(field, alloy.in_cells, slope)
            slope *= step
            field += slope
        done = count
        yield field.copy()
