"""From two-point statistics back to a picture: phase retrieval. Chapter 5.

The autocorrelation fixes the modulus of the picture's Fourier transform and says nothing
about its phases. What else is known: cells are 0 or 1, and how many are 1. Two searches
use the same two projections; they differ in one line.
"""

from dataclasses import dataclass

import numpy as np
from scipy.fft import fft2, ifft2, irfft2, rfft2


@dataclass(frozen=True)
class Recovery:
    picture: np.ndarray  # 0 and 1 (side, side)
    error: float  # relative error of the centred autocorrelation
    iterations: int


def modulus(s2: np.ndarray) -> np.ndarray:
    """Modulus of the half spectrum of a picture with this autocorrelation (side, side).

    An approximate S2 may call for negative power, which is set to zero.
    """
    return np.sqrt(np.maximum(rfft2(s2).real * s2.size, 0))


def with_modulus(picture: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The nearest picture whose spectrum has the wanted modulus."""
    spectrum = rfft2(picture)
    size = np.abs(spectrum)
    size[size == 0] = 1
    return irfft2(spectrum * (wanted / size), s=picture.shape)


def with_phases(picture: np.ndarray, ones: int) -> np.ndarray:
    """The nearest picture with `ones` cells of 1 and the rest 0."""
    flat = np.zeros(picture.size)
    flat[np.argpartition(picture.ravel(), -ones)[-ones:]] = 1
    return flat.reshape(picture.shape)


def gerchberg_saxton(
    s2: np.ndarray, iterations: int, seed: int, tolerance: float = 1e-6
) -> Recovery:
    """Alternate the two projections from noise (Gerchberg and Saxton 1972)."""
    return _search(s2, iterations, seed, tolerance, beta=None)


def relaxed_reflect_reflect(
    s2: np.ndarray, iterations: int, seed: int, beta: float = 0.5, tolerance: float = 1e-6
) -> Recovery:
    """Walk by the difference of the projections (Elser 2018), which leaves local optima."""
    return _search(s2, iterations, seed, tolerance, beta)


def _search(s2, iterations, seed, tolerance, beta):
    wanted, ones = modulus(s2), round(s2[0, 0] * s2.size)
    guess = np.random.default_rng(seed).random(s2.shape)
    best = Recovery(with_phases(guess, ones), np.inf, 0)
    for iteration in range(1, iterations + 1):
        if beta is None:
            guess = picture = with_phases(with_modulus(guess, wanted), ones)
        else:
            near = with_modulus(guess, wanted)
            picture = with_phases(2 * near - guess, ones)
            guess = guess + beta * (picture - near)
        error = spectral_error(picture, wanted)
        if error < best.error:
            best = Recovery(picture, error, iteration)
        if error < tolerance:
            break
    return best


def spectral_error(picture: np.ndarray, wanted: np.ndarray) -> float:
    """Relative distance between the two centred autocorrelations, by Parseval's theorem."""
    weight = np.full(wanted.shape, 2.0)
    weight[:, [0, -1]] = 1
    weight[0, 0] = 0  # the mean
    power, target = np.abs(rfft2(picture)) ** 2, wanted**2
    return float(np.sqrt(np.sum(weight * (power - target) ** 2) / np.sum(weight * target**2)))


def agreement(found: np.ndarray, truth: np.ndarray) -> float:
    """Share of equal cells after the best shift, and point reflection if that is better.

    The autocorrelation knows neither.
    """
    spectrum = np.conj(fft2(2 * found - 1.0))
    best = max(
        ifft2(spectrum * fft2(2 * image - 1.0)).real.max() for image in (truth, truth[::-1, ::-1])
    )
    return float((1 + best / truth.size) / 2)
