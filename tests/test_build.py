"""What bad input gets: one sentence, a non-zero exit, and nothing already built lost."""

import os
import signal
import subprocess
import sys
import time

import nbformat
import pytest
from support import assert_one_sentence, run_in

QUICK = ("--scale", "quick")


def snapshot(folder) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def script(book, name="01_one"):
    return book / "notebooks" / f"{name}.py"


def executed(book, name="01_one"):
    return book / "_build" / "quick" / "notebooks" / f"{name}.ipynb"


@pytest.fixture
def built(tiny_book):
    done = run_in(tiny_book, "dodo.py", "book", *QUICK)
    assert done.returncode == 0, done.stderr
    assert f"open {tiny_book / '_build' / 'html-quick' / 'index.html'}" in done.stdout
    return tiny_book


def test_nothing_changed_means_nothing_runs(built):
    before = {path: path.stat().st_mtime_ns for path in built.glob("_build/*/notebooks/*")}
    done = run_in(built, "dodo.py", "book", *QUICK)
    assert done.returncode == 0
    assert "A tiny chapter" not in done.stdout
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_a_changed_helper_runs_only_the_chapters_that_import_it(built):
    one, two = (executed(built, name).read_bytes() for name in ("01_one", "02_two"))
    (built / "helpers" / "value_two.py").write_text("VALUE = 3\n")
    done = run_in(built, "dodo.py", "book", *QUICK)
    assert done.returncode == 0, done.stderr
    assert "02_two" in done.stdout
    assert "01_one" not in done.stdout
    assert executed(built, "01_one").read_bytes() == one
    assert executed(built, "02_two").read_bytes() != two


def test_an_unknown_scale(tiny_book):
    done = run_in(tiny_book, "dodo.py", "book", "--scale", "huge")
    assert_one_sentence(done, "error: unknown scale 'huge': choose one of quick, book, paper")


@pytest.mark.parametrize("command", ["chapter", "refresh"])
def test_an_unknown_chapter(tiny_book, command):
    done = run_in(tiny_book, "dodo.py", command, "07_none")
    assert_one_sentence(done, "error: unknown chapter '07_none': choose one of 01_one, 02_two")


def test_a_missing_data_package_names_notebook_cell_and_cure(tiny_book):
    text = script(tiny_book).read_text() + (
        "\n# %%\nfrom helpers import data\n"
        'data.FILES["x"] = data.DataFile("no-such-package", "x.csv", "0")\n'
        'data.locate("x")\n'
    )
    script(tiny_book).write_text(text)
    done = run_in(tiny_book, "dodo.py", "chapter", "01_one", *QUICK)
    assert_one_sentence(done, "01_one.py: cell", "'no-such-package' is not installed: run")


def test_an_altered_data_file_names_notebook_cell_and_cure(tiny_book):
    text = script(tiny_book).read_text() + (
        "\n# %%\nfrom helpers import data\n"
        'data.FILES["x"] = data.DataFile("arch", "arch/data/frenchdata/__init__.py", "0")\n'
        'data.locate("x")\n'
    )
    script(tiny_book).write_text(text)
    done = run_in(tiny_book, "dodo.py", "chapter", "01_one", *QUICK)
    assert_one_sentence(done, "01_one.py: cell", "is not the pinned one", "run `python3")


def test_a_notebook_that_raises_keeps_everything_and_looks_stale(built):
    html = snapshot(built / "_build" / "html-quick")
    earlier = executed(built).read_bytes()
    script(built).write_text(script(built).read_text() + "\n# %%\n1 / 0\n")
    (built / "helpers" / "value_two.py").write_text("VALUE = 3\n")
    done = run_in(built, "dodo.py", "book", *QUICK)
    assert_one_sentence(done, "error: 01_one.py: cell 5 ('1 / 0') failed with ZeroDivisionError")
    assert_one_sentence(done, "the book was not rebuilt", "is still the earlier one")
    assert snapshot(built / "_build" / "html-quick") == html
    assert executed(built).read_bytes() == earlier
    # The other chapter's new result is kept, and the failed one is tried again.
    again = run_in(built, "dodo.py", "book", *QUICK)
    assert "02_two" not in again.stdout
    assert again.returncode != 0


def test_a_page_with_a_warning_does_not_replace_the_book(built):
    html = snapshot(built / "_build" / "html-quick")
    (built / "book" / "index.md").write_text("# Tiny book\n\n[](nowhere.md)\n")
    done = run_in(built, "dodo.py", "book", *QUICK)
    assert_one_sentence(done, "WARNING", "nowhere")
    assert_one_sentence(done, "error: the book was not rebuilt", "is still the earlier one")
    assert snapshot(built / "_build" / "html-quick") == html


def test_a_build_folder_that_cannot_be_written(tiny_book):
    (tiny_book / "_build").write_text("a file is in the way")
    done = run_in(tiny_book, "dodo.py", "book", *QUICK)
    assert_one_sentence(done, "error: cannot write to", "_build")
    assert (tiny_book / "_build").read_text() == "a file is in the way"


def test_ctrl_c_loses_nothing_and_the_next_build_continues(built):
    html = snapshot(built / "_build" / "html-quick")
    earlier = executed(built).read_bytes()
    text = script(built).read_text()
    slow = built / "slow"
    slow.touch()
    script(built).write_text(
        text + f"\n# %%\nimport pathlib, time\nwhile pathlib.Path({str(slow)!r}).exists():\n"
        f"    pathlib.Path({str(built / 'reached')!r}).touch()\n    time.sleep(0.1)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "dodo.py", "book", *QUICK],
        cwd=built,
        env=os.environ | {"PYTHONPATH": str(built)},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (built / "reached").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (built / "reached").exists()
    os.killpg(process.pid, signal.SIGINT)
    out, error = process.communicate(timeout=30)
    assert process.returncode == 130, out + error
    assert "Traceback" not in error
    assert "interrupted: nothing was lost" in error
    assert snapshot(built / "_build" / "html-quick") == html
    assert executed(built).read_bytes() == earlier
    slow.unlink()
    done = run_in(built, "dodo.py", "book", *QUICK)
    assert done.returncode == 0, done.stderr
    assert executed(built).read_bytes() != earlier


def test_an_executed_notebook_carries_no_trace_of_the_run(built):
    text = executed(built).read_text()
    assert "ipykernel_" not in text
    notebook = nbformat.reads(text, as_version=4)
    assert "papermill" not in notebook.metadata
    injected = [c for c in notebook.cells if "injected-parameters" in c.metadata.get("tags", [])]
    assert [cell.metadata["tags"][-1] for cell in injected] == ["remove-cell"]
    assert not any("execution" in cell.metadata for cell in notebook.cells)
