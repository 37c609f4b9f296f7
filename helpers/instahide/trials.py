"""One fresh challenge, attacked blind and scored: the unit of work of the chapter's tables.

Chapter 4.
"""

import time
from dataclasses import dataclass
from functools import cache

import numpy as np
from sklearn.metrics import roc_auc_score

from helpers.instahide import attack, photos, scheme, scores
from helpers.instahide.similarity import Statistics, shares_parent

MIXING = 20_000  # most patches in the public pool
KNOWN = 3_000  # the attacker's own patches


@dataclass(frozen=True)
class Trial:
    """What is encrypted, and what the attacker gets."""

    images: int
    epochs: int
    seed: int
    k: int = 6
    labels: bool = True
    kind: str = "signed"
    shift: int = 0
    mirror: bool = False
    source: str = "packages"  # or the name of a data set of `photos.from_torchvision`
    folder: str = ""  # where that is


@dataclass(frozen=True)
class Outcome:
    trial: Trial
    official: scores.Official
    aligned: float  # SSIM after the best stretch and shift of each channel, mean over images
    named: float  # share of images whose most similar original is the right one
    membership: float  # share of parents found
    auc: float  # of the similarity, for pairs that share a parent
    seconds: float  # of the processor, for the attack


def fresh(trial: Trial) -> tuple[scheme.Released, scheme.Secret]:
    """A new challenge; the seed decides images' order, crops, partners, weights and signs."""
    rng = np.random.default_rng([trial.seed, trial.images, trial.epochs])
    if trial.source == "packages":
        hidden, classes = photos.private_images(trial.images, rng)
    else:
        hidden, classes = photos.from_torchvision(trial.source, trial.folder, trial.images, rng)
    needed = (trial.k - 2) * trial.images * trial.epochs
    patches = photos.crops("mixing", min(needed, MIXING), rng)
    return scheme.encrypt(
        scheme.normalise(hidden, trial.kind),
        classes,
        scheme.normalise(patches, trial.kind),
        epochs=trial.epochs,
        k=trial.k,
        rng=rng,
        shift=trial.shift,
        mirror=trial.mirror,
    )


@cache
def own_photos(kind: str = "signed") -> np.ndarray:
    """The attacker's own pictures, neither hidden nor mixed in, (KNOWN, 32, 32, 3)."""
    own = photos.crops("statistics", KNOWN, np.random.default_rng(0))
    return scheme.normalise(own, kind)


@cache
def natural(kind: str = "signed") -> Statistics:
    """What the attacker knows of photographs."""
    return Statistics.of(own_photos(kind))


def run(trial: Trial) -> Outcome:
    """Encrypt, attack blind, score. The truth is used for the scores only."""
    released, secret = fresh(trial)
    known = natural(trial.kind)
    start = time.process_time()
    labels = released.labels if trial.labels else None
    recovered = attack.recover(released.encodings, labels, trial.images, known, k=trial.k)
    return judge(trial, recovered, secret, time.process_time() - start)


def judge(
    trial: Trial, recovered: attack.Recovered, secret: scheme.Secret, seconds: float
) -> Outcome:
    """All scores of one attack."""
    guessed = recovered.equations.parents
    order = np.argsort(scores.match(guessed, secret.parents, trial.images))
    found, truth = recovered.images[order], secret.images
    likeness = np.stack([scores.ssim(np.clip(image, -1, 1), truth) for image in found])
    return Outcome(
        trial,
        scores.official(recovered.images, recovered.answer(), truth, secret.parents),
        scores.ssim(scores.align(found, truth), truth).mean(),
        (likeness.argmax(1) == np.arange(trial.images)).mean(),
        scores.membership(guessed, secret.parents, trial.images).mean(),
        pair_auc(recovered.points, secret.parents),
        seconds,
    )


@dataclass(frozen=True)
class Told:
    """What true parents and weights lead to, with the signs masked and with the signs."""

    masked: np.ndarray  # recovered images, (n, 32, 32, 3)
    signed: np.ndarray
    seconds: float  # of the processor, for the masked ones


def tell(released: scheme.Released, secret: scheme.Secret, trial: Trial) -> Told:
    """Solve with the true equations, in the passes that the blind attack takes."""
    n, rows = len(secret.images), np.ones(len(released.encodings), dtype=bool)
    pair = secret.weights[:, :2]
    truth = attack.Equations(np.arange(n)[:, None], secret.parents, pair, np.zeros(len(rows)))
    ratio, known = scheme.public_ratio(trial.k), natural(trial.kind)
    start, images = time.process_time(), None
    for rounds in attack.PASSES:
        solver = attack.solve(
            released.encodings, truth, rows, known, ratio, rounds=rounds, start=images
        )
        images = solver.images
    seconds = time.process_time() - start
    solver.with_signs(secret.mixed)
    return Told(images.numpy(), solver.images.numpy(), seconds)


def mask_cost(trial: Trial) -> float:
    """By how much the sign mask lowers the aligned SSIM, mean over the images of a challenge."""
    released, secret = fresh(trial)
    told = tell(released, secret, trial)
    masked, signed = (
        scores.ssim(scores.align(images, secret.images), secret.images).mean()
        for images in (told.masked, told.signed)
    )
    return float(signed - masked)


def pair_auc(points: np.ndarray, parents: np.ndarray, most: int = 1_000) -> float:
    """AUC of inner products against sharing a parent, over pairs of the first `most` rows."""
    rows, upper = points[:most], np.triu_indices(min(most, len(points)), 1)
    return roc_auc_score(shares_parent(parents[:most])[upper], (rows @ rows.T)[upper])
