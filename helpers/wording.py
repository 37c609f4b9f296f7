"""Numbers in words: as many digits as mean something, and an order only where there is one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from helpers.claims import Interval


def numbers(values: Sequence[float], width: float) -> list[str]:
    """Numbers alike in decimals, so that `width` shows two significant digits.

    Without a width: whole numbers as they are, others with two decimals. An open end is ∞.
    """
    if math.isinf(width):
        decimals = 0
    elif width > 0:
        decimals = max(0, 1 - math.floor(math.log10(width)))
    else:
        decimals = 0 if all(float(value).is_integer() for value in values) else 2
    texts = (f"{value:,.{decimals}f}" for value in values)
    return [text.replace("-", "−").replace("inf", "∞") for text in texts]


def measured_text(measured: float | None, span: Interval | None, unit: str) -> str:
    """A measured value and its interval, to two digits of the interval's width."""
    if measured is None or span is None:
        return "not measured"
    value, low, high = numbers((measured, *span), width=span[1] - span[0])
    return f"{value} {unit} [{low}, {high}]".replace("  ", " ")


@dataclass(frozen=True)
class Order:
    """A phrase that states an order or a sign, chosen by the intervals it speaks of.

    `intervals` are those of one difference, or of several that the sentence speaks of
    together; `level` is what they are compared with.

    >>> str(Order([(0.2, 0.9)], above="more", below="less", between="about as much"))
    'more'

    Raises ValueError when there is nothing to compare, an end is NaN, an interval runs
    backwards, or two of the phrases are the same and so could not tell.
    """

    intervals: Sequence[Interval]
    above: str
    below: str
    between: str = "cannot be told apart"
    level: float = 0.0

    def __post_init__(self) -> None:
        if len({self.above, self.below, self.between}) < 3:
            raise ValueError(f"the phrases {self.above!r}, {self.below!r} must all differ")
        plain = [(float(low), float(high)) for low, high in self.intervals]
        if not plain or not all(low <= high for low, high in plain):
            raise ValueError(f"{plain} are no intervals: each needs a lower and an upper end")
        object.__setattr__(self, "intervals", plain)

    def __str__(self) -> str:
        if all(low > self.level for low, _ in self.intervals):
            return self.above
        if all(high < self.level for _, high in self.intervals):
            return self.below
        return self.between

    def mirrored(self) -> "Order":
        """The same sentence for numbers on the other side of the level."""
        other = [(2 * self.level - high, 2 * self.level - low) for low, high in self.intervals]
        return Order(other, self.above, self.below, self.between, self.level)
