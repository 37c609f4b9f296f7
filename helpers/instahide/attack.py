"""The whole attack: from encodings and released labels to pictures. No truth comes in.

Chapter 4 walks through its steps one by one.
"""

from dataclasses import dataclass

import numpy as np
import torch

from helpers.instahide import challenge, parents
from helpers.instahide.scheme import draw_weights, public_ratio
from helpers.instahide.similarity import Statistics, Whitener, embed
from helpers.instahide.unmix import Unmixer

CLIQUE = 40  # members; the published attack takes 50, then 25
STARTS = 10  # cliques grown for each image
CAUTIOUS, BOLD = 0.45, 0.25  # shares of doubtful encodings left out, first and later
PASSES = (1, 1, 2)  # rounds of each solve; parents are guessed again between solves


@dataclass(frozen=True)
class Equations:
    """What the graph says about each encoding."""

    cliques: np.ndarray  # int (n, members)
    parents: np.ndarray  # int (N, 2)
    weights: np.ndarray  # float (N, 2)
    margins: np.ndarray  # (N,): by how much these parents beat the second best; -inf: unusable

    def clearest(self, left_out: float) -> np.ndarray:
        """All but a share of the encodings, those with the smallest margins: bool (N,)."""
        return self.margins >= np.quantile(self.margins, left_out, method="higher")


@dataclass(frozen=True)
class Recovered:
    images: np.ndarray  # (n, 32, 32, 3)
    equations: Equations
    points: np.ndarray  # (N, d), coordinates whose inner products are similarities

    def answer(self) -> np.ndarray:
        """For each encoding the recovered image that weighs more in it, (N,)."""
        eq = self.equations
        return eq.parents[np.arange(len(eq.parents)), eq.weights.argmax(1)]

    def decryption(self) -> np.ndarray:
        """The challenge's answer (N, 32, 32, 3), on the scale of the encodings."""
        return self.images[self.answer()]


def recover(
    encodings: np.ndarray,
    labels: np.ndarray | None,
    images: int,
    natural: Statistics,
    *,
    k: int = 6,
    seed: int = 0,
) -> Recovered:
    """Pictures of all private images, blind.

    `encodings` (N, 32, 32, 3); released `labels` (N, classes), or None to do without them
    and without weights; how many `images` were hidden; what the attacker knows of
    `natural` images; and the published `k`. Raises ValueError as `challenge.check` does.
    """
    challenge.check(encodings, labels, images)
    whitener = Whitener(encodings)
    points = embed(whitener.prints(encodings), images, seed)
    found = equations(points, labels, images, k, seed)
    ratio = public_ratio(k)
    if labels is None:
        only = PASSES[-1]
        last = solve(encodings, found, found.clearest(CAUTIOUS), natural, ratio, rounds=only)
        return Recovered(last.images.numpy(), found, points)
    first, *later = PASSES
    solver = solve(encodings, found, found.clearest(CAUTIOUS), natural, ratio, rounds=first)
    classes, _ = parents.slots(labels)
    of_class = parents.classes_of(found.cliques, labels)
    for rounds in later:
        again = parents.pairs_from_images(
            encodings,
            solver.images.numpy(),
            classes,
            found.weights,
            of_class=of_class,
            whitener=whitener,
            natural=natural,
            ratio=ratio,
        )
        agree = (np.sort(again) == np.sort(found.parents)).all(1)
        trusted = agree | found.clearest(BOLD)
        solver = solve(
            encodings, found, trusted, natural, ratio, rounds=rounds, start=solver.images
        )
    return Recovered(solver.images.numpy(), found, points)


def equations(
    points: np.ndarray, labels: np.ndarray | None, images: int, k: int, seed: int
) -> Equations:
    """Cliques in the graph of similarities, then two parents and weights for each encoding."""
    rng = np.random.default_rng(seed)
    size = min(CLIQUE, max(5, len(points) // images), len(points))
    grown = parents.grow_cliques(points, size, STARTS * images, rng)
    cliques = parents.distinct_cliques(*grown, images)
    if labels is None:
        law = draw_weights(20_000, k, rng)[:, :2]
        return Equations(cliques, *parents.refine_unlabelled(points, cliques, law))
    guessed, weights, margins = parents.refine(points, cliques, labels)
    margins[weights[:, 0] == weights[:, 1]] = -np.inf  # one class: its weights are hidden
    return Equations(cliques, guessed, weights, margins)


def solve(
    encodings: np.ndarray,
    found: Equations,
    trusted: np.ndarray,
    natural: Statistics,
    ratio: float,
    *,
    rounds: int,
    start: torch.Tensor | None = None,
) -> Unmixer:
    """Solve the trusted equations (N,), from `start` (n, 32, 32, 3) or from nothing."""
    rows = trusted & np.isfinite(found.margins)
    weights = found.weights[rows].astype(encodings.dtype)
    matrix = parents.design(found.parents[rows], weights, len(found.cliques))
    solver = Unmixer(encodings[rows], matrix, 1 - weights.sum(1), natural, ratio)
    if start is None:
        solver.begin()
    else:
        solver.restart(start)
    solver.finish(rounds, torch.Generator().manual_seed(0))
    return solver
