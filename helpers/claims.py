"""One claim of the newsletter beside its measurement, with a verdict by rule."""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Interval = tuple[float, float]


class Verdict(StrEnum):
    REPRODUCED = "reproduced"
    MINIATURE = "reproduced in miniature"
    PARTLY = "partly"
    NOT_REPRODUCED = "not reproduced"
    UNMEASURABLE = "cannot be measured here"


class Source(StrEnum):
    """Where another run, or another analyst, would get another value."""

    PEOPLE = "people"  # who was sampled: persons, knees, accounts, texts
    PICTURES = "pictures"  # which photographs were hidden
    HISTORIES = "histories"  # chance within a simulated market, game or alloy
    SEEDS = "training seeds"
    TRAINING_SETS = "training sets"  # which examples a network or a fit learned from
    RATES = "rates"  # sets of a model's constants that fit as well
    SIMULATIONS = "simulations"  # finitely many draws in place of an expectation
    PRICES = "prices"  # what the record leaves open
    TIMING = "timing"  # how fast this machine happened to be
    RIVALS = "rivals"  # the strongest alternative that was tried
    ROUNDING = "rounding"  # of published figures
    COUNTED = "nothing, since it was counted exactly"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One statement of an article, and what we measured about it.

    The verdict follows from `span` and `holds` alone; see `verdict`. `alternatives` are
    other values that the chapter found for the same quantity, by name, each with its
    interval: other seeds, other rates, the strongest rival. None of them can be left out
    of the verdict, because `span` is the envelope of them all.

    Raises ValueError when a field is empty, a number is NaN, an interval runs backwards
    or does not contain the measured value, or a source is both covered and left out.
    """

    id: str
    statement: str  # what the article says, in our words
    article: str  # its figure, or that it gives none
    paper: str  # what the primary source says, which may differ
    criterion: str  # when we call the statement true, in words
    holds: Interval  # the same in numbers: measured values for which it is true
    measured: float | None = None  # None: cannot be measured here, `reason` says why
    interval: Interval | None = None
    method: str = ""  # how the interval was made
    covers: tuple[Source, ...] = ()  # what the interval, widened to `span`, allows for
    leaves_out: tuple[Source, ...] = ()  # what it does not, though it might matter
    alternatives: Mapping[str, Interval] = field(default_factory=dict)
    anchor: str = ""  # what the method was tested against
    unit: str = ""
    miniature: bool = False  # measured on something smaller than the article's object
    reason: str = ""  # what the number does not say, or why there is none
    unsteady: str = ""  # why another seed may move the value by more than itself

    def __post_init__(self) -> None:
        needed = ["id", "statement", "article", "paper", "criterion"]
        needed += ["reason"] if self.measured is None else ["interval", "method", "anchor"]
        for name in needed:
            if not getattr(self, name):
                raise ValueError(f"claim {self.id!r}: {name} is empty")
        _check_interval(self.id, "holds", self.holds)
        if self.measured is None or self.interval is None:
            if self.interval or self.alternatives:
                raise ValueError(f"claim {self.id!r}: an interval without a measured value")
            return
        # numpy scalars would not survive as JSON.
        object.__setattr__(self, "measured", float(self.measured))
        object.__setattr__(self, "interval", _plain(self.interval))
        plain = {name: _plain(interval) for name, interval in self.alternatives.items()}
        object.__setattr__(self, "alternatives", plain)
        for name, interval in {"interval": self.interval, **plain}.items():
            _check_interval(self.id, name, interval)
        if not self.interval[0] <= self.measured <= self.interval[1]:
            raise ValueError(
                f"claim {self.id!r}: the measured value {self.measured} "
                f"is outside its interval {self.interval}"
            )
        if twice := set(self.covers) & set(self.leaves_out):
            raise ValueError(f"claim {self.id!r}: {', '.join(twice)} both covered and left out")

    @property
    def span(self) -> Interval | None:
        """The envelope of the interval and of every alternative's."""
        if self.interval is None:
            return None
        lows, highs = zip(self.interval, *self.alternatives.values(), strict=True)
        return min(lows), max(highs)

    @property
    def verdict(self) -> Verdict:
        """By rule: the whole span where the claim holds, a part of it, or none."""
        if self.span is None:
            return Verdict.UNMEASURABLE
        low, high = self.span
        if self.holds[0] <= low and high <= self.holds[1]:
            return Verdict.MINIATURE if self.miniature else Verdict.REPRODUCED
        if high < self.holds[0] or self.holds[1] < low:
            return Verdict.NOT_REPRODUCED
        return Verdict.PARTLY

    def as_json(self) -> dict[str, Any]:
        """Plain types only; an open end of an interval is null."""
        record = dataclasses.asdict(self)
        for name in ("holds", "interval"):
            record[name] = _open(record[name])
        record["alternatives"] = {name: _open(ends) for name, ends in self.alternatives.items()}
        return record | {"span": _open(self.span), "verdict": str(self.verdict)}


def _plain(interval: Interval) -> Interval:
    low, high = interval
    return float(low), float(high)


def _open(interval: Interval | None) -> list[float | None] | None:
    if interval is None:
        return None
    return [end if math.isfinite(end) else None for end in interval]


def _check_interval(claim: str, name: str, interval: Interval) -> None:
    low, high = interval
    if math.isnan(low) or math.isnan(high) or low > high:
        raise ValueError(f"claim {claim!r}: {name} {interval} is not an interval")
