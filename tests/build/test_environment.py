import re
import tomllib

import pytest
from packaging.requirements import Requirement
from support import ROOT

from helpers.build import environment
from helpers.build.environment import asked_for, differences, locked, what_is_wrong
from helpers.build.install import BOOK_LOCK, DATA_LOCK, DEV_LOCK

PLACES = [
    {"python_full_version": version, "python_version": version[:4], "sys_platform": platform}
    for version in ("3.11.0", "3.12.1", "3.13.0")
    for platform in ("linux", "darwin", "win32")
]


@pytest.fixture
def project(tmp_path):
    files = {
        "pyproject.toml": """
            [project]
            dependencies = ["torch==2.14.1", "Some_Package", "old; python_version < '3'"]
            [dependency-groups]
            dev = [{ include-group = "test" }]
            test = ["pytest"]
            """,
        BOOK_LOCK: """
torch==2.14.1 \\
    --hash=sha256:0
some-package==1 ; python_full_version < '3' \\
    --hash=sha256:0
some-package==2 ; python_full_version >= '3' \\
    --hash=sha256:0
    # via torch
filelock==4
""",
        DATA_LOCK: "afinn==0.1\n",
        DEV_LOCK: "pytest==9.2.0\npluggy==1\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


RIGHT = {"torch": "2.14.1", "some-package": "2", "filelock": "0", "afinn": "0.1", "pytest": "9.2.0"}


@pytest.mark.parametrize(
    ("changed", "dev", "words"),
    [
        ({}, True, None),
        ({"torch": "2.14.1+cpu"}, False, None),
        ({"pytest": None}, False, None),
        ({"torch": "2.13.0"}, False, "torch 2.13.0 (needs 2.14.1); install those of environment"),
        ({"some-package": None, "torch": "1"}, False, "torch 1 (needs 2.14.1), some-package miss"),
        (
            {"afinn": None},
            False,
            "afinn missing (needs 0.1); run `py -m pip install --no-deps -r r",
        ),
        ({"pytest": "8"}, True, "pytest 8 (needs 9.2.0); run `py -m pip install --no-deps -r r"),
    ],
)
def test_the_first_lock_that_is_not_met_is_named(project, monkeypatch, changed, dev, words):
    monkeypatch.setattr(environment, "installed", (RIGHT | changed).get)
    found = what_is_wrong(project, "py", dev)
    assert (found is None) == (words is None)
    if words:
        assert found.startswith(f"HEADLINES_PYTHON=py has other versions: {words}")


def test_only_the_first_packages_are_named(monkeypatch, project):
    names = [f"package-{k}" for k in range(5)]
    (project / DATA_LOCK).write_text("".join(f"{name}==1\n" for name in names))
    monkeypatch.setattr(environment, "installed", RIGHT.get)
    assert "package-2 missing (needs 1) and 2 more; run" in what_is_wrong(project, "py", False)


def test_this_environment_is_the_locks():
    """Tests run where `make test` installed both locks, or where a person saw to it."""
    assert what_is_wrong(ROOT, "this", dev=True) is None
    pins = locked(ROOT / BOOK_LOCK)
    assert differences({"numpy": "0"}) == [f"numpy {pins['numpy']} (needs 0)"]


@pytest.mark.parametrize("place", PLACES)
def test_the_two_locks_never_disagree(place):
    book, dev = (locked(ROOT / lock, place) for lock in (BOOK_LOCK, DEV_LOCK))
    shared = book.keys() & dev.keys()
    assert len(shared) > 50
    assert {name: dev[name] for name in shared} == {name: book[name] for name in shared}


@pytest.mark.parametrize("lock", [BOOK_LOCK, DATA_LOCK, DEV_LOCK])
def test_a_lock_has_hashes_and_names_no_host_or_path(lock):
    text = (ROOT / lock).read_text()
    pins = [Requirement(line.rstrip("\\ ")) for line in re.findall("(?m)^[A-Za-z0-9].*", text)]
    assert pins
    assert not any(pin.url for pin in pins)
    assert len(re.findall(r"(?m)^[A-Za-z0-9].*(?=\n    --hash=sha256:[0-9a-f]{64})", text)) == len(
        pins
    )
    assert "://" not in text
    assert "-index" not in text and "--find-links" not in text


def test_what_tests_the_book_does_not_build_it():
    """The large packages that only tests and races import are not installed by `make book`."""
    book = locked(ROOT / BOOK_LOCK)
    assert not {"fipy", "transformers", "playwright", "jupyter-repo2docker", "mypy"} & book.keys()
    assert {"jupyterlab", "distributed", "setuptools"} <= book.keys()


def test_every_direct_dependency_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert set(asked_for(project)) <= locked(ROOT / BOOK_LOCK).keys()
    assert set(asked_for(project, "dev")) <= locked(ROOT / DEV_LOCK).keys()
