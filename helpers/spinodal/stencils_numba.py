"""`helpers.spinodal.stencils` compiled: one pass over memory each, no temporary arrays."""

import numpy as np
from numba import njit

SUMS = {"reassoc", "contract"}  # lets the compiler vectorise sums


@njit(cache=True, fastmath=SUMS)
def _cell(constants, c, right, below, others):
    """Potential, mobility and energy of a cell; `others` sums its left and upper neighbour."""
    w, kappa, m_a, m_b = constants
    square = c * c
    potential = w * (c * square - c) - kappa * (others + right + below - 4 * c)
    mobility = m_b + (m_a - m_b) * 0.25 * (2 - c) * (1 + c) * (1 + c)
    steps = (right - c) ** 2 + (below - c) ** 2
    return potential, mobility, 0.25 * w * (square - 1) ** 2 + 0.5 * kappa * steps


@njit(cache=True, fastmath=SUMS)
def _row(field, i, constants, potential, mobility):
    """Potential and mobility of row i (periodic); returns the row's energy."""
    rows, columns = field.shape
    row, above, below = field[i], field[i - 1], field[(i + 1) % rows]
    energy = 0.0
    for j in range(1, columns - 1):  # the ends apart, so that this loop is vectorised
        others = row[j - 1] + above[j]
        potential[j], mobility[j], found = _cell(constants, row[j], row[j + 1], below[j], others)
        energy += found
    for j in (0, columns - 1):
        others, right = row[j - 1] + above[j], row[(j + 1) % columns]
        potential[j], mobility[j], found = _cell(constants, row[j], right, below[j], others)
        energy += found
    return energy


@njit(cache=True, fastmath=SUMS)
def _flux(m, p, m_other, p_other):
    """Twice what flows into a cell through one of its faces."""
    return (m + m_other) * (p_other - p)


@njit(cache=True, fastmath=SUMS)
def rate(field, constants, out):
    """See `stencils.rate_numpy`. Three rows of the potential are kept at a time."""
    rows, columns = field.shape
    potential, mobility = np.empty((3, columns)), np.empty((3, columns))
    _row(field, rows - 1, constants, potential[2], mobility[2])
    energy = _row(field, 0, constants, potential[0], mobility[0])
    for i in range(rows):
        now, down, up = i % 3, (i + 1) % 3, (i + 2) % 3
        found = _row(field, (i + 1) % rows, constants, potential[down], mobility[down])
        if i + 1 < rows:
            energy += found
        p, p_down, p_up = potential[now], potential[down], potential[up]
        m, m_down, m_up = mobility[now], mobility[down], mobility[up]
        line = out[i]
        for j in range(1, columns - 1):
            line[j] = 0.5 * (
                _flux(m[j], p[j], m_down[j], p_down[j])
                + _flux(m[j], p[j], m_up[j], p_up[j])
                + _flux(m[j], p[j], m[j - 1], p[j - 1])
                + _flux(m[j], p[j], m[j + 1], p[j + 1])
            )
        for j in (0, columns - 1):
            k = (j + 1) % columns
            line[j] = 0.5 * (
                _flux(m[j], p[j], m_down[j], p_down[j])
                + _flux(m[j], p[j], m_up[j], p_up[j])
                + _flux(m[j], p[j], m[j - 1], p[j - 1])
                + _flux(m[j], p[j], m[k], p[k])
            )
    return energy


@njit(cache=True, fastmath=SUMS)
def bdf2(now, before, operator, steps, out):
    """See `stencils.bdf2_numpy`. Complex rows are read as twice as many real numbers."""
    lam_rows, lam_columns, a, b = operator
    step, ratio = steps
    ahead, back = 1 + ratio, ratio * ratio / (1 + ratio)
    lead = (1 + 2 * ratio) / (1 + ratio)
    rows, columns = out.shape
    damping, weight = np.empty(2 * columns), np.empty(2 * columns)
    total = 0.0
    for i in range(rows):
        for j in range(columns):
            lam = lam_rows[i] + lam_columns[j]
            damping[2 * j] = step * lam * (a * lam + b)
            weight[2 * j] = 1 / (lead + damping[2 * j])
            damping[2 * j + 1], weight[2 * j + 1] = damping[2 * j], weight[2 * j]
        field, slope = now[0][i].view(np.float64), now[1][i].view(np.float64)
        old_field, old_slope = before[0][i].view(np.float64), before[1][i].view(np.float64)
        line = out[i].view(np.float64)
        squares = 0.0
        for j in range(2 * columns):
            predictor = ahead * field[j] - ratio * old_field[j]
            change = step * (ahead * slope[j] - ratio * old_slope[j])
            known = ahead * field[j] - back * old_field[j] + change + damping[j] * predictor
            line[j] = weight[j] * known
            squares += (line[j] - predictor) ** 2
        total += 2 * squares
        for j in (0, 1, 2 * columns - 2, 2 * columns - 1):  # waves that are not doubled
            total -= (line[j] - ahead * field[j] + ratio * old_field[j]) ** 2
    return total
