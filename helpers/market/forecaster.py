"""A machine that forecasts the simulated price and trades on it.

Used by chapter 1, "A machine joins".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from helpers.market.january import AI_LIMIT, START_PRICE, TICKS, TICKS_A_DAY, January, Tape

HORIZON = 6  # ticks ahead that it forecasts: three hours
SURE = 0.05  # forecast of the log return at which it wants all that it may hold
GROUPS = {"price": range(7), "flow": range(7, 11), "chatter": range(11, 14), "owed": range(14, 16)}
ALL = tuple(GROUPS)
FIRST = TICKS_A_DAY  # it forecasts from the second day on


def look(tape: Tape, tick: int) -> np.ndarray:
    """The 16 features that are known just before `tick` trades: (worlds, 16).

    Price: log returns over 1, 3, 6, 13 and 39 ticks, distance from the
    highest so far, level. Flow: net buying by retail over 1, 6 and 13
    ticks, and volume over 6, in millions of shares. Chatter: fraction of
    accounts that hold, and its change over 6 and 13 ticks. Owed: shares
    that short funds owe, in tens of millions, and the change over 13.
    """
    price = tape.price[:, :tick]
    level = np.log(price[:, -1] / START_PRICE)
    lately = slice(max(0, tick - 13), tick)
    net = (tape.buys[:, lately] - tape.sells[:, lately]) / 1e6

    def change(series: np.ndarray, ticks: int) -> np.ndarray:
        return series[:, tick - 1] - series[:, max(0, tick - 1 - ticks)]

    returns = [
        level - np.log(price[:, max(0, tick - 1 - t)] / START_PRICE) for t in (1, 3, 6, 13, 39)
    ]
    return np.column_stack(
        [
            *returns,
            np.log(price[:, -1] / price.max(axis=1)),
            level,
            *(net[:, -ticks:].sum(axis=1) for ticks in (1, 6, 13)),
            tape.volume[:, :tick][:, -6:].sum(axis=1) / 1e6,
            tape.holding[:, tick - 1],
            *(change(tape.holding, ticks) for ticks in (6, 13)),
            tape.owed[:, tick - 1] / 1e7,
            change(tape.owed, 13) / 1e7,
        ]
    )


def lessons(tape: Tape, age: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Features and the log return that followed, for every tick of every world of a tape.

    Shapes (rows, 16) and (rows,). The return starts at the price of the coming auction,
    at which an order that acts on the features is filled. `age` is how many ticks old the features
    are; a negative age peeks into the future, which is for the alarm only.
    """
    ticks = range(FIRST + max(age, 0), TICKS - HORIZON + min(age, 0))
    features = [look(tape, tick - age) for tick in ticks]
    price = np.log(tape.price)
    returns = [price[:, tick + HORIZON] - price[:, tick] for tick in ticks]
    return np.concatenate(features), np.concatenate(returns)


@dataclass(frozen=True)
class Forecaster:
    """A trained network, with the units in which it sees and speaks."""

    layers: tuple[tuple[np.ndarray, np.ndarray], ...]  # weights and offsets, ReLU between
    columns: tuple[int, ...]  # of the features that it may see
    center: np.ndarray
    scale: np.ndarray
    spread: float  # standard deviation of the returns it was trained on
    age: int = 0

    def forecast(self, features: np.ndarray) -> np.ndarray:
        """Log return over HORIZON ticks beyond the usual one, (rows,)."""
        # In numpy: for a few worlds at a time torch's calls would cost more than its sums.
        signal = np.clip((features[:, self.columns] - self.center) / self.scale, -10, 10)
        for weights, offsets in self.layers[:-1]:
            signal = np.maximum(signal @ weights + offsets, 0)
        weights, offsets = self.layers[-1]
        return self.spread * (signal @ weights + offsets)[:, 0]

    def __call__(self, tape: Tape, tick: int) -> np.ndarray:
        """The position that it wants, (worlds,): a `january.Policy`."""
        if tick - self.age < FIRST:
            return np.zeros(len(tape.price))
        said = self.forecast(look(tape, tick - self.age))
        return AI_LIMIT * np.clip(said / SURE, -1, 1)

    def r2(self, features: np.ndarray, returns: np.ndarray) -> float:
        """Share of the returns' variance that the forecast explains."""
        wrong = returns - returns.mean() - self.forecast(features)
        return float(1 - (wrong**2).mean() / returns.var())


