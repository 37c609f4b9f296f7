"""The call auction against brute force, and its books to the cent."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from helpers.market.auction import Ledger, clear

NOTHING = np.zeros(1, dtype=np.int64)


def ledger(cash, shares):
    return Ledger(np.array([cash], dtype=np.int64), np.array([shares], dtype=np.int64))


def elastic(wanted_at_100):
    """Unit-elastic demand: what each account wants at 100 cents, less at a higher price."""
    wishes = np.array([wanted_at_100])
    return lambda price: (wishes * 100 / price).astype(np.int64)


def brute_force(book, demand, fee, offered, prices):
    """Balance of orders at every whole price, written out account by account."""
    found = {}
    for price in prices:
        wanted = demand(np.array([[price]]))[0]
        balance = -offered
        for account, wish in enumerate(wanted):
            have, money = book.shares[0, account], book.cash[0, account] - 1
            order = max(wish - have, -have)
            while order > 0 and order * price * (10_000 + fee) > money * 10_000:
                order -= 1
            balance += order
        found[price] = balance
    return found


accounts = st.lists(
    st.tuples(st.integers(0, 20_000), st.integers(0, 60), st.integers(0, 80)),
    min_size=2,
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(accounts, st.sampled_from([0, 20, 100]), st.integers(0, 10))
def test_the_price_is_the_one_that_brute_force_finds(people, fee, offered):
    cash, shares, wishes = (list(column) for column in zip(*people, strict=True))
    book = ledger([*cash, 10**7], [*shares, 10**4])
    demand = elastic(wishes)
    every = brute_force(book, demand, fee, offered, range(1, 1001))
    assume(every[1] >= 0 and every[1000] < 0)
    (price,) = clear(book, demand, np.array([100]), fee, NOTHING + offered)
    below = max(p for p, balance in every.items() if balance >= 0)
    assert price in (below, below + 1)
    assert abs(every[price]) == min(abs(every[below]), abs(every[below + 1]))
    assert (book.cash >= 0).all()
    assert (book.shares >= 0).all()


@settings(max_examples=60, deadline=None)
@given(accounts, st.sampled_from([0, 20, 100]), st.integers(0, 10), st.integers(0, 10**6))
def test_no_cent_and_no_share_is_lost(people, fee, offered, final):
    cash, shares, wishes = (list(column) for column in zip(*people, strict=True))
    book = ledger([*cash, 10**7], [*shares, 10**4])
    before = book.cash.sum(), book.shares.sum()
    try:
        price = clear(book, elastic(wishes), np.array([100]), fee, NOTHING + offered)
    except ValueError:
        return
    assert book.cash.sum() + book.fees[0] + price[0] * offered == before[0]
    assert book.shares.sum() == before[1] + offered
    issuer = (price[0] - final) * offered
    assert book.trading_gains(np.array([final])).sum() + issuer == -book.fees[0]


@pytest.mark.parametrize("offered", [-50, 100])
def test_a_market_without_a_price_is_refused(offered):
    """All want 50 at any price: with 100 to sell the price has no floor, short of 50 no roof."""
    book = ledger([10**9, 10**9, 10**9], [50, 50, 1000])
    with pytest.raises(ValueError, match="no price near the last balances orders"):
        clear(
            book,
            lambda price: np.full((1, 2), 50),
            np.array([100]),
            0,
            NOTHING + offered,
        )


def test_a_crash_beyond_the_usual_range_still_finds_its_price():
    book = ledger([10**6, 10**6, 10**6], [40, 40, 1000])
    (price,) = clear(book, elastic([30, 50]), np.array([60_000]), 0, NOTHING)
    assert price == 100


def test_two_traders_meet_where_theory_says():
    """Each wants w cash-equivalents: 30 * 100 / p + 50 * 100 / p = 40 + 40, so p = 100."""
    book = ledger([10**6, 10**6, 10**6], [40, 40, 1000])
    (price,) = clear(book, elastic([30, 50]), np.array([90]), 0, NOTHING)
    assert price == 100
    assert book.shares[0, :2].tolist() == [30, 50]
    assert book.bought[0].tolist() == [-10, 10, 0]


def test_a_buyer_spends_no_more_than_he_has_fee_included():
    book = ledger([1_000, 0, 10**6], [0, 100, 1000])
    (price,) = clear(book, elastic([90, 90]), np.array([100]), 100, NOTHING)
    bought = book.bought[0, 0]
    assert 0 < bought < 90 * 100 / price
    assert 0 <= book.cash[0, 0] < 1.01 * price + 2  # not enough for one share more


def test_fees_are_rounded_up_to_a_cent():
    book = ledger([10**6, 10**6, 10**6], [40, 40, 1000])
    clear(book, elastic([30, 50]), np.array([90]), 1, NOTHING)
    assert book.fees.tolist() == [2]  # 1,000 cents a side at a basis point: 0.1, so 1 each


def test_fees_are_charged_at_their_rate():
    """Ten shares at 100 cents a side, at 100 basis points: 1 % of 1,000 cents each."""
    book = ledger([10**6, 10**6, 10**6], [40, 40, 1000])
    clear(book, elastic([30, 50]), np.array([90]), 100, NOTHING)
    assert book.fees.tolist() == [20]
    assert book.spent[0].tolist() == [-990, 1010, 0]


def test_markets_do_not_mix():
    one = ledger([10**6, 10**6, 10**6], [40, 40, 1000])
    both = Ledger(np.repeat(one.cash, 2, axis=0), np.repeat(one.shares, 2, axis=0))
    wishes = np.array([[30, 50], [60, 100]])
    price = clear(
        both, lambda p: (wishes * 100 / p).astype(np.int64), np.array([90, 90]), 0, np.zeros(2, int)
    )
    assert price.tolist() == [100, 200]


@pytest.mark.parametrize(
    ("cash", "shares", "words"),
    [
        ([-1, 0], [1, 1], "negative cash"),
        ([1, 0], [1, -1], "negative shares"),
        ([1, 0, 0], [1, 1], "one entry for each account"),
    ],
)
def test_impossible_ledgers_are_refused(cash, shares, words):
    with pytest.raises(ValueError, match=words):
        ledger(cash, shares)


def test_money_must_be_whole_cents():
    with pytest.raises(ValueError, match="cash must be a table of whole numbers"):
        Ledger(np.array([[0.5, 1.0]]), np.array([[1, 1]]))


def test_a_maker_without_stock_is_one_sentence():
    book = ledger([10**6, 10**6, 0], [40, 41, 0])
    with pytest.raises(ValueError, match="the market maker ran out"):
        clear(book, elastic([30.5, 50.4]), np.array([90]), 0, NOTHING)
