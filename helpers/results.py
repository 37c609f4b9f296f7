"""What a chapter hands on: numbers for the prose, claims for the page and for tests.

A chapter ends with `publish_claims(claims)`: the table is shown, glued for the scoreboard, and
stored as JSON in the executed notebook. To read the claims back:

    python -m helpers.results _build/book/notebooks/*.ipynb
"""

import ast
import dataclasses
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from myst_nb import glue

from helpers.claims import Claim
from helpers.claims_table import ClaimsTable
from helpers.wording import Order

CLAIMS_KEY = "claims-json"
ORDER_SUFFIX = "-order-json"
GLUED = "application/papermill.record/text/plain"  # where glue(…, display=False) puts text


def publish_claims(claims: Sequence[Claim]) -> None:
    """Show the table and glue it as `claims`, and the same as JSON for `read_claims`."""
    record = json.dumps([claim.as_json() for claim in claims], allow_nan=False)
    glue(CLAIMS_KEY, record, display=False)
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


def glue_orders(**orders: Order) -> None:
    """Glue phrases that state an order or a sign, with what would have turned them.

    The prose says ``{glue:text}`name` ``; a test reads the orders back (`read_orders`) and
    feeds each the opposite numbers.
    """
    for name, order in orders.items():
        glue(name, str(order), display=False)
        glue(name + ORDER_SUFFIX, json.dumps(dataclasses.asdict(order)), display=False)


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
    record = read_glued(executed).get(CLAIMS_KEY)
    if record:
        return json.loads(record)
    raise ValueError(f"{executed} holds no claims: run the chapter again")


def read_orders(executed: Path) -> dict[str, Order]:
    """The phrases about an order or a sign that an executed notebook glued, by name."""
    return {
        key.removesuffix(ORDER_SUFFIX): Order(**json.loads(value))
        for key, value in read_glued(executed).items()
        if key.endswith(ORDER_SUFFIX)
    }


def main(paths: Sequence[str]) -> None:
    """Print the claims of executed notebooks as one JSON object, chapter by chapter."""
    try:
        claims = {Path(path).stem: read_claims(Path(path)) for path in paths}
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
    print(json.dumps(claims, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1:])
