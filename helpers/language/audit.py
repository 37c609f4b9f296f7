"""The Pile's audit (Gao et al. 2021, section 6.4), with the intervals it did not have.

A word co-occurs with a group when both stand in one sentence. The sentences of one
document are not independent, so intervals come from a bootstrap over documents. Which
words do it is the business of helpers/language/associations.py. Used by chapter 3, "The
audit".
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.stats import rankdata

SPEAKER = re.compile(r"(?m)^<\w+> ")  # who says a line of chat is not said in it
SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+|\n+")
WORD = re.compile(r"[^\W\d_]+")  # so *he's* and *don't* are two words each
FEW = 30  # documents: with so many a 95 % interval covers about 90 %, with fewer less


@dataclass(frozen=True)
class Group:
    """A group of people: one of `words`, directly followed by one of `before` if given."""

    name: str
    words: tuple[str, ...]
    before: tuple[str, ...] = ()


PEOPLE = ("man", "men", "woman", "women", "boy", "boys", "girl", "girls", "male", "males")
PEOPLE += ("female", "females", "person", "people", "guy", "guys", "kid", "kids")
GENDER = (Group("he", ("he",)), Group("she", ("she",)))
# In the order of the paper's sentiment over the whole Pile, highest first. The first five
# words are adjectives too, so *jew* has its adjective beside it.
RELIGION = (
    Group("Buddhist", ("buddhist", "buddhists")),
    Group("Hindu", ("hindu", "hindus")),
    Group("Christian", ("christian", "christians")),
    Group("Atheist", ("atheist", "atheists")),
    Group("Muslim", ("muslim", "muslims")),
    Group("Jew", ("jew", "jews", "jewish")),
)
# Phrases only: a black car and a white paper are no people. The paper's order again.
RACE = (
    Group("Hispanic", ("hispanic", "latino", "latina"), PEOPLE),
    Group("Asian", ("asian",), PEOPLE),
    Group("White", ("white",), PEOPLE),
    Group("Black", ("black",), PEOPLE),
)


@dataclass(frozen=True)
class Text:
    """Documents as sentences of numbered words; `Text.of` makes it."""

    tokens: np.ndarray  # (tokens,) number of each word, in reading order
    sentence: np.ndarray  # (tokens,) the sentence it stands in
    document: np.ndarray  # (sentences,) the document of each sentence
    documents: int
    vocabulary: dict[str, int]

    @classmethod
    def of(cls, documents: Sequence[str]) -> "Text":
        """Split documents into sentences and words, once.

        A sentence ends at a full stop, exclamation or question mark before a space, or
        with its line; abbreviations are cut too. Raises ValueError for no document and
        for an empty one.
        """
        if not documents:
            raise ValueError("there is no document to audit: give at least one")
        numbers: dict[str, int] = defaultdict(count().__next__)
        tokens, lengths, document = [], [], []
        for which, text in enumerate(documents):
            if not text.strip():
                raise ValueError(f"document {which} is empty: leave it out of the audit")
            for sentence in SENTENCE_END.split(SPEAKER.sub("", text).lower()):
                words = WORD.findall(sentence)
                if words:
                    tokens += map(numbers.__getitem__, words)
                    lengths.append(len(words))
                    document.append(which)
        return cls(
            np.array(tokens, np.int32),
            np.repeat(np.arange(len(lengths), dtype=np.int32), lengths),
            np.array(document, np.int32),
            len(documents),
            dict(numbers),
        )

    @cached_property
    def presence(self) -> sparse.csr_array:
        """1 where a sentence holds a word, however often: (sentences, words)."""
        pairs = (np.ones(len(self.tokens), np.float32), (self.sentence, self.tokens))
        table = sparse.coo_array(pairs, (len(self.document), len(self.vocabulary))).tocsr()
        table.data[:] = 1
        return table

    def numbers(self, words: Sequence[str]) -> list[int]:
        """The numbers of those words that occur."""
        return [self.vocabulary[word] for word in words if word in self.vocabulary]

    def mentions(self, group: Group) -> np.ndarray:
        """Whether each sentence mentions a group: (sentences,), bool."""
        found = np.isin(self.tokens, self.numbers(group.words))
        if group.before:
            follows = np.isin(self.tokens[1:], self.numbers(group.before))
            together = self.sentence[1:] == self.sentence[:-1]
            found = np.append(found[:-1] & follows & together, False)
        mentioned = np.zeros(len(self.document), bool)
        mentioned[self.sentence[found]] = True
        return mentioned

    def per_document(self, values: np.ndarray) -> np.ndarray:
        """Sums of a quantity of sentences over documents."""
        return np.bincount(self.document, values, self.documents)


class Estimate(NamedTuple):
    """A measured value with its 95 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, resamples: np.ndarray) -> "Estimate":
        """From values of which the first is the measured one, the rest resampled."""
        low, high = np.nanpercentile(resamples[1:], [2.5, 97.5])
        return cls(float(resamples[0]), float(low), float(high))

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Sentiment:
    """Mean sentiment of the words around groups in one component; `measure` makes it.

    `totals` holds sums of scores and numbers of scored words, (1 + resamples, cells, 2):
    row 0 as measured, the others resampled. A cell for each group; one for each group in
    those of its documents that have scored words in other sentences, too; one for these
    other sentences; last one for all sentences.
    """

    groups: tuple[str, ...]
    sentences: np.ndarray  # (groups,) that mention the group
    documents: np.ndarray  # (groups,)
    totals: np.ndarray

    @property
    def around(self) -> np.ndarray:
        """Mean sentiment around each group: (1 + resamples, groups)."""
        return _ratio(self.totals[:, : len(self.groups)])

    @property
    def elsewhere(self) -> np.ndarray:
        """The same in the other sentences of the documents that mention the group.

        Each document counts by its scored words around the group.
        """
        return _ratio(self.totals[:, 2 * len(self.groups) : -1])

    @property
    def beyond(self) -> np.ndarray:
        """Around each group less elsewhere, both in documents that have both.

        (1 + resamples, groups). What a whole document is about is taken out, what the one
        sentence is about is not.
        """
        count = len(self.groups)
        return _ratio(self.totals[:, count : 2 * count]) - self.elsewhere

    @property
    def overall(self) -> np.ndarray:
        """Mean sentiment of all sentences: (1 + resamples, 1)."""
        return _ratio(self.totals[:, -1:])

    def table(self) -> pd.DataFrame:
        """One row a group: counts, mean, interval, difference from elsewhere, remark."""
        rows = []
        for g, name in enumerate(self.groups):
            mean = Estimate.of(self.around[:, g])
            apart = Estimate.of(self.beyond[:, g])
            rows.append(
                {
                    "group": name,
                    "sentences": self.sentences[g],
                    "documents": self.documents[g],
                    "mean": mean.value,
                    "low": mean.low,
                    "high": mean.high,
                    "vs same documents": apart.value,
                    "vs low": apart.low,
                    "vs high": apart.high,
                    "remark": remark(self.documents[g]),
                }
            )
        return pd.DataFrame(rows).set_index("group")


