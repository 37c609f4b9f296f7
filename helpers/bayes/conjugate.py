"""Four families in which Bayes' rule is a line of arithmetic.

A family has a prior over a parameter and observations drawn given the parameter. Its
predictive distribution of the next observation is described by the same few numbers that
a network puts out, so the two compare directly; `kl` and `log_loss` take either.
Gelman et al., Bayesian Data Analysis, chapters 2 and 3, derive all four. Used by
chapter 6, "Bayes by hand" and everything after it.

Shapes: observations (episodes, steps); statistics, predictions and inputs have one more
axis. Divergences and losses are in nats.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import hyp2f1
from torch import Tensor
from torch.nn.functional import log_softmax, logsigmoid, one_hot


def before_each(values: Tensor) -> Tensor:
    """Running sums over the observations *before* each one; the first is 0."""
    return torch.cumsum(values, dim=1) - values


def seen_before(x: Tensor) -> Tensor:
    """0, 1, 2, …: how many observations came before each one."""
    return torch.arange(x.shape[1], dtype=torch.float64).expand(x.shape[:2])


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise ValueError(f"{name} must be positive, not {value}")


@dataclass(frozen=True)
class Bernoulli:
    """Coins: 1 with a probability that is drawn from Beta(a, b)."""

    a: float = 1.0
    b: float = 1.0
    inputs, outputs = 2, 1  # one-hot observation; log odds of a 1

    def __post_init__(self) -> None:
        _positive(a=self.a, b=self.b)

    @property
    def prior(self) -> str:
        """The prior's name and numbers, for tables."""
        return f"Beta({self.a:g}, {self.b:g})"

    def parameters(self, episodes: int, rng: np.random.Generator) -> np.ndarray:
        return rng.beta(self.a, self.b, episodes)

    def observe(self, theta: np.ndarray, steps: int, rng: np.random.Generator) -> Tensor:
        flips = rng.random((len(theta), steps)) < theta[:, None]
        return torch.from_numpy(flips.astype(float))

    def encode(self, x: Tensor) -> Tensor:
        return torch.stack([x, 1 - x], dim=-1)

    def state(self, x: Tensor) -> Tensor:
        """Beta posterior (a + ones, b + zeros) before each observation."""
        ones, zeros = before_each(x), before_each(1 - x)
        return torch.stack([self.a + ones, self.b + zeros], dim=-1)

    def predict(self, state: Tensor) -> Tensor:
        """P(1) = a' / (a' + b') as log odds."""
        return (state[..., :1] / state[..., 1:]).log()

    def log_loss(self, prediction: Tensor, x: Tensor) -> Tensor:
        odds = prediction[..., 0]
        return -(x * logsigmoid(odds) + (1 - x) * logsigmoid(-odds))

    def kl(self, p: Tensor, q: Tensor) -> Tensor:
        p, q = p[..., 0], q[..., 0]
        ones = torch.sigmoid(p) * (logsigmoid(p) - logsigmoid(q))
        return ones + torch.sigmoid(-p) * (logsigmoid(-p) - logsigmoid(-q))


