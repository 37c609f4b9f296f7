"""Many independent decompositions: drawn, simulated, stored, and never computed twice.

One simulation is one task with its own seed, so the data do not depend on the workers or
on their order. Frames keep one bit per cell, which is lossless here: everything later in
chapter 5 looks only at which of the two phases a cell belongs to.
"""

import dataclasses
import hashlib
import json
import os
import tempfile
import warnings
import zipfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy.stats import qmc

from helpers.parallel import map_tasks
from helpers.spinodal import imex
from helpers.spinodal.alloy import Alloy

MOBILITIES = (1.0, 100.0)
MEANS = (-0.4, 0.4)
NOISE = 0.01  # the start is the mean plus uniform noise of this half-width
SOLVER = ("alloy", "imex", "spectra", "stencils", "stencils_numba")  # modules behind a result


@dataclass(frozen=True)
class Simulation:
    """One decomposition. Raises ValueError for sizes that cannot be run."""

    mobility_a: float
    mobility_b: float
    mean: float  # composition, conserved
    seed: tuple[int, ...]  # entropy and spawn key of its SeedSequence
    size: int = 128  # cells along a side
    end: float = 80.0  # time of the last frame
    frames: int = 60  # equally spaced in time, the start left out
    tolerance: float = 1e-3  # of imex.evolve
    folder: str | None = None  # where its file is kept; None: nowhere

    def __post_init__(self) -> None:
        Alloy(self.mobility_a, self.mobility_b)
        if not abs(self.mean) < 1:
            raise ValueError(f"the mean composition must lie within (-1, 1), got {self.mean}")
        if self.size < 8 or self.size % 8 or self.frames < 1 or not 0 < self.end < np.inf:
            raise ValueError(
                "a simulation needs a multiple of 8 cells a side, a frame or more, and an end "
                f"after 0, got {self.size}, {self.frames} and {self.end}"
            )

    @property
    def parameters(self) -> tuple[float, float, float]:
        return self.mobility_a, self.mobility_b, self.mean

    @property
    def times(self) -> np.ndarray:
        return self.end * np.arange(1, self.frames + 1) / self.frames

    def start(self) -> np.ndarray:
        """The composition at time 0 (size, size)."""
        rng = np.random.default_rng(np.random.SeedSequence(self.seed[0], spawn_key=self.seed[1:]))
        return self.mean + rng.uniform(-NOISE, NOISE, (self.size, self.size))

    @property
    def identity(self) -> str:
        """What a stored result must have been computed from; its place does not count."""
        facts = dataclasses.asdict(self) | {"folder": None, "noise": NOISE, "code": _solver()}
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


@cache
def _solver() -> str:
    """sha256 of the code that decides a result: stored results of an older one are foreign."""
    found = hashlib.sha256()
    for name in SOLVER:  # found, not imported: one of them needs numba
        found.update(Path(find_spec(f"helpers.spinodal.{name}").origin).read_bytes())
    return found.hexdigest()


@dataclass(frozen=True)
class History:
    """What is kept of a simulation."""

    bits: np.ndarray  # (frames, size, size / 8) uint8: which cells are phase A, c > 0
    energies: np.ndarray  # (frames,)
    steps: np.ndarray  # (frames,) steps of the solver until then

    @property
    def phase(self) -> np.ndarray:
        """Phase A as 0 and 1 (frames, size, size)."""
        return np.unpackbits(self.bits, axis=-1)


def design(count: int, seed: int, **sizes: object) -> list[Simulation]:
    """A Latin hypercube over both mobilities and the mean composition.

    `sizes` are further fields of `Simulation`. Another `seed` gives another, independent
    design. Raises ValueError for a count below 1 or sizes that cannot be run.
    """
    if count < 1:
        raise ValueError(f"a design needs a simulation or more, got {count}")
    root = np.random.SeedSequence(seed)
    sampler = qmc.LatinHypercube(3, rng=np.random.default_rng(root))
    bounds = np.array([MOBILITIES, MOBILITIES, MEANS]).T
    points = qmc.scale(sampler.random(count), *bounds).tolist()
    seeds = [(seed, *child.spawn_key) for child in root.spawn(count)]
    return [Simulation(*point, seed=own, **sizes) for point, own in zip(points, seeds, strict=True)]


def run(simulations: list[Simulation], workers: str | None = None) -> list[History]:
    """The histories in order, on the workers of `helpers.parallel`."""
    return map_tasks(simulate, simulations, workers)


def simulate(simulation: Simulation) -> History:
    """Run one simulation, or read its file if there is a sound one.

    A file that is truncated or belongs to another simulation is computed again, with a
    warning. Files appear whole or not at all, so an interrupted run can be started again.
    """
    if simulation.folder is None:
        return _compute(simulation)
    name = "-".join(map(str, simulation.seed))
    path = Path(simulation.folder) / f"{name}.npz"
    if path.exists():
        try:
            return _read(path, simulation.identity)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            warnings.warn(f"{path.name} is computed again: {error}", stacklevel=2)
    history = _compute(simulation)
    _write(path, simulation.identity, history)
    return history


def _compute(simulation: Simulation) -> History:
    mixture = Alloy(simulation.mobility_a, simulation.mobility_b)
    states = list(imex.evolve(simulation.start(), mixture, simulation.times, simulation.tolerance))
    return History(
        np.stack([np.packbits(state.field > 0, axis=-1) for state in states]),
        np.array([state.energy for state in states]),
        np.array([state.steps for state in states]),
    )


def _read(path: Path, identity: str) -> History:
    with np.load(path, allow_pickle=False) as stored:
        if stored["identity"].item() != identity:
            raise ValueError("it belongs to another simulation")
        return History(stored["bits"], stored["energies"], stored["steps"])


def _write(path: Path, identity: str, history: History) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
        try:
            np.savez(part, identity=identity, **vars(history))
        except BaseException:
            os.unlink(part.name)
            raise
    os.replace(part.name, path)
