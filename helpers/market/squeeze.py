"""January 2021 in a machine: a herd, short sellers, old holders, and balanced books.

Everything here is simulated. Used by chapter 1, "January 2021 in a machine".
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from scipy import sparse

from helpers.market.auction import Ledger, clear
from helpers.market.contagion import friendships
from helpers.parallel import map_tasks

DAYS, TICKS_A_DAY = 38, 13  # half-hours, January 4 to February 26
TICKS = DAYS * TICKS_A_DAY
NEWS_DAYS = {7: "spark", 16: "frenzy"}  # January 13 and 27
RESTRICTED_DAYS = range(17, 23)  # January 28 to February 4
START_PRICE = 1_725  # cents, the close of January 4
OUTSTANDING = 69_750_000  # shares
PEOPLE = 900_000  # accounts that traded GameStop on January 27 (SEC staff)
AI_LIMIT, AI_RATE = 500_000, 50_000  # shares held at most, traded per tick at most
AI_CASH = 25_000_000_000  # cents
LARGEST_BLOCK = 500_000  # accounts that are simulated at once, if chances can be split
DEEP = 10**14  # cents: institutions never run out of cash here
GROUPS = ("retail", "incumbents", "value shorts", "short funds", "day traders", "makers", "AI")
INCUMBENTS, VALUE_SHORTS, SHORT_FUNDS, DAY_TRADERS = 24, 4, 16, 20


@dataclass(frozen=True)
class January:
    """What is assumed about one world. Rates are per tick (half an hour).

    Raises ValueError for a value that is not a number or out of its range.
    """

    # The herd
    hype: float = 1.0  # multiplies every chance to join
    lonely: float = 0.000068  # chance to join without friends who hold
    friends: float = 0.024  # added chance if all friends hold
    greed: float = 1.2  # how much a day's gain of 100 % adds to that chance
    spark: float = 5.7  # factor on January 13
    frenzy: float = 19  # factor on January 27
    mood: float = 0.3  # standard deviation of the log of a slowly moving factor
    stake: float = 5_000.0  # dollars, mean over accounts
    stop: float = 0.29  # fall from the highest price seen that makes half of them sell
    take: float = 3.9  # multiple of the price paid at which half of them sell
    haste: float = 0.042  # chance to sell once there is a reason
    boredom: float = 0.00075  # chance to sell without one
    never_sell: float = 0.15  # fraction of accounts
    restricted: float = 0.6  # fraction of accounts whose broker stops buying
    # Those on the other side
    short_interest: float = 71e6  # shares owed by the short funds
    pain: float = 5  # multiple of the first price at which half of the funds must cover
    pain_spread: float = 0.11  # standard deviation of its log
    cover: float = 0.068  # fraction of what it still owes that such a fund buys back
    patience: float = 1.6  # multiple of the first price at which half of the incumbents sell
    patience_spread: float = 0.35  # standard deviation of its log
    supply: float = 0.0056  # fraction of the way to their wanted holding that they go
    value_capacity: float = 20e6  # shares that value shorts would owe in all
    # The market itself
    depth: float = 12e6  # shares that move the price by a factor e
    skew: float = 0.017  # fraction of the dealers' stock unwound
    churn: float = 30_000.0  # shares: standard deviation of each day trader's wanted holding
    crowd: float = 60.0  # how much the rate of joining (accounts a day) adds to churn

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

    def column(self, name: str) -> np.ndarray:
        """One parameter of all worlds, (worlds, 1)."""
        return np.array([getattr(world, name) for world in self.worlds], dtype=float)[:, None]

    def repeat(self, draws: np.ndarray) -> np.ndarray:
        """The same draws, one row for each chance, for every arm."""
        return np.tile(draws, (len(self.arms),) + (1,) * (draws.ndim - 1))


@dataclass(frozen=True)
class Episode:
    """How an experiment ended; money in dollars unless it says cents.

    The first two axes of every array are (arms, chances).
    """

    tape: Tape
    gains: dict[str, np.ndarray]  # by group: from trading, at the last price
    account_gains: np.ndarray  # (arms, chances, accounts) of retail
    stakes: np.ndarray  # (arms, chances, accounts)
    joined: np.ndarray  # (arms, chances, accounts) tick of joining, -1 for never
    machine_capital: np.ndarray  # most that one machine had at stake
    fees: np.ndarray
    imbalance: np.ndarray  # cents: all gains plus fees
    shares: np.ndarray  # in all accounts, what is owed subtracted


def play(experiment: Experiment) -> Episode:
    """Run an experiment in blocks of chances, on the workers of `helpers.parallel`."""
    size = max(1, LARGEST_BLOCK // (experiment.accounts * len(experiment.arms)))
    starts = range(0, experiment.chances, size)
    seeds = np.random.SeedSequence(experiment.seed).spawn(len(starts))
    blocks = [
        dataclasses.replace(
            experiment,
            arms=[_some(arm, slice(start, start + size)) for arm in experiment.arms],
            chances=min(size, experiment.chances - start),
            seed=seed,
        )
        for start, seed in zip(starts, seeds, strict=True)
    ]
    return _join(map_tasks(simulate, blocks))


def _some(arm: Arm, chances: slice) -> Arm:
    if isinstance(arm.worlds, January):
        return arm
    return dataclasses.replace(arm, worlds=arm.worlds[chances])


def _join(parts: Sequence) -> object:
    """Episodes (or their dictionaries, tapes, arrays) joined along the chances."""
    first = parts[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(parts, axis=1)
    if isinstance(first, dict):
        return {name: _join([part[name] for part in parts]) for name in first}
    names = [field.name for field in fields(first)]
    return type(first)(*(_join([getattr(part, name) for part in parts]) for name in names))


def simulate(experiment: Experiment) -> Episode:
    """Play January and February 2021 once for every arm and chance."""
    rng = np.random.default_rng(experiment.seed)
    herd = Herd(experiment, rng)
    others = Others(experiment, rng)
    ledger = _opening_ledger(experiment, herd, others)
    worlds = len(ledger.cash)
    tape = Tape(*(np.zeros((worlds, TICKS)) for _ in fields(Tape)))
    last = np.full(worlds, START_PRICE, dtype=np.int64)
    capital = np.zeros(worlds)
    nothing = np.zeros(worlds, dtype=np.int64)
    fee = np.repeat([arm.fee for arm in experiment.arms], experiment.chances)[:, None]
    fixed = np.arange(experiment.accounts, ledger.cash.shape[1] - 1)

    for tick in range(TICKS):
        joins, leaves = herd.decide(tick, tape, rng)
        moved = np.flatnonzero((joins | leaves).any(axis=0))
        traders = np.concatenate([moved, fixed])
        retail = np.where(joins[:, moved], DEEP, ledger.shares[:, moved])
        retail[leaves[:, moved]] = 0
        machines = _machines(experiment, others, tape, ledger, tick)
        rest = others.wanted(ledger, last, herd.joining, machines, rng)

        def wanted(price: np.ndarray, retail=retail, rest=rest) -> np.ndarray:
            return np.concatenate([retail, rest(price)], axis=1)

        before = ledger.shares[:, traders]
        last = clear(ledger, wanted, last, fee, nothing, traders=traders)
        traded = ledger.shares[:, traders] - before
        # A stake may be too small for one share.
        herd.settle(tick, last, joins & (ledger.shares[:, : experiment.accounts] > 0), leaves)
        flow, bought = traded[:, : len(moved)], np.maximum(traded, 0).sum(axis=1)
        tape.price[:, tick] = last
        tape.buys[:, tick] = np.maximum(flow, 0).sum(axis=1)
        tape.sells[:, tick] = np.maximum(-flow, 0).sum(axis=1)
        tape.volume[:, tick] = np.maximum(bought, bought - traded.sum(axis=1))
        tape.holding[:, tick] = herd.holds.mean(axis=1)
        tape.owed[:, tick] = -ledger.shares[:, others.funds].sum(axis=1)
        machine = np.abs(ledger.shares[:, others.machines]).max(axis=1, initial=0)
        capital = np.maximum(capital, machine * last / 100)

    gains = ledger.trading_gains(last)
    columns = dict(zip(GROUPS, others.columns(), strict=True))

    def shaped(array: np.ndarray) -> np.ndarray:
        return array.reshape(len(experiment.arms), experiment.chances, *array.shape[1:])

    return Episode(
        tape=Tape(*(shaped(getattr(tape, field.name)) for field in fields(Tape))),
        gains={name: shaped(gains[:, who].sum(axis=1) / 100) for name, who in columns.items()},
        account_gains=shaped(gains[:, : experiment.accounts] / 100),
        stakes=shaped(herd.stakes / 100),
        joined=shaped(herd.joined),
        machine_capital=shaped(capital),
        fees=shaped(ledger.fees / 100),
        imbalance=shaped(gains.sum(axis=1) + ledger.fees),
        shares=shaped(ledger.shares.sum(axis=1)),
    )


def _machines(
    experiment: Experiment, others: "Others", tape: Tape, ledger: Ledger, tick: int
) -> np.ndarray:
    """What every machine may hold next: within its limits, and nothing at the end."""
    held = ledger.shares[:, others.machines]
    wanted = np.zeros(held.shape)
    for number, arm in enumerate(experiment.arms):
        if arm.policy is not None:
            rows = slice(number * experiment.chances, (number + 1) * experiment.chances)
            wanted[rows, : arm.rivals] = arm.policy(tape.part(rows), tick)[:, None]
    left = TICKS - 1 - tick  # auctions after this one
    limit = min(AI_LIMIT, AI_RATE * left)
    wanted = np.clip(wanted, -limit, limit)
    return np.clip(wanted, held - AI_RATE, held + AI_RATE).astype(np.int64)


class Herd:
    """Retail accounts: they catch the idea from friends, buy once, and sell once."""

    def __init__(self, experiment: Experiment, rng: np.random.Generator) -> None:
        self.experiment, self.accounts = experiment, experiment.accounts
        drawn = (experiment.chances, self.accounts)
        shape = (len(experiment.worlds), self.accounts)
        seeds = rng.integers(2**31, size=experiment.chances)
        graphs = [friendships(self.accounts, int(seed)) for seed in seeds]
        self.graph = sparse.block_diag(graphs * len(experiment.arms), format="csr")
        self.degree = np.diff(self.graph.indptr).reshape(shape).astype(np.float32)
        self.p = {field.name: experiment.column(field.name) for field in fields(January)}
        spread = [experiment.repeat(rng.standard_normal(drawn, dtype=np.float32)) for _ in range(3)]
        mean = self.p["stake"] * 100 * PEOPLE / self.accounts
        self.stakes = (mean * np.exp(spread[0] - 0.5)).astype(np.int64)
        self.stop = np.clip(self.p["stop"] * np.exp(0.4 * spread[1]), 0.05, 0.95)
        self.take = 1 + (self.p["take"] - 1) * np.exp(0.5 * spread[2])
        self.stop, self.take = self.stop.astype(np.float32), self.take.astype(np.float32)
        kind = [experiment.repeat(rng.random(drawn, dtype=np.float32)) for _ in range(2)]
        self.firm = kind[0] < self.p["never_sell"]
        self.barred = kind[1] < self.p["restricted"]
        self.holds = np.zeros(shape, dtype=bool)
        self.joined = np.full(shape, -1, dtype=np.int16)
        self.paid = np.ones(shape, dtype=np.float32)
        self.highest = np.ones(shape, dtype=np.float32)
        self.mood = np.zeros((experiment.chances, 1))
        self.joining = np.zeros((shape[0], 1))  # fraction of accounts per day
        self._joins_a_day = np.zeros((shape[0], TICKS_A_DAY))

    def decide(self, tick: int, tape: Tape, rng: np.random.Generator) -> tuple:
        """Who wants to buy and who to sell now, both (worlds, accounts) bool."""
        p, day = self.p, tick // TICKS_A_DAY
        keeps = np.exp(-1 / (2 * TICKS_A_DAY))  # a mood lasts two days
        news = rng.standard_normal(self.mood.shape)
        self.mood = keeps * self.mood + np.sqrt(1 - keeps**2) * news
        mood = np.exp(p["mood"] * self.experiment.repeat(self.mood))
        chances = (self.experiment.chances, self.accounts)
        chance = self.experiment.repeat(rng.random(chances, dtype=np.float32))
        first = np.full((len(mood), 1), START_PRICE)
        now = tape.price[:, tick - 1 : tick] if tick else first
        before = tape.price[:, tick - 14 : tick - 13] if tick > TICKS_A_DAY else START_PRICE
        excitement = np.clip(1 + p["greed"] * (now / before - 1), 0.2, None)
        factor = p["hype"] * mood * excitement
        if day in NEWS_DAYS:
            factor = factor * p[NEWS_DAYS[day]]
        holding = (self.graph @ self.holds.ravel().astype(np.float32)).reshape(self.holds.shape)
        rate = (factor * p["lonely"]).astype(np.float32) + (factor * p["friends"]).astype(
            np.float32
        ) * (holding / self.degree)
        joins = (self.joined < 0) & (chance < -np.expm1(-rate))
        if day in RESTRICTED_DAYS:
            joins &= ~self.barred
        now = now.astype(np.float32)
        reason = (now < (1 - self.stop) * self.highest) | (now > self.take * self.paid)
        leave = np.where(reason, p["haste"], p["boredom"])
        leaves = self.holds & ~self.firm & (chance < leave)
        return joins, leaves

    def settle(self, tick: int, price: np.ndarray, bought: np.ndarray, leaves: np.ndarray) -> None:
        """Take note of what the auction did; `bought` and `leaves` (worlds, accounts) bool."""
        self.holds = (self.holds | bought) & ~leaves
        self.joined[bought] = tick
        paid = np.broadcast_to(price[:, None], self.holds.shape)
        self.paid[bought] = paid[bought]
        self.highest = np.where(bought, paid, np.maximum(self.highest, price[:, None])).astype(
            np.float32
        )
        self._joins_a_day[:, tick % TICKS_A_DAY] = bought.mean(axis=1)
        self.joining = self._joins_a_day.sum(axis=1, keepdims=True)


class Others:
    """Everybody but retail: their positions in the ledger and what they want to hold."""

    def __init__(self, experiment: Experiment, rng: np.random.Generator) -> None:
        self.experiment = experiment
        self.p = {field.name: experiment.column(field.name) for field in fields(January)}
        worlds = len(experiment.worlds)
        rivals = max(arm.rivals if arm.policy else 0 for arm in experiment.arms)
        sizes = [
            experiment.accounts, INCUMBENTS, VALUE_SHORTS, SHORT_FUNDS, DAY_TRADERS, 1, rivals
        ]  # fmt: skip
        ends = np.cumsum(sizes)
        self.slices = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        self.funds, self.machines = self.slices[3], np.arange(ends[-2], ends[-1])
        draws = experiment.repeat(
            rng.standard_normal((experiment.chances, INCUMBENTS + SHORT_FUNDS))
        )
        patience = self.p["patience"] * np.exp(self.p["patience_spread"] * draws[:, :INCUMBENTS])
        self.reserve = START_PRICE * np.maximum(patience, 1)
        self.limit = (
            START_PRICE * self.p["pain"] * np.exp(self.p["pain_spread"] * draws[:, INCUMBENTS:])
        )
        overpriced = START_PRICE * np.geomspace(3, 6, VALUE_SHORTS)
        self.dear = np.concatenate(
            [self.reserve, np.broadcast_to(overpriced, (worlds, VALUE_SHORTS))], axis=1
        )
        held = (OUTSTANDING + self.p["short_interest"]) / INCUMBENTS
        owed = self.p["value_capacity"] / VALUE_SHORTS
        most = np.concatenate(
            [np.repeat(held, INCUMBENTS, axis=1), np.zeros((worlds, VALUE_SHORTS))], axis=1
        )
        span = np.concatenate(
            [np.repeat(held, INCUMBENTS, axis=1), np.repeat(owed, VALUE_SHORTS, axis=1)], axis=1
        )
        self.most, self.span = most.astype(np.int64), span.astype(np.int64)

    def columns(self) -> list:
        """Positions of each group in the ledger, in the order of GROUPS."""
        retail, incumbents, value, funds, day, dealer, machines = self.slices
        makers = [dealer.start, machines.stop]  # the dealer, and who takes the odd shares
        return [retail, incumbents, value, funds, day, makers, machines]

    def wanted(
        self,
        ledger: Ledger,
        last: np.ndarray,
        joining: np.ndarray,
        machines: np.ndarray,
        rng: np.random.Generator,
    ) -> Callable[[np.ndarray], np.ndarray]:
        """This tick's wanted holdings of all institutions as a function of the price."""
        p = self.p
        _, incumbents, value, funds, _, dealer, _ = self.slices
        held = ledger.shares[:, incumbents.start : value.stop]
        in_pain = last[:, None] > self.limit
        owed = ledger.shares[:, funds]
        covered = owed - np.where(in_pain, np.floor(p["cover"] * owed), 0).astype(np.int64)
        busy = 1 + p["crowd"] * joining
        noise = self.experiment.repeat(rng.standard_normal((self.experiment.chances, DAY_TRADERS)))
        churned = (p["churn"] * busy * noise).astype(np.int64)
        fixed = [covered, churned]
        stock = ledger.shares[:, dealer]
        depth = p["depth"] * np.sqrt(busy)

        def at(price: np.ndarray) -> np.ndarray:
            tempted = np.clip(np.log(price / self.dear), 0, 1)
            patient = held + p["supply"] * (self.most - self.span * tempted - held)
            quoted = (1 - p["skew"]) * stock - depth * np.log(price / last[:, None])
            quoted = np.rint(quoted).astype(np.int64)
            return np.concatenate(
                [np.floor(patient).astype(np.int64), *fixed, quoted, machines], axis=1
            )

        return at


def _opening_ledger(experiment: Experiment, herd: Herd, others: Others) -> Ledger:
    """Incumbents hold all shares, those that the short funds borrowed and sold among them."""
    worlds, accounts = len(herd.stakes), others.slices[-1].stop + 1
    cash = np.full((worlds, accounts), DEEP, dtype=np.int64)
    cash[:, : experiment.accounts] = herd.stakes
    cash[:, others.machines] = AI_CASH
    shares = np.zeros_like(cash)
    may_owe = np.full_like(cash, DEEP)
    may_owe[:, : experiment.accounts] = 0
    _, incumbents, _, funds, *_ = others.slices
    may_owe[:, incumbents] = 0
    owed = (others.p["short_interest"] / SHORT_FUNDS).astype(np.int64)
    shares[:, funds] = -owed
    held = OUTSTANDING + owed[:, 0] * SHORT_FUNDS
    shares[:, incumbents] = (held // INCUMBENTS)[:, None]
    shares[:, incumbents.start] += held % INCUMBENTS
    return Ledger(cash=cash, shares=shares, may_owe=may_owe)
