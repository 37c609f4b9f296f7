"""The challenge's four metrics, and two of our own. Truth enters here and only here.

Images lie in [-1, 1]. Chapter 4.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter
from scipy.optimize import linear_sum_assignment

RANGE = 2.0  # from -1 to 1
WINDOW = 7  # pixels; the default of scikit-image


def ssim(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Structural similarity of image pairs, each (..., 32, 32, 3), to (...,).

    Wang et al. (2004) with scikit-image's defaults, for many pairs at once.
    """

    def mean(images: np.ndarray) -> np.ndarray:
        size = (1,) * (images.ndim - 3) + (WINDOW, WINDOW, 1)
        half = WINDOW // 2
        return uniform_filter(images, size)[..., half:-half, half:-half, :]

    first, second = np.broadcast_arrays(first.astype(np.float64), second.astype(np.float64))
    unbias = WINDOW**2 / (WINDOW**2 - 1)
    a, b = mean(first), mean(second)
    variance = unbias * (mean(first**2) - a**2 + mean(second**2) - b**2)
    covariance = unbias * (mean(first * second) - a * b)
    c1, c2 = (0.01 * RANGE) ** 2, (0.03 * RANGE) ** 2
    quality = (2 * a * b + c1) * (2 * covariance + c2)
    return (quality / ((a**2 + b**2 + c1) * (variance + c2))).mean((-3, -2, -1))


def align(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Each colour channel of each image, stretched and shifted to fit the truth best.

    The stretch may be negative: a negative of the truth fits it perfectly.
    """
    x, t = (a - a.mean((1, 2), keepdims=True) for a in (found, truth))
    power = np.maximum((x * x).sum((1, 2), keepdims=True), 1e-9)
    slope = (x * t).sum((1, 2), keepdims=True) / power
    return slope * x + truth.mean((1, 2), keepdims=True)


def psnr(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio in decibels, image by image."""
    return 10 * np.log10(RANGE**2 / ((found - truth) ** 2).mean((-3, -2, -1)))


def match(guessed: np.ndarray, parents: np.ndarray, count: int) -> np.ndarray:
    """Which true image each recovered one stands for: an assignment, (count,).

    The one that makes most of the guessed parents (N, 2) right.
    """
    votes = np.zeros((count, count))
    for i in range(2):
        for j in range(2):
            np.add.at(votes, (guessed[:, i], parents[:, j]), 1)
    return linear_sum_assignment(-votes)[1]


def membership(guessed: np.ndarray, parents: np.ndarray, count: int) -> np.ndarray:
    """Share of each encoding's two parents that the guesses (N, 2) name, (N,).

    In the better of the two orders: to name one parent twice is half right.
    """
    named = match(guessed, parents, count)[guessed]
    return np.maximum((named == parents).mean(1), (named == parents[:, ::-1]).mean(1))


@dataclass(frozen=True)
class Official:
    """Means over encodings; an encoding's decryption is compared with both its parents."""

    max_ssim: float
    mean_ssim: float
    min_l2: float
    mean_l2: float


def official(
    found: np.ndarray, answer: np.ndarray, truth: np.ndarray, parents: np.ndarray
) -> Official:
    """The challenge's metrics for a submission that gives image `answer[i]` for encoding i.

    `found` (n, 32, 32, 3), `answer` (N,), true images (n, …) and parents (N, 2). L2 is the
    mean squared difference per value.
    """
    found = np.clip(found, -1, 1)
    pairs, place = np.unique(
        np.stack([np.repeat(answer, 2), parents.ravel()], 1), axis=0, return_inverse=True
    )
    left, right = found[pairs[:, 0]], truth[pairs[:, 1]]
    parts = [slice(i, i + 200) for i in range(0, len(pairs), 200)]
    likeness = np.concatenate([ssim(left[part], right[part]) for part in parts])
    distance = ((left - right) ** 2).mean((1, 2, 3))
    likeness, distance = (v[place.ravel()].reshape(-1, 2) for v in (likeness, distance))
    return Official(
        likeness.max(1).mean(), likeness.mean(), distance.min(1).mean(), distance.mean()
    )
