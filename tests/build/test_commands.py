"""The maintainers' commands on a tiny book: refresh, bands, record, and what a build then says."""

import json

import pytest
from support import assert_one_sentence, run_in

QUICK = ("--scale", "quick")
CLAIM = """
# %%
import random

from helpers.claims import Claim, Source
from helpers.results import glue_numbers, publish_claims
from helpers.scale import Scale

value = 10 + random.Random(seed).random()
claim = Claim(
    id="NAME-speed", statement="It is fast.", article="10", paper="10",
    criterion="it is at least 8", holds=(8.0, 99.0), measured=value,
    interval=(value - 1, value + 1), method="a guess", anchor="a stopwatch",
    leaves_out=(Source.SEEDS,),
)
publish_claims([claim], Scale(scale))
"""
COSTS = """
# %%
from helpers import provenance

provenance.publish(Scale(scale), budget=15)
"""


@pytest.fixture
def book(tiny_book):
    """A tiny book whose chapters each publish one claim."""
    for name in ("01_one", "02_two"):
        path = tiny_book / "notebooks" / f"{name}.py"
        text = path.read_text().replace('scale = "quick"', 'scale = "quick"\nseed = 1')
        path.write_text(text + CLAIM.replace("NAME", name))
    return tiny_book


def test_bands_are_derived_and_a_claim_outside_them_fails_the_build_after_its_pages(book):
    assert run_in(book, "dodo.py", "refresh", "01_one").returncode == 0
    derive = ("-m", "helpers.build.derive_bands", "notebooks/01_one.py")
    done = run_in(book, *derive, "--seeds", "3", "--emulate", "sse")
    assert done.returncode == 0, done.stderr
    path = book / "notebooks" / "01_one.bands.json"
    bands = json.loads(path.read_text())["quick"]
    assert bands["seeds"] == [1, 2, 3]
    assert bands["processors"] == ["native", "sse"]
    done = run_in(book, "dodo.py", "book", *QUICK)
    assert done.returncode == 0, done.stderr
    bands["claims"]["01_one-speed"] = [11.0, 12.0]
    path.write_text(json.dumps({"quick": bands}))
    (book / "book" / "index.md").write_text("# Tiny book\n\nVersion two.\n")
    done = run_in(book, "dodo.py", "book", *QUICK)
    assert_one_sentence(done, "error: outside the bands", "01_one: 01_one-speed measured 10.1344")
    assert "Version two" in (book / "_build/html-quick/book/index.html").read_text()


def test_a_book_is_recorded_and_the_next_one_says_what_moved(book):
    for name in ("01_one", "02_two"):
        script = book / "notebooks" / f"{name}.py"
        script.write_text(script.read_text() + COSTS)
    done = run_in(book, "dodo.py", "record")
    assert_one_sentence(done, "error: 01_one has no fresh result at book scale: run `make book`")
    done = run_in(book, "dodo.py", "book")
    assert done.returncode == 0, done.stderr
    assert "moved since the record: 01_one, 01_one-speed: nothing → 10.1 [9.1, 11.1]" in (
        done.stdout
    )
    assert "chapter 2 of 2 done" in done.stdout
    assert run_in(book, "dodo.py", "record").returncode == 0
    assert "moved" not in run_in(book, "dodo.py", "book").stdout
    script = book / "notebooks" / "02_two.py"
    script.write_text(script.read_text().replace("value = 10 +", "value = 7 +"))
    done = run_in(book, "dodo.py", "book")
    assert done.stdout.count("moved") == 1
    assert "10.1 [9.1, 11.1], reproduced → 7.1 [6.1, 8.1], partly" in done.stdout


def test_a_quick_page_shows_the_books_verdict_and_none_of_its_own(book):
    record = {"chapters": {"01_one": {"claims": [{"id": "01_one-speed", "verdict": "partly"}]}}}
    (book / "book" / "record.json").write_text(json.dumps(record))
    done = run_in(book, "dodo.py", "book", *QUICK)
    assert done.returncode == 0, done.stderr
    one, two = (
        (book / "_build/html-quick/notebooks" / f"{name}.html").read_text()
        for name in ("01_one", "02_two")
    )
    assert '<span class="verdict verdict-partly">partly</span>' in one
    assert "a quick run gives no verdict" in one
    assert "still to come" in two
    assert "reproduced" not in one.split('class="claims"')[1].split("</table>")[0]


def test_a_number_that_turns_with_the_processor_is_refused_and_named(book):
    script = book / "notebooks" / "01_one.py"
    noisy = "\n# %%\nimport os\nglue_numbers(odd=1 + ('NUMBA_CPU_NAME' in os.environ))\n"
    script.write_text(script.read_text() + noisy)
    done = run_in(book, "dodo.py", "refresh", "01_one")
    assert_one_sentence(
        done, "error: 01_one.py: 1 numbers differ by more than 0.1% between", "odd in cell-"
    )
    assert not script.with_suffix(".ipynb").exists()
    (book / "notebooks" / "chaotic.toml").write_text('[01_one]\nodd = "turns with the machine"\n')
    assert run_in(book, "dodo.py", "refresh", "01_one").returncode == 0
    stored = json.loads(script.with_suffix(".noise.json").read_text())
    assert [list(numbers) for numbers in stored.values()] == [["odd"]]
