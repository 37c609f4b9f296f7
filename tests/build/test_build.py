"""What bad input gets: one sentence, a non-zero exit, and nothing already built lost."""

import os
import signal
import subprocess
import sys
import time

import nbformat
import pytest
from filelock import FileLock
from support import assert_one_sentence, run_in

import dodo
from helpers.build import execute, publish
from helpers.build.execute import only_writer
from helpers.scale import Scale

QUICK = ("--scale", "quick")


def snapshot(folder) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def script(book, name="01_one"):
    return book / "notebooks" / f"{name}.py"


def executed(book, name="01_one"):
    return book / "_build" / "quick" / "notebooks" / f"{name}.ipynb"


def test_nothing_changed_means_nothing_runs(built):
    before = {path: path.stat().st_mtime_ns for path in built.glob("_build/*/notebooks/*")}
    done = run_in(built, "dodo.py", "book", *QUICK)
    assert done.returncode == 0
    assert "A tiny chapter" not in done.stdout
    assert "building the pages" not in done.stdout
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


@pytest.mark.parametrize("command", ["chapter", "lab", "refresh"])
def test_an_unknown_chapter(tiny_book, command):
    done = run_in(tiny_book, "dodo.py", command, "07_none")
    assert_one_sentence(done, "error: unknown chapter '07_none': choose one of 01_one, 02_two")


@pytest.mark.parametrize("name", ["", "conftest", "05_draft"])
def test_a_file_that_is_no_chapter_of_the_book(tiny_book, name):
    (tiny_book / "notebooks" / "05_draft.py").write_text("1")
    done = run_in(tiny_book, "dodo.py", "chapter", name)
    assert_one_sentence(done, f"error: unknown chapter {name!r}: choose one of 01_one, 02_two")


@pytest.mark.parametrize(
    "contents",
    [None, "a: [", "root: book/index\n", "root: book/index\nparts:\n  - caption: Chapters\n"],
)
def test_a_broken_table_of_contents(tiny_book, contents):
    toc = tiny_book / "_toc.yml"
    toc.unlink() if contents is None else toc.write_text(contents)
    for command in ("book", "refresh"):
        done = run_in(tiny_book, "dodo.py", command)
        assert_one_sentence(done, "error: _toc.yml must hold a root and parts with chapters")


def add_cell(book, source, name="01_one"):
    script(book, name).write_text(script(book, name).read_text() + f"\n# %%\n{source}\n")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import sys; sys.exit()\n\n# %%\n1 / 0", "was not run to its end"),
        ("import os; os._exit(1)", "its process died, perhaps for lack of memory"),
        ("import warnings; warnings.warn('mind the gap')", "wrote a warning, 'mind the gap'"),
        ("import sys; print(file=sys.stderr)", "wrote blank text on stderr"),
        (
            "raise ValueError('first line\\nsecond line')",
            "ValueError: first line; what",
        ),
        ("x = (", ", line "),
    ],
)
def test_a_chapter_that_does_not_reach_its_end_cleanly(built, source, words):
    earlier = executed(built).read_bytes()
    add_cell(built, source)
    done = run_in(built, "dodo.py", "book", *QUICK)
    assert_one_sentence(done, "error: ", "01_one.py", words)
    assert executed(built).read_bytes() == earlier


def test_a_helper_that_is_no_python_stops_only_its_chapters(built):
    (built / "helpers" / "value_one.py").write_text("VALUE = (\n")
    (built / "helpers" / "value_two.py").write_text("VALUE = 3\n")
    done = run_in(built, "dodo.py", "book", *QUICK)
    assert_one_sentence(done, "error: ", "value_one.py, line 1")
    assert "02_two" in done.stdout


def test_an_unreadable_result_is_computed_again(built):
    executed(built).write_text("")
    done = run_in(built, "dodo.py", "book", *QUICK)
    assert done.returncode == 0, done.stderr
    assert executed(built).stat().st_size > 0


def test_a_page_that_was_deleted_is_built_again(built):
    page = built / "_build" / "html-quick" / "notebooks" / "01_one.html"
    page.unlink()
    assert run_in(built, "dodo.py", "book", *QUICK).returncode == 0
    assert page.is_file()


def test_a_page_edited_while_sphinx_ran_is_built_again(built, monkeypatch):
    index = built / "book" / "index.md"
    index.write_text("# Tiny book\n\nVersion two.\n")
    real_run = subprocess.run

    def run_then_edit(*arguments, **options):
        done = real_run(*arguments, **options)
        index.write_text("# Tiny book\n\nVersion three.\n")
        return done

    monkeypatch.setattr(publish.subprocess, "run", run_then_edit)
    publish.build(built, Scale.QUICK)
    assert "Version two" in (built / "_build/html-quick/book/index.html").read_text()
    assert not publish.is_fresh(built, Scale.QUICK)


