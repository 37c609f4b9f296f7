"""A call auction whose books balance to the cent, for many markets at once.

Cash is in whole cents and stock in whole shares (int64), so that nothing is rounded away.
Used by chapter 1, "A market whose books balance".
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

Demand = Callable[[np.ndarray], np.ndarray]

BASIS_POINTS = 10_000  # in 100 %


@dataclass
class Ledger:
    """Every account of every market; arrays of shape (markets, accounts), int64.

    The last account is the market maker's. `spent` (fees included) and `bought` count
    what trading alone moved; dividends and the like do not enter them. Shares below
    zero are owed: borrowed and sold.

    Raises ValueError for other types or shapes, negative cash, and more shares owed than
    an account may owe.
    """

    cash: np.ndarray  # cents
    shares: np.ndarray
    may_owe: np.ndarray | None = None  # shares; left out, nobody may owe any
    fees: np.ndarray = field(init=False)  # (markets,), cents, paid to the broker so far
    spent: np.ndarray = field(init=False)  # cents, net
    bought: np.ndarray = field(init=False)  # shares, net

    def __post_init__(self) -> None:
        if self.may_owe is None:
            self.may_owe = np.zeros_like(self.shares)
        for name in ("cash", "shares", "may_owe"):
            holding = getattr(self, name)
            if holding.dtype != np.int64 or holding.ndim != 2:
                raise ValueError(f"{name} must be a table of whole numbers (int64)")
            if holding.shape != self.cash.shape:
                raise ValueError("cash and shares must have one entry for each account")
        if (self.cash < 0).any():
            raise ValueError("an account starts with negative cash: give it none or some")
        if (self.shares < -self.may_owe).any():
            raise ValueError("an account starts with negative shares beyond what it may owe")
        self.fees = np.zeros(len(self.cash), dtype=np.int64)
        self.spent = np.zeros_like(self.cash)
        self.bought = np.zeros_like(self.shares)

    def trading_gains(self, price: np.ndarray) -> np.ndarray:
        """What each account gained by trading, against keeping what it had.

        G = -spent + price * bought, in cents, at a final `price` per market
        of shape (markets,). Summed over all accounts it is minus the fees,
        at any price whatever.
        """
        return price[:, None] * self.bought - self.spent


def clear(
    ledger: Ledger,
    demand: Demand,
    last: np.ndarray,
    fee: int | np.ndarray,
    offered: np.ndarray,
    *,
    traders: np.ndarray | None = None,
) -> np.ndarray:
    """Let accounts trade at one price per market; returns it (cents).

    `demand(price)` says how many shares each trading account wants to hold
    at a price of shape (markets, 1), never more at a higher one. `traders`
    are their positions in the ledger, rising and without the maker's; left
    out, all trade. `offered` new shares per market (markets,) come on top;
    their proceeds go to whoever issues them. The price is the whole cent at
    which orders come closest to balancing; the maker takes the few shares
    between. Buyers spend no more than their cash, fee included, and nobody
    owes more shares than he may; `fee` is in basis points of the value
    traded, one for all or (markets, 1), rounded up to a cent. `last` brackets the search.

    Raises ValueError if no price from a thousandth to a thousand times the
    last one balances orders, or if the maker runs out of shares or cash.
    """
    maker = ledger.cash.shape[1] - 1
    who = np.arange(maker) if traders is None else traders
    shares = ledger.shares[:, who]
    lowest = -(shares + ledger.may_owe[:, who])
    # One cent is kept back for the fee's rounding.
    purse = np.maximum(ledger.cash[:, who] - 1, 0) * BASIS_POINTS

    def orders(price: np.ndarray) -> np.ndarray:
        price = price[:, None]
        affordable = purse // (price * (BASIS_POINTS + fee))
        # np.clip says the same, slower: small markets spend their time in calls.
        return np.minimum(np.maximum(demand(price) - shares, lowest), affordable)

    def excess(price: np.ndarray) -> np.ndarray:
        return orders(price).sum(axis=1) - offered

    price = _balance(excess, last)
    filled = orders(price)
    residue = filled.sum(axis=1) - offered
    who = np.append(who, maker)
    filled = np.concatenate([filled, -residue[:, None]], axis=1)
    value = price[:, None] * filled
    fees = -(-np.abs(value) * fee // BASIS_POINTS)
    fees[:, -1] = 0  # the maker is the market
    ledger.cash[:, who] -= value + fees
    ledger.shares[:, who] += filled
    ledger.spent[:, who] += value + fees
    ledger.bought[:, who] += filled
    ledger.fees += fees.sum(axis=1)
    if (ledger.shares[:, -1] < -ledger.may_owe[:, -1]).any() or (ledger.cash[:, -1] < 0).any():
        raise ValueError("the market maker ran out: give him more")
    return price


def _balance(excess: Callable[[np.ndarray], np.ndarray], last: np.ndarray) -> np.ndarray:
    """The whole cent per market where a falling step function comes closest to zero."""
    # Most times the price moves by less than a hundredth; if not, look further.
    low, high = _reach(last, 1.01)
    above, below = excess(low), excess(high)
    for factor in (1.1, 10, 1000):
        lower, higher = _reach(last, factor)
        if (above < 0).any():
            low = np.where(above >= 0, low, lower)
            above = excess(low)
        if (below >= 0).any():
            high = np.where(below < 0, high, higher)
            below = excess(high)
    if (above < 0).any() or (below >= 0).any():
        raise ValueError("no price near the last balances orders")
    step = 0
    while (high - low > 1).any():
        # Where a straight line would cross zero, and half-way every fourth time: fast, and safe.
        share = 0.5 if step % 4 == 3 else above / (above - below)
        middle = low + ((high - low) * share).astype(np.int64)
        middle = np.minimum(np.maximum(middle, low + 1), high - 1)
        balance = excess(middle)
        wanted = balance >= 0
        low, above = np.where(wanted, middle, low), np.where(wanted, balance, above)
        high, below = np.where(wanted, high, middle), np.where(wanted, below, balance)
        step += 1
    return np.where(above <= -below, low, high)


def _reach(last: np.ndarray, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Whole cents a factor below and above the last price."""
    low, high = (last / factor).astype(np.int64), (last * factor).astype(np.int64)
    return np.maximum(low, 1), high + 1
