"""Chapter 1: our order book against two packages, and the call auction as accounts grow."""

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.report import Row, publish, race, spread
from helpers.market.auction import Demand, Ledger, clear
from helpers.market.order_book import Event, Order, OrderBook, Trade, play, random_events

SEED = 2021
EVENTS, RACES = 200_000, 7
ACCOUNT_TICKS, AUCTIONS = 5_400_000, 5  # a repetition's work, and repetitions
CROWDS = ((1, 1_500), (64, 1_500), (1, 90_000), (1, 900_000), (1, 1_800_000))  # markets, accounts
LINEAR = 1.2  # how much dearer an account may be among more of them: caches fill up
PRICE, HOLDING = 5_000, 1_000  # cents; shares per account

TEXT = """\
**Order books.** Three continuous order books take the same {events:,} random events, about
70 % limit orders and 30 % cancels: ours (`helpers/market/order_book.py`, pure Python),
bourse (Rust) and pyorderbook (pure Python, decimal prices). Their {trades:,} trades are equal
in maker, taker, price and quantity; the run stops if they are not. Counted are CPU seconds
from an empty book to the last trade, the calls from Python included; for pyorderbook that
includes making its order objects, for ours checking each order. A ratio compares the two in
the same repetition.
{standings}

**Call auction.** Every account of a market has an opinion, and one price clears them all
(`helpers/market/auction.py`). An account-tick is one account's part in one auction: the
search for the price and the settling, not the drawing of opinions. Small markets pay most
for numpy's calls; large ones outgrow the processor's cache. The process has freed one
large array beforehand: without that, Linux takes back and hands out memory at every step
of the search, which can cost more than the arithmetic.
{growth}

Numbers are medians, with smallest and largest of {races} races and {auctions} auction runs."""


def play_ours(events: Sequence[Event]) -> list[Trade]:
    return play(OrderBook(), events)


# The peers are imported late: bourse has no wheels for Python 3.13 and newer, and
# pyorderbook sets up logging when imported.


def play_bourse(events: Sequence[Event]) -> list[tuple]:
    """Its record of trades. It numbers orders from 0, as the random events do."""
    from bourse.core import OrderBook as Bourse  # noqa: PLC0415

    book = Bourse(0, 1)
    for now, event in enumerate(events):
        book.set_time(now)  # orders of the same time would collide
        if isinstance(event, Order):
            book.place_order(event.buys, event.quantity, 0, event.price)
        else:
            book.cancel_order(event)
    return book.get_trades()


def trades_of_bourse(record: list[tuple]) -> list[Trade]:
    return [Trade(maker, taker, price, quantity) for _, _, price, quantity, taker, maker in record]


def play_pyorderbook(events: Sequence[Event]) -> tuple[list, dict]:
    """Its trades, and its orders by our ids."""
    from pyorderbook import Book, ask, bid  # noqa: PLC0415

    book, orders, trades = Book(), {}, []
    for event in events:
        if isinstance(event, Order):
            make = bid if event.buys else ask
            order = orders[event.id] = make("GME", event.price, event.quantity)
            trades += book.match(order).trades
        elif book.get_order(orders[event].id):  # to cancel any other is an error there
            book.cancel(orders[event])
    return trades, orders


def trades_of_pyorderbook(record: tuple[list, dict]) -> list[Trade]:
    trades, orders = record
    ids = {order.id: id for id, order in orders.items()}
    return [
        Trade(
            ids[trade.standing_order_id],
            ids[trade.incoming_order_id],
            int(trade.fill_price),
            trade.fill_quantity,
        )
        for trade in trades
    ]


# Per package how it plays, and how its record of trades becomes ours (not timed).
PEERS: dict[str, tuple[Callable, Callable[[Any], list[Trade]]]] = {
    "bourse": (play_bourse, trades_of_bourse),
    "pyorderbook": (play_pyorderbook, trades_of_pyorderbook),
}


def race_order_books(count: int, repetitions: int) -> tuple[int, str, list[Row]]:
    """Number of trades, who is faster, and a row per book.

    A package that is not installed is left out. Raises ValueError if trades differ.
    """
    events = random_events(count, SEED)
    peers = {name: PEERS[name] for name in PEERS if find_spec(name)}
    for name in peers:
        import_module(name)  # not a part of the race
    contestants = {"ours": lambda: play_ours(events)} | {
        name: lambda run=run: run(events) for name, (run, _) in peers.items()
    }
    spent: dict[str, list[float]] = {name: [] for name in contestants}
    for lap in race(contestants, repetitions):
        trades = lap["ours"][1]
        for name, (_, common) in peers.items():
            if common(lap[name][1]) != trades:
                raise ValueError(f"{name} and our order book trade differently")
        for name, (seconds, _) in lap.items():
            spent[name].append(seconds)

    rates = {name: count / np.array(seconds) for name, seconds in spent.items()}
    rows = [Row("our order book", spread(rates["ours"]), "events / CPU s")]
    sentences = []
    for name in peers:
        ratio = rates[name] / rates["ours"]
        label = f"{name} {version(name)}"
        rows.append(
            Row(label, spread(rates[name]), "events / CPU s", spread(ratio), "speed of ours")
        )
        sentences.append(standing(label, ratio))
    return len(trades), " ".join(sentences), rows


