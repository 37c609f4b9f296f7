"""Derive where a claim's value would lie in one more run, at each scale.

    python -m helpers.build.derive_bands notebooks/04_instahide.py --scale quick --seeds 5

runs a chapter with other seeds, and with its own on every emulated processor, and derives
a band for each claim: a prediction interval of level `LEVEL` around the mean. Nobody types
a band, so none is wider than what was seen allows.
"""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import papermill
from nbformat import NotebookNode
from scipy import stats

from helpers.build import bands, execute, inputs, processors, publish
from helpers.build.install import ROOT
from helpers.build.tolerance import FLOOR, MARGIN
from helpers.claims import Interval, Source
from helpers.results import read_claims
from helpers.scale import Scale

LEVEL = 0.98
SPEEDS = 3.0  # by which factor a ratio of measured times may differ on another machine
FEWEST = 3  # runs with different seeds: two say next to nothing about a third


def derive(values: Sequence[float], noise: float = 0.0) -> Interval:
    """The prediction interval for one more value, Student's t; (runs,) to two ends.

    `noise` is by how much the values differed between processors at one seed. A value that
    no seed moves keeps that room, `MARGIN` times, and at least the comparison's floor.
    Raises ValueError for fewer than `FEWEST` values or one that is not finite.
    """
    if len(values) < FEWEST or not np.isfinite(values).all():
        raise ValueError(f"{list(values)}: a band needs {FEWEST} finite values or more")
    n, mean = len(values), float(np.mean(values))
    reach = stats.t.ppf((1 + LEVEL) / 2, n - 1) * math.sqrt(1 + 1 / n) * np.std(values, ddof=1)
    room = max(MARGIN * noise, FLOOR * max(map(abs, values)))
    return mean - float(reach) - room, mean + float(reach) + room


def measure(script: Path, scale: Scale, seeds: int, emulate: Sequence[str]) -> dict[str, Any]:
    """Run a chapter with `seeds` seeds, and with its own on emulated processors; its bands."""
    own = _own_seed(script)
    by_seed = [_built(script, scale) or _claims(script, scale, own)]
    by_seed += [_claims(script, scale, own + k) for k in range(1, seeds)]
    elsewhere = []
    for name in emulate:
        with processors.emulated(name):
            elsewhere.append(_claims(script, scale, own))
    expected = {}
    for name, claim in by_seed[0].items():
        same = [run[name]["measured"] for run in (by_seed[0], *elsewhere)]
        low, high = derive([run[name]["measured"] for run in by_seed], max(same) - min(same))
        timed = Source.TIMING in (*claim["covers"], *claim["leaves_out"])
        expected[name] = (low / SPEEDS, high * SPEEDS) if timed else (low, high)
    return {
        "seeds": [own + k for k in range(seeds)],
        "processors": [processors.NATIVE, *emulate],
        "claims": expected,
    }


def _own_seed(script: Path) -> int:
    """The seed in the script's parameters."""
    declared = papermill.inspect_notebook(str(script.with_suffix(".ipynb")))
    return int(declared["seed"]["default"])


def _claims(script: Path, scale: Scale, seed: int) -> dict[str, dict[str, Any]]:
    """The measured claims of a run by their ids."""
    parameters = {"scale": str(scale), "seed": seed}
    return _measured(execute.run(script, parameters, ROOT / "_build" / "failed"))


def _built(script: Path, scale: Scale) -> dict[str, dict[str, Any]] | None:
    """The same of the build's own run, if that is fresh: one run less."""
    executed = publish.executed(ROOT, scale, script.stem)
    return _measured(executed) if inputs.is_fresh(script, executed, scale, ROOT) else None


def _measured(run: Path | NotebookNode) -> dict[str, dict[str, Any]]:
    return {claim["id"]: claim for claim in read_claims(run) if claim["measured"] is not None}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m helpers.build.derive_bands", description=__doc__
    )
    parser.add_argument("script", type=Path)
    parser.add_argument("--scale", type=Scale, default=Scale.QUICK)
    parser.add_argument("--seeds", type=int, default=5)
    others = [name for name in processors.SETTINGS if name != processors.NATIVE]
    parser.add_argument("--emulate", nargs="*", choices=others, default=others)
    options = parser.parse_args(arguments)
    path = bands.path_of(options.script)
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    try:
        known[str(options.scale)] = measure(
            options.script.resolve(), options.scale, options.seeds, options.emulate
        )
    except (execute.ChapterFailed, ValueError, OSError) as error:
        sys.exit(f"error: {error}")
    path.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
