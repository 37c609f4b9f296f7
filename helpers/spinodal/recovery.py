"""From two-point statistics back to a picture: phase retrieval. Chapter 5.

The autocorrelation fixes the modulus of the picture's Fourier transform and says nothing
about its phases. What else is known: cells are 0 or 1, and how many are 1. Two searches
use the same two projections; they differ in one line.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.fft import fft2, ifft2, rfft2

from helpers.spinodal.spectra import backward, forward

BETA = 0.4  # how far to walk along the difference of the projections
FOUND = 1e-4  # root mean square gap between the two constraints at which a search ends

Pictures = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Recovery:
    picture: np.ndarray  # 0 and 1 (side, side), where the constraints came closest
    gap: float  # root mean square difference of the two projections there
    iterations: int  # spent until then


def modulus(s2: np.ndarray) -> np.ndarray:
    """Modulus of the half spectrum of a picture with this autocorrelation (side, side).

    An approximate S2 may call for negative power, which is set to zero.
    """
    return np.sqrt(np.maximum(rfft2(s2).real * s2.size, 0))


def with_modulus(picture: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The nearest picture whose spectrum has the wanted modulus."""
    spectrum = forward(picture, np.empty(wanted.shape, complex))
    size = np.abs(spectrum)
    size[size == 0] = 1
    spectrum *= wanted / size
    return backward(spectrum, np.empty_like(picture))


def with_phases(picture: np.ndarray, ones: int) -> np.ndarray:
    """The nearest picture with `ones` cells of 1 (one or more) and the rest 0.

    Cells that tie with the last one count as 1, too.
    """
    rank = picture.size - ones
    return (picture >= np.partition(picture.ravel(), rank)[rank]).astype(float)


def gerchberg_saxton(s2: np.ndarray, iterations: int, seed: int) -> Recovery:
    """Alternate the two projections, from noise (Gerchberg and Saxton 1972)."""
    return _search(s2, iterations, seed, error_reduction)


def relaxed_reflect_reflect(s2: np.ndarray, iterations: int, seed: int) -> Recovery:
    """Walk by the difference of the projections (Elser 2018), from noise."""
    return _search(s2, iterations, seed, relaxed_step)


def error_reduction(
    guess: np.ndarray,
    wanted: np.ndarray,
    ones: int,
) -> Pictures:
    """The next guess, a picture of 0 and 1, and one of right modulus."""
    picture = with_phases(guess, ones)
    near = with_modulus(picture, wanted)
    return near, picture, near


def relaxed_step(
    guess: np.ndarray,
    wanted: np.ndarray,
    ones: int,
) -> Pictures:
    """The same, with a step that need not shrink at a local optimum."""
    picture = with_phases(guess, ones)
    near = with_modulus(2 * picture - guess, wanted)
    return guess + BETA * (near - picture), picture, near


def _search(
    s2: np.ndarray,
    iterations: int,
    seed: int,
    iterate: Callable[[np.ndarray, np.ndarray, int], Pictures],
) -> Recovery:
    wanted, ones = modulus(s2), round(s2[0, 0] * s2.size)
    guess = np.random.default_rng(seed).random(s2.shape)
    best = Recovery(guess, np.inf, 0)
    for iteration in range(1, iterations + 1):
        guess, picture, near = iterate(guess, wanted, ones)
        apart = (near - picture).ravel()
        gap = np.sqrt(apart @ apart / apart.size)
        if gap < best.gap:
            best = Recovery(picture, float(gap), iteration)
        if gap < FOUND:
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
