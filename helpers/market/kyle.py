"""Informed and uninformed traders in one round: Kyle (1985), Glosten and Milgrom (1985).

Used by chapter 1, "Can better information be taken to the bank?". Values are measured
from their prior mean, which is 0.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn


@dataclass(frozen=True)
class Market:
    """One round of Kyle's market; the symbols are those of the chapter.

    Raises ValueError for a standard deviation that is not positive, a correlation
    outside (0, 1] or fewer than one insider.
    """

    sigma_v: float = 1.0  # standard deviation of the asset's value
    sigma_u: float = 1.0  # standard deviation of the uninformed order flow
    rho: float = 1.0  # correlation of the insiders' forecast with the value
    insiders: int = 1

    def __post_init__(self) -> None:
        if not (self.sigma_v > 0 and self.sigma_u > 0):
            raise ValueError("sigma_v and sigma_u must be positive")
        if not 0 < self.rho <= 1:
            raise ValueError(f"rho must be above 0 and at most 1, not {self.rho}")
        if self.insiders < 1:
            raise ValueError(f"there must be an insider, not {self.insiders}")

    @property
    def impact(self) -> float:
        """lambda: what one more share ordered adds to the price, in equilibrium."""
        n = self.insiders
        return np.sqrt(n) / (n + 1) * self.rho * self.sigma_v / self.sigma_u

    @property
    def intensity(self) -> float:
        """beta: shares that each insider orders per unit of forecast, in equilibrium."""
        return self.sigma_u / (np.sqrt(self.insiders) * self.rho * self.sigma_v)

    @property
    def profit(self) -> float:
        """Expected profit of all insiders together: what the uninformed lose."""
        n = self.insiders
        return np.sqrt(n) / (n + 1) * self.rho * self.sigma_v * self.sigma_u


def play(market: Market, rounds: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Profit per round of the insiders together and of the uninformed.

    The forecast m has standard deviation rho * sigma_v, and the value is m
    plus what nobody knows. The market maker sees only the sum of all orders.
    """
    rng = np.random.default_rng(seed)
    known, unknown, noise = rng.standard_normal((3, rounds))
    forecast = market.rho * market.sigma_v * known
    surprise = np.sqrt(1 - market.rho**2) * market.sigma_v * unknown
    value = forecast + surprise
    informed = market.insiders * market.intensity * forecast
    uninformed = market.sigma_u * noise
    price = market.impact * (informed + uninformed)
    return (value - price) * informed, (value - price) * uninformed


@dataclass(frozen=True)
class Lesson:
    """What a trained trader does on fresh rounds."""

    profit: np.ndarray  # (rounds,)
    impact: float  # the market maker's learned lambda
    order_sd: float  # standard deviation of the trader's orders

    @property
    def mean(self) -> float:
        return float(self.profit.mean())

    @property
    def error(self) -> float:
        """Standard error of the mean profit."""
        return float(self.profit.std(ddof=1) / np.sqrt(len(self.profit)))


def learn_to_trade(features: int, steps: int, rounds: int, seed: int) -> Lesson:
    """Train a network on its own profit, against a maker who learns too.

    The network sees `features` noisy readings of the value (noise of
    standard deviation 2), so the best forecast has rho = sqrt(k / (k + 4)).
    The gradient of its profit knows how the maker prices. The maker fits
    value to order flow and sets lambda to a moving average of the slope;
    both are fixed before the rounds that are scored.
    """
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(features, 32), nn.Tanh(), nn.Linear(32, 1))
    adam = torch.optim.Adam(net.parameters(), lr=0.01)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    impact = torch.tensor(0.5)

    def draw(size):
        value, noise = torch.randn(2, size)
        readings = value[:, None] + 2 * torch.randn(size, features)
        return value, noise, net(readings).squeeze(1)

    def slope(value, flow):
        return (value * flow).mean() / (flow**2).mean()

    for step in range(steps):
        value, noise, order = draw(4096)
        flow = order + noise
        profit = ((value - impact * flow) * order).mean()
        adam.zero_grad()
        (-profit).backward()
        adam.step()
        slower.step()
        weight = max(0.02, 1 / (step + 1))  # a moving average
        impact += weight * (slope(value, flow.detach()) - impact)

    with torch.no_grad():
        value, noise, order = draw(rounds)
        profit = (value - impact * (order + noise)) * order
    return Lesson(profit.numpy(), float(impact), float(order.std()))


def lesson_task(task: tuple[int, int, int, int]) -> Lesson:
    """`learn_to_trade` for `helpers.parallel.map_tasks`."""
    return learn_to_trade(*task)


def quote_and_trade(mu: float, trades: int, seed: int) -> dict[str, float]:
    """Glosten and Milgrom's one trade: worth 0 or 1, a share `mu` informed.

    Informed traders buy if the asset is worth 1, uninformed ones toss a coin. The maker
    does not know `mu`: he watches `trades` rounds and from then on asks the mean value
    after a buy and bids the mean value after a sale. In equilibrium these are
    (1 + mu) / 2 and (1 - mu) / 2. Returns his ask and bid, and the mean profit per trade
    of each group, and his own, in as many further rounds.
    """
    if not 0 < mu < 1:
        raise ValueError(f"mu must lie between 0 and 1, not {mu}")
    rng = np.random.default_rng(seed)
    value = rng.integers(2, size=(2, trades))
    informed = rng.random((2, trades)) < mu
    buys = np.where(informed, value == 1, rng.random((2, trades)) < 0.5)
    ask, bid = value[0, buys[0]].mean(), value[0, ~buys[0]].mean()
    value, informed, buys = value[1], informed[1], buys[1]
    profit = np.where(buys, value - ask, bid - value)
    return {
        "ask": ask,
        "bid": bid,
        "informed": profit[informed].mean(),
        "uninformed": profit[~informed].mean(),
        "maker": -profit.mean(),
    }
