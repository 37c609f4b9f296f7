"""Where each claim of a chapter is expected: `notebooks/*.bands.json`, and what strays.

Nobody types a band: `helpers.build.derive_bands` derives them from repeated runs.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers.claims import Interval
from helpers.scale import Scale


def path_of(script: Path) -> Path:
    return script.with_suffix(".bands.json")


def read(script: Path, scale: Scale) -> dict[str, Interval]:
    """The bands of a chapter's claims at one scale, by id; none where none were derived."""
    try:
        bands = json.loads(path_of(script).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {name: tuple(band) for name, band in bands.get(scale, {}).get("claims", {}).items()}


def strays(claims: Sequence[Mapping[str, Any]], bands: Mapping[str, Interval]) -> list[str]:
    """The claims whose measured value is outside its band, a sentence each."""
    found = []
    for claim in claims:
        band, value = bands.get(claim["id"]), claim["measured"]
        if band and value is not None and not band[0] <= value <= band[1]:
            found.append(f"{claim['id']} measured {value:g}, outside [{band[0]:g}, {band[1]:g}]")
    return found
