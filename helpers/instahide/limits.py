"""What no attack can know, and an attack on the coins themselves. Chapter 4."""

from itertools import product

import numpy as np


def noiseless(encodings: np.ndarray, signs: np.ndarray, design: np.ndarray) -> np.ndarray:
    """Images (n, …) by least squares, where nothing public is mixed in and signs are known."""
    values = (encodings * signs).reshape(len(encodings), -1)
    solution = np.linalg.lstsq(design, values, rcond=None)[0]
    return solution.reshape(-1, *encodings.shape[1:])


def exact_solutions(size: np.ndarray, design: np.ndarray) -> np.ndarray:
    """All x (solutions, n) with |A x| = `size` exactly, up to x and -x, by trying all signs.

    `size` (m,), `design` (m, n); 2^(m-1) patterns, so m must be small.
    """
    inverse = np.linalg.pinv(design)
    signs = np.array([(1, *rest) for rest in product((1, -1), repeat=len(size) - 1)])
    values = signs * size
    candidates = values @ inverse.T
    misfit = np.abs(candidates @ design.T - values).max(1)
    return candidates[misfit < 1e-9]


def masked(image: np.ndarray, seed: int) -> np.ndarray:
    """An image masked with the coins of a weak generator: 32 bits decide all of them."""
    return image * _coins(seed, image.shape)


def guess_seed(encoding: np.ndarray, seeds: range) -> int:
    """The seed whose coins make the encoding smoothest, tried one after the other.

    Photographs are smooth; the product of a photograph and wrong coins is not. The first
    row alone decides, so only its coins are drawn.
    """
    row = encoding[0]

    def roughness(seed: int) -> float:
        unmasked = row * _coins(seed, row.shape)
        return float(np.abs(np.diff(unmasked, axis=0)).sum())

    return min(seeds, key=roughness)


def _coins(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    return 2 * np.random.RandomState(seed).randint(2, size=shape) - 1
