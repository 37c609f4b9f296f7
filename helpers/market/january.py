"""What is assumed about January 2021, and experiments that vary it.

Everything here is simulated. Used by chapter 1, "A simulated January 2021".
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np

DAYS, TICKS_A_DAY = 38, 13  # half-hours, January 4 to February 26
TICKS = DAYS * TICKS_A_DAY
NEWS_DAYS = {7: "spark", 16: "frenzy"}  # January 13 and 27
RESTRICTED_DAYS = range(17, 23)  # January 28 to February 4
START_PRICE = 1_725  # cents, the close of January 4
OUTSTANDING = 69_750_000  # shares, roughly the company's number
PEOPLE = 900_000  # accounts that traded GameStop on January 27 (SEC staff)
AI_LIMIT, AI_RATE = 500_000, 50_000  # shares held at most, traded per tick at most


@dataclass(frozen=True)
class January:
    """What is assumed about one world. Rates are per tick (half an hour).

    Raises ValueError for a value that is not a number or out of its range.
    """

    # The herd
    hype: float = 1.0  # multiplies every chance to join
    lonely: float = 0.000048  # chance to join without friends who hold
    friends: float = 0.031  # added chance if all friends hold
    greed: float = 0.55  # how much a day's gain of 100 % adds to that chance
    spark: float = 4.0  # factor on January 13
    frenzy: float = 28.0  # factor on January 27
    early: float = 0.0  # days by which both come sooner
    mood: float = 0.3  # standard deviation of the log of a slowly moving factor
    stake: float = 5_000.0  # dollars, mean over accounts
    stop: float = 0.31  # fall from the highest price seen that makes half of them sell
    take: float = 2.6  # multiple of the price paid at which half of them sell
    haste: float = 0.12  # chance to sell once there is a reason
    boredom: float = 0.001  # chance to sell without one
    never_sell: float = 0.15  # fraction of accounts
    restricted: float = 0.6  # fraction of accounts whose broker stops buying
    # Those on the other side
    short_interest: float = 71e6  # shares owed by the short funds
    pain: float = 6.9  # multiple of the first price at which half of the funds must cover
    pain_spread: float = 0.16  # standard deviation of its log
    cover: float = 0.07  # fraction of what it still owes that such a fund buys back
    patience: float = 1.8  # multiple of the first price at which half of the incumbents sell
    patience_spread: float = 0.67  # standard deviation of its log
    supply: float = 0.001  # fraction of the way to their wanted holding that they go, if calm
    value_capacity: float = 20e6  # shares that value shorts would owe in all
    # The market itself
    depth: float = 5.4e6  # shares that move the price by a factor e
    skew: float = 0.016  # fraction of the dealers' stock unwound
    churn: float = 44e3  # shares: standard deviation of each day trader's wanted holding
    crowd: float = 110.0  # how much the rate of joining (accounts a day) adds to churn

    def __post_init__(self) -> None:
        for name, value in dataclasses.asdict(self).items():
            if not (np.isfinite(value) and value >= 0):
                raise ValueError(f"{name} must be a number of 0 or more, not {value}")
        for name in ("haste", "never_sell", "restricted", "cover", "supply", "skew", "boredom"):
            if getattr(self, name) > 1:
                raise ValueError(f"{name} is a fraction: at most 1, not {getattr(self, name)}")
        for name in ("stake", "pain", "patience", "depth", "take"):
            if getattr(self, name) == 0:
                raise ValueError(f"{name} must be above 0")

    def but(self, **changes: float) -> "January":
        """The same world with other values.

        Raises ValueError for a parameter that there is not.
        """
        known = {field.name for field in fields(self)}
        if unknown := set(changes) - known:
            raise ValueError(
                f"unknown parameter {min(unknown)!r}: choose one of {', '.join(sorted(known))}"
            )
        return dataclasses.replace(self, **changes)


@dataclass(frozen=True)
class Tape:
    """What everybody could have seen, tick by tick; arrays (worlds, TICKS)."""

    price: np.ndarray  # cents, after the auction
    buys: np.ndarray  # shares bought by accounts that join
    sells: np.ndarray  # shares sold by accounts that leave
    volume: np.ndarray  # shares that changed hands
    holding: np.ndarray  # fraction of accounts that hold the share
    owed: np.ndarray  # shares owed by the short funds

    def part(self, rows: int | slice) -> "Tape":
        """The tape of some worlds, or of one arm of a finished experiment."""
        return Tape(*(getattr(self, field.name)[rows] for field in fields(self)))


# Given the tape of its worlds and the tick that is about to trade: shares that a machine
# wants to hold, (worlds,). It must not look at the tape from that tick on.
Policy = Callable[[Tape, int], np.ndarray]


@dataclass(frozen=True)
class Arm:
    """One condition of an experiment: a world, or one for each chance, and who trades."""

    worlds: January | Sequence[January]
    policy: Policy | None = None  # left out, no machine trades
    rivals: int = 1  # machines that trade by the policy, each with an account
    fee: int = 0  # basis points


@dataclass(frozen=True)
class Experiment:
    """Arms that meet the same chances: what differs between them is what they set.

    Raises ValueError for arms that do not fit the number of chances.
    """

    arms: Sequence[Arm]
    chances: int  # independent histories that every arm plays
    accounts: int  # simulated ones per world; together they stand for PEOPLE
    seed: int

    def __post_init__(self) -> None:
        if self.accounts < 10 or self.chances < 1 or not self.arms:
            raise ValueError("an experiment needs an arm, a chance and ten accounts")
        for arm in self.arms:
            if not isinstance(arm.worlds, January) and len(arm.worlds) != self.chances:
                raise ValueError(f"an arm has {len(arm.worlds)} worlds for {self.chances} chances")
            if arm.rivals < 1 or arm.fee < 0:
                raise ValueError("an arm needs a rival or more, and a fee of 0 or more")

    @property
    def worlds(self) -> list[January]:
        """All of them, arm by arm."""
        every = []
        for arm in self.arms:
            one = isinstance(arm.worlds, January)
            every += [arm.worlds] * self.chances if one else arm.worlds
        return every

    def parameters(self) -> dict[str, np.ndarray]:
        """Every parameter of all worlds, each (worlds, 1)."""
        table = np.array([dataclasses.astuple(world) for world in self.worlds], dtype=float)
        names = [field.name for field in fields(January)]
        return {name: table[:, [column]] for column, name in enumerate(names)}

    def repeat(self, draws: np.ndarray) -> np.ndarray:
        """The same draws, one row for each chance, for every arm."""
        return np.tile(draws, (len(self.arms),) + (1,) * (draws.ndim - 1))


def drift(state: np.ndarray, lasts: float, rng: np.random.Generator) -> np.ndarray:
    """Next step of normal noise with variance 1 that is forgotten in `lasts` ticks."""
    keeps = np.exp(-1 / lasts)
    return keeps * state + np.sqrt(1 - keeps**2) * rng.standard_normal(state.shape)
