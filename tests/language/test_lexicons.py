"""Lexicons against their packages' own readers, by hand, and when they are not there."""

import dataclasses

import pytest
from afinn import Afinn
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from helpers.language import lexicons


def test_vader_is_what_its_own_package_reads():
    theirs = SentimentIntensityAnalyzer().lexicon
    ours = lexicons.vader()
    assert ours.keys() == theirs.keys()
    assert all(ours[word] * 4 == pytest.approx(theirs[word]) for word in theirs)


def test_afinn_is_what_its_own_package_reads():
    theirs = Afinn(language="en")
    ours = lexicons.afinn()
    assert len(ours) == 3382
    assert all(theirs.score(word) == score * 5 for word, score in ours.items() if word.isalpha())


def test_sentiwordnet_weighs_senses_by_rank():
    scores = lexicons.sentiwordnet()
    assert len(scores) == 83_118
    # In the file: unable#1 0 0.75, unable#2 0 0.375, unable#3 0.125 0.25.
    assert scores["unable"] == pytest.approx((-0.75 - 0.375 / 2 - 0.125 / 3) / (11 / 6))
    assert scores["dorsal"] == 0
    assert not any("_" in word for word in scores)


@pytest.mark.parametrize("name", lexicons.LEXICONS)
def test_scores_agree_on_what_is_good(name):
    scores = lexicons.LEXICONS[name]()
    assert all(-1 <= score <= 1 for score in scores.values())
    assert all(scores[word] > 0.3 for word in ("good", "happy", "excellent"))
    assert all(scores[word] < -0.3 for word in ("bad", "terrible", "hate"))


def test_adjectives_and_adverbs_are_told_from_other_words():
    words = lexicons.adjectives_and_adverbs()
    assert len(words) == 16_730
    assert {"military", "happy", "older", "quickly", "not"} <= words
    assert not {"she", "table", "run", "the", "France", "france"} & words


def test_a_missing_package_is_one_sentence(monkeypatch):
    missing = dataclasses.replace(lexicons.AFINN, package="no-such-package")
    monkeypatch.setattr(lexicons, "AFINN", missing)
    with pytest.raises(FileNotFoundError, match="^the data package 'no-such-package' is not"):
        lexicons.afinn()


def test_a_changed_file_is_one_sentence(monkeypatch):
    changed = dataclasses.replace(lexicons.SENTIWORDNET, sha256="0" * 64)
    monkeypatch.setattr(lexicons, "SENTIWORDNET", changed)
    with pytest.raises(ValueError, match="is not the pinned one .* install the pinned packages"):
        lexicons.sentiwordnet()
