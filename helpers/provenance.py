"""How fresh a page is: at which scale, when, with what and how long it was computed."""

import os
import platform
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil
from myst_nb import glue

from helpers.results import read_glued
from helpers.scale import Scale


def publish(scale: Scale, budget: float) -> None:
    """Glue `scale`, `computed_on`, `versions`, `cpu_seconds`, `wall_seconds`, `budget`.

    Call it last: the seconds count from the start of the notebook's process.
    `budget` is what the chapter may cost at this scale, in CPU seconds.
    """
    now, process = datetime.now(UTC), psutil.Process()
    spent = process.cpu_times()
    cpu = spent.user + spent.system + spent.children_user + spent.children_system
    facts = {
        "scale": str(scale),
        "computed_on": f"{now.day} {now:%B %Y, %H:%M} UTC",
        "versions": versions(),
        "cpu_seconds": cpu,
        "wall_seconds": time.time() - process.create_time(),
        "budget": float(budget),
    }
    for name, value in facts.items():
        glue(name, value, display=False)


def versions() -> str:
    """Interpreter, the libraries that decide numbers, and the machine."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "torch"))
    return (
        f"Python {platform.python_version()}, {libraries}; "
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    )


def budget_table(paths: Sequence[Path]) -> str:
    """One line a chapter: CPU seconds spent, its budget, and whether it kept to it."""
    lines = [f"{'chapter':<28}{'scale':<8}{'CPU s':>8}{'budget':>8}"]
    for path in sorted(paths):
        facts = read_glued(path)
        spent, budget = facts["cpu_seconds"], facts["budget"]
        over = "  OVER BUDGET" if spent > budget else ""
        lines.append(f"{path.stem:<28}{facts['scale']:<8}{spent:>8.0f}{budget:>8.0f}{over}")
    return "\n".join(lines)


if __name__ == "__main__":
    print(budget_table([Path(name) for name in sys.argv[1:]]))
