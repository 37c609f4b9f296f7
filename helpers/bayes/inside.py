"""Do the states inside a network match the states of Bayes' rule?

The article's recipe: principal components of the network's states, as many as Bayes' state
has numbers, and two fully connected networks that map one onto the other. And one step
further: translate a state in mid-episode and let the other side carry on.
Used by chapter 6, "Inside".
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from helpers.bayes.acting import Player
from helpers.bayes.bandits import Bandit, ExponentialBandit
from helpers.bayes.conjugate import Bernoulli, Exponential, Family
from helpers.bayes.networks import Network, State, schedule_for
from helpers.bayes.prediction import previous
from helpers.bayes.strategies import play

MIDDLE = 10  # the flip at which one side takes over from the other
MIN_COUNT = 1e-3  # a translated count below it would be no Beta parameter


@dataclass(frozen=True)
class Standard:
    """Shift and rotate to uncorrelated coordinates of variance 1, fitted on training states."""

    centre: Tensor
    rotation: Tensor  # (from, to)

    @classmethod
    def principal(cls, states: Tensor, components: int) -> "Standard":
        """The first principal components, whitened; `states` is (…, features)."""
        flat = states.flatten(0, -2)
        centre = flat.mean(dim=0)
        _, spread, axes = torch.linalg.svd(flat - centre, full_matrices=False)
        scale = len(flat) ** 0.5 / spread[:components]
        return cls(centre, axes[:components].T * scale)

    @classmethod
    def scaled(cls, states: Tensor) -> "Standard":
        """Each coordinate to mean 0 and variance 1, not rotated."""
        flat = states.flatten(0, -2)
        return cls(flat.mean(dim=0), torch.diag(1 / flat.std(dim=0).clamp(min=1e-6)))

    def __call__(self, states: Tensor) -> Tensor:
        return (states - self.centre) @ self.rotation

    def undo(self, values: Tensor) -> Tensor:
        return values @ torch.linalg.pinv(self.rotation) + self.centre


def bayes_coordinates(family: Family, x: Tensor) -> Tensor:
    """Bayes' state before each observation; for waiting times its logarithm."""
    state = family.state(x)
    return (state.log() if isinstance(family, Exponential) else state).float()


@torch.no_grad()
def network_states(net: Network, family: Family, x: Tensor) -> Tensor:
    """Hidden and cell state before each observation, (episodes, steps, 2 * width)."""
    return net.trace(previous(family, x)).transpose(0, 1)


def player_coordinates(bandit: Bandit, n: np.ndarray, s: np.ndarray, sums: bool) -> np.ndarray:
    """Bayes' state of a bandit, (episodes, 4): for each arm what it paid, and its pulls.

    What it paid is the posterior mean or, with `sums`, the summed rewards, from which the
    mean follows. For waiting times both are logarithms, and the sum begins with the prior's.
    """
    waits = isinstance(bandit, ExponentialBandit)
    if sums:
        paid = bandit.arm.b + s if waits else s
    else:
        paid = bandit.mean(n, s)
    return np.hstack([np.log(paid) if waits else paid, n])


def player_states(
    net: Network, bandit: Bandit, episodes: int, seed: int, sums: bool = False
) -> tuple[Tensor, Tensor]:
    """States of a network that plays, and of Bayes' rule, before each pull.

    Both (episodes, pulls, …); see `player_coordinates` for `sums`.
    """
    player, inner, outer = Player(net, bandit), [], []

    def watched(n: np.ndarray, s: np.ndarray) -> np.ndarray:
        chances = player(n, s)
        inner.append(torch.cat(player.state, dim=-1)[0])
        outer.append(torch.from_numpy(player_coordinates(bandit, n, s, sums)).float())
        return chances

    play(bandit, watched, episodes, seed)
    return torch.stack(inner, dim=1), torch.stack(outer, dim=1)


def fit_map(source: Tensor, target: Tensor, updates: int, seed: int) -> nn.Module:
    """Two hidden layers of 64, least squares; sources and targets (…, features)."""
    torch.manual_seed(seed)
    source, target = source.flatten(0, -2), target.flatten(0, -2)
    net = nn.Sequential(
        nn.Linear(source.shape[1], 64),
        nn.ReLU(),
        nn.Linear(64, 64),
        nn.ReLU(),
        nn.Linear(64, target.shape[1]),
    )
    adam = torch.optim.Adam(net.parameters(), lr=3e-3)
    schedule = schedule_for(adam, updates)
    for _ in range(updates):
        some = torch.randint(len(source), (512,))
        loss = nn.functional.mse_loss(net(source[some]), target[some])
        adam.zero_grad()
        loss.backward()
        adam.step()
        schedule.step()
    return net


