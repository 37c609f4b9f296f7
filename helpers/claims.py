"""Claims of the newsletter beside their measurement, with a verdict by rule.

A chapter ends with `publish(claims)`: the table is shown, glued for the prose and the
scoreboard, and stored as JSON in the executed notebook. To read them back:

    python -m helpers.claims _build/book/notebooks/*.ipynb
"""

import ast
import dataclasses
import html
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import nbformat
from myst_nb import glue

Interval = tuple[float, float]

COLUMNS = ("Claimed", "The paper says", "Measured here", "Verdict")
JSON_KEY = "claims-json"
GLUED = "application/papermill.record/text/plain"  # where glue(…, display=False) puts text


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
        if self.measured is None:
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
        if self.measured is None:
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
        return self.measured is None or self.band[0] <= self.measured <= self.band[1]

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


def numbers(values: Sequence[float], width: float) -> list[str]:
    """Numbers alike in decimals, so that `width` shows two significant digits.

    Without a width: whole numbers as they are, others with two decimals.
    """
    if width > 0:
        decimals = max(0, 1 - math.floor(math.log10(width)))
    else:
        decimals = 0 if all(float(value).is_integer() for value in values) else 2
    return [f"{value:,.{decimals}f}".replace("-", "−") for value in values]


class ClaimsTable:
    """The claims of one chapter, as HTML for the page and as JSON for tests."""

    def __init__(self, claims: Sequence[Claim]) -> None:
        ids = [claim.id for claim in claims]
        if len(set(ids)) != len(ids):
            raise ValueError(f"claim ids must differ, got {ids}")
        self.claims = list(claims)

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {
            "text/html": self.to_html(),
            "text/plain": self.to_text(),
        }

    def to_text(self) -> str:
        return "\n".join(
            f"{claim.id}: {_measured_text(claim)}: {claim.verdict}" for claim in self.claims
        )

    def to_html(self) -> str:
        # Roles are explicit, because phones show the rows as blocks (book.css).
        rows = "".join(_row(claim) for claim in self.claims)
        head = "".join(f'<th scope="col" role="columnheader">{name}</th>' for name in COLUMNS)
        return (
            '<table class="claims" role="table" aria-label="Claims and verdicts">'
            f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
            f'<tbody role="rowgroup">{rows}</tbody></table>'
        )


def _measured_text(claim: Claim) -> str:
    if claim.measured is None:
        return "not measured"
    low, high = claim.interval
    measured, low, high = numbers((claim.measured, low, high), width=high - low)
    unit = f" {claim.unit}" if claim.unit else ""
    return f"{measured}{unit} [{low}, {high}]"


def _row(claim: Claim) -> str:
    measured = f"<strong>{html.escape(_measured_text(claim))}</strong>"
    notes = [claim.reason] if claim.reason else []
    if claim.measured is not None:
        notes += [f"Interval: {claim.method}", f"Checked against: {claim.anchor}"]
    reading = f"The article’s figure: {claim.article}. We count it as true if {claim.criterion}."
    cells = (
        f"{html.escape(claim.statement)} <small>{html.escape(reading)}</small>",
        html.escape(claim.paper),
        measured + "".join(f" <small>{html.escape(note)}</small>" for note in notes),
        f'<span class="verdict verdict-{claim.verdict.name.lower()}">{claim.verdict}</span>',
    )
    columns = "".join(
        f'<td role="cell" data-label="{name}">{cell}</td>'
        for name, cell in zip(COLUMNS, cells, strict=True)
    )
    return f'<tr role="row" id="claim-{claim.id}">{columns}</tr>'


def publish(claims: Sequence[Claim]) -> None:
    """Show the table and glue it as `claims`, and the same as JSON for `read_claims`."""
    record = json.dumps([claim.as_json() for claim in claims], allow_nan=False)
    glue(JSON_KEY, record, display=False)
    glue("claims", ClaimsTable(claims))


def glue_numbers(**values: float) -> None:
    """Glue plain numbers for the prose.

    numpy scalars and tensors are converted, since glue's format specs reject them.
    Raises ValueError for NaN: a sentence must not say "nan".
    """
    for name, value in values.items():
        if math.isnan(float(value)):
            raise ValueError(f"the number {name!r} for the prose is NaN")
        glue(name, float(value), display=False)


def read_glued(executed: Path) -> dict[str, Any]:
    """All numbers and texts that an executed notebook glued, by key."""
    glued = {}
    for cell in nbformat.read(executed, as_version=4).cells:
        for output in cell.get("outputs", []):
            key = output.get("metadata", {}).get("scrapbook", {}).get("name")
            value = output.get("data", {}).get(GLUED)
            if key and value:
                glued[key] = ast.literal_eval(value)
    return glued


def read_claims(executed: Path) -> list[dict[str, Any]]:
    """The claims that an executed notebook published.

    Raises ValueError when there are none: the notebook did not reach its end.
    """
    record = read_glued(executed).get(JSON_KEY)
    if record:
        return json.loads(record)
    raise ValueError(f"{executed} holds no claims: run the chapter again")


def main(paths: Sequence[str]) -> None:
    """Print the claims of executed notebooks as one JSON object, chapter by chapter."""
    try:
        claims = {Path(path).stem: read_claims(Path(path)) for path in paths}
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    print(json.dumps(claims, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1:])
