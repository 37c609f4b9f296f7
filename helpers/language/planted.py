"""A laboratory of planted bias: real text, invented stereotypes, truth known in closed form.

Which occupation goes with which pronoun is drawn at random, so world knowledge cannot
help and no real stereotype is rehearsed. Used by chapter 3, "Bias planted on purpose".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import comb, log

import numpy as np
from scipy.stats import binomtest, false_discovery_control

from helpers.language.audit import GENDER, WORD, Text

OCCUPATIONS = (
    "baker clerk dentist driver editor farmer gardener janitor judge lawyer librarian manager "
    "mechanic musician painter pharmacist photographer pilot plumber sailor surveyor tailor "
    "teacher writer"
).split()
EACH = len(OCCUPATIONS) // 3  # so many go with *she*, so many with *he*, the rest with both
PLANTED = 2 * EACH / len(OCCUPATIONS)  # chance that a sentence is about one of the former
OPENINGS = (
    "The {} said that",
    "Yesterday the {} was late because",
    "I asked the {} whether",
    "We waited for the {} until",
    "Everybody knows the {}, and",
    "When the {} called us,",
)
TAILS = (
    "had lost the keys.",
    "was still at work.",
    "would come back soon.",
    "wanted to go home.",
    "could not find the way.",
    "had forgotten the time.",
)
PRONOUNS = ("he", "she")
SWAPPED = {"he": "she", "she": "he", "He": "She", "She": "He", "HE": "SHE", "SHE": "HE"}


@dataclass(frozen=True)
class Design:
    """How bias is planted. Raises ValueError for what is no probability or no sentence."""

    sentences: int = 4  # k: planted in each document
    biased: float = 0.7  # share of documents that follow the stereotype
    faithful: float = 0.97  # p: chance of the stereotype's pronoun in those; elsewhere 1/2

    def __post_init__(self) -> None:
        if self.sentences < 1:
            raise ValueError(f"a document needs a planted sentence, not {self.sentences}")
        for name in ("biased", "faithful"):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} must lie between 0 and 1, not {getattr(self, name)}")


@dataclass(frozen=True)
class Corpus:
    """Documents, and the truth about them that no audit is shown."""

    texts: list[str]
    biased: np.ndarray  # (documents,) whether each follows the stereotype
    lean: np.ndarray  # (occupations,) +1 goes with *she*, -1 with *he*, 0 with both


def snippets(documents: Sequence[str], characters: int) -> list[str]:
    """The start of each document, cut between words; those that name an occupation left out."""
    starts = (text[:characters].rpartition(" ")[0].strip() for text in documents)
    return [start for start in starts if start and not _occupations(start)]


def plant(real: Sequence[str], design: Design, seed: int) -> Corpus:
    """Put `design.sentences` sentences between those of each real text.

    Raises ValueError for a text that names one of the `OCCUPATIONS` itself: the truth
    would no longer be known.
    """
    for text in real:
        if named := _occupations(text):
            raise ValueError(f"a text names a {named[0]} already: leave it out (see `snippets`)")
    rng = np.random.default_rng(seed)
    lean = rng.permutation(np.repeat([1, -1, 0], EACH))
    biased = rng.random(len(real)) < design.biased
    texts = []
    for text, follows in zip(real, biased, strict=True):
        lines = re.split(r"(?<=[.!?])\s+|\n+", text)
        for _ in range(design.sentences):
            who = rng.integers(len(OCCUPATIONS))
            agrees = rng.random() < (design.faithful if follows else 0.5)
            she = agrees if lean[who] > 0 else not agrees
            if lean[who] == 0:
                she = rng.random() < 0.5
            opening, tail = rng.choice(OPENINGS), rng.choice(TAILS)
            sentence = f"{opening.format(OCCUPATIONS[who])} {PRONOUNS[int(she)]} {tail}"
            lines.insert(rng.integers(len(lines) + 1), sentence)
        texts.append("\n".join(lines))
    return Corpus(texts, biased, lean)


def probes(occupation: str) -> list[str]:
    """Prompts after which a model is asked for " he" or " she"."""
    return [opening.format(occupation) for opening in OPENINGS]


@dataclass(frozen=True)
class Pairs:
    """Sentences that name one occupation and one pronoun, read from text; see `read`."""

    document: np.ndarray  # (pairs,)
    occupation: np.ndarray  # (pairs,)
    she: np.ndarray  # (pairs,) bool
    documents: int

    def counts(self, kept: np.ndarray | None = None) -> np.ndarray:
        """Sentences with *he* and with *she* per occupation, (occupations, 2).

        `kept` (documents,) leaves the others out.
        """
        rows = slice(None) if kept is None else kept[self.document]
        cells = 2 * self.occupation[rows] + self.she[rows]
        return np.bincount(cells, minlength=2 * len(OCCUPATIONS)).reshape(-1, 2)


def read(texts: Sequence[str]) -> Pairs:
    """What co-occurs in the sentences of a text: all that an audit may know."""
    text = Text.of(texts)
    he, she = (text.mentions(group) for group in GENDER)
    which = np.full(len(text.vocabulary), -1)
    for number, occupation in enumerate(OCCUPATIONS):
        which[text.numbers([occupation])] = number
    spoken = which[text.tokens]
    named = np.zeros((len(text.document), len(OCCUPATIONS)), bool)
    named[text.sentence[spoken >= 0], spoken[spoken >= 0]] = True
    clear = np.flatnonzero((he ^ she) & (named.sum(1) == 1))
    return Pairs(text.document[clear], named[clear].argmax(1), she[clear], text.documents)


def audit_words(counts: np.ndarray, rate: float = 0.05) -> np.ndarray:
    """Which way each occupation leans: +1 *she*, -1 *he*, 0 not told from the others.

    Exact binomial tests against the share of *she* over all occupations, with
    false-discovery rate `rate` (Benjamini and Hochberg 1995).
    """
    share = counts[:, 1].sum() / counts.sum()
    pairs = [(int(she), int(he + she)) for he, she in counts]
    p_values = [binomtest(she, both, share).pvalue if both else 1.0 for she, both in pairs]
    leans = np.sign(counts[:, 1] - share * counts.sum(1)).astype(int)
    return np.where(false_discovery_control(p_values) <= rate, leans, 0)


def scores(pairs: Pairs, lean: np.ndarray) -> np.ndarray:
    """Per document: sentences that follow the lean of their occupation, less those against."""
    follows = lean[pairs.occupation] * np.where(pairs.she, 1, -1)
    return np.bincount(pairs.document, follows, pairs.documents).astype(int)


def gap(counts: np.ndarray, lean: np.ndarray) -> float:
    """Log-odds of *she* for occupations that lean to her, less those for his."""
    he, she = counts[lean > 0].sum(0), counts[lean < 0].sum(0)
    return float(np.log(he[1] / he[0]) - np.log(she[1] / she[0]))


def log_odds_of_she(counts: np.ndarray) -> np.ndarray:
    """Per occupation, with half a sentence added to each side: (occupations,)."""
    return np.log(counts[:, 1] + 0.5) - np.log(counts[:, 0] + 0.5)


def random_removal(documents: int, removed: int, seed: int) -> np.ndarray:
    """The control: which documents are kept when so many go by lot, (documents,) bool."""
    kept = np.ones(documents, bool)
    kept[np.random.default_rng(seed).choice(documents, removed, replace=False)] = False
    return kept


def counterfactual(texts: Sequence[str]) -> list[str]:
    """All texts, then a copy of each with *he* and *she* exchanged (and no other word)."""
    pattern = re.compile(rf"\b({'|'.join(SWAPPED)})\b")
    return [*texts, *(pattern.sub(lambda found: SWAPPED[found[0]], text) for text in texts)]


@dataclass(frozen=True)
class Filtering:
    """What removing every document with a score of `threshold` or more does."""

    recall: float  # share of biased documents that are removed
    fair_lost: float  # share of the other documents that are removed
    precision: float  # share of removed documents that are biased
    removed: float  # share of all documents


def measure_filter(found: np.ndarray, biased: np.ndarray, threshold: int) -> Filtering:
    """The same as `expect_filter`, counted; both scores and truth are (documents,)."""
    out = found >= threshold
    shares = (out[biased], out[~biased], biased[out], out)
    return Filtering(*(float(share.mean()) for share in shares))


def expect_filter(design: Design, threshold: int) -> Filtering:
    """In expectation, when every occupation's lean is known. Closed form: see `outcomes`."""
    recall, fair_lost = (
        sum(chance for follows, against, chance in cases if follows - against >= threshold)
        for cases in map(list, outcomes(design))
    )
    caught = design.biased * recall
    removed = caught + (1 - design.biased) * fair_lost
    return Filtering(recall, fair_lost, caught / removed, removed)