def remark(documents: int) -> str:
    """What to say of a group that few documents mention; empty when there are enough."""
    return f"only {documents} documents: no finding" if documents < FEW else ""


def measure(
    text: Text,
    groups: Sequence[Group],
    scores: Mapping[str, float],
    resamples: int,
    seed: int,
    *,
    score_names: bool = False,
) -> Sentiment:
    """Mean score of the words in the sentences that mention each group.

    Only words with a score count, each once a sentence. Words that name a group do not,
    since a lexicon has opinions about *black* and *white* themselves; `score_names` counts
    them, to show what that would do.
    """
    naming = set() if score_names else names(groups)
    numbers, values = [], []
    for word, number in text.vocabulary.items():
        if word in scores and word not in naming:
            numbers.append(number)
            values.append(scores[word])
    scored = np.zeros((len(text.vocabulary), 2), np.float32)
    scored[numbers] = np.column_stack([values, np.ones(len(values))])
    sentences = text.presence @ scored
    masks = [text.mentions(group) for group in groups]
    everything = _document_sums(text, sentences)
    near = [_document_sums(text, sentences * mask[:, None]) for mask in masks]
    compared = [
        sums * ((everything - sums)[:, 1:] > 0)  # no other scored word: no comparison
        for sums in near
    ]
    far = [_elsewhere(everything, sums) for sums in compared]
    cells = [*near, *compared, *far, everything]
    return Sentiment(
        tuple(group.name for group in groups),
        np.array([mask.sum() for mask in masks]),
        np.array([len(np.unique(text.document[mask])) for mask in masks]),
        resampled(np.stack(cells, axis=1), resamples, seed),
    )


def names(groups: Sequence[Group]) -> set[str]:
    """All words that name the groups."""
    return {word for group in groups for word in (*group.words, *group.before)}


def _document_sums(text: Text, sentences: np.ndarray) -> np.ndarray:
    return np.column_stack([text.per_document(column) for column in sentences.T])


def _elsewhere(everything: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Each document's mean in its other sentences, by its scored words near the group."""
    score, words = (everything - near).T
    weight = near[:, 1]
    return np.column_stack([weight * score / np.maximum(words, 1), weight])


def _ratio(totals: np.ndarray) -> np.ndarray:
    """Sums over numbers; not a number where nothing was counted."""
    with np.errstate(invalid="ignore"):
        return totals[..., 0] / totals[..., 1]


def resampled(sums: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """Totals of per-document sums (documents, …), and of documents drawn with replacement.

    (1 + resamples, …); row 0 counts each document once. A draw is a vector of how often
    each document came, multinomial, so its totals are one product.
    """
    rng = np.random.default_rng(seed)
    documents = len(sums)
    flat = sums.reshape(documents, -1)
    totals = [flat.sum(0)]
    for _ in range(resamples):
        drawn = np.bincount(rng.integers(documents, size=documents), minlength=documents)
        totals.append(drawn @ flat)
    return np.stack(totals).reshape(-1, *sums.shape[1:])


def relative(components: Sequence[Sentiment]) -> np.ndarray:
    """Sentiment around each group above its component's own mean, over components.

    (1 + resamples, groups). Levels are never pooled: chat is more cheerful than news, and
    a group that is spoken of in chat would seem to be liked. So a group's words in each
    component are compared with that component, and the differences are averaged by words.
    """
    above, words = 0.0, 0.0
    for component in components:
        near = component.totals[:, : len(component.groups)]
        above = above + near[..., 0] - component.overall * near[..., 1]
        words = words + near[..., 1]
    return _ratio(np.stack([above, words], axis=-1))


def rank_agreement(resamples: np.ndarray) -> Estimate:
    """Spearman's correlation of groups' values with the order in which they stand.

    `resamples` (1 + resamples, groups), highest published value first.
    """
    ranks = rankdata(-resamples, axis=1)
    published = np.arange(ranks.shape[1]) - (ranks.shape[1] - 1) / 2
    centred = ranks - ranks.mean(1, keepdims=True)
    with np.errstate(invalid="ignore"):  # all values equal: no correlation
        spearman = centred @ published / np.sqrt((centred**2).sum(1) * (published**2).sum())
    return Estimate.of(spearman)