def train(
    features: np.ndarray,
    returns: np.ndarray,
    *,
    steps: int,
    seed: int,
    groups: Sequence[str] = ALL,
    age: int = 0,
) -> Forecaster:
    """Fit a network of two hidden layers to what followed what.

    It learns returns relative to their mean, so that knowing nothing means
    wanting nothing. Raises ValueError for an unknown group or NaN.
    """
    if unknown := set(groups) - set(GROUPS):
        raise ValueError(f"unknown features {min(unknown)!r}: choose from {', '.join(GROUPS)}")
    if not (np.isfinite(features).all() and np.isfinite(returns).all()):
        raise ValueError("features and returns must be finite numbers")
    columns = tuple(column for group in groups for column in GROUPS[group])
    torch.manual_seed(seed)
    seen = features[:, columns]
    center, scale, spread = seen.mean(axis=0), seen.std(axis=0) + 1e-9, returns.std()
    x = torch.from_numpy(np.clip((seen - center) / scale, -10, 10))
    y = torch.from_numpy((returns - returns.mean()) / spread)
    net = nn.Sequential(
        nn.Linear(len(columns), 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1)
    ).double()  # one wish that rounding turns would change a whole history
    adam = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.01)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    for _ in range(steps):
        batch = torch.randint(len(x), (1024,))
        loss = nn.functional.mse_loss(net(x[batch])[:, 0], y[batch])
        adam.zero_grad()
        loss.backward()
        adam.step()
        slower.step()
    layers = tuple(
        (layer.weight.detach().numpy().T, layer.bias.detach().numpy()) for layer in net[::2]
    )
    return Forecaster(layers, columns, center, scale, float(spread), age)


def follow_momentum(tape: Tape, tick: int) -> np.ndarray:
    """The usual human rule with the same limits: buy what rose over the last day."""
    if tick < FIRST:
        return np.zeros(len(tape.price))
    day = look(tape, tick)[:, 3]
    return AI_LIMIT * np.clip(day / 0.2, -1, 1)


@dataclass(frozen=True)
class Random:
    """A coin in place of a forecast: a new wanted position every HORIZON ticks.

    The tosses of a world depend on its first volume, so that no two worlds share them,
    in whichever block they are played.
    """

    seed: int

    def __call__(self, tape: Tape, tick: int) -> np.ndarray:
        if tick == 0:
            return np.zeros(len(tape.price))
        worlds = tape.volume[:, 0].astype(int)
        keys = [(self.seed, tick // HORIZON, world) for world in worlds]
        return AI_LIMIT * np.array([np.random.default_rng(key).uniform(-1, 1) for key in keys])


def scatter(center: January, worlds: int, spread: float, seed: int) -> list[January]:
    """Worlds around one, fifteen of its rates times random factors of that log spread.

    Hype and short interest stay: they are what the chapter varies on purpose. So do mood,
    the two spreads, never_sell, restricted, value_capacity, skew, churn, crowd and early.
    """
    rng = np.random.default_rng(seed)
    names = ("lonely", "friends", "greed", "spark", "frenzy", "stop", "take", "haste", "boredom",
             "pain", "cover", "patience", "supply", "depth", "stake")  # fmt: skip
    return [
        center.but(
            **{
                name: min(getattr(center, name) * factor, LARGEST.get(name, np.inf))
                for name, factor in zip(
                    names, np.exp(spread * rng.standard_normal(len(names))), strict=True
                )
            }
        )
        for _ in range(worlds)
    ]


LARGEST = {"stop": 0.9, "haste": 0.9, "supply": 0.5, "cover": 0.5}
