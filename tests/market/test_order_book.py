"""The order book against two independent packages, its rules, and bad input."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.market import PEERS
from helpers.market.order_book import LIMITS, Order, OrderBook, Trade, play, random_events


@pytest.fixture(scope="module")
def events():
    return random_events(200_000, seed=1)


@pytest.mark.parametrize("package", PEERS)
def test_every_trade_is_that_of_a_peer(package, events):
    pytest.importorskip(package, reason=f"{package} has no wheel for this Python")
    run, common = PEERS[package]
    trades = play(OrderBook(), events)
    assert len(trades) > 50_000
    assert common(run(events)) == trades


limit_orders = st.tuples(st.booleans(), st.integers(96, 104), st.integers(1, 9))
cancels = st.integers(0, 30)  # which of the orders so far, the newest first
histories = st.lists(st.one_of(limit_orders, limit_orders, cancels), max_size=60)


def orders_and_cancels(history):
    """Events with ids that fall, so that age cannot be mistaken for the id."""
    ids = []
    for step in history:
        if isinstance(step, tuple):
            ids.append(10_000 - len(ids))
            yield Order(ids[-1], *step)
        elif step < len(ids):
            yield ids[-1 - step]


@settings(max_examples=200, deadline=None)
@given(histories)
def test_no_order_waits_while_it_could_trade(history):
    book = OrderBook()
    for event in orders_and_cancels(history):
        play(book, [event])
        bids, asks = list(book.depth(True)), list(book.depth(False))
        assert bids == sorted(bids, reverse=True)
        assert asks == sorted(asks)
        assert not (bids and asks and bids[0] >= asks[0])


@settings(max_examples=200, deadline=None)
@given(histories)
def test_no_share_is_lost(history):
    """Submitted shares wait, were taken back, or traded, each trade using two."""
    book, submitted, taken_back, traded = OrderBook(), 0, 0, 0
    for event in orders_and_cancels(history):
        if isinstance(event, Order):
            submitted += event.quantity
            traded += sum(trade.quantity for trade in book.submit(event))
        else:
            taken_back += book.cancel(event)
        waiting = sum(book.depth(True).values()) + sum(book.depth(False).values())
        assert submitted == waiting + taken_back + 2 * traded


@settings(max_examples=200, deadline=None)
@given(histories)
def test_the_best_and_then_the_oldest_trades_first_at_its_own_price(history):
    book = OrderBook()
    waiting: dict[int, list] = {}  # [order, shares left], the oldest first
    for event in orders_and_cancels(history):
        if not isinstance(event, Order):
            left = waiting.pop(event, [None, 0])[1]
            assert book.cancel(event) == left
            continue
        left = event.quantity
        for trade in book.submit(event):
            others = [order for order, _ in waiting.values() if order.buys != event.buys]
            pick = min if event.buys else max
            best = pick(others, key=lambda order: order.price)  # ties: the first, the oldest
            assert trade == (best.id, event.id, best.price, trade.quantity)
            assert (event.price - trade.price) * (1 if event.buys else -1) >= 0
            assert trade.quantity == min(left, waiting[best.id][1])
            left -= trade.quantity
            waiting[best.id][1] -= trade.quantity
            if not waiting[best.id][1]:
                del waiting[best.id]
        if left:
            waiting[event.id] = [event, left]


def test_a_large_order_eats_through_prices_and_the_rest_waits():
    book = OrderBook()
    sellers = [Order(1, False, 101, 5), Order(2, False, 100, 5), Order(3, False, 100, 5)]
    assert play(book, sellers) == []
    assert book.submit(Order(4, True, 101, 20)) == [
        Trade(maker=2, taker=4, price=100, quantity=5),
        Trade(maker=3, taker=4, price=100, quantity=5),
        Trade(maker=1, taker=4, price=101, quantity=5),
    ]
    assert book.depth(True) == {101: 5}
    assert book.depth(False) == {}


def test_an_order_filled_in_part_keeps_its_place():
    book = OrderBook()
    play(book, [Order(1, True, 100, 5), Order(2, True, 100, 5), Order(3, False, 100, 2)])
    assert book.submit(Order(4, False, 99, 4)) == [Trade(1, 4, 100, 3), Trade(2, 4, 100, 1)]


def test_cancelling_reports_what_was_taken_back():
    book = OrderBook()
    play(book, [Order(1, True, 100, 5), Order(2, False, 100, 2), Order(3, True, 99, 1)])
    assert book.cancel(1) == 3
    assert book.cancel(1) == 0  # cancelled already
    assert book.cancel(2) == 0  # filled
    assert book.cancel(9) == 0  # unknown
    assert book.depth(True) == {99: 1}
    assert book.submit(Order(4, False, 1, 1)) == [Trade(3, 4, 99, 1)]


def test_numbers_of_numpy_are_taken_as_python_s():
    book = OrderBook()
    fields = np.array([1, 100, 5], dtype=np.int8)
    book.submit(Order(fields[0], np.True_, fields[1], fields[2]))
    assert type(book.open[1]) is int
    assert book.submit(Order(2, np.False_, 100, 5)) == [Trade(1, 2, 100, 5)]


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (Order(1, True, 0, 5), "price and quantity must be above 0"),
        (Order(1, True, -100, 5), "price and quantity must be above 0"),
        (Order(1, True, 100, 0), "price and quantity must be above 0"),
        (Order(1, True, 100, -5), "price and quantity must be above 0"),
        (Order(1, True, 99.5, 5), "must be whole numbers"),
        (Order(1, True, 100.0, 5), "must be whole numbers"),
        (Order(1, True, math.nan, 5), "must be whole numbers"),
        (Order(1, True, 100, 2.5), "must be whole numbers"),
        (Order("one", True, 100, 5), "must be whole numbers"),
        (Order(None, True, 100, 5), "must be whole numbers"),
        (Order(1, "sell", 100, 5), "buys must be True or False"),
    ],
)
def test_an_impossible_order_is_one_sentence_and_changes_nothing(order, words):
    book = OrderBook()
    with pytest.raises(ValueError, match=words):
        book.submit(order)
    assert book.open == {}


@pytest.mark.parametrize("state", ["waiting", "cancelled", "filled"])
def test_an_id_is_used_once(state):
    book = OrderBook()
    book.submit(Order(1, True, 100, 5))
    if state == "cancelled":
        book.cancel(1)
    if state == "filled":
        book.submit(Order(2, False, 100, 5))
    with pytest.raises(ValueError, match="order id 1 was used before"):
        book.submit(Order(1, True, 100, 5))


def test_random_events_are_what_they_say(events):
    orders = [event for event in events if isinstance(event, Order)]
    assert [order.id for order in orders] == list(range(len(orders)))
    # A count of n events has standard deviation sqrt(n p (1 - p)).
    assert abs(len(orders) - LIMITS * len(events)) < 5 * math.sqrt(0.21 * len(events))
    assert abs(sum(order.buys for order in orders) - len(orders) / 2) < 5 * math.sqrt(
        len(orders) / 4
    )
    assert {order.price for order in orders} == set(range(990, 1_011))
    assert {order.quantity for order in orders} == set(range(1, 101))
    assert {type(field) for field in orders[0]} == {int, bool}


def test_some_cancels_find_an_order_and_some_come_too_late(events):
    book, found, late = OrderBook(), 0, 0
    for event in events[:5_000]:
        if isinstance(event, Order):
            book.submit(event)
        else:
            assert event in book.open  # never an order of the future
            withdrawn = book.cancel(event)
            found, late = found + (withdrawn > 0), late + (withdrawn == 0)
    assert min(found, late) > 300


def test_the_seed_decides_the_events():
    assert random_events(500, 1) == random_events(500, 1) != random_events(500, 2)


def test_no_events_are_refused():
    with pytest.raises(ValueError, match="at least one event"):
        random_events(0, 1)
