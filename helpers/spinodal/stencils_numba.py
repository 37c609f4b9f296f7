"""`helpers.spinodal.stencils` compiled: one pass over memory each, no temporary arrays."""

import numpy as np
from numba import njit

SUMS = {"reassoc", "contract"}  # lets the compiler vectorise sums


@njit(cache=True, fastmath=SUMS)
def _row(field, i, w, kappa, m_a, m_b, potential, mobility):
    """Potential and mobility of row i (periodic); returns the row's energy."""
    rows, columns = field.shape
    row, above, below = field[i], field[i - 1], field[(i + 1) % rows]
    energy = 0.0
    for j in range(1, columns - 1):
        c = row[j]
        square, right, down = c * c, row[j + 1] - c, below[j] - c
        around = above[j] + below[j] + row[j - 1] + row[j + 1]
        potential[j] = w * (c * square - c) - kappa * (around - 4 * c)
        mobility[j] = m_b + (m_a - m_b) * 0.25 * (2 - c) * (1 + c) * (1 + c)
        energy += 0.25 * w * (square - 1) ** 2 + 0.5 * kappa * (right**2 + down**2)
    for j in (0, columns - 1):
        c = row[j]
        last = row[(j + 1) % columns]
        square, right, down = c * c, last - c, below[j] - c
        around = above[j] + below[j] + row[j - 1] + last
        potential[j] = w * (c * square - c) - kappa * (around - 4 * c)
        mobility[j] = m_b + (m_a - m_b) * 0.25 * (2 - c) * (1 + c) * (1 + c)
        energy += 0.25 * w * (square - 1) ** 2 + 0.5 * kappa * (right**2 + down**2)
    return energy


@njit(cache=True, fastmath=SUMS)
def rate(field, w, kappa, m_a, m_b, out):
    """See `stencils.rate_numpy`. Three rows of the potential are kept, the rest is gone."""
    rows, columns = field.shape
    potential, mobility = np.empty((3, columns)), np.empty((3, columns))
    _row(field, rows - 1, w, kappa, m_a, m_b, potential[2], mobility[2])
    energy = _row(field, 0, w, kappa, m_a, m_b, potential[0], mobility[0])
    for i in range(rows):
        below = (i + 1) % 3
        found = _row(
            field, (i + 1) % rows, w, kappa, m_a, m_b, potential[below], mobility[below]
        )
        if i + 1 < rows:
            energy += found
        p, p_up, p_down = potential[i % 3], potential[(i + 2) % 3], potential[below]
        m, m_up, m_down = mobility[i % 3], mobility[(i + 2) % 3], mobility[below]
        line = out[i]
        for j in range(1, columns - 1):
            line[j] = 0.5 * (
                (m[j] + m[j + 1]) * (p[j + 1] - p[j])
                + (m[j] + m[j - 1]) * (p[j - 1] - p[j])
                + (m[j] + m_down[j]) * (p_down[j] - p[j])
                + (m[j] + m_up[j]) * (p_up[j] - p[j])
            )
        for j in (0, columns - 1):
            k = (j + 1) % columns
            line[j] = 0.5 * (
                (m[j] + m[k]) * (p[k] - p[j])
                + (m[j] + m[j - 1]) * (p[j - 1] - p[j])
                + (m[j] + m_down[j]) * (p_down[j] - p[j])
                + (m[j] + m_up[j]) * (p_up[j] - p[j])
            )
    return energy


@njit(cache=True, fastmath=SUMS)
def bdf2(now, before, symbols, stabiliser, step, ratio, out):
    """See `stencils.bdf2_numpy`."""
    ahead, back = 1 + ratio, ratio * ratio / (1 + ratio)
    lead = (1 + 2 * ratio) / (1 + ratio)
    rows, columns = out.shape
    total = 0.0
    for i in range(rows):
        field, slope, old_field, old_slope = now[0][i], now[1][i], before[0][i], before[1][i]
        line = out[i]
        row_total = 0.0
        for j in range(columns):
            lam = symbols[0][i] + symbols[1][j]
            damping = step * lam * (stabiliser[0] * lam + stabiliser[1])
            weight = 1 / (lead + damping)
            predictor = ahead * field[j] - ratio * old_field[j]
            change = step * (ahead * slope[j] - ratio * old_slope[j])
            found = weight * (
                ahead * field[j] - back * old_field[j] + change + damping * predictor
            )
            line[j] = found
            apart = found - predictor
            row_total += apart.real**2 + apart.imag**2
        first = line[0] - ahead * field[0] + ratio * old_field[0]
        j = columns - 1
        last = line[j] - ahead * field[j] + ratio * old_field[j]
        total += 2 * row_total - first.real**2 - first.imag**2 - last.real**2 - last.imag**2
    return total
