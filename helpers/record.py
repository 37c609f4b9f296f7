"""The last build of the book at book scale, in one committed file: `book/record.json`.

Chapters read it at quick scale, where a few seconds of work give no verdict of their own.
`helpers.build.record` writes it and compares builds with it.
"""

import json
from pathlib import Path
from typing import Any

PATH = Path(__file__).resolve().parents[1] / "book" / "record.json"


def read(path: Path = PATH) -> dict[str, Any]:
    """The record's chapters by name; ValueError, in one sentence, when it cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))["chapters"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path.name} cannot be read ({error}): take it from the repository again, or write "
            "it anew with `make record` after `make book`"
        ) from None


def verdicts(path: Path = PATH) -> dict[str, str]:
    """The book's verdict on each claim, by the claim's id, which is unique in the book."""
    return {
        claim["id"]: claim["verdict"]
        for chapter in read(path).values()
        for claim in chapter["claims"]
    }
