import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.wording import Order, numbers

PHRASES = {"above": "more", "below": "less", "between": "about as much"}


def test_numbers_share_their_decimals():
    assert numbers((0.0458, 0.0046, 0.087), width=0.0824) == ["0.046", "0.005", "0.087"]
    assert numbers((-70.28, -72.8), width=4.3) == ["−70.3", "−72.8"]
    assert numbers((42_667.0,), width=5_000) == ["42,667"]
    assert numbers((8.0,), width=0) == ["8"]
    assert numbers((0.5, 8.0), width=0) == ["0.50", "8.00"]
    assert numbers((6_213.4, math.inf), width=math.inf) == ["6,213", "∞"]


@pytest.mark.parametrize(
    ("intervals", "phrase"),
    [
        ([(0.1, 0.4)], "more"),
        ([(-0.4, -0.1)], "less"),
        ([(-0.1, 0.4)], "about as much"),
        ([(0.0, 0.4)], "about as much"),
        ([(0.1, 0.4), (0.2, 0.9)], "more"),
        ([(0.1, 0.4), (-0.2, 0.9)], "about as much"),
        ([(0.1, 0.4), (-0.9, -0.2)], "about as much"),
    ],
)
def test_an_order_is_stated_only_where_every_interval_has_it(intervals, phrase):
    assert str(Order(intervals, **PHRASES)) == phrase


def test_an_order_can_be_about_another_level():
    assert str(Order([(9.5, 11.0)], **PHRASES, level=9.0)) == "more"
    assert str(Order([(9.5, 11.0)], **PHRASES, level=10.0)) == "about as much"


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.sampled_from([0.0, 0.75, 20_000.0]))
def test_the_opposite_numbers_give_the_opposite_phrase(low, width, level):
    order = Order([(low, low + width)], **PHRASES, level=level)
    opposite = {"more": "less", "less": "more", "about as much": "about as much"}
    assert str(order.mirrored()) == opposite[str(order)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"intervals": []},
        {"intervals": [(math.nan, 1.0)]},
        {"intervals": [(2.0, 1.0)]},
        {"above": "less"},
        {"between": "more"},
    ],
)
def test_an_order_that_could_not_tell_is_refused(wrong):
    with pytest.raises(ValueError, match=r"must all differ|are no intervals"):
        Order(**({"intervals": [(0.0, 1.0)]} | PHRASES | wrong))
