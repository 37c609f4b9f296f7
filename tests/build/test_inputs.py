import shutil
from pathlib import Path

import pytest

from helpers.build import environment, inputs, publish
from helpers.build.inputs import chapter_inputs, digest, imported_helpers, sources_digest
from helpers.scale import Scale

SCRIPT = "notebooks/01_x.py"


@pytest.fixture
def project(tmp_path):
    files = {
        "helpers/__init__.py": "",
        "helpers/scale.py": "",
        "helpers/build/execute.py": "",
        "helpers/build/publish.py": "",
        "helpers/unused.py": "",
        "helpers/market/__init__.py": "",
        "helpers/market/prices.py": "from helpers import scale\nfrom helpers.data import locate\n",
        "helpers/market/table.csv": "a,b\n",
        "helpers/market/widget.html": "<p>\n",
        "helpers/market/deeper/facts.toml": "a = 1\n",
        "helpers/data.py": "import json\n",
        "requirements.txt": "numpy==2.4.6 \\\n    --hash=sha256:0\n",
        "requirements-data.txt": "afinn==0.1\n",
        "_config.yml": "title: x\n",
        "_toc.yml": "root: book/index\nparts: [{chapters: [{file: notebooks/01_x}]}]\n",
        "book/index.md": "# Index\n",
        "book/references.bib": "",
        "book/assets/book.css": "",
        "book/assets/picture.svg": "<svg/>",
        "book/assets/picture.png": "",
        "_build/quick/notebooks/01_x.ipynb": "{}",
        SCRIPT: "import numpy\nfrom helpers.market import prices\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    inputs.environment.cache_clear()
    return tmp_path


def pages_digest(project) -> str:
    return publish.digest(project, Scale.QUICK)


def chapter_digest(project) -> str:
    return digest(project / SCRIPT, Scale.QUICK, project)


def change(path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + "# changed\n")


def test_imports_are_followed_through_helpers(project):
    found = imported_helpers(project / SCRIPT, project)
    names = {path.relative_to(project).as_posix() for path in found}
    assert names == {
        "helpers/__init__.py",
        "helpers/scale.py",
        "helpers/data.py",
        "helpers/market/__init__.py",
        "helpers/market/prices.py",
    }


def test_data_beside_an_imported_helper_counts(project):
    assert project / "helpers/market/table.csv" in chapter_inputs(
        project / SCRIPT, Scale.QUICK, project
    )


CHAPTER_INPUTS = [
    SCRIPT,
    "helpers/data.py",
    "helpers/market/__init__.py",
    "helpers/market/table.csv",
    "helpers/market/widget.html",
    "helpers/market/deeper/facts.toml",
    "helpers/market/new.csv",
    "helpers/build/execute.py",
    "requirements.txt",
    "requirements-data.txt",
]


@pytest.mark.parametrize("name", CHAPTER_INPUTS)
def test_a_changed_input_makes_the_chapter_stale(project, name):
    sources, built = sources_digest(project / SCRIPT, Scale.QUICK, project), chapter_digest(project)
    change(project / name)
    assert sources_digest(project / SCRIPT, Scale.QUICK, project) != sources
    assert chapter_digest(project) != built


@pytest.mark.parametrize(
    "name",
    [
        SCRIPT,
        "book/index.md",
        "book/references.bib",
        "book/assets/book.css",
        "book/assets/picture.svg",
        "book/assets/picture.png",
        "book/new.md",
        "_config.yml",
        "_toc.yml",
        "_build/quick/notebooks/01_x.ipynb",
        "helpers/build/publish.py",
        "requirements.txt",
    ],
)
def test_a_changed_input_makes_the_pages_stale(project, name):
    before = pages_digest(project)
    change(project / name)
    assert pages_digest(project) != before


LEFT_BESIDE = [
    "__pycache__/prices.cpython-311.pyc",
    "__pycache__/prices.step-9.py311.nbi",
    "__pycache__/prices.step-9.py311.1.nbc",
    ".DS_Store",
    "table.csv~",
    "#table.csv#",
    ".table.csv.swp",
    ".#table.csv",
    ".ipynb_checkpoints/table-checkpoint.csv",
    ".ipynb_checkpoints/index-checkpoint.md",
    "index.md~",
    "#index.md#",
    ".index.md.swp",
]


@pytest.mark.parametrize("name", LEFT_BESIDE)
@pytest.mark.parametrize("folder", ["helpers/market", "book", "notebooks"])
def test_what_editors_systems_and_compilers_leave_changes_nothing(project, folder, name):
    before = chapter_digest(project), pages_digest(project)
    change(project / folder / name)
    assert (chapter_digest(project), pages_digest(project)) == before


def test_a_helper_that_no_import_reaches_changes_nothing(project):
    before = chapter_digest(project)
    change(project / "helpers/unused.py")
    assert chapter_digest(project) == before


def another_interpreter(monkeypatch):
    monkeypatch.setattr(inputs.platform, "python_version", lambda: "3.99.0")


def another_numpy(monkeypatch):
    real = environment.metadata.version
    version = {"numpy": "99.0"}
    monkeypatch.setattr(
        environment.metadata, "version", lambda name: version.get(name) or real(name)
    )


def no_data_package(monkeypatch):
    real = inputs.installed
    monkeypatch.setattr(inputs, "installed", lambda name: None if name == "afinn" else real(name))


def another_processor(monkeypatch):
    monkeypatch.setenv("HEADLINES_PROCESSOR", "sse")


@pytest.mark.parametrize(
    "happens", [another_interpreter, another_numpy, another_processor, no_data_package]
)
def test_another_environment_makes_results_stale_but_is_no_source(project, monkeypatch, happens):
    sources = sources_digest(project / SCRIPT, Scale.QUICK, project)
    before = chapter_digest(project), pages_digest(project)
    happens(monkeypatch)
    inputs.environment.cache_clear()
    after = chapter_digest(project), pages_digest(project)
    assert after[0] != before[0]
    assert after[1] != before[1]
    assert sources_digest(project / SCRIPT, Scale.QUICK, project) == sources


def test_the_environment_is_the_interpreter_and_what_the_books_locks_name(project):
    _, _, *packages = inputs.environment(project)
    assert [line.split()[0] for line in packages] == ["afinn", "numpy"]


def test_the_digest_depends_on_the_scale(project):
    for what in (digest, sources_digest):
        quick, book = (what(project / SCRIPT, scale, project) for scale in ("quick", "book"))
        assert quick != book


def test_the_record_decides_what_a_quick_run_shows_and_nothing_at_book_scale(project):
    def digests():
        return [
            sources_digest(project / SCRIPT, scale, project) for scale in (Scale.QUICK, Scale.BOOK)
        ]

    before = digests()
    change(project / inputs.RECORD)
    after = digests()
    assert after[0] != before[0]
    assert after[1] == before[1]


def test_the_digest_does_not_depend_on_the_place(project, tmp_path_factory):
    elsewhere = Path(shutil.copytree(project, tmp_path_factory.mktemp("moved") / "project"))
    assert digest(elsewhere / SCRIPT, Scale.QUICK, elsewhere) == chapter_digest(project)
