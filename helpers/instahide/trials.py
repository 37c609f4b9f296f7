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
ALIKE = 0.5  # SSIM from which a picture found is called like its original
NEIGHBOURS = 4  # edges of the graph that start at each encoding


@dataclass(frozen=True)
class Trial:
    """What is encrypted, and what the attacker gets."""

    images: int
    epochs: int
    seed: int
    k: int = 6
    labels: bool = True
    kind: str = "signed"  # normalisation, see `scheme.scaling_of`
    common: bool = False  # all groups by the private images' constants, or each by its own
    shift: int = 0
    mirror: bool = False
    source: str = "packages"  # or the name of a data set of `photos.from_torchvision`
    folder: str = ""  # where that is
    download: bool = False  # fetch it if it is not there
    dtype: str = "float32"  # of what the attack computes; what is released is float32


@dataclass(frozen=True)
class Outcome:
    trial: Trial
    official: scores.Official
    aligned: float  # SSIM after the best stretch and shift of each channel, mean over images
    alike: float  # share of images with an SSIM of at least `ALIKE`, nothing stretched
    named: float  # share of images whose most similar original is the right one
    membership: float  # share of parents found
    auc: float  # of the similarity, for pairs that share a parent
    edges: float  # share of the graph's edges whose ends share a parent
    seconds: float  # of the processor, for the attack


def fresh(trial: Trial) -> tuple[scheme.Released, scheme.Secret]:
    """A new challenge; the seed decides images' order, crops, partners, weights and signs."""
    rng = np.random.default_rng([trial.seed, trial.images, trial.epochs])
    if trial.source == "packages":
        hidden, classes = photos.private_images(trial.images, rng)
    else:
        hidden, classes = photos.from_torchvision(
            trial.source, trial.folder, trial.images, rng, download=trial.download
        )
    needed = (trial.k - 2) * trial.images * trial.epochs
    patches = photos.crops("mixing", min(needed, MIXING), rng)
    own = scheme.scaling_of(trial.kind, hidden)
    public = own if trial.common else scheme.scaling_of(trial.kind, patches)
    released, secret = scheme.encrypt(
        own(hidden),
        classes,
        public(patches),
        epochs=trial.epochs,
        k=trial.k,
        rng=rng,
        shift=trial.shift,
        mirror=trial.mirror,
        scaling=own,
    )
    exact = (part.astype(trial.dtype) for part in (released.encodings, released.labels))
    return scheme.Released(*exact), secret


@cache
def own_photos() -> np.ndarray:
    """The attacker's own pictures, neither hidden nor mixed in, uint8 (KNOWN, 32, 32, 3)."""
    return photos.crops("statistics", KNOWN, np.random.default_rng(0))


@cache
def natural(scaling: scheme.Scaling, dtype: str = "float32") -> Statistics:
    """What the attacker knows of photographs, on a challenge's scale."""
    return Statistics.of(scaling(own_photos()).astype(dtype))


def known(trial: Trial, secret: scheme.Secret) -> Statistics:
    """The same for this challenge: common constants are part of the published scheme."""
    if trial.common:
        return natural(secret.scaling, trial.dtype)
    return natural(scheme.scaling_of(trial.kind, own_photos()), trial.dtype)


def run(trial: Trial) -> Outcome:
    """Encrypt, attack blind, score. The truth is used for the scores only."""
    released, secret = fresh(trial)
    photographs = known(trial, secret)
    start = time.process_time()
    labels = released.labels if trial.labels else None
    recovered = attack.recover(released.encodings, labels, trial.images, photographs, k=trial.k)
    return judge(trial, recovered, secret, time.process_time() - start)


def judge(
    trial: Trial, recovered: attack.Recovered, secret: scheme.Secret, seconds: float
) -> Outcome:
    """All scores of one attack, with images on the scale from -1 to 1."""
    guessed, images = recovered.equations.parents, np.arange(trial.images)
    order = np.argsort(scores.match(guessed, secret.parents, trial.images))
    signed, truth = (secret.scaling.signed(x) for x in (recovered.images, secret.images))
    found = signed[order]
    likeness = np.stack([scores.ssim(np.clip(image, -1, 1), truth) for image in found])
    return Outcome(
        trial,
        scores.official(signed, recovered.answer(), truth, secret.parents),
        scores.ssim(scores.align(found, truth), truth).mean(),
        (likeness[images, images] >= ALIKE).mean(),
        (likeness.argmax(1) == images).mean(),
        scores.membership(guessed, secret.parents, trial.images).mean(),
        pair_auc(recovered.points, secret.parents),
        edge_share(recovered.points, secret.parents),
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
    ratio, photographs = scheme.public_ratio(trial.k), known(trial, secret)
    start, images = time.process_time(), None
    for rounds in attack.PASSES:
        solver = attack.solve(
            released.encodings, truth, rows, photographs, ratio, rounds=rounds, start=images
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


def edge_share(points: np.ndarray, parents: np.ndarray) -> float:
    """Share of edges, from each encoding to its `NEIGHBOURS` nearest, that share a parent."""
    rows = np.arange(len(points))[:, None]
    near = points @ points.T
    np.fill_diagonal(near, -np.inf)
    ends = np.argpartition(-near, NEIGHBOURS, 1)[:, :NEIGHBOURS]
    return (parents[rows][..., None] == parents[ends][..., None, :]).any((2, 3)).mean()
