"""A continuous double auction: a limit order book with price-time priority.

Prices are whole cents and quantities whole shares, so that nothing is rounded away.
Harris (2003), Trading and Exchanges, chapter 6, describes these rules.
Used by chapter 1, "A market whose books balance".
"""

from collections import deque
from collections.abc import Iterable
from heapq import heappop, heappush
from operator import index
from typing import NamedTuple

import numpy as np

CENTRE, REACH = 1_000, 10  # cents: random orders bid and ask 990 to 1,010
LARGEST = 100  # shares in a random order
LIMITS = 0.7  # share of limit orders among random events; the rest cancel
MEMORY = 50  # a random cancel names one of so many latest orders


class Order(NamedTuple):
    """Buy for at most, or sell for at least, `price` cents a share."""

    id: int
    buys: bool
    price: int
    quantity: int


class Trade(NamedTuple):
    """The maker waited and set the price; the taker came and met it."""

    maker: int
    taker: int
    price: int
    quantity: int


Event = Order | int  # a new order, or the id of one to cancel


class OrderBook:
    """Orders that wait: best price first, among equals the oldest first."""

    def __init__(self) -> None:
        # Per order the shares it still wants; 0 once filled or cancelled.
        self.open: dict[int, int] = {}
        # Per side (True buys) ids by price, and a heap of those prices.
        # Bids are stored negative: on both sides the smallest is the best.
        self.queues: dict[bool, dict[int, deque]] = {True: {}, False: {}}
        self.prices: dict[bool, list[int]] = {True: [], False: []}

    def submit(self, order: Order) -> list[Trade]:
        """Trade with whoever waits at the limit or better; then wait.

        Raises ValueError unless id, price and quantity are whole numbers,
        the latter two above 0, `buys` a bool, and the id a new one.
        """
        id, buys, limit, wanted = checked(order)
        if id in self.open:
            raise ValueError(f"order id {id} was used before: take another")
        sign = 1 if buys else -1
        prices, queues = self.prices[not buys], self.queues[not buys]
        trades = []
        while wanted and prices and prices[0] <= sign * limit:
            queue = queues[prices[0]]
            while wanted and queue:
                maker = queue[0]
                quantity = min(wanted, self.open[maker])
                if quantity:  # else it was cancelled
                    price = sign * prices[0]
                    trades.append(Trade(maker, id, price, quantity))
                    self.open[maker] -= quantity
                    wanted -= quantity
                if not self.open[maker]:
                    queue.popleft()
            if not queue:
                del queues[heappop(prices)]
        self.open[id] = wanted
        if wanted:
            price, queues = -sign * limit, self.queues[buys]
            if price not in queues:
                queues[price] = deque()
                heappush(self.prices[buys], price)
            queues[price].append(id)
        return trades

    def cancel(self, id: int) -> int:
        """Take an order back; returns how many shares it still wanted.

        That is 0, and nothing happens, if the order is unknown, filled or
        cancelled already.
        """
        withdrawn = self.open.get(id, 0)
        if withdrawn:
            self.open[id] = 0  # leaves its queue when its turn comes
        return withdrawn

    def depth(self, buys: bool) -> dict[int, int]:
        """Shares that wait at each price of one side, best price first."""
        shares = {
            abs(price): sum(self.open[id] for id in queue)
            for price, queue in sorted(self.queues[buys].items())
        }
        return {price: some for price, some in shares.items() if some}


def checked(order: Order) -> tuple[int, bool, int, int]:
    """The order's fields, whole numbers as Python's own; ValueError says what is wrong."""
    id, buys, price, quantity = order
    try:
        fields = index(id), buys, index(price), index(quantity)
    except TypeError:
        raise ValueError(f"id, price and quantity must be whole numbers: {order}") from None
    if price < 1 or quantity < 1:
        raise ValueError(f"price and quantity must be above 0: {order}")
    if buys not in (True, False):
        raise ValueError(f"buys must be True or False: {order}")
    return fields


def play(book: OrderBook, events: Iterable[Event]) -> list[Trade]:
    """Send events to a book one after the other; returns all trades."""
    trades = []
    for event in events:
        if isinstance(event, Order):
            trades += book.submit(event)
        else:
            book.cancel(event)
    return trades


def random_events(count: int, seed: int) -> list[Event]:
    """Orders at random, numbered from 0, and now and then a cancel.

    A cancel names one of the latest orders, which may be filled or cancelled by then.
    Raises ValueError unless `count` is above 0.
    """
    if count < 1:
        raise ValueError(f"at least one event is needed, not {count}")
    rng = np.random.default_rng(seed)
    is_order = rng.random(count) < LIMITS
    is_order[0] = True  # there is nothing to cancel yet
    ids = np.cumsum(is_order) - 1
    named = ids - rng.integers(np.minimum(MEMORY, ids + 1))
    buys = rng.random(count) < 0.5
    price = rng.integers(CENTRE - REACH, CENTRE + REACH, count, endpoint=True)
    quantity = rng.integers(1, LARGEST, count, endpoint=True)
    orders = map(Order, ids.tolist(), buys.tolist(), price.tolist(), quantity.tolist())
    return [
        order if new else cancelled
        for new, order, cancelled in zip(is_order, orders, named.tolist(), strict=True)
    ]