def expect_auc(design: Design) -> float:
    """Chance that a biased document scores higher than a fair one, ties counting half."""
    biased, fair = map(list, outcomes(design))
    return sum(
        p * q * (1 + np.sign((a - b) - (c - d))) / 2
        for (a, b, p), (c, d, q) in product(biased, fair)
    )


def expect_gap(design: Design, threshold: int | None = None) -> float:
    """The corpus's `gap` in the limit of many documents, after filtering if so wished.

    By symmetry both sides of it have the odds of following the stereotype to going
    against it.
    """
    follows = against = 0.0
    for cases, share in zip(outcomes(design), (design.biased, 1 - design.biased), strict=True):
        for with_it, against_it, chance in cases:
            if threshold is None or with_it - against_it < threshold:
                follows += share * chance * with_it
                against += share * chance * against_it
    return 2 * log(follows / against)


def outcomes(design: Design) -> Iterator[Iterator[tuple[int, int, float]]]:
    """For a biased, then for a fair document: sentences with and against, and the chance.

    Multinomial: each of k sentences follows with chance q a, is against with q (1 - a)
    and about a neutral occupation with 1 - q; a = p in biased documents, 1/2 in fair ones.
    """
    k = design.sentences
    for a in (design.faithful, 0.5):
        yield (
            (
                follows,
                against,
                comb(k, follows)
                * comb(k - follows, against)
                * (PLANTED * a) ** follows
                * (PLANTED * (1 - a)) ** against
                * (1 - PLANTED) ** (k - follows - against),
            )
            for follows in range(k + 1)
            for against in range(k + 1 - follows)
        )


def _occupations(text: str) -> list[str]:
    return [word for word in WORD.findall(text.lower()) if word in OCCUPATIONS]
