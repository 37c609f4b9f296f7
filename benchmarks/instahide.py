"""Chapter 4: the published last step of the attack against ours, and how the cost grows."""

from functools import partial

import numpy as np
import torch

from benchmarks.report import Row, publish, race, spread
from helpers.instahide import parents, published, scores, trials
from helpers.instahide.scheme import Secret, public_ratio
from helpers.instahide.unmix import Unmixer

SEED, EPOCHS = 9_000, 50
IMAGES, STEPS, RACES = 40, 400, 3
SIZES = (40, 100, 200)

TEXT = """\
**Solvers.** Both get the same {encodings:,} encodings of {images} images, the same true parents
and weights, and one thread. The published step (`helpers/instahide/published.py`, restated
from its description) takes {steps} steps, after which its objective stands still; its own code
takes 1,000. Quality is structural similarity after the best stretch and shift of each
channel, with which it cannot be blamed for colours: {theirs:.2f} for the published step, {ours:.2f}
for ours (`helpers/instahide/unmix.py`).

**Growth.** The whole blind attack on {epochs} encodings of each image, one run each, encryption
not counted."""


def theirs(encodings: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return published.descend(encodings, matrix, STEPS)[0]


def ours(encodings: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    public = 1 - matrix.sum(1)
    solver = Unmixer(encodings, matrix, public, trials.natural(), public_ratio(6))
    solver.begin()
    solver.finish(2, torch.Generator().manual_seed(0))
    return solver.images.numpy()


def aligned(found: np.ndarray, secret: Secret) -> float:
    return float(scores.ssim(scores.align(found, secret.images), secret.images).mean())


def main() -> None:
    torch.set_num_threads(1)
    released, secret = trials.fresh(trials.Trial(IMAGES, EPOCHS, SEED))
    weights = secret.weights[:, :2].astype(np.float32)
    matrix = parents.design(secret.parents, weights, IMAGES)
    solvers = {"published": theirs, "ours": ours}
    runs = {name: partial(solve, released.encodings, matrix) for name, solve in solvers.items()}
    trials.natural()  # loading photographs is nobody's time
    laps = list(race(runs, RACES))
    seconds = {name: [lap[name][0] for lap in laps] for name in runs}
    quality = {name: aligned(laps[0][name][1], secret) for name in runs}
    ratios = [b / a for a, b in zip(seconds["published"], seconds["ours"], strict=True)]
    rows = [
        Row("published step", spread(seconds["published"]), "CPU s"),
        Row("our solver", spread(seconds["ours"]), "CPU s", spread(ratios), "cost of published"),
    ]
    outcomes = [trials.run(trials.Trial(size, EPOCHS, SEED)) for size in SIZES]
    for outcome in outcomes:
        name = (
            f"blind, {outcome.trial.images} images "
            f"(Max SSIM {outcome.official.max_ssim:.2f}, aligned {outcome.aligned:.2f})"
        )
        grown = spread([outcome.seconds / outcomes[0].seconds])
        rows.append(Row(name, spread([outcome.seconds]), "CPU s", grown, f"cost at {SIZES[0]}"))
    text = TEXT.format(
        encodings=len(matrix),
        images=IMAGES,
        steps=STEPS,
        epochs=EPOCHS,
        theirs=quality["published"],
        ours=quality["ours"],
    )
    publish("instahide", "Chapter 4: solvers of InstaHide’s equations", text, rows)


if __name__ == "__main__":
    main()