@dataclass(frozen=True)
class Categorical:
    """Dice with sides 0, 1, …: probabilities drawn from Dirichlet(alpha)."""

    alpha: tuple[float, ...] = (1.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        if len(self.alpha) < 2:
            raise ValueError(f"a die needs at least two sides, not {len(self.alpha)}")
        _positive(**{f"alpha[{i}]": value for i, value in enumerate(self.alpha)})

    @property
    def inputs(self) -> int:
        return len(self.alpha)

    @property
    def outputs(self) -> int:
        return len(self.alpha)

    @property
    def prior(self) -> str:
        """The prior's name and numbers, for tables."""
        return f"Dir({', '.join(f'{value:g}' for value in self.alpha)})"

    def parameters(self, episodes: int, rng: np.random.Generator) -> np.ndarray:
        return rng.dirichlet(self.alpha, episodes)

    def observe(self, theta: np.ndarray, steps: int, rng: np.random.Generator) -> Tensor:
        edges = theta.cumsum(axis=1)[:, None, :-1]
        sides = (rng.random((len(theta), steps, 1)) > edges).sum(axis=2)
        return torch.from_numpy(sides.astype(float))

    def encode(self, x: Tensor) -> Tensor:
        return one_hot(x.long(), self.inputs).to(x.dtype)

    def state(self, x: Tensor) -> Tensor:
        """Dirichlet posterior alpha + counts before each observation."""
        return torch.tensor(self.alpha, dtype=torch.float64) + before_each(self.encode(x))

    def predict(self, state: Tensor) -> Tensor:
        """P(side i) = alpha_i' / sum of alpha', as logarithms."""
        return (state / state.sum(dim=-1, keepdim=True)).log()

    def log_loss(self, prediction: Tensor, x: Tensor) -> Tensor:
        chosen = x.long().unsqueeze(-1)
        return -log_softmax(prediction, dim=-1).gather(-1, chosen).squeeze(-1)

    def kl(self, p: Tensor, q: Tensor) -> Tensor:
        p, q = log_softmax(p, dim=-1), log_softmax(q, dim=-1)
        return (p.exp() * (p - q)).sum(dim=-1)


@dataclass(frozen=True)
class Gaussian:
    """Readings with known variance: x ~ N(mu, s2), mu ~ N(m0, t2)."""

    m0: float = 0.0
    t2: float = 1.0
    s2: float = 1.0
    inputs, outputs = 1, 2  # the reading; mean and log standard deviation

    def __post_init__(self) -> None:
        _positive(t2=self.t2, s2=self.s2)

    @property
    def prior(self) -> str:
        """The prior's name and numbers, for tables."""
        return f"N({self.m0:g}, {self.t2:g})"

    def parameters(self, episodes: int, rng: np.random.Generator) -> np.ndarray:
        return rng.normal(self.m0, math.sqrt(self.t2), episodes)

    def observe(self, theta: np.ndarray, steps: int, rng: np.random.Generator) -> Tensor:
        noise = rng.standard_normal((len(theta), steps))
        return torch.from_numpy(theta[:, None] + math.sqrt(self.s2) * noise)

    def encode(self, x: Tensor) -> Tensor:
        return x.unsqueeze(-1)

    def state(self, x: Tensor) -> Tensor:
        """Posterior of mu before each reading: (mean, variance)."""
        variance = 1 / (1 / self.t2 + seen_before(x) / self.s2)
        mean = variance * (self.m0 / self.t2 + before_each(x) / self.s2)
        return torch.stack([mean, variance], dim=-1)

    def predict(self, state: Tensor) -> Tensor:
        """The next reading is N(m, v + s2): its mean and log standard deviation."""
        mean, variance = state.unbind(-1)
        return torch.stack([mean, (variance + self.s2).log() / 2], dim=-1)

    def log_loss(self, prediction: Tensor, x: Tensor) -> Tensor:
        mean, log_sd = prediction.unbind(-1)
        return log_sd + ((x - mean) / log_sd.exp()) ** 2 / 2 + math.log(2 * math.pi) / 2

    def kl(self, p: Tensor, q: Tensor) -> Tensor:
        (mean, log_sd), (other_mean, other_log_sd) = p.unbind(-1), q.unbind(-1)
        scaled = torch.exp(2 * (log_sd - other_log_sd))
        shift = ((mean - other_mean) / other_log_sd.exp()) ** 2
        return other_log_sd - log_sd + (scaled + shift - 1) / 2


@dataclass(frozen=True)
class Exponential:
    """Waiting times: x ~ Exponential(rate), rate ~ Gamma(a, rate parameter b).

    A predictive law is a Lomax law with shape A and scale L,
    p(x) = (A / L) (1 + x / L)^-(A + 1).
    """

    a: float = 2.0
    b: float = 1.0
    inputs, outputs = 1, 2  # log waiting time; log shape and log scale

    def __post_init__(self) -> None:
        _positive(a=self.a, b=self.b)

    @property
    def prior(self) -> str:
        """The prior's name and numbers, for tables."""
        return f"Gamma({self.a:g}, {self.b:g})"

    def parameters(self, episodes: int, rng: np.random.Generator) -> np.ndarray:
        return rng.gamma(self.a, 1 / self.b, episodes)  # numpy's second is a scale

    def observe(self, theta: np.ndarray, steps: int, rng: np.random.Generator) -> Tensor:
        waits = rng.standard_exponential((len(theta), steps))
        return torch.from_numpy(waits / theta[:, None])

    def encode(self, x: Tensor) -> Tensor:
        return x.log().unsqueeze(-1)

    def state(self, x: Tensor) -> Tensor:
        """Gamma posterior (a + n, b + sum) before each observation."""
        return torch.stack([self.a + seen_before(x), self.b + before_each(x)], dim=-1)

    def predict(self, state: Tensor) -> Tensor:
        """The next wait is Lomax(a', b'): logarithms of both."""
        return state.log()

    def log_loss(self, prediction: Tensor, x: Tensor) -> Tensor:
        log_shape, log_scale = prediction.unbind(-1)
        return (log_shape.exp() + 1) * torch.log1p(x / log_scale.exp()) - log_shape + log_scale

    def kl(self, p: Tensor, q: Tensor) -> Tensor:
        """Both expectations are closed: E log(1 + x / L_p) = 1 / A_p, and one more.

        log(1 + x / L_p) is y ~ Exponential(A_p), so with r = L_p / L_q the other is
        E log(1 + r (e^y - 1)) = E y + E log(r + (1 - r) e^-y). Integrated by parts over
        e^-y, the last is a Gauss hypergeometric function.
        """
        (log_a, log_l), (log_a2, log_l2) = p.unbind(-1), q.unbind(-1)
        below = 1 - (log_l - log_l2).exp()
        series = torch.as_tensor(hyp2f1(1, 1, (log_a.exp() + 2).numpy(), below.numpy()))
        mean_log = 1 / log_a.exp() - below / (log_a.exp() + 1) * series
        own = (log_a.exp() + 1) / log_a.exp()
        return log_a - log_a2 + log_l2 - log_l - own + (log_a2.exp() + 1) * mean_log


Family = Bernoulli | Categorical | Gaussian | Exponential
