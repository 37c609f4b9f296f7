import dataclasses

import pytest

from helpers import data


@pytest.mark.parametrize("name", data.FILES)
def test_every_registered_file_is_the_pinned_one(name):
    assert data.locate(name).stat().st_size > 0


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(KeyError, match="unknown data file 'sp501': choose one of .*sp500_index"):
        data.locate("sp501")


def replaced(monkeypatch, **changes):
    wanted = dataclasses.replace(data.FILES["sp500_index"], **changes)
    monkeypatch.setitem(data.FILES, "sp500_index", wanted)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"package": "no-such-package"}, FileNotFoundError, "is not installed: run `python3"),
        ({"path": "skfolio/nothing.csv"}, FileNotFoundError, "has no file .*: run `python3"),
        ({"sha256": "0" * 64}, ValueError, "is not the pinned one .*: run `python3"),
    ],
)
def test_a_missing_or_altered_file_says_what_to_do(monkeypatch, changes, error, words):
    replaced(monkeypatch, **changes)
    with pytest.raises(error, match=words):
        data.locate("sp500_index")


def test_the_data_page_lists_every_file_and_its_version(root):
    page = (root / "book" / "data_sources.md").read_text(encoding="utf-8")
    for file in data.FILES.values():
        version = data.distribution(file.package).version
        assert f"`{file.package}` {version}" in page
        assert file.path.rsplit("/", 1)[1] in page
