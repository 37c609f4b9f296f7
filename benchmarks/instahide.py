"""InstaHide's attack: the published last step against ours, and how the cost grows.

    python -m benchmarks.instahide [--images 40] [--growth 40 100 200]

Both solvers get the same challenge with the same true parents, in one run and one thread.
Growth is that of the whole blind attack at 50 encodings of each image.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from helpers.instahide import parents, published, scores, trials
from helpers.instahide.scheme import public_ratio
from helpers.instahide.unmix import Unmixer

TARGET = Path("_build") / "benchmarks" / "instahide.json"
SEED = 9_000


def race(images: int, steps: int) -> list[dict[str, float | str]]:
    """Aligned SSIM and CPU seconds of both solvers, one row each."""
    released, secret = trials.fresh(trials.Trial(images, 50, SEED))
    natural = trials.natural()
    weights = secret.weights[:, :2].astype(np.float32)
    matrix = parents.design(secret.parents, weights, images)

    def theirs() -> np.ndarray:
        return published.descend(released.encodings, matrix, steps)[0]

    def ours() -> np.ndarray:
        solver = Unmixer(released.encodings, matrix, 1 - weights.sum(1), natural, public_ratio(6))
        solver.begin()
        solver.finish(2, torch.Generator().manual_seed(0))
        return solver.images.numpy()

    solvers: dict[str, Callable[[], np.ndarray]] = {
        f"published, {steps} steps": theirs,
        "ours": ours,
    }
    rows = []
    for name, solve in solvers.items():
        begun = time.process_time()
        found = solve()
        seconds = time.process_time() - begun
        aligned = scores.ssim(scores.align(found, secret.images), secret.images).mean()
        rows.append({"solver": name, "aligned SSIM": float(aligned), "CPU s": seconds})
    return rows


def growth(sizes: list[int]) -> list[dict[str, float]]:
    """CPU seconds and quality of the blind attack at each number of images."""
    outcomes = [trials.run(trials.Trial(size, 50, SEED)) for size in sizes]
    return [
        {
            "images": float(outcome.trial.images),
            "CPU s": outcome.seconds,
            "Max SSIM": float(outcome.official.max_ssim),
            "aligned SSIM": float(outcome.aligned),
        }
        for outcome in outcomes
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=40)
    parser.add_argument("--steps", type=int, default=1_000)
    parser.add_argument("--growth", type=int, nargs="*", default=[40, 100, 200])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    results = {"race": race(arguments.images, arguments.steps), "growth": growth(arguments.growth)}
    for rows in results.values():
        for row in rows:
            cells = [f"{name}: {v:.3g}" if isinstance(v, float) else v for name, v in row.items()]
            print(*cells, sep="  ")
    first, second = results["race"]
    results["ratio of CPU seconds, ours to published"] = second["CPU s"] / first["CPU s"]
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
