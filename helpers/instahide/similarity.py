"""Which encodings share a private image? Statistics of natural images and a similarity.

Everything here sees encodings only, and photographs of the attacker's own. Chapter 4.
"""

from dataclasses import dataclass

import numpy as np
from scipy.fft import dctn, idctn
from sklearn.utils.extmath import randomized_svd


@dataclass(frozen=True)
class Statistics:
    """What the attacker knows of natural images: mean colour, colour axes, power.

    Images are taken apart into three colour axes (principal components of the pixels)
    and, along each, into the 32 × 32 waves of the cosine transform.
    """

    mean: np.ndarray  # (3,), of a pixel
    axes: np.ndarray  # (3, 3), orthonormal columns, the strongest last
    power: np.ndarray  # (3, 32, 32), variance of each wave along each axis

    @classmethod
    def of(cls, photos: np.ndarray) -> "Statistics":
        """Learned from photographs (count, 32, 32, 3), in their precision."""
        mean = photos.mean((0, 1, 2))
        axes = colour_axes(photos - mean)
        return cls(mean, axes, (waves(photos - mean, axes) ** 2).mean(0))


def colour_axes(images: np.ndarray) -> np.ndarray:
    """Principal axes of the colours of centred images, (3, 3), weakest first."""
    pixels = images.reshape(-1, 3)
    return np.linalg.eigh(pixels.T @ pixels)[1]


def waves(images: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Cosine transform along colour axes: (N, 32, 32, 3) to (N, 3, 32, 32)."""
    return dctn((images @ axes).transpose(0, 3, 1, 2), axes=(2, 3), norm="ortho")


def pixels(coefficients: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """The inverse of `waves`."""
    return idctn(coefficients, axes=(2, 3), norm="ortho").transpose(0, 2, 3, 1) @ axes.T


class Whitener:
    """Prints of encodings: what squares of pixels say beyond what all images share.

    Squares y² forget the signs. They are taken less their mean over all encodings, taken
    apart into waves along their own colour axes, and each wave is divided by its standard
    deviation: what all natural images have in common would otherwise drown what two
    encodings share.
    """

    def __init__(self, encodings: np.ndarray) -> None:
        """Learned from the encodings themselves, (N, 32, 32, 3)."""
        squares = encodings**2
        self.mean = squares.mean(0)
        squares -= self.mean
        self.axes = colour_axes(squares)
        self.deviation = np.maximum(waves(squares, self.axes).std(0), 1e-9)

    def __call__(self, squares: np.ndarray) -> np.ndarray:
        """Prints (count, 3072) of squares or of differences from the mean square."""
        return (waves(squares, self.axes) / self.deviation).reshape(len(squares), -1)

    def prints(self, encodings: np.ndarray) -> np.ndarray:
        """Prints of encodings, rows of length 1."""
        found = self(encodings**2 - self.mean)
        return found / np.linalg.norm(found, axis=1, keepdims=True)


def embed(prints: np.ndarray, images: int, seed: int) -> np.ndarray:
    """Coordinates (N, 1.5 n) whose inner products keep what n images explain of the prints.

    The Gram matrix of prints mixed from n images has about rank n; the rest is noise.
    """
    rank = min(round(1.5 * images), min(prints.shape) - 1)
    left, sizes, _ = randomized_svd(prints, rank, n_iter=4, random_state=seed)
    return left * sizes


def shares_parent(parents: np.ndarray) -> np.ndarray:
    """Truth for scoring: bool (N, N), whether two encodings have a private image in common."""
    has = np.zeros((len(parents), parents.max() + 1), np.float32)
    has[np.arange(len(parents))[:, None], parents] = 1
    return has @ has.T > 0
