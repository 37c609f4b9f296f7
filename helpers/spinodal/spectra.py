"""Real two-dimensional Fourier transforms into memory that is already there.

ducc0 does it several times faster than scipy on large grids; where it is not installed,
scipy takes its place. Conventions are numpy's: the forward transform is a plain sum.
"""

import numpy as np
import scipy.fft

try:
    import ducc0
except ImportError:
    ducc0 = None


def forward_scipy(field: np.ndarray, out: np.ndarray) -> np.ndarray:
    """Half spectrum (rows, columns / 2 + 1) of a real field (rows, columns)."""
    out[:] = scipy.fft.rfft2(field)
    return out


def backward_scipy(spectrum: np.ndarray, out: np.ndarray) -> np.ndarray:
    """The real field of a half spectrum."""
    out[:] = scipy.fft.irfft2(spectrum, s=out.shape)
    return out


def forward_ducc(field: np.ndarray, out: np.ndarray) -> np.ndarray:
    """`forward_scipy` by ducc0."""
    return ducc0.fft.r2c(field, axes=(0, 1), out=out)


def backward_ducc(spectrum: np.ndarray, out: np.ndarray) -> np.ndarray:
    """`backward_scipy` by ducc0."""
    size = out.shape[1]
    return ducc0.fft.c2r(spectrum, axes=(0, 1), lastsize=size, forward=False, inorm=2, out=out)


if ducc0 is None:
    forward, backward = forward_scipy, backward_scipy
else:
    forward, backward = forward_ducc, backward_ducc
