"""What several test modules call."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from helpers.build.processors import SETTINGS, emulated

ROOT = Path(__file__).resolve().parent.parent


def run_in(folder: Path, *command: str | Path, timeout: float = 120) -> subprocess.CompletedProcess:
    """Run Python in a copy of the project, with the copy's helpers."""
    return subprocess.run(
        [sys.executable, *command],
        check=False,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def on_each_processor(code: str, folder: Path, *arguments: str) -> list[dict[str, np.ndarray]]:
    """What Python code, run in `folder` on each processor of the build, writes; native first.

    It is given the arguments, and last the name of the .npz file to write.
    """
    found = []
    for processor in SETTINGS:
        command = [sys.executable, "-c", code, *arguments, f"{processor}.npz"]
        with emulated(processor):
            environment = os.environ | {"PYTHONPATH": str(ROOT)}
            subprocess.run(command, check=True, timeout=120, cwd=folder, env=environment)
        with np.load(folder / f"{processor}.npz") as stored:
            found.append(dict(stored))
    return found


def assert_one_sentence(done: subprocess.CompletedProcess, *words: str) -> None:
    """Failed with a message for people: one line that holds the words, no traceback.

    At most one line for what failed and one for what that means for the book.
    """
    assert done.returncode not in (0, None), done.stdout
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    lines = [line for line in done.stderr.splitlines() if all(word in line for word in words)]
    assert lines, done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) <= 3, done.stderr
