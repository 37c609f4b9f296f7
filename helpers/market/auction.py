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
    what trading alone moved; dividends and the like do not enter them.

    Raises ValueError for other types or shapes, and for negative cash or shares.
    """

    cash: np.ndarray  # cents
    shares: np.ndarray
    fees: np.ndarray = field(init=False)  # (markets,), cents, paid to the broker so far
    spent: np.ndarray = field(init=False)  # cents, net
    bought: np.ndarray = field(init=False)  # shares, net

    def __post_init__(self) -> None:
        for name in ("cash", "shares"):
            holding = getattr(self, name)
            if holding.dtype != np.int64 or holding.ndim != 2:
                raise ValueError(f"{name} must be a table of whole numbers (int64)")
            if (holding < 0).any():
                raise ValueError(f"an account starts with negative {name}: give it none or some")
        if self.cash.shape != self.shares.shape:
            raise ValueError("cash and shares must have one entry for each account")
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
    ledger: Ledger, demand: Demand, last: np.ndarray, fee: int, offered: np.ndarray
) -> np.ndarray:
    """Let all accounts trade at one price per market; returns it (cents).

    `demand(price)` says how many shares each account but the maker's wants
    to hold at a price of shape (markets, 1), never more at a higher one.
    `offered` new shares per market (markets,) come on top; their proceeds
    go to whoever issues them. The price is the whole cent at which orders
    come closest to balancing; the maker takes the few shares between.
    Buyers spend no more than their cash, fee included; `fee` is in basis
    points of the value traded, rounded up to a cent. `last` brackets the
    search.

    Raises ValueError if no price from a tenth to ten times the last one
    balances orders, or if the maker runs out of shares or cash.
    """
    cash, shares = ledger.cash[:, :-1], ledger.shares[:, :-1]

    def orders(price: np.ndarray) -> np.ndarray:
        price = price[:, None]
        # One cent is kept back for the fee's rounding.
        affordable = (cash - 1) * BASIS_POINTS // (price * (BASIS_POINTS + fee))
        return np.clip(demand(price) - shares, -shares, np.maximum(affordable, 0))

    def excess(price: np.ndarray) -> np.ndarray:
        return orders(price).sum(axis=1) - offered

    # Most weeks the price moves by less than a tenth; if not, look further.
    low, high = np.maximum(last * 9 // 10, 1), last * 11 // 10 + 1
    low = np.where(excess(low) >= 0, low, np.maximum(last // 10, 1))
    high = np.where(excess(high) < 0, high, last * 10)
    if (excess(low) < 0).any() or (excess(high) >= 0).any():
        raise ValueError("no price near the last balances orders")
    while (high - low > 1).any():
        middle = (low + high) // 2
        wanted = excess(middle) >= 0
        low, high = np.where(wanted, middle, low), np.where(wanted, high, middle)

    price = np.where(excess(low) <= -excess(high), low, high)
    filled = orders(price)
    residue = filled.sum(axis=1) - offered
    filled = np.concatenate([filled, -residue[:, None]], axis=1)
    value = price[:, None] * filled
    fees = -(-np.abs(value) * fee // BASIS_POINTS)
    fees[:, -1] = 0  # the maker is the market
    ledger.cash -= value + fees
    ledger.shares += filled
    ledger.spent += value + fees
    ledger.bought += filled
    ledger.fees += fees.sum(axis=1)
    if (ledger.shares[:, -1] < 0).any() or (ledger.cash[:, -1] < 0).any():
        raise ValueError("the market maker ran out: give him more")
    return price
