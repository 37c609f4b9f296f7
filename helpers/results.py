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
from nbformat import NotebookNode

from helpers import keys, record
from helpers.claims import Claim
from helpers.claims_table import ClaimsTable
from helpers.scale import Scale
from helpers.wording import Order


def publish_claims(claims: Sequence[Claim], scale: Scale) -> None:
    """Show the table and glue it as `claims`, and the same as JSON for `read_claims`.

    At quick scale the verdicts shown are the book's, from its record.
    """
    quick = scale is Scale.QUICK
    found = [claim.as_json() | ({"verdict": None} if quick else {}) for claim in claims]
    glue(keys.CLAIMS, json.dumps(found, allow_nan=False), display=False)
    glue("claims", ClaimsTable(claims, record.verdicts() if quick else None))


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
        glue(name + keys.ORDER, json.dumps(dataclasses.asdict(order)), display=False)


def read_glued(executed: Path | NotebookNode) -> dict[str, Any]:
    """All numbers and texts that an executed notebook, or its file, glued, by key."""
    glued = {}
    notebook = nbformat.read(executed, as_version=4) if isinstance(executed, Path) else executed
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            key = output.get("metadata", {}).get("scrapbook", {}).get("name")
            value = output.get("data", {}).get(keys.GLUED)
            if key and value:
                glued[key] = ast.literal_eval(value)
    return glued


def read_claims(executed: Path | NotebookNode) -> list[dict[str, Any]]:
    """The claims that an executed notebook published.

    Raises ValueError when there are none: the notebook did not reach its end.
    """
    claims = read_glued(executed).get(keys.CLAIMS)
    if claims:
        return json.loads(claims)
    name = executed if isinstance(executed, Path) else "the notebook"
    raise ValueError(f"{name} holds no claims: run the chapter again")


def read_orders(executed: Path) -> dict[str, Order]:
    """The phrases about an order or a sign that an executed notebook glued, by name."""
    return {
        key.removesuffix(keys.ORDER): Order(**json.loads(value))
        for key, value in read_glued(executed).items()
        if key.endswith(keys.ORDER)
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
