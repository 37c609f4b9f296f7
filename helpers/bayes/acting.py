"""Meta-training of networks that play bandits: proximal policy optimisation.

PPO (Schulman et al., 2017) with generalised advantage estimates (Schulman et al., 2016).
In training the simulator knows each arm's true mean. A pull is credited with that mean
instead of the luck of the draw, and the critic, which only training uses, sees the means
as well (an asymmetric critic: Pinto et al., 2018). Neither changes which strategy is best;
both remove noise. The network sees its own pulls and what they paid, nothing else.
Used by chapter 6, "Networks that play".
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid, one_hot

from helpers.bayes.bandits import Bandit, ExponentialBandit
from helpers.bayes.networks import Network, schedule_for

INPUTS = 4  # one-hot arm of the pull before, and its reward at that arm's place
LAMBDA = 0.95  # of the advantage estimates; rewards are not discounted
CLIP = 0.2  # how far a pass may move the chance of a pull, as a ratio
ENTROPY = 0.003  # what being undecided is worth at first; falls to 0
VALUE = 0.05  # weight of the critic's loss
PASSES, PARTS = 2, 2  # times that a batch is used, and pieces it is cut into


@dataclass(frozen=True)
class Practice:
    """One bandit network's training; `batch` episodes are played at a time."""

    bandit: Bandit
    steps: int  # time steps in all
    seed: int
    rate: float = 8e-3
    batch: int = 512
    told_means: bool = True  # credit the arms' true means, and show them to the critic


def encode(bandit: Bandit, arm: Tensor, paid: Tensor) -> Tensor:
    """The network's input after a pull, (…, 4); waiting times enter as logarithms."""
    if isinstance(bandit, ExponentialBandit):
        paid = torch.log(paid / bandit.arm.b)
    pulled = one_hot(arm, 2).float()
    return torch.cat([pulled, pulled * paid.float().unsqueeze(-1)], dim=-1)


@dataclass(frozen=True)
class Batch:
    """Episodes that the network has played; all but `means` are (pulls, episodes, …)."""

    inputs: Tensor
    arms: Tensor
    log_chance: Tensor  # of the arm pulled, when it was pulled
    means: Tensor  # (episodes, 2), what the critic is told; 0 if nothing
    credit: Tensor  # what each pull counts for, in standard deviations of arms
    value: Tensor  # what the critic expected

    def part(self, chosen: Tensor) -> "Batch":
        return Batch(
            self.inputs[:, chosen],
            self.arms[:, chosen],
            self.log_chance[:, chosen],
            self.means[chosen],
            self.credit[:, chosen],
            self.value[:, chosen],
        )


def log_chance_of(arms: Tensor, odds: Tensor) -> Tensor:
    """Log-probability of the arms pulled; the network's output is arm 0's log odds."""
    return logsigmoid(torch.where(arms == 0, odds, -odds))


def expect(critic: nn.Linear, hidden: Tensor, means: Tensor) -> Tensor:
    """The critic's value: pulls left, shared between the arms, and a correction."""
    left = torch.arange(len(hidden), 0, -1)[:, None]
    odds, correction = critic(hidden).unbind(-1)
    first, second = means.unbind(-1)
    return left * (second + torch.sigmoid(odds) * (first - second) + correction)


@torch.no_grad()
def play_batch(
    net: Network, critic: nn.Linear, practice: Practice, rng: np.random.Generator
) -> Batch:
    """Let the network play fresh episodes."""
    bandit, episodes = practice.bandit, practice.batch
    theta = bandit.arm.parameters(2 * episodes, rng)
    offers = bandit.arm.observe(theta, bandit.pulls, rng).reshape(episodes, 2, -1)
    offers = offers.permute(2, 0, 1).float().contiguous()
    luck = torch.from_numpy(rng.random((bandit.pulls, episodes), dtype=np.float32))
    x, state = torch.zeros(1, episodes, INPUTS), None
    inputs, hiddens, arms = [], [], []
    for offer, draw in zip(offers, luck, strict=True):
        hidden, state = net.listen(x, state)
        arm = (draw > torch.sigmoid(net.say(hidden[0])[:, 0])).long()
        inputs.append(x)
        hiddens.append(hidden)
        arms.append(arm)
        x = encode(bandit, arm, offer.gather(1, arm[:, None])[:, 0])[None]
    hidden, arms = torch.cat(hiddens), torch.stack(arms)
    means = torch.from_numpy(bandit.true_mean(theta)).float().reshape(episodes, 2)
    centre, spread = means.mean(), means.std()
    paying = means.expand_as(offers) if practice.told_means else offers
    credit = (paying.gather(2, arms[..., None])[..., 0] - centre) / spread
    told = (means - centre) / spread * practice.told_means
    return Batch(
        torch.cat(inputs),
        arms,
        log_chance_of(arms, net.say(hidden)[..., 0]),
        told,
        credit,
        expect(critic, hidden, told),
    )


