"""A simulated January 2021: everybody meets in one auction, and the books balance.

Everything here is simulated. Used by chapter 1, "A simulated January 2021".
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from helpers.market.auction import Ledger, clear
from helpers.market.herd import Herd
from helpers.market.institutions import INCUMBENTS, SHORT_FUNDS, Institutions
from helpers.market.january import (
    AI_LIMIT,
    AI_RATE,
    OUTSTANDING,
    START_PRICE,
    TICKS,
    Arm,
    Experiment,
    January,
    Tape,
)
from helpers.parallel import map_tasks

GROUPS = ("retail", "incumbents", "value shorts", "short funds", "day traders", "makers", "machine")
AI_CASH = 25_000_000_000  # cents
BLOCK = 5_000  # retail accounts of an arm that are simulated at once: what fits the caches
DEEP = 10**14  # cents: institutions never run out of cash here


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
    """Run an experiment in blocks of chances, on the workers of `helpers.parallel`.

    The blocks, and so the chances, do not depend on how many arms there are: one more
    leaves what the others meet as it was.
    """
    size = max(1, BLOCK // experiment.accounts)
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
    """Play January and February 2021 once for every arm and chance.

    Raises ValueError if a cent or a share went missing or came from nowhere.
    """
    rng = np.random.default_rng(experiment.seed)
    herd = Herd(experiment, rng)
    others = Institutions(experiment, rng)
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
    imbalance, shares = gains.sum(axis=1) + ledger.fees, ledger.shares.sum(axis=1)
    if imbalance.any() or (shares != OUTSTANDING).any():
        raise ValueError("the books do not balance: the auction or an account is wrong")
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
        imbalance=shaped(imbalance),
        shares=shaped(shares),
    )


def _machines(
    experiment: Experiment, others: Institutions, tape: Tape, ledger: Ledger, tick: int
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


def _opening_ledger(experiment: Experiment, herd: Herd, others: Institutions) -> Ledger:
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
