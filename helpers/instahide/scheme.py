"""InstaHide's encryption, as its authors published it, and the files of their challenge.

Huang, Song, Li and Arora (2020) and their code. Chapter 4.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.random import Generator

MOST = 0.65  # no single weight may exceed this
LEAST_PRIVATE = 0.3  # the two private weights must add up to at least this


@dataclass(frozen=True)
class Scaling:
    """From 8-bit levels to what is mixed: (level - mean) / deviation, colour by colour."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]

    def __call__(self, levels: np.ndarray) -> np.ndarray:
        """8-bit images (..., 3) as float32."""
        return ((levels - np.float32(self.mean)) / np.float32(self.deviation)).astype(np.float32)

    def signed(self, images: np.ndarray) -> np.ndarray:
        """Scaled images (..., 3) on the scale from -1 to 1, on which they are compared."""
        return SIGNED(images * np.float32(self.deviation) + np.float32(self.mean))


SIGNED = Scaling((127.5,) * 3, (127.5,) * 3)


def scaling_of(kind: str, levels: np.ndarray) -> Scaling:
    """`signed`: to [-1, 1]; `standardised`: so that `levels` get mean 0 and deviation 1.

    The two conventions differ in the mean that is left: about -0.1 for photographs, or
    none. Raises ValueError for another kind.
    """
    if kind == "signed":
        return SIGNED
    if kind == "standardised":
        axes = tuple(range(levels.ndim - 1))
        return Scaling(tuple(levels.mean(axes).tolist()), tuple(levels.std(axes).tolist()))
    raise ValueError(f"unknown normalisation {kind!r}: choose 'signed' or 'standardised'")


@dataclass(frozen=True)
class Secret:
    """What only the encrypting side knows. N encodings of n images, k images in each."""

    images: np.ndarray  # float32 (n, 32, 32, 3), normalised
    classes: np.ndarray  # int (n,)
    parents: np.ndarray  # int (N, 2): the private images in each encoding
    weights: np.ndarray  # float (N, k): two private, then k - 2 public
    mixed: np.ndarray  # float32 (N, 32, 32, 3): the sum before the signs
    scaling: Scaling  # how the images were made from 8-bit levels


@dataclass(frozen=True)
class Released:
    """What the attacker sees."""

    encodings: np.ndarray  # (N, 32, 32, 3); the attack computes in their precision
    labels: np.ndarray  # (N, classes): private weights by class


def draw_weights(count: int, k: int, rng: Generator) -> np.ndarray:
    """Mixing weights (count, k): half-normal, normalised, bounded."""
    found = np.empty((0, k))
    while len(found) < count:
        weights = np.abs(rng.standard_normal((count, k)))
        weights /= weights.sum(1, keepdims=True)
        private = weights[:, :2].sum(1)
        allowed = (weights.max(1) <= MOST) & (private >= LEAST_PRIVATE)
        found = np.concatenate([found, weights[allowed]])
    return found[:count]


@cache
def public_ratio(k: int) -> float:
    """Mean of Σλ² / (Σλ)² over the k - 2 public weights: how rough their sum still is."""
    public = draw_weights(50_000, k, np.random.default_rng(0))[:, 2:]
    return float(((public**2).sum(1) / public.sum(1) ** 2).mean())


def shift_and_mirror(
    images: np.ndarray, rng: Generator, most: int, mirror: bool, black: np.ndarray
) -> np.ndarray:
    """Usual augmentation: move by up to `most` pixels; mirror by a coin.

    What comes in at the edge is `black`, (3,).
    """
    count, side = images.shape[:2]
    padded = np.empty((count, side + 2 * most, side + 2 * most, 3), images.dtype)
    padded[:] = black
    padded[:, most : most + side, most : most + side] = images
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side), (1, 2))
    row, column = rng.integers(2 * most + 1, size=(2, count))
    moved = windows[np.arange(count), row, column].transpose(0, 2, 3, 1)
    mirrored = (rng.random(count) < 0.5) & mirror
    return np.where(mirrored[:, None, None, None], moved[:, :, ::-1], moved)


def flip_signs(mixed: np.ndarray, rng: Generator) -> np.ndarray:
    """The mask: a coin for each pixel of each colour channel."""
    coins = rng.integers(2, size=mixed.shape, dtype=np.int8)
    return mixed * (2 * coins - 1)


def encrypt(
    images: np.ndarray,
    classes: np.ndarray,
    patches: np.ndarray,
    *,
    epochs: int,
    k: int,
    rng: Generator,
    shift: int = 0,
    mirror: bool = False,
    scaling: Scaling = SIGNED,
) -> tuple[Released, Secret]:
    """`epochs` rounds in each of which every image is encoded once, mixed with a partner.

    Partners are a fresh permutation, so each image is a parent twice per round; weights,
    public `patches` and signs are fresh for each encoding. Rows come out shuffled: their
    order would name the images. With `shift` and `mirror` private images, which `scaling`
    made from 8-bit levels, are augmented.
    """
    n = len(images)
    total = n * epochs
    partners = [rng.permutation(n) for _ in range(epochs)]
    parents = np.stack([np.tile(np.arange(n), epochs), np.concatenate(partners)], 1)
    parents = rng.permutation(parents)
    weights = draw_weights(total, k, rng)
    mixed = np.zeros((total, *images.shape[1:]), np.float32)
    black = scaling(np.zeros(3))
    for j in range(k):
        if j < 2:
            part = shift_and_mirror(images[parents[:, j]], rng, shift, mirror, black)
        else:
            part = patches[rng.integers(len(patches), size=total)]
        mixed += weights[:, j, None, None, None].astype(np.float32) * part
    labels = np.zeros((total, 1 + classes.max()), np.float32)
    for j in range(2):
        np.add.at(labels, (np.arange(total), classes[parents[:, j]]), weights[:, j])
    released = Released(flip_signs(mixed, rng), labels)
    return released, Secret(images, classes, parents, weights, mixed, scaling)
