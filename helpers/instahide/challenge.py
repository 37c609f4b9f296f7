"""The public challenge's files, and the check of whatever claims to be a challenge.

`encryption.npy` (N, 32, 32, 3) and `label.npy` (N, classes) go in, `decryption.npy`, of
the encodings' shape, comes out. Chapter 4.
"""

from pathlib import Path

import numpy as np

from helpers.instahide.scheme import Released

LARGEST = 4.0  # standardised images of 8-bit pixels stay below this


def read(folder: Path) -> Released:
    """The challenge in a folder.

    Raises FileNotFoundError when a file is missing and ValueError as `check` does.
    """
    arrays = []
    for name in ("encryption.npy", "label.npy"):
        path = folder / name
        if not path.is_file():
            raise FileNotFoundError(f"no {name} in {folder}: put the challenge's files there")
        try:
            arrays.append(np.load(path, allow_pickle=False).astype(np.float32))
        except (ValueError, EOFError) as error:
            raise ValueError(f"{path} is not an array of numbers: download it again") from error
    return Released(*arrays)


def write(released: Released, folder: Path) -> None:
    """Both files, so that another program can try its attack on our challenge."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "encryption.npy", released.encodings.astype(np.float32))
    np.save(folder / "label.npy", released.labels.astype(np.float32))


def write_answer(decryption: np.ndarray, folder: Path) -> None:
    """`decryption.npy`, float32 (N, 32, 32, 3)."""
    np.save(folder / "decryption.npy", decryption.astype(np.float32))


def check(encodings: np.ndarray, labels: np.ndarray | None, images: int) -> None:
    """Raises ValueError, in one sentence, for what cannot be a challenge with n `images`."""
    shape = encodings.shape
    if encodings.ndim != 4 or shape[1:] != (32, 32, 3):
        raise ValueError(f"encodings must have the shape (N, 32, 32, 3), not {shape}")
    if not 3 <= images <= len(encodings):
        raise ValueError(
            f"{len(encodings)} encodings cannot hold {images} images: at least 3 images, and "
            "one encoding for each, are needed"
        )
    _check_numbers("encodings", encodings)
    if not np.isfinite(encodings).all():
        raise ValueError("encodings hold NaN or infinite values: remove those rows first")
    if np.abs(encodings).max() > LARGEST:
        raise ValueError(
            f"encodings reach {np.abs(encodings).max():.0f}, but pixels scaled to [-1, 1] or "
            f"standardised stay within {LARGEST:.0f}: divide 8-bit values by 127.5 and subtract 1"
        )
    if labels is None:
        return
    if labels.ndim != 2 or len(labels) != len(encodings):
        raise ValueError(
            f"labels of shape {labels.shape} do not match {len(encodings)} encodings: "
            "one row of class weights for each is needed"
        )
    if labels.shape[1] < 2:
        raise ValueError("labels of one class say nothing about parents: attack without labels")
    _check_numbers("labels", labels)
    private = labels.sum(1)
    weights = np.isfinite(labels).all() and labels.min() >= 0
    if not (weights and private.min() > 0 and private.max() <= 1.001):
        raise ValueError("labels must be weights from 0 to 1, with a sum above 0 and up to 1")
    named = (labels > 0).sum(1)
    if (named > 2).any():
        raise ValueError("a label names more than two classes, but encodings have two parents")
    if (named < 2).all():
        raise ValueError("no label names two classes: attack without labels")


def _check_numbers(name: str, values: np.ndarray) -> None:
    if not np.issubdtype(values.dtype, np.number):
        raise ValueError(f"{name} must be an array of numbers, not of {values.dtype}")
