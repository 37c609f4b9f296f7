"""What may replace the solver between frames: from nothing at all to an LSTM. Chapter 5.

A forecast starts from the history, the first frames of a simulation, as scores
(simulations, frames, components), and continues them. All of them are fitted to training
simulations only.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from helpers.spinodal.twopoint import length


def persistence(history: np.ndarray, horizon: int) -> np.ndarray:
    """The last frame of the history (simulations, frames, values), again and again."""
    return np.repeat(history[:, -1:], horizon, axis=1)


def self_similar(g: np.ndarray, times: np.ndarray, horizon: np.ndarray) -> np.ndarray:
    """Coarsening without training: the last curve, stretched as L^3 grows linearly in t.

    `g` (simulations, frames, distances) at `times`; forecasts at the times `horizon`. The
    law is Lifshitz and Slyozov's (1961) and Wagner's (1961); its two constants are fitted
    to each simulation's own history. A length never shrinks below the last one seen.
    """
    distances = np.arange(g.shape[-1])
    lengths = length(g)
    forecast = np.empty((len(g), len(horizon), g.shape[-1]))
    for k, (curves, known) in enumerate(zip(g, lengths, strict=True)):
        slope, offset = np.polyfit(times, known**3, 1)
        cubes = np.maximum(offset + slope * horizon, known[-1] ** 3)
        for i, stretch in enumerate(np.cbrt(cubes) / known[-1]):
            forecast[k, i] = np.interp(distances / stretch, distances, curves[-1])
    return forecast


@dataclass(frozen=True)
class Ridge:
    """All future frames at once, linear in the history and the parameters."""

    centre: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    target: np.ndarray
    frames: int

    def forecast(self, history: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        """(simulations, horizon, components)."""
        found = (_features(history, parameters) - self.centre) / self.scale @ self.weights
        return (found + self.target).reshape(len(history), self.frames, -1)


def ridge(history: np.ndarray, parameters: np.ndarray, future: np.ndarray) -> Ridge:
    """Least squares with a penalty that leave-one-out error chooses (Allen's PRESS, 1974).

    `future` is (simulations, horizon, components).
    """
    x, y = _features(history, parameters), future.reshape(len(future), -1)
    centre, scale, target = x.mean(axis=0), x.std(axis=0), y.mean(axis=0)
    scale[scale == 0] = 1
    left, values, right = np.linalg.svd((x - centre) / scale, full_matrices=False)
    projected = left.T @ (y - target)

    def left_out_error(penalty):
        shrunk = values**2 / (values**2 + penalty)
        residual = y - target - left @ (shrunk[:, None] * projected)
        leverage = (left**2 @ shrunk) + 1 / len(x)
        return np.sum((residual / (1 - leverage)[:, None]) ** 2)

    penalty = min(10.0 ** np.arange(-4, 6), key=left_out_error)
    weights = right.T @ ((values / (values**2 + penalty))[:, None] * projected)
    return Ridge(centre, scale, weights, target, future.shape[1])


def _features(history: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    return np.hstack([history.reshape(len(history), -1), parameters])


class Recurrent(nn.Module):
    """An LSTM or GRU that reads scores and parameters and predicts the next change.

    Scores and changes are in units of their spread over the training simulations.
    """

    def __init__(
        self,
        kind: type[nn.LSTM] | type[nn.GRU],
        scores: torch.Tensor,
        parameters: torch.Tensor,
        hidden: int,
    ) -> None:
        super().__init__()
        components = scores.shape[-1]
        changes = scores.diff(dim=1)
        self.register_buffer("centre", scores.mean(dim=(0, 1)))
        self.register_buffer("spread", scores.std(dim=(0, 1)))
        self.register_buffer("change", changes.std(dim=(0, 1)))
        self.register_buffer("parameter_centre", parameters.mean(dim=0))
        self.register_buffer("parameter_spread", parameters.std(dim=0))
        self.core = kind(components + parameters.shape[1], hidden, batch_first=True)
        self.head = nn.Linear(hidden, components)

    def forward(self, scores, parameters, memory=None):
        """Scores one frame later than `scores`, and the last memory."""
        known = (parameters - self.parameter_centre) / self.parameter_spread
        known = known[:, None].expand(-1, scores.shape[1], -1)
        inputs = torch.cat([(scores - self.centre) / self.spread, known], dim=2)
        hidden, memory = self.core(inputs, memory)
        return scores + self.change * self.head(hidden), memory

    @torch.no_grad()
    def one_step(self, scores: torch.Tensor, parameters: torch.Tensor) -> torch.Tensor:
        """Teacher forcing: each frame predicted from all true frames before it."""
        return self(scores[:, :-1], parameters)[0]

    @torch.no_grad()
    def rollout(
        self, history: torch.Tensor, parameters: torch.Tensor, horizon: int
    ) -> torch.Tensor:
        """Each predicted frame becomes the next input."""
        found, memory = self(history, parameters)
        frames = [found[:, -1:]]
        for _ in range(horizon - 1):
            found, memory = self(frames[-1], parameters, memory)
            frames.append(found)
        return torch.cat(frames, dim=1)


def train(
    kind: type[nn.LSTM] | type[nn.GRU],
    scores: np.ndarray,
    parameters: np.ndarray,
    seed: int,
    *,
    hidden: int = 48,
    epochs: int = 200,
    batch: int = 40,
) -> Recurrent:
    """A network trained to predict the next frame of the true sequences.

    `scores` (simulations, frames, components), `parameters` (simulations, 3). Adam with a
    rate that falls along a cosine.
    """
    x = torch.from_numpy(scores).float()
    p = torch.from_numpy(parameters).float()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Recurrent(kind, x, p, hidden)
        optimiser = torch.optim.Adam(model.parameters(), lr=1e-2)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
        size = (x[:, 1:] - x[:, :-1]).std()
        for _ in range(epochs):
            for picked in torch.randperm(len(x)).split(batch):
                predicted, _ = model(x[picked, :-1], p[picked])
                loss = ((predicted - x[picked, 1:]) / size).square().mean()
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
            schedule.step()
    return model.eval()
