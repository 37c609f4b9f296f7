"""Fixtures of all layers: the repository, and a small copy of it to break."""

import os
import shutil
from pathlib import Path

import pytest
from browser import launch
from playwright.sync_api import sync_playwright
from support import ROOT, run_in

from helpers.build.execute import isolate_kernels

isolate_kernels()  # for a test run alone, the settings under which all of them run

TINY_CHAPTER = """\
# %% [markdown]
# # A tiny chapter
#
# It draws a line.

# %% tags=["parameters", "remove-cell"]
scale = "quick"

# %% tags=["thumbnail"] mystnb={"image": {"alt": "A straight line."}}
import matplotlib.pyplot as plt
from helpers.IMPORTED import VALUE

_ = plt.plot([VALUE, 2])
"""


@pytest.fixture
def root() -> Path:
    return ROOT


def write_tiny_book(book: Path) -> None:
    """A copy of the project whose chapters are two tiny ones, `01_one` and `02_two`."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "helpers", book / "helpers", ignore=ignore)
    for name in ("dodo.py", "_config.yml", "requirements.txt", "requirements-data.txt"):
        shutil.copy2(ROOT / name, book / name)
    (book / "notebooks").mkdir()
    for number, name in enumerate(("one", "two"), start=1):
        (book / "helpers" / f"value_{name}.py").write_text("VALUE = 1\n")
        text = TINY_CHAPTER.replace("IMPORTED", f"value_{name}")
        (book / "notebooks" / f"{number:02d}_{name}.py").write_text(text)
    shutil.copytree(ROOT / "book" / "assets", book / "book" / "assets")
    (book / "book" / "index.md").write_text("# Tiny book\n")
    (book / "book" / "record.json").write_text('{"chapters": {}}')
    (book / "book" / "references.bib").write_text("")
    (book / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nparts:\n  - caption: Chapters\n    chapters:\n"
        "      - file: notebooks/01_one\n      - file: notebooks/02_two\n"
    )


@pytest.fixture
def tiny_book(tmp_path: Path) -> Path:
    book = tmp_path / "project"
    write_tiny_book(book)
    return book


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny book, built at quick scale; copies of it are as fresh, since paths do not count."""
    book = tmp_path_factory.mktemp("built") / "project"
    write_tiny_book(book)
    done = run_in(book, "dodo.py", "book", "--scale", "quick")
    assert done.returncode == 0, done.stderr
    assert f"open {book / '_build' / 'html-quick' / 'index.html'}" in done.stdout
    return book


@pytest.fixture
def built(built_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built_once, tmp_path / "project"))


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        found = launch(playwright)
        if found is None:
            message = "no Chromium found or installable: pages in a browser not tested"
            if os.environ.get("CI"):
                pytest.fail(message)
            pytest.skip(message)
        yield found
        found.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each reason to skip, however many tests share it."""
    for reason in sorted({report.longrepr[2] for report in terminalreporter.getreports("skipped")}):
        terminalreporter.write_line(reason)