def standing(name: str, ratio: np.ndarray) -> str:
    """Who is faster, in words that follow the measured ratio of its speed to ours."""
    middle, won = np.median(ratio), int((ratio < 1).sum())
    times = f"{max(middle, 1 / middle):.2g} times as fast"
    ours = f"slower than {name}, which is" if middle > 1 else f"faster than {name},"
    return f"Ours is {ours} {times} in the median; it won {won} of {len(ratio)} repetitions."


def growth(costs: dict[tuple[int, int], np.ndarray]) -> str:
    """How the cost of a tick grows with accounts, in words that follow the measurement."""
    small, _, _, large, twice = CROWDS
    more = {(a, b): b[1] / a[1] for a, b in [(small, large), (large, twice)]}
    dearer = {(a, b): np.median(costs[b] / costs[a]) * times for (a, b), times in more.items()}
    sentences = [
        f"From {a[1]:,} to {b[1]:,} accounts in one market, {more[a, b]:.3g} times as many, a "
        f"tick costs {dearer[a, b]:.3g} times as much."
        for a, b in more
    ]
    linear = all(dearer[step] <= LINEAR * more[step] for step in more)
    outcome = "met" if linear else "missed"
    return " ".join([*sentences, f"Target, at most {LINEAR} times the accounts' ratio: {outcome}."])


def keep_freed_memory() -> None:
    """Let glibc keep arrays of up to 32 MB for reuse: it learns that when it frees one.

    Harmless elsewhere, and free: memory that nobody touches is not there.
    """
    np.empty(31 * 2**20, dtype=np.uint8)


def holders(opinion: np.ndarray) -> Demand:
    """Each wants what its usual holding is worth at its own opinion of the price."""
    worth = HOLDING * opinion
    return lambda price: np.rint(worth / price).astype(np.int64)


def auctions(markets: int, accounts: int, ticks: int) -> Callable[[], None]:
    """Markets ready to clear so many times; calling the result does only the auctions.

    Opinions are off by 20 % at random, as in the chapter's ten-year worlds, but here
    every account trades.
    """
    rng = np.random.default_rng(SEED)
    shares = np.full((markets, accounts + 1), HOLDING, dtype=np.int64)
    shares[:, -1] *= accounts  # so that the maker cannot run out
    ledger = Ledger(cash=shares * PRICE, shares=shares)
    errors = [rng.normal(-(0.2**2) / 2, 0.2, (markets, accounts)) for _ in range(4)]
    demands = [holders(PRICE * np.exp(error)) for error in errors]
    nothing = np.zeros(markets, dtype=np.int64)

    def run() -> None:
        price = np.full(markets, PRICE, dtype=np.int64)
        for tick in range(ticks):
            price = clear(ledger, demands[tick % len(demands)], price, 0, nothing)

    return run


def measure_auctions(account_ticks: int, repetitions: int) -> tuple[str, list[Row]]:
    """How cost grows, and a row per crowd, compared with the first."""
    keep_freed_memory()
    ticks = {crowd: account_ticks // (crowd[0] * crowd[1]) for crowd in CROWDS}
    runs = {crowd: auctions(*crowd, ticks[crowd]) for crowd in CROWDS}
    laps = list(race(runs, repetitions))
    costs = {
        crowd: np.array([lap[crowd][0] for lap in laps]) / (crowd[0] * crowd[1] * ticks[crowd])
        for crowd in CROWDS
    }
    base = CROWDS[0]
    return growth(costs), [
        Row(
            f"call auction, {crowd[0]} × {crowd[1]:,} accounts",
            spread(1 / costs[crowd]),
            "account-ticks / CPU s",
            None if crowd == base else spread(costs[crowd] / costs[base]),
            "" if crowd == base else f"cost at {base[0]} × {base[1]:,}",
        )
        for crowd in CROWDS
    ]


def main() -> None:
    trades, standings, books = race_order_books(EVENTS, RACES)
    grows, crowds = measure_auctions(ACCOUNT_TICKS, AUCTIONS)
    text = TEXT.format(
        events=EVENTS,
        trades=trades,
        standings=standings,
        growth=grows,
        races=RACES,
        auctions=AUCTIONS,
    )
    publish("market", "Chapter 1: order book and call auction", text, books + crowds)


if __name__ == "__main__":
    main()