def test_a_readers_own_settings_do_not_change_the_figures(tiny_book, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")  # would draw nothing in a notebook
    assert run_in(tiny_book, "dodo.py", "book", *QUICK).returncode == 0


def test_a_chapter_imports_the_helpers_of_its_own_clone(tiny_book, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)  # the environment knows another clone's
    command = [sys.executable, "dodo.py", "chapter", "01_one", *QUICK]
    assert subprocess.run(command, check=False, cwd=tiny_book).returncode == 0


def test_what_numba_compiles_is_kept_out_of_the_sources(tiny_book):
    compiled = (
        "from numba import njit\n\n@njit(cache=True)\ndef f():\n    return 1\n\nVALUE = f()\n"
    )
    (tiny_book / "helpers" / "value_one.py").write_text(compiled)
    assert run_in(tiny_book, "dodo.py", "chapter", "01_one", *QUICK).returncode == 0
    (cache,) = tiny_book.rglob("*.nbi")
    assert cache.is_relative_to(tiny_book / "_build")


def test_two_builds_at_once(tiny_book):
    (tiny_book / "_build").mkdir()
    with FileLock(tiny_book / "_build" / ".lock"):
        done = run_in(tiny_book, "dodo.py", "book", *QUICK)
    assert_one_sentence(done, "error: another build is at work in", "wait for it or stop it")


def test_two_runs_of_one_output(tiny_book):
    """A build, a run by hand and a refresh share the lock of what they write."""
    by_hand = ("-m", "helpers.build.execute", script(tiny_book), executed(tiny_book), *QUICK)
    with only_writer(executed(tiny_book), tiny_book):
        for command in (by_hand, ("dodo.py", "chapter", "01_one", *QUICK)):
            done = run_in(tiny_book, *command)
            assert_one_sentence(done, "error: another run is at work on", "01_one.ipynb: wait for")
    with only_writer(script(tiny_book).with_suffix(".ipynb"), tiny_book):
        done = run_in(tiny_book, "dodo.py", "refresh", "01_one")
        assert_one_sentence(done, "error: another run is at work on", "01_one.ipynb: wait for")
        assert run_in(tiny_book, *by_hand).returncode == 0  # another output, another lock


def test_a_result_that_cannot_be_written_leaves_the_earlier_one_and_no_litter(built, monkeypatch):
    folder = executed(built).parent
    before = snapshot(folder)

    def full(notebook, path):
        path.write_text("half a notebo")
        raise OSError("no space left on device")

    monkeypatch.setattr(execute, "run", lambda script, *_: execute.read_script(script))
    monkeypatch.setattr(execute.nbformat, "write", full)
    with pytest.raises(OSError, match="no space left"):
        execute.execute(script(built), executed(built), Scale.QUICK, built)
    assert snapshot(folder) == before


def test_a_swap_that_was_cut_off_gives_the_earlier_book_back(built):
    html = built / "_build" / "html-quick"
    pages = snapshot(html)
    html.rename(html.with_name("html-quick.old"))
    (built / "book" / "index.md").write_text("# Tiny book\n\n[](nowhere.md)\n")
    done = run_in(built, "dodo.py", "book", *QUICK)
    assert_one_sentence(done, "error: the book was not rebuilt", "is still the earlier one")
    assert snapshot(html) == pages


def test_a_missing_data_package_names_notebook_cell_and_cure(tiny_book):
    add_cell(
        tiny_book,
        "from helpers import data\n"
        'data.FILES["x"] = data.DataFile("no-such-package", "x.csv", "0")\n'
        'data.locate("x")',
    )
    done = run_in(tiny_book, "dodo.py", "chapter", "01_one", *QUICK)
    assert_one_sentence(done, "01_one.py: cell", "'no-such-package' is not installed: run")


def test_an_altered_data_file_names_notebook_cell_and_cure(tiny_book):
    add_cell(
        tiny_book,
        "from helpers import data\n"
        'data.FILES["x"] = data.DataFile("arch", "arch/data/frenchdata/__init__.py", "0")\n'
        'data.locate("x")',
    )
    done = run_in(tiny_book, "dodo.py", "chapter", "01_one", *QUICK)
    assert_one_sentence(done, "01_one.py: cell", "is not the pinned one", "run `python3")


def test_a_notebook_that_raises_keeps_everything_and_looks_stale(built):
    html = snapshot(built / "_build" / "html-quick")
    earlier = executed(built).read_bytes()
    add_cell(built, "1 / 0")
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


def ctrl_c(pid):
    os.killpg(pid, signal.SIGINT)


def cancelled_job(pid):
    os.kill(pid, signal.SIGTERM)


def closed_terminal(pid):
    os.killpg(pid, signal.SIGHUP)


@pytest.mark.parametrize("how", [ctrl_c, cancelled_job, closed_terminal])
def test_an_interrupt_loses_nothing_and_the_next_build_continues(built, how):
    html = snapshot(built / "_build" / "html-quick")
    earlier = executed(built).read_bytes()
    slow = built / "slow"
    slow.touch()
    add_cell(
        built,
        f"import pathlib, time\nwhile pathlib.Path({str(slow)!r}).exists():\n"
        f"    pathlib.Path({str(built / 'reached')!r}).touch()\n    time.sleep(0.1)",
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
    how(process.pid)
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


def test_nohup_keeps_a_build_going_when_the_terminal_closes(tiny_book):
    outlives = (
        "import os, signal; from helpers.build.execute import stop_once\n"
        "stop_once(); os.kill(os.getpid(), signal.SIGHUP); print('goes on')"
    )
    hung_up = run_in(tiny_book, "-c", outlives)
    ignored = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    assert "KeyboardInterrupt" in hung_up.stderr
    assert run_in(tiny_book, "-c", ignored + outlives).stdout == "goes on\n"


def test_a_process_that_starts_too_slowly(tiny_book):
    (tiny_book / "sitecustomize.py").write_text(
        "import sys, time\nif '-f' in sys.orig_argv: time.sleep(60)  # a kernel's process"
    )
    impatient = (
        "import sys; from helpers.build import execute\n"
        "execute.PATIENCE = 1; sys.argv[1:] = ['notebooks/01_one.py', 'out.ipynb']\n"
        "sys.exit(execute.main())"
    )
    done = run_in(tiny_book, "-c", impatient)
    assert_one_sentence(done, "error: 01_one.py: its process did not start", "less busy machine")
    assert not (tiny_book / "out.ipynb").exists()


def test_tests_without_what_they_need_are_one_sentence(monkeypatch):
    monkeypatch.setattr(dodo, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="run `python3 -m helpers.build.install --dev`"):
        dodo.test()


def test_an_executed_notebook_carries_no_trace_of_the_run(built):
    text = executed(built).read_text()
    assert str(built) not in text
    notebook = nbformat.reads(text, as_version=4)
    assert "papermill" not in notebook.metadata
    injected = [c for c in notebook.cells if "injected-parameters" in c.metadata.get("tags", [])]
    assert [cell.metadata["tags"][-1] for cell in injected] == ["remove-cell"]
    assert not any("execution" in cell.metadata for cell in notebook.cells)


ALT = 'alt": "A straight line.'


def test_an_alternative_text_takes_its_numbers_from_the_run(tiny_book):
    text = script(tiny_book).read_text().replace(ALT, ALT + " It {way} by {rise:.1f}.")
    glued = "\n# %%\nfrom myst_nb import glue\nglue('rise', 1.04, display=False)\n"
    glued += "glue('way', 'rises', display=False)\n"
    script(tiny_book).write_text(text + glued)
    done = run_in(tiny_book, "dodo.py", "book", *QUICK)
    assert done.returncode == 0, done.stderr
    page = tiny_book / "_build" / "html-quick" / "notebooks" / "01_one.html"
    assert 'alt="A straight line. It rises by 1.0."' in page.read_text()


def test_an_alternative_text_that_names_nothing_is_one_sentence(tiny_book):
    text = script(tiny_book).read_text().replace(ALT, ALT + " It rises by {rise:.1f}.")
    script(tiny_book).write_text(text)
    done = run_in(tiny_book, "dodo.py", "book", *QUICK)
    assert_one_sentence(done, "error: 01_one: the alternative text", "asks for 'rise'")


def test_a_table_that_may_scroll_is_within_the_keyboards_reach(tmp_path):
    page = tmp_path / "page.html"
    box, table = '<div class="output text_html">', '<table border="1" class="dataframe">'
    page.write_text(f"{box}<div>\n<style></style>\n{table}</table></div></div>{box}<p></p></div>")
    publish.mend_html(tmp_path)
    mended = page.read_text()
    assert mended.count(' tabindex="0"') == 1
    assert mended.index('tabindex="0"') < mended.index("dataframe")
    publish.mend_html(tmp_path)
    assert page.read_text() == mended
