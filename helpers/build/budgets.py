"""What each chapter cost beside what it may cost: `python -m helpers.build.budgets *.ipynb`.

Both are CPU seconds of the reference machine (`helpers.reference`), so that a budget means
the same on a fast and a slow processor. Fails where a chapter goes beyond `TOLERATED`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from helpers.results import read_glued

TOLERATED = 1.3  # times the budget: the reference job and the chapter do not age alike


def table(facts: dict[str, dict[str, Any]]) -> str:
    """One line a chapter: CPU seconds here, of the reference machine, and its budget."""
    lines = [f"{'chapter':<28}{'scale':<8}{'CPU s':>8}{'slower':>8}{'ref. s':>8}{'budget':>8}"]
    for name, of in facts.items():
        over = "  OVER BUDGET" if of["reference_seconds"] > of["budget"] else ""
        lines.append(
            f"{name:<28}{of['scale']:<8}{of['cpu_seconds']:>8.0f}{of['slowness']:>8.2f}"
            f"{of['reference_seconds']:>8.0f}{of['budget']:>8.0f}{over}"
        )
    return "\n".join(lines)


def too_dear(facts: dict[str, dict[str, Any]]) -> list[str]:
    """The chapters that cost more than `TOLERATED` times their budget."""
    return [
        name for name, of in facts.items() if of["reference_seconds"] > TOLERATED * of["budget"]
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m helpers.build.budgets", description=__doc__)
    parser.add_argument("notebooks", type=Path, nargs="+")
    paths = sorted(parser.parse_args(arguments).notebooks)
    try:
        facts = {f"{path.stem} ({path.parts[-3]})": read_glued(path) for path in paths}
        print(table(facts))
    except (OSError, KeyError, ValueError) as error:
        sys.exit(f"error: {error}: run the chapters again")
    if dear := too_dear(facts):
        sys.exit(f"error: beyond {TOLERATED} times the budget: {', '.join(dear)}")


if __name__ == "__main__":
    main()
