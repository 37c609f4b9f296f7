"""Two-point statistics of a two-phase picture, and their principal components. Chapter 5.

S2(r) is the chance that two cells, r apart, both belong to phase A. It is the periodic
autocorrelation of the picture (Wiener-Khinchin theorem), starts at the phase's share f
and levels off at f squared.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.fft import irfft2, rfft2
from scipy.linalg import eigh
from scipy.sparse import csc_array


def autocorrelation(phase: np.ndarray) -> np.ndarray:
    """S2 of pictures of 0 and 1 (..., rows, columns).

    Shift zero is at index (0, 0).
    """
    spectrum = rfft2(phase.astype(float))
    power = spectrum.real**2 + spectrum.imag**2
    sides = phase.shape[-2:]
    return irfft2(power, s=sides) / (sides[0] * sides[1])


def radial(square: np.ndarray) -> np.ndarray:
    """Mean over all shifts of the same rounded length 0, 1, ..., side / 2.

    `square` is (..., side, side) with shift zero at (0, 0); gives (..., side / 2 + 1).
    """
    side = square.shape[-1]
    flat = square.reshape(-1, side * side)
    return (flat @ _rings(side)).reshape(*square.shape[:-2], side // 2 + 1)


@cache
def _rings(side: int) -> csc_array:
    """Weights that turn a flattened square into means over rings."""
    ring = _ring_of(side)
    (kept,) = np.nonzero(ring <= side // 2)
    weights = 1 / np.bincount(ring[kept])[ring[kept]]
    return csc_array((weights, (kept, ring[kept])), shape=(side * side, side // 2 + 1))


@cache
def _ring_of(side: int) -> np.ndarray:
    """Rounded length of every shift of a flattened square (side * side,)."""
    shift = np.minimum(np.arange(side), side - np.arange(side))
    return np.rint(np.hypot(shift[:, None], shift)).astype(int).ravel()


def isotropic(square: np.ndarray) -> np.ndarray:
    """Tables (..., side, side) with every value replaced by the mean over its ring.

    What is left of S2 when directions are averaged; the difference from S2 belongs to the one
    picture. Rings are those of `radial`, those of the corners included.
    """
    side = square.shape[-1]
    ring = _ring_of(side)
    sums = np.stack([np.bincount(ring, flat) for flat in square.reshape(-1, side * side)])
    return (sums / np.bincount(ring))[:, ring].reshape(square.shape)


def normalised(s2: np.ndarray, share: np.ndarray) -> np.ndarray:
    """g = (S2 - f^2) / (f - f^2): one at distance zero, about zero far away.

    `share` f is the share of phase A, (...,) for s2 (..., distances). Raises ValueError
    where there is only one phase.
    """
    if ((share <= 0) | (share >= 1)).any():
        raise ValueError("a frame with a single phase has no g: start later, or leave it out")
    plateau = (share**2)[..., None]
    return (s2 - plateau) / (share[..., None] - plateau)


def length(g: np.ndarray) -> np.ndarray:
    """Distance, in cells, at which g (..., distances) first falls to zero.

    Linear between distances; the largest distance where g never falls so far.
    """
    flat = g.reshape(-1, g.shape[-1])
    found = np.full(len(flat), g.shape[-1] - 1.0)
    for k, row in enumerate(flat):
        below = np.flatnonzero(row <= 0)
        if below.size:
            right = below[0]
            found[k] = right - row[right] / (row[right] - row[right - 1])
    return found.reshape(g.shape[:-1])


@dataclass(frozen=True)
class Components:
    """Principal components: x is about mean + scores @ axes."""

    mean: np.ndarray  # (values,)
    axes: np.ndarray  # (components, values), orthonormal
    explained: np.ndarray  # (components,) share of the variance of the data fitted

    def scores(self, rows: np.ndarray) -> np.ndarray:
        """(..., values) to (..., components)."""
        return (rows - self.mean) @ self.axes.T

    def rows(self, scores: np.ndarray) -> np.ndarray:
        """The way back, (..., components) to (..., values)."""
        return self.mean + scores @ self.axes


def principal_components(rows: np.ndarray, count: int) -> Components:
    """Principal components of `rows` (samples, values), exactly, whatever the processor.

    Eigenvectors of the matrix of inner products of the centred rows or, where there are fewer
    values than samples, columns (Gram matrix; Sirovich 1987), in double precision. The sign
    of each axis makes its largest entry positive. Raises ValueError for more components than
    the rows have directions.
    """
    samples, values = rows.shape
    if not 1 <= count <= min(samples, values):
        raise ValueError(f"{count} components of a table of shape {rows.shape}: ask for fewer")
    mean = rows.mean(axis=0, dtype=float)
    centred = rows - mean
    gram = centred @ centred.T if samples < values else centred.T @ centred
    size = len(gram)
    variances, vectors = eigh(gram, subset_by_index=[size - count, size - 1])
    if variances[0] <= size * np.finfo(float).eps * variances[-1]:
        raise ValueError(f"the table varies in fewer than {count} directions: ask for fewer")
    axes = vectors.T[::-1] @ centred if samples < values else vectors.T[::-1]
    largest = axes[np.arange(count), np.abs(axes).argmax(axis=1)]
    axes = axes * (np.sign(largest) / np.linalg.norm(axes, axis=1))[:, None]
    return Components(mean, axes, variances[::-1] / np.trace(gram))


class Projection(NamedTuple):
    """S2 of a simulation's frames in terms of components fitted elsewhere."""

    scores: np.ndarray  # (frames, components)
    lost: np.ndarray  # (frames,) norm of what the components cannot express
    norm: np.ndarray  # (frames,) norm of S2
    centred_norm: np.ndarray  # (frames,) norm of S2 - f^2


def project(phase: np.ndarray, components: Components) -> Projection:
    """Scores of S2 of pictures (frames, side, side), and the norms that errors need.

    Axes are orthonormal, so the error of any forecast of the scores is, squared, `lost`
    squared plus the squared distance of the scores.
    """
    s2 = autocorrelation(phase).reshape(len(phase), -1)
    scores = components.scores(s2)
    lost = np.linalg.norm(s2 - components.rows(scores), axis=1)
    plateau = phase.mean(axis=(1, 2)) ** 2
    centred = np.linalg.norm(s2 - plateau[:, None], axis=1)
    return Projection(scores, lost, np.linalg.norm(s2, axis=1), centred)
