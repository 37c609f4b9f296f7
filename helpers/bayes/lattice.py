"""The network's states becoming Bayes' lattice: an animation without a kernel.

Used by chapter 6, "Inside".
"""

import json
from collections.abc import Mapping
from pathlib import Path
from string import Template

import numpy as np
import torch
from IPython.display import HTML
from scipy.linalg import orthogonal_procrustes
from torch import Tensor

from helpers.bayes.conjugate import Bernoulli
from helpers.bayes.inside import Standard, network_states
from helpers.bayes.networks import Network
from helpers.bayes.prediction import sample

TEMPLATE = Path(__file__).with_suffix(".html")
FLIPS = 10  # deeper lattices are too dense to see
EPISODES = 400
DOTS = 30  # episodes whose states are drawn
MARGIN = 15  # around the dots, in units of the drawing
SIZE = 100  # units of the drawing for one standard deviation


def lattice(run: Mapping[int, Network], coin: Bernoulli, seed: int) -> HTML:
    """Frames for each copy of the network in `run` (time steps to network)."""
    x = sample(coin, EPISODES, seed)[:, : FLIPS + 1]
    ones = coin.state(x)[..., 0] - coin.a
    seen = torch.arange(FLIPS + 1).expand(ones.shape)
    ideal = torch.stack([ones - seen / 2, seen.to(ones.dtype)], dim=-1).flatten(0, -2)
    ideal = Standard.scaled(ideal)(ideal).numpy()
    node = (seen * (FLIPS + 1) + ones.long()).flatten().numpy()
    present = np.unique(node)
    frames = [
        {"steps": f"{steps:,}", **_drawn(network_states(net, coin, x), ideal, node)}
        for steps, net in run.items()
    ]
    place = {key: index for index, key in enumerate(present.tolist())}
    edges = [
        [place[key], place[key + FLIPS + 1 + one]]
        for key in present.tolist()
        for one in (0, 1)
        if key + FLIPS + 1 + one in place
    ]
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        id="lattice",
        frames=json.dumps(frames, separators=(",", ":")),
        edges=json.dumps(edges, separators=(",", ":")),
        last=len(frames) - 1,
        view=_view([point for frame in frames for point in frame["means"] + frame["dots"]]),
    )
    return HTML(text)


def _view(points: list[list[int]]) -> str:
    """The SVG's view box: all points, whose second coordinate is upwards, and a margin."""
    right, up = np.array(points).T
    width, height = (np.ptp(side) + 2 * MARGIN for side in (right, up))
    return f"{right.min() - MARGIN} {-up.max() - MARGIN} {width} {height}"


def _drawn(states: Tensor, ideal: np.ndarray, node: np.ndarray) -> dict[str, list]:
    """Dots and averages of a network's states, in principal components of variance 1.

    They are turned or mirrored to fit the lattice, and not stretched any further.
    """
    plane = Standard.principal(states, 2)(states).flatten(0, -2).numpy()
    turn, _ = orthogonal_procrustes(plane, ideal)
    plane = np.rint(SIZE * plane @ turn).astype(int)
    means = [np.rint(plane[node == key].mean(axis=0)).astype(int) for key in np.unique(node)]
    dots = plane[: DOTS * states.shape[1]]
    return {"means": np.array(means).tolist(), "dots": dots.tolist()}
