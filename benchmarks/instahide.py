"""Chapter 4: the published last step of the attack against ours, and how the cost grows."""

import time
from functools import partial

import numpy as np
import torch

from benchmarks.report import Row, publish, race, spread
from helpers.instahide import parents, published, scores, trials
from helpers.instahide.scheme import SIGNED, Released, Secret

SEED, EPOCHS = 9_000, 50
IMAGES, LARGE, STEPS, RACES = 40, 100, 400, 3
SIZES = (40, 100, 200)

TEXT = """\
**Solvers.** Both get the same {encodings:,} encodings of {images} images, the same true parents
and weights, and one thread. The published step (`helpers/instahide/published.py`, restated
from its description) takes {steps} steps, after which its objective stands still; its own code
takes 1,000. Quality is structural similarity after the best stretch and shift of each
channel, with which it cannot be blamed for colours: {theirs:.2f} for the published step,
{ours:.2f} for ours (`helpers/instahide/trials.py`, `tell`: the passes of the blind attack).
With 100 images, one run, the published step comes to {hundred:.2f}; its objective goes {course}
at steps 0, 100, … {steps}. The published code then mends colours with a small network,
which is left out here.

**Growth.** The whole blind attack on {epochs} encodings of each image, one run each, encryption
not counted."""


def theirs(released: Released, secret: Secret) -> tuple[np.ndarray, list[float]]:
    weights = secret.weights[:, :2].astype(np.float32)
    matrix = parents.design(secret.parents, weights, len(secret.images))
    return published.descend(released.encodings, matrix, STEPS + 1)


def aligned(found: np.ndarray, secret: Secret) -> float:
    return float(scores.ssim(scores.align(found, secret.images), secret.images).mean())


def main() -> None:
    torch.set_num_threads(1)
    trial = trials.Trial(IMAGES, EPOCHS, SEED)
    released, secret = trials.fresh(trial)
    trials.natural(SIGNED)  # loading photographs is nobody's time
    runs = {
        "published": partial(theirs, released, secret),
        "ours": partial(trials.tell, released, secret, trial),
    }
    laps = list(race(runs, RACES))
    seconds = {name: [lap[name][0] for lap in laps] for name in runs}
    large, large_secret = trials.fresh(trials.Trial(LARGE, EPOCHS, SEED))
    start = time.process_time()
    hundred, course = theirs(large, large_secret)
    large_seconds = time.process_time() - start
    ratios = [b / a for a, b in zip(seconds["published"], seconds["ours"], strict=True)]
    rows = [
        Row("published step", spread(seconds["published"]), "CPU s"),
        Row(f"published step, {LARGE} images", spread([large_seconds]), "CPU s"),
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
        encodings=len(released.encodings),
        images=IMAGES,
        steps=STEPS,
        epochs=EPOCHS,
        theirs=aligned(laps[0]["published"][1][0], secret),
        ours=aligned(laps[0]["ours"][1].masked, secret),
        hundred=aligned(hundred, large_secret),
        course=", ".join(f"{value:.4f}" for value in course[::100]),
    )
    publish("instahide", "Chapter 4: solvers of InstaHide’s equations", text, rows)


if __name__ == "__main__":
    main()