def advantages(credit: Tensor, value: Tensor) -> Tensor:
    """How much better each pull turned out than the critic expected."""
    following = torch.cat([value[1:], torch.zeros_like(value[:1])])
    surprise = credit + following - value
    total = torch.zeros_like(surprise)
    ahead = torch.zeros_like(surprise[0])
    for t in reversed(range(len(surprise))):
        ahead = total[t] = surprise[t] + LAMBDA * ahead
    return total


def loss_of(
    net: Network,
    critic: nn.Linear,
    batch: Batch,
    better: Tensor,
    entropy: float,
) -> Tensor:
    """PPO's clipped objective, the critic's error and the entropy bonus.

    `better` holds the batch's advantages, (pulls, episodes).
    """
    hidden, _ = net.listen(batch.inputs)
    odds = net.say(hidden)[..., 0]
    ratio = torch.exp(log_chance_of(batch.arms, odds) - batch.log_chance)
    gain = (better - better.mean()) / better.std()
    clipped = ratio.clamp(1 - CLIP, 1 + CLIP)
    policy = torch.minimum(ratio * gain, clipped * gain).mean()
    left = torch.arange(len(hidden), 0, -1)[:, None]
    error = expect(critic, hidden, batch.means) - batch.value - better
    p = torch.sigmoid(odds)
    undecided = -(p * logsigmoid(odds) + (1 - p) * logsigmoid(-odds)).mean()
    return VALUE * (error**2 / left).mean() - policy - entropy * undecided


def learn_to_play(practice: Practice) -> Network:
    """Play batches of fresh episodes and make what paid more likely."""
    torch.set_num_threads(1)
    torch.manual_seed(practice.seed)
    rng = np.random.default_rng(practice.seed)
    net = Network(INPUTS, 1)
    critic = nn.Linear(net.say.in_features, 2)
    learned = [*net.parameters(), *critic.parameters()]
    adam = torch.optim.Adam(learned, lr=practice.rate, betas=(0.9, 0.99), foreach=True)
    batches = -(-practice.steps // (practice.batch * practice.bandit.pulls))
    schedule = schedule_for(adam, batches * PASSES * PARTS)
    for played in range(batches):
        batch = play_batch(net, critic, practice, rng)
        better = advantages(batch.credit, batch.value)
        entropy = ENTROPY * (1 - played / batches)
        for _ in range(PASSES):
            shuffled = torch.randperm(practice.batch)
            for chosen in shuffled.chunk(PARTS):
                loss = loss_of(net, critic, batch.part(chosen), better[:, chosen], entropy)
                adam.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(learned, 1.0)
                adam.step()
                schedule.step()
    return net


class Player:
    """The network as a strategy; a new game begins when no arm has been pulled yet."""

    def __init__(self, net: Network, bandit: Bandit) -> None:
        self.net, self.bandit = net, bandit
        self.state, self.n, self.s = None, None, None

    @torch.inference_mode()
    def __call__(self, n: np.ndarray, s: np.ndarray) -> np.ndarray:
        x = torch.zeros(1, len(n), INPUTS)
        if n.any():
            arm = torch.from_numpy((n - self.n).argmax(axis=1))
            paid = torch.from_numpy((s - self.s).sum(axis=1))
            x = encode(self.bandit, arm, paid)[None]
        else:
            self.state = None
        self.n, self.s = n.copy(), s.copy()
        odds, self.state = self.net(x, self.state)
        first = torch.sigmoid(odds[0].double()).numpy()
        return np.hstack([first, 1 - first])
