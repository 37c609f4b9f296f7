"""One claim of the newsletter beside its measurement, with a verdict by rule."""

import dataclasses
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Interval = tuple[float, float]


class Verdict(StrEnum):
    REPRODUCED = "reproduced"
    MINIATURE = "reproduced in miniature"
    PARTLY = "partly"
    NOT_REPRODUCED = "not reproduced"
    UNMEASURABLE = "cannot be measured here"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One statement of an article, and what we measured about it.

    The verdict follows from `interval` and `holds` alone; see `verdict`.
    Raises ValueError when a field is empty, a number is NaN, an interval runs backwards
    or does not contain the measured value.
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
    anchor: str = ""  # what the method was tested against
    band: Interval | None = None  # where maintainers expect the measured value, at any scale
    unit: str = ""
    miniature: bool = False  # measured on something smaller than the article's object
    reason: str = ""  # what the number does not say, or why there is none

    def __post_init__(self) -> None:
        needed = ["id", "statement", "article", "paper", "criterion"]
        if self.measured is None:
            needed += ["reason"]
        else:
            needed += ["interval", "method", "anchor", "band"]
        for name in needed:
            if not getattr(self, name):
                raise ValueError(f"claim {self.id!r}: {name} is empty")
        _check_interval(self.id, "holds", self.holds)
        if self.measured is None or self.interval is None or self.band is None:
            if self.interval or self.band:
                raise ValueError(f"claim {self.id!r}: an interval without a measured value")
            return
        # numpy scalars would not survive as JSON.
        object.__setattr__(self, "measured", float(self.measured))
        object.__setattr__(self, "interval", tuple(map(float, self.interval)))
        _check_interval(self.id, "interval", self.interval)
        _check_interval(self.id, "band", self.band)
        if not self.interval[0] <= self.measured <= self.interval[1]:
            raise ValueError(
                f"claim {self.id!r}: the measured value {self.measured} "
                f"is outside its interval {self.interval}"
            )

    @property
    def verdict(self) -> Verdict:
        """By rule: the whole interval where the claim holds, a part of it, or none."""
        if self.interval is None:
            return Verdict.UNMEASURABLE
        low, high = self.interval
        if self.holds[0] <= low and high <= self.holds[1]:
            return Verdict.MINIATURE if self.miniature else Verdict.REPRODUCED
        if high < self.holds[0] or self.holds[1] < low:
            return Verdict.NOT_REPRODUCED
        return Verdict.PARTLY

    @property
    def in_band(self) -> bool:
        """Whether the measured value is where its maintainers declared it would be."""
        if self.measured is None or self.band is None:
            return True
        return self.band[0] <= self.measured <= self.band[1]

    def as_json(self) -> dict[str, Any]:
        """Plain types only; an open end of an interval is null."""
        record = dataclasses.asdict(self)
        for name in ("holds", "interval", "band"):
            if record[name] is not None:
                record[name] = [end if math.isfinite(end) else None for end in record[name]]
        return record | {"verdict": str(self.verdict), "in_band": self.in_band}


def _check_interval(claim: str, name: str, interval: Interval) -> None:
    low, high = interval
    if math.isnan(low) or math.isnan(high) or low > high:
        raise ValueError(f"claim {claim!r}: {name} {interval} is not an interval")
