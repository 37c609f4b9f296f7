"""Meta-training of predictors, and how far each is from Bayes' rule.

Used by chapter 6, "Meta-training" to "Where does 0.006 come from?".
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from helpers.bayes.conjugate import Bernoulli, Family
from helpers.bayes.networks import Network, State, schedule_for

EPISODE = 20  # time steps, as in the article
CHUNK = 2**14  # beginnings of a sequence that are held at once


@dataclass(frozen=True)
class Training:
    """One network's training; `batch` episodes an update."""

    family: Family
    steps: int  # time steps in all
    seed: int
    rate: float = 8e-3
    constant: bool = False  # keep the learning rate, or let it rise and fall
    memory: bool = True
    batch: int = 128
    keep: tuple[int, ...] = ()  # time steps after which to keep a copy

    def updates(self, steps: int) -> int:
        """How many updates it takes to see that many time steps."""
        return -(-steps // (self.batch * EPISODE))


def previous(family: Family, x: Tensor) -> Tensor:
    """Inputs (steps, episodes, features): at each step the observation before it."""
    seen = family.encode(x[:, :-1]).transpose(0, 1)
    return nn.functional.pad(seen, (0, 0, 0, 0, 1, 0)).float()


def predictions(net: Network, family: Family, x: Tensor) -> Tensor:
    """What the network predicts before each observation, (episodes, steps, outputs)."""
    return net(previous(family, x))[0].transpose(0, 1)


def meta_train(training: Training) -> dict[int, Network]:
    """Train on episodes whose parameter is drawn anew from the prior.

    The loss is minus the log-probability of each next observation; neither
    the parameter nor Bayes' rule is shown to the network. Returns copies by
    time steps trained: 0, those of `keep`, and the last.
    """
    family, batch = training.family, training.batch
    torch.set_num_threads(1)  # the operations are too small to share
    torch.manual_seed(training.seed)
    rng = np.random.default_rng(training.seed)
    net = Network(family.inputs, family.outputs, memory=training.memory)
    adam = torch.optim.Adam(
        net.parameters(),
        lr=training.rate,
        foreach=True,
    )
    updates = training.updates(training.steps)
    schedule = schedule_for(adam, updates, training.constant)
    keep = (*training.keep, training.steps)
    marks = {training.updates(steps): steps for steps in keep}
    kept = {0: copy.deepcopy(net)}
    for update in range(1, updates + 1):
        theta = family.parameters(batch, rng)
        x = family.observe(theta, EPISODE, rng).float()
        loss = family.log_loss(predictions(net, family, x), x).mean()
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step()
        schedule.step()
        if update in marks:
            kept[marks[update]] = copy.deepcopy(net)
    return kept


@torch.inference_mode()
def kl_from_bayes(net: Network, family: Family, x: Tensor) -> Tensor:
    """KL(Bayes || network) of each prediction in nats, (episodes, steps).

    Both predict the observations x, which must follow the prior for the mean
    over episodes to estimate the expected divergence.
    """
    bayes = family.predict(family.state(x))
    return family.kl(bayes, predictions(net, family, x).double())


def sample(family: Family, episodes: int, seed: int, steps: int = EPISODE) -> Tensor:
    """Fresh observations (episodes, steps) from the prior."""
    rng = np.random.default_rng([seed, 1])  # another stream than training's
    return family.observe(family.parameters(episodes, rng), steps, rng)


def mean_and_error(values: Tensor) -> tuple[float, float]:
    """Mean over episodes and its standard error."""
    return float(values.mean()), float(values.std() / len(values) ** 0.5)


Predictor = Callable[[Tensor, State | None], tuple[Tensor, State | None]]


@torch.inference_mode()
def exact_coin_kl(predictor: Predictor, coin: Bernoulli, flips: int = EPISODE) -> np.ndarray:
    """Expected KL(Bayes || predictor) before each flip, without sampling.

    Visits all 2^flips - 1 beginnings of a sequence. Each is weighted with
    its probability under the prior: the product of Bayes' predictions.
    """
    expected = np.zeros(flips)
    both = torch.cat([torch.zeros(1, 1), torch.ones(1, 1)])

    def visit(level, x, state, counts, weight):
        said, state = predictor(x, state)
        bayes = coin.predict(counts)
        expected[level] += float(weight @ coin.kl(bayes, said[0].double()))
        if level + 1 == flips:
            return
        nodes, one = len(weight), torch.sigmoid(bayes[:, 0])
        flip = coin.encode(both).repeat_interleave(nodes, dim=1).reshape(1, -1, 2)
        counts = counts.repeat(2, 1) + flip[0]
        weight = torch.cat([weight * (1 - one), weight * one])
        state = state and tuple(part.repeat(1, 2, 1) for part in state)
        for first in range(0, 2 * nodes, CHUNK):
            part = slice(first, first + CHUNK)
            below = state and tuple(values[:, part] for values in state)
            visit(level + 1, flip[:, part], below, counts[part], weight[part])

    prior = torch.tensor([[coin.a, coin.b]], dtype=torch.float64)
    visit(0, torch.zeros(1, 1, 2), None, prior, torch.ones(1, dtype=torch.float64))
    return expected
