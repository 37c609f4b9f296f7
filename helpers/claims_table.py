"""The table of claims and verdicts that closes a chapter and fills the scoreboard."""

import html
from collections.abc import Sequence
from typing import Any

from helpers.claims import Claim
from helpers.wording import numbers

COLUMNS = ("Claimed", "The paper says", "Measured here", "Verdict")


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
    if claim.measured is None or claim.interval is None:
        return "not measured"
    low, high = claim.interval
    measured, *ends = numbers((claim.measured, low, high), width=high - low)
    unit = f" {claim.unit}" if claim.unit else ""
    return f"{measured}{unit} [{', '.join(ends)}]"


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
