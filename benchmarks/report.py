"""What benchmarks share: a fair race, rows with their spread, and three ways to show them.

A benchmark is a module `benchmarks/<topic>.py` whose `main()` ends with `publish(...)`:
that prints a table and writes `_build/benchmarks/<topic>.json`. To store what was
measured last in `benchmarks/README.md`, where people read it without running anything:

    python -m benchmarks.report
"""

import gc
import json
import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "_build" / "benchmarks"
PAGE = Path(__file__).with_name("README.md")


@dataclass(frozen=True)
class Spread:
    """What repetitions gave: median, smallest and largest."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        median, low, high = (
            f"{float(f'{number:.3g}'):,.10g}" for number in (self.median, self.low, self.high)
        )
        return f"{median} ({low} to {high})"


def spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


@dataclass(frozen=True)
class Row:
    """One measured quantity, and its ratio to another one of the same run."""

    name: str
    value: Spread
    unit: str
    ratio: Spread | None = None
    ratio_to: str = ""


def race(
    contestants: dict[Any, Callable[[], Any]], repetitions: int
) -> Iterator[dict[Any, tuple[float, Any]]]:
    """Per repetition the CPU seconds and the result of each contestant.

    They take turns, each repetition begun by the next one, so that a slow spell of the
    machine hits all alike: compare within a repetition, then look at all of them.
    """
    names = list(contestants)
    for repetition in range(repetitions):
        first = repetition % len(names)
        turns = names[first:] + names[:first]
        lap = {name: _timed(contestants[name]) for name in turns}
        yield {name: lap[name] for name in names}


def _timed(function: Callable[[], Any]) -> tuple[float, Any]:
    gc.collect()  # nobody pays for another one's garbage
    start = time.process_time()
    result = function()
    return time.process_time() - start, result


def publish(topic: str, title: str, text: str, rows: Sequence[Row]) -> None:
    """Print a table and write `_build/benchmarks/<topic>.json`.

    `text` is Markdown: what is compared, on which work, and how to read it.
    """
    now = datetime.now(UTC)
    result = {
        "title": title,
        "text": text,
        "measured": f"{now.day} {now:%B %Y}",
        "machine": machine(),
        "rows": [
            {
                "name": row.name,
                "value": asdict(row.value),
                "unit": row.unit,
                "ratio": row.ratio and asdict(row.ratio),
                "ratio_to": row.ratio_to,
            }
            for row in rows
        ],
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{topic}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(section(result))
    print(f"written to {path}")


def section(result: dict[str, Any]) -> str:
    """A result as a section of Markdown."""
    lines = ["| what | measured | unit | ratio | to |", "| --- | --- | --- | --- | --- |"]
    for row in result["rows"]:
        ratio = Spread(**row["ratio"]) if row["ratio"] else ""
        cells = (row["name"], Spread(**row["value"]), row["unit"], ratio, row["ratio_to"])
        lines.append(f"| {' | '.join(map(str, cells))} |")
    table = "\n".join(lines)
    when = f"Measured {result['measured']} with {result['machine']}."
    return f"## {result['title']}\n\n{result['text']}\n\n{table}\n\n{when}\n"


def with_section(page: str, new: str) -> str:
    """The page with a section added, or put in the place of the one of the same title."""
    head, *sections = re.split(r"(?m)^(?=## )", page)
    title = new.splitlines()[0]
    kept = [old.strip() for old in sections if old.splitlines()[0] != title]
    return "\n\n".join([head.strip(), *sorted([*kept, new.strip()])]) + "\n"


def machine() -> str:
    """Interpreter, numpy, processor and system, in one line."""
    return (
        f"Python {platform.python_version()} and numpy {version('numpy')} on "
        f"{processor()}, {os.cpu_count()} cores, {platform.system()}"
    )


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name where Linux tells it, else what Python knows."""
    text = cpuinfo.read_text(encoding="utf-8") if cpuinfo.is_file() else ""
    name = re.search(r"(?m)^model name\s*:\s*(.+)$", text)
    return name[1] if name else platform.processor() or platform.machine()


def main() -> None:
    """Put every result in `_build/benchmarks` into the page; other sections stay."""
    paths = sorted(RESULTS.glob("*.json"))
    if not paths:
        sys.exit(f"error: no result in {RESULTS}: run `make bench` first")
    page = PAGE.read_text(encoding="utf-8")
    for path in paths:
        page = with_section(page, section(json.loads(path.read_text(encoding="utf-8"))))
    PAGE.write_text(page, encoding="utf-8")
    print(f"{PAGE} shows {', '.join(path.stem for path in paths)} as measured last")


if __name__ == "__main__":
    main()
