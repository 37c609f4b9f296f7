"""The table of claims and verdicts that closes a chapter and fills the scoreboard.

A quick run, of seconds, gives no verdict: its table shows the book's beside the numbers.
"""

import html
from collections.abc import Mapping, Sequence
from typing import Any

from helpers.claims import Claim, Verdict
from helpers.keys import VALUES
from helpers.wording import measured_text

COLUMNS = ("Claimed", "The paper says", "Measured here", "Verdict")


class ClaimsTable:
    """The claims of one chapter, as a table for the page and as text.

    `recorded` are the book's verdicts by claim id, to be shown in place of this run's.
    """

    def __init__(self, claims: Sequence[Claim], recorded: Mapping[str, str] | None = None) -> None:
        ids = [claim.id for claim in claims]
        if len(set(ids)) != len(ids):
            raise ValueError(f"claim ids must differ, got {ids}")
        self.claims, self.recorded = list(claims), recorded

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {
            "text/html": self.to_html(),
            "text/plain": self.to_text(),
            VALUES: self.values(),
        }

    def values(self) -> dict[str, list[Any]]:
        """What was measured, in full, as `helpers.tables` keeps the numbers of a table."""
        found = {
            f"{claim.id}, {name}": value
            for claim in self.claims
            if claim.measured is not None and claim.span is not None
            for name, value in zip(
                ("measured", "low", "high"), (claim.measured, *claim.span), strict=True
            )
        }
        return {"places": list(found), "numbers": list(found.values())}

    def to_text(self) -> str:
        return "\n".join(
            f"{claim.id}: {measured_text(claim.measured, claim.span, claim.unit)}: "
            f"{self._verdict(claim)}"
            for claim in self.claims
        )

    def to_html(self) -> str:
        # Roles are explicit, because phones show the rows as blocks (book.css).
        rows = "".join(self._row(claim) for claim in self.claims)
        head = "".join(f'<th scope="col" role="columnheader">{name}</th>' for name in COLUMNS)
        return (
            '<table class="claims" role="table" aria-label="Claims and verdicts">'
            f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
            f'<tbody role="rowgroup">{rows}</tbody></table>'
        )

    def _verdict(self, claim: Claim) -> str:
        if self.recorded is None:
            return str(claim.verdict)
        return f"the book’s verdict is {self.recorded.get(claim.id, 'still to come')}"

    def _row(self, claim: Claim) -> str:
        measured = measured_text(claim.measured, claim.span, claim.unit)
        notes = [claim.reason] if claim.reason else []
        if claim.measured is not None:
            notes += [*_interval_notes(claim), f"Checked against: {claim.anchor}"]
        reading = (
            f"The article’s figure: {claim.article}. We count it as true if {claim.criterion}."
        )
        cells = (
            f"{html.escape(claim.statement)} <small>{html.escape(reading)}</small>",
            html.escape(claim.paper),
            f"<strong>{html.escape(measured)}</strong>"
            + "".join(f" <small>{html.escape(note)}</small>" for note in notes),
            self._verdict_cell(claim),
        )
        columns = "".join(
            f'<td role="cell" data-label="{name}">{cell}</td>'
            for name, cell in zip(COLUMNS, cells, strict=True)
        )
        return f'<tr role="row" id="claim-{claim.id}">{columns}</tr>'

    def _verdict_cell(self, claim: Claim) -> str:
        if self.recorded is None:
            verdict, note = str(claim.verdict), ""
        else:
            verdict = self.recorded.get(claim.id, "still to come")
            note = "<small>in the book; a quick run gives no verdict</small>"
        name = next((v.name.lower() for v in Verdict if v == verdict), "none")
        return f'<span class="verdict verdict-{name}">{verdict}</span>{note}'


def _interval_notes(claim: Claim) -> list[str]:
    """How the interval was made, widened and bounded, a sentence each."""
    notes = [f"Interval: {claim.method}"]
    if claim.alternatives:
        notes.append(f"Widened to hold what {', '.join(claim.alternatives)} gave")
    if claim.covers:
        notes.append(f"Allows for: {', '.join(claim.covers)}")
    if claim.leaves_out:
        notes.append(f"Leaves out: {', '.join(claim.leaves_out)}")
    return notes
