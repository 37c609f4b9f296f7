"""Run every benchmark, each in a process of its own: `python -m benchmarks`."""

import subprocess
import sys

from benchmarks.report import ROOT

SHARED = {"__init__", "__main__", "report"}


def main() -> int:
    """The number of benchmarks that failed; each has said why."""
    topics = sorted({path.stem for path in (ROOT / "benchmarks").glob("*.py")} - SHARED)
    runs = [
        subprocess.run([sys.executable, "-m", f"benchmarks.{topic}"], check=False, cwd=ROOT)
        for topic in topics
    ]
    return sum(run.returncode != 0 for run in runs)


if __name__ == "__main__":
    sys.exit(main())