@torch.no_grad()
def mean_squared_error(net: nn.Module, source: Tensor, target: Tensor) -> float:
    """Per number of the target; 1 is what its mean alone would score, if its variance is 1."""
    return float(nn.functional.mse_loss(net(source), target))


@dataclass(frozen=True)
class Match:
    """Errors of the two maps on episodes that neither was fitted on."""

    to_bayes: float
    to_network: float


def match(
    states: Tensor,
    bayes: Tensor,
    updates: int,
    seed: int,
) -> Match:
    """Fit the article's two maps on half of the episodes, score the rest.

    states (episodes, steps, features), bayes (episodes, steps, numbers).
    """
    half = len(states) // 2
    principal = Standard.principal(states[:half], bayes.shape[-1])
    scaled = Standard.scaled(bayes[:half])
    inner, outer = principal(states), scaled(bayes)
    there = fit_map(inner[:half], outer[:half], updates, seed)
    back = fit_map(outer[:half], inner[:half], updates, seed)
    return Match(
        mean_squared_error(there, inner[half:], outer[half:]),
        mean_squared_error(back, outer[half:], inner[half:]),
    )


@dataclass(frozen=True)
class Translator:
    """Maps between all of the network's state and Bayes' state, each in its own units."""

    inner: Standard
    outer: Standard
    there: nn.Module
    back: nn.Module

    @classmethod
    def fit(cls, states: Tensor, bayes: Tensor, updates: int, seed: int) -> "Translator":
        inner, outer = Standard.scaled(states), Standard.scaled(bayes)
        there = fit_map(inner(states), outer(bayes), updates, seed)
        back = fit_map(outer(bayes), inner(states), updates, seed)
        return cls(inner, outer, there, back)

    def to_bayes(self, states: Tensor) -> Tensor:
        return self.outer.undo(self.there(self.inner(states)))

    def to_network(self, bayes: Tensor) -> Tensor:
        return self.inner.undo(self.back(self.outer(bayes)))


def unpacked(states: Tensor) -> State:
    """Hidden and cell state for the LSTM, from (episodes, 2 * width)."""
    hidden, cell = states.unsqueeze(0).chunk(2, dim=-1)
    return hidden.contiguous(), cell.contiguous()


@dataclass(frozen=True)
class Swap:
    """Divergence from Bayes, summed over the rest of the episode, in nats.

    `square` compares two ways to the network's next state: translate and then step, or
    step and then translate; a mean squared error in standard deviations.
    """

    unchanged: float  # the network itself
    network_goes_on: float  # from Bayes' state, translated for the network
    from_wrong_counts: float  # the same with Bayes' state of another episode, as a control
    bayes_goes_on: float  # from the network's state, translated for Bayes
    square: float


@torch.no_grad()
def swap(net: Network, coin: Bernoulli, x: Tensor, updates: int, seed: int) -> Swap:
    """Change horses before flip MIDDLE, in both directions.

    The translator is fitted on all steps of the first half of the episodes; the change is
    made in the second half.
    """
    half = len(x) // 2
    states, bayes = network_states(net, coin, x), bayes_coordinates(coin, x)
    with torch.enable_grad():
        translator = Translator.fit(states[:half], bayes[:half], updates, seed)
    x, states, bayes = x[half:], states[half:], bayes[half:]
    inputs, exact = previous(coin, x), coin.state(x)[:, MIDDLE:]

    def divergence(prediction: Tensor) -> float:
        """Of predictions (episodes, steps, 1) from MIDDLE on."""
        kl = coin.kl(coin.predict(exact), prediction.double())
        return float(kl.sum(dim=1).mean())

    def going_on(state: State) -> Tensor:
        """The network's predictions from MIDDLE on, if that is its state there."""
        later, _ = net(inputs[MIDDLE + 1 :], state)
        return torch.cat([net.say(state[0]), later]).transpose(0, 1)

    alone, _ = net(inputs)
    right = translator.to_network(bayes[:, MIDDLE])
    wrong = right.roll(1, dims=0)  # of the episode before

    counts = translator.to_bayes(states[:, MIDDLE]).clamp(min=MIN_COUNT)
    bayes_on = coin.predict(counts[:, None] + exact - exact[:, :1])

    translated = translator.to_network(bayes)
    stepped = [
        torch.cat(net.listen(step[None], unpacked(before))[1], dim=-1)[0]
        for step, before in zip(inputs[1:], translated.unbind(dim=1), strict=False)
    ]
    square = nn.functional.mse_loss(
        translator.inner(torch.stack(stepped, dim=1)), translator.inner(translated[:, 1:])
    )
    return Swap(
        divergence(alone.transpose(0, 1)[:, MIDDLE:]),
        divergence(going_on(unpacked(right))),
        divergence(going_on(unpacked(wrong))),
        divergence(bayes_on),
        float(square),
    )
