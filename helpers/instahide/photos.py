"""Real pictures inside pinned packages, in three groups that share no photograph.

*Private* pictures are what InstaHide is to hide: 40 CIFAR images, then crops of ten
photographs. *Mixing* photographs stand in for the public data set that is added to them.
From the *statistics* photographs the attacker learns what natural images look like.
The list with its check sums is `pictures.csv`. Chapter 4.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from helpers import data

SIDE = 32  # pixels
CLASSES = 10
PLAIN = 20  # of 255; below this standard deviation a crop is drawn anew

SETS = {
    "cifar10": ("CIFAR10", {"train": False}),
    "cifar100": ("CIFAR100", {"train": False}),
    "stl10": ("STL10", {"split": "test"}),
}
TABLE = pd.read_csv(Path(__file__).with_name("pictures.csv"))


@cache
def pictures(group: str) -> list[np.ndarray]:
    """All pictures of a group (`cifar`, `private`, `mixing`, `statistics`), uint8 (h, w, 3).

    Errors are those of `helpers.data.find`.
    """
    rows = TABLE[TABLE["group"] == group]
    return [_read(data.find(data.DataFile(*row))) for row in rows.iloc[:, 1:].to_numpy()]


def _read(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def crops(
    group: str, count: int, rng: np.random.Generator, shares: tuple[float, float] = (0.15, 0.7)
) -> np.ndarray:
    """`count` random crops of a group's photographs, shrunk to uint8 (count, 32, 32, 3).

    A crop takes a photograph, a size (its side over the photograph's shorter side lies in
    `shares`) and a place at random, and is mirrored half of the time. Nearly plain ones
    are drawn anew, in place of the challenge's filter on the number of SIFT key points.
    """
    levels = _levels(group, shares)
    found, missing = [], count
    while missing:
        per_level = np.bincount(rng.integers(len(levels), size=missing), minlength=len(levels))
        drawn = [_windows(level, n, rng) for level, n in zip(levels, per_level, strict=True)]
        drawn = np.concatenate(drawn)
        found.append(drawn[drawn.std((1, 2, 3)) > PLAIN])
        missing -= len(found[-1])
    patches = rng.permutation(np.concatenate(found))
    mirrored = rng.random(count) < 0.5
    patches[mirrored] = patches[mirrored, :, ::-1]
    return patches


@cache
def _levels(group: str, shares: tuple[float, float]) -> list[np.ndarray]:
    return [level for photo in pictures(group) for level in _pyramid(photo, shares)]


def _pyramid(photo: np.ndarray, shares: tuple[float, float], levels: int = 8) -> list[np.ndarray]:
    """The photograph at sizes where a window of 32 pixels covers a share in `shares`."""
    height, width = photo.shape[:2]
    factors = SIDE / np.geomspace(*shares, levels) / min(height, width)
    image = Image.fromarray(photo)
    sizes = [(round(width * factor), round(height * factor)) for factor in factors]
    return [np.asarray(image.resize(size, Image.Resampling.BOX)) for size in sizes]


def _windows(level: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(level, (SIDE, SIDE), (0, 1))
    rows, columns = (rng.integers(size, size=count) for size in windows.shape[:2])
    return windows[rows, columns].transpose(0, 2, 3, 1)


def private_images(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Images to hide, uint8 (count, 32, 32, 3), and their classes, 0 to 9.

    The 40 CIFAR images of foolbox in random order, then crops of the private photographs.
    CIFAR-10 keeps its classes. All others share the same ten, because with a class of its
    own an image would be named by its label.
    """
    rows = TABLE[TABLE["group"] == "cifar"]
    labels = np.array([int(Path(path).stem.split("_")[-1]) % CLASSES for path in rows["path"]])
    chosen = rng.permutation(len(rows))[:count]
    images, classes = np.stack(pictures("cifar"))[chosen], labels[chosen]
    more = count - len(images)
    if more > 0:
        images = np.concatenate([images, crops("private", more, rng, (0.3, 0.6))])
        classes = np.concatenate([classes, np.arange(more) % CLASSES])
    return images, classes


def from_torchvision(
    name: str, folder: str, count: int, rng: np.random.Generator, *, download: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """The same from the test set of `cifar10`, `cifar100` or `stl10` in a folder.

    Nothing is downloaded unless `download` asks for it. Raises ValueError for another name
    and FileNotFoundError when the folder holds no copy.
    """
    if name not in SETS:
        raise ValueError(f"unknown data set {name!r}: choose one of {', '.join(SETS)}")
    from torchvision import datasets  # noqa: PLC0415  (slow to import, seldom used)

    kind, split = SETS[name]
    try:
        dataset = getattr(datasets, kind)(folder, download=download, **split)
    except RuntimeError as error:
        raise FileNotFoundError(
            f"no copy of {name} in {folder!r}: put one there or ask for a download"
        ) from error
    chosen = [dataset[i] for i in rng.choice(len(dataset), count, replace=False)]
    small = [image.resize((SIDE, SIDE), Image.Resampling.BOX) for image, _ in chosen]
    classes = np.array([label % CLASSES for _, label in chosen])
    return np.stack([np.asarray(image) for image in small]), classes
