"""Shared by all layers: the repository, and small copies of it to break."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

TINY_CHAPTER = '''\
# %% [markdown]
# # A tiny chapter
#
# It draws a line.

# %% tags=["parameters", "remove-cell"]
scale = "quick"

# %% tags=["thumbnail"] mystnb={"image": {"alt": "A straight line."}}
import matplotlib.pyplot as plt
from helpers.IMPORTED import VALUE

plt.plot([VALUE, 2])
'''


@pytest.fixture
def root() -> Path:
    return ROOT


@pytest.fixture
def tiny_book(tmp_path: Path) -> Path:
    """A copy of the project whose chapters are two tiny ones, `01_one` and `02_two`."""
    book = tmp_path / "project"
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "helpers", book / "helpers", ignore=ignore)
    for name in ("dodo.py", "_config.yml", "requirements.txt", "requirements-data.txt"):
        shutil.copy2(ROOT / name, book / name)
    (book / "notebooks").mkdir()
    for number, name in enumerate(("one", "two"), start=1):
        (book / "helpers" / f"value_{name}.py").write_text("VALUE = 1\n")
        text = TINY_CHAPTER.replace("IMPORTED", f"value_{name}")
        (book / "notebooks" / f"{number:02d}_{name}.py").write_text(text)
    (book / "book" / "assets").mkdir(parents=True)
    shutil.copy2(ROOT / "book" / "assets" / "book.css", book / "book" / "assets" / "book.css")
    (book / "book" / "index.md").write_text("# Tiny book\n")
    (book / "book" / "references.bib").write_text("")
    (book / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nparts:\n  - caption: Chapters\n    chapters:\n"
        "      - file: notebooks/01_one\n      - file: notebooks/02_two\n"
    )
    return book


def run_in(
    folder: Path, *command: str | Path, timeout: float = 120
) -> subprocess.CompletedProcess:
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


def assert_one_sentence(done: subprocess.CompletedProcess, *words: str) -> None:
    """Failed with a message for people: one line that holds the words, no traceback."""
    assert done.returncode not in (0, None), done.stdout
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    lines = [line for line in done.stderr.splitlines() if all(word in line for word in words)]
    assert lines, done.stderr
