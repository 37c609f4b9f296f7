"""Write the record of a finished build, and say what moved against the last one.

A build at book scale is compared with `book/record.json` (`helpers.record`) in two ways.
What moved, as a reader would see it, is printed. And a claim outside its band
(`helpers.build.bands`) fails the build, after the pages are made: there it can be seen.

    python -m helpers.build.record      which chapters a check should run at book scale
"""

import json
import sys
from itertools import accumulate
from pathlib import Path
from typing import Any

import nbformat

from helpers import record
from helpers.build import bands, inputs, publish
from helpers.build.install import ROOT
from helpers.results import read_claims, read_glued
from helpers.scale import Scale
from helpers.wording import measured_text

FACTS = ("computed_on", "processor", "versions", "cpu_seconds", "reference_seconds",
         "wall_seconds", "budget")  # fmt: skip
ALLOWANCE = 30  # minutes
KEPT = ("id", "measured", "span", "unit", "verdict")


def write(root: Path) -> Path:
    """Write the record from the executed notebooks at book scale; its path.

    Raises ValueError when a chapter was not executed, or not since it changed.
    """
    chapters = {}
    for name in publish.chapters(root):
        executed = publish.executed(root, Scale.BOOK, name)
        chapters[name] = _of_chapter(executed) if executed.is_file() else {"sources": None}
        if chapters[name]["sources"] != sources(root, name):
            raise ValueError(f"{name} has no fresh result at book scale: run `make book` first")
    text = json.dumps({"chapters": chapters}, indent=1, ensure_ascii=False)
    path = root / "book" / record.PATH.name
    path.write_text(text + "\n", encoding="utf-8")
    return path


def _of_chapter(executed: Path) -> dict[str, Any]:
    glued = read_glued(executed)
    made = nbformat.read(executed, as_version=4).metadata.get("headlines", {})
    claims = [{key: claim[key] for key in KEPT} for claim in read_claims(executed)]
    return {
        "sources": made.get("sources"),
        **{fact: glued[fact] for fact in FACTS},
        "claims": claims,
    }


def sources(root: Path, name: str) -> str:
    """What a chapter at book scale is computed from, as one digest, on any machine."""
    return inputs.sources_digest(root / "notebooks" / f"{name}.py", Scale.BOOK, root)


def costs(root: Path) -> dict[str, float]:
    """CPU seconds of the reference machine that each chapter took; 0 if not yet recorded."""
    known = record.read(root / "book" / record.PATH.name)
    return {
        name: known.get(name, {}).get("reference_seconds", 0.0) for name in publish.chapters(root)
    }


def due(root: Path, slowness: float) -> tuple[list[str], str]:
    """Which chapters a check should run at book scale, and why, in words.

    All of them where two at a time take no longer than `ALLOWANCE` on a machine that is
    `slowness` times as slow as the reference; else, of those that changed since the record,
    the cheapest that fit.
    """
    minutes = {name: cost * slowness / 2 / 60 for name, cost in costs(root).items()}
    total = sum(minutes.values())
    if total <= ALLOWANCE:
        return publish.chapters(root), f"all chapters, which take about {total:.0f} min here"
    stale = sorted(changed(root), key=minutes.__getitem__)
    spent = accumulate(minutes[name] for name in stale)
    fitting = [name for name, so_far in zip(stale, spent, strict=True) if so_far <= ALLOWANCE]
    told = f"all would take {total:.0f} min here, so only what changed since the record"
    left = [name for name in stale if name not in fitting]
    return fitting, told + (f", as far as it fits, without {', '.join(left)}" if left else "")


def changed(root: Path) -> list[str]:
    """The chapters whose sources are no longer those of the record."""
    known = record.read(root / "book" / record.PATH.name)
    return [
        name
        for name in publish.chapters(root)
        if known.get(name, {}).get("sources") != sources(root, name)
    ]


def moved(root: Path) -> list[str]:
    """What a reader of the last record would see changed in this build, a line each."""
    before, lines = record.read(root / "book" / record.PATH.name), []
    for name in publish.chapters(root):
        old = {claim["id"]: _seen(claim) for claim in before.get(name, {}).get("claims", [])}
        new = {c["id"]: _seen(c) for c in read_claims(publish.executed(root, Scale.BOOK, name))}
        lines += [
            f"{name}, {claim}: {old.get(claim, 'nothing')} → {new.get(claim, 'nothing')}"
            for claim in {**old, **new}
            if old.get(claim) != new.get(claim)
        ]
    return lines


def _seen(claim: dict[str, Any]) -> str:
    return f"{measured_text(claim['measured'], claim['span'], claim['unit'])}, {claim['verdict']}"


def strays(root: Path, scale: Scale) -> list[str]:
    """The claims of a build that left their bands, a sentence each."""
    found = []
    for name in publish.chapters(root):
        if expected := bands.read(root / "notebooks" / f"{name}.py", scale):
            claims = read_claims(publish.executed(root, scale, name))
            found += [f"{name}: {stray}" for stray in bands.strays(claims, expected)]
    return found


def main() -> None:
    """Print the chapters that a check should run at book scale, a line each; why on stderr."""
    from helpers.build.execute import isolate_kernels  # noqa: PLC0415

    isolate_kernels()  # one thread, as chapters have, before torch is there
    from helpers.reference import slowness  # noqa: PLC0415  (no build waits for torch)

    names, why = due(ROOT, slowness())
    print(f"at book scale: {why}", file=sys.stderr)
    for name in names:
        print(name)


if __name__ == "__main__":
    main()
