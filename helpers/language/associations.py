"""Which words stand beside a group of people more often than beside another.

The paper's statistic, a test clustered by document with false-discovery control, and
log-odds with a prior, side by side. Used by chapter 3, "The audit".
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.stats import false_discovery_control, norm

from helpers.language.audit import Group, Text, names
from helpers.language.log_odds import log_odds

# The paper's table 10: adjectives and adverbs most biased to either pronoun.
TABLE_10 = {
    "he": (
        "general military united political federal great national guilty criminal former "
        "republican american major such offensive"
    ).split(),
    "she": (
        "little married sexual happy young soft hot tiny older black emotional worried nice "
        "live lesbian"
    ).split(),
}


def associations(
    text: Text, ours: Sequence[Group], theirs: Sequence[Group], words: frozenset[str], least: int
) -> pd.DataFrame:
    """What is said around some groups more often than around others, word by word.

    For each of `words` that stands in at least `least` documents' sentences around either:
    `statistic` is the paper's (rate around ours - rate around theirs) × √frequency; `z` is
    the difference of rates over its standard error, clustered by document (White's
    sandwich: sentences of a document may say the same thing); `q` is its false-discovery
    rate (Benjamini and Hochberg 1995); `log_odds` is z of Monroe et al. (2008), with the
    whole component as prior, scaled to weigh as much as the smaller side. Raises
    ValueError when a side has no sentence or fewer than two words are frequent enough.
    """
    masks = [np.any([text.mentions(group) for group in side], axis=0) for side in (ours, theirs)]
    for side, mask in zip((ours, theirs), masks, strict=True):
        if not mask.any():
            who = ", ".join(group.name for group in side)
            raise ValueError(f"no sentence mentions {who}: audit more text")
    known = sorted(words.intersection(text.vocabulary) - names([*ours, *theirs]))
    columns = text.presence[:, text.numbers(known)]
    sides = [_document_counts(text, columns, mask) for mask in masks]
    heard = (sides[0][0] + sides[1][0] > 0).sum(0) >= least
    kept = np.flatnonzero(heard)
    if len(kept) < 2:
        raise ValueError(
            f"only {len(kept)} of the words stand in {least} documents: audit more text or ask "
            "for fewer documents"
        )
    (a, n_a), (b, n_b) = [(counts[:, kept], sentences) for counts, sentences in sides]
    difference, error = _clustered(a, n_a, b, n_b)
    frequency = columns.sum(0)[kept]
    counts_a, counts_b = a.sum(0), b.sum(0)
    z = np.divide(difference, error, out=np.zeros_like(error), where=error > 0)
    prior = frequency * min(counts_a.sum(), counts_b.sum()) / frequency.sum()
    return pd.DataFrame(
        {
            "ours": counts_a.astype(int),
            "theirs": counts_b.astype(int),
            "statistic": difference * np.sqrt(frequency),
            "z": z,
            "q": false_discovery_control(2 * norm.sf(np.abs(z))),
            "log_odds": log_odds(counts_a, counts_b, prior).z,
        },
        index=pd.Index([known[number] for number in kept], name="word"),
    )


def _document_counts(
    text: Text, columns: sparse.csr_array, mask: np.ndarray
) -> tuple[sparse.csr_array, np.ndarray]:
    """Of the masked sentences of each document: how many hold each word, and how many."""
    rows = np.flatnonzero(mask)
    cells = (np.ones(len(rows), np.float32), (text.document[rows], np.arange(len(rows))))
    gather = sparse.csr_array(cells, (text.documents, len(rows)))
    return gather @ columns[rows], text.per_document(mask)


def _clustered(
    a: sparse.csr_array, n_a: np.ndarray, b: sparse.csr_array, n_b: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Difference of two rates per word, and its standard error between documents.

    A document's influence on word w is u = (a - p_a n_a) / N_a - (b - p_b n_b) / N_b, and
    the variance is the sum of u². Written out, so that the tables stay sparse.
    """
    own, other = n_a / n_a.sum(), n_b / n_b.sum()
    p_a, p_b = a.sum(0) / n_a.sum(), b.sum(0) / n_b.sum()
    said = (a / n_a.sum() - b / n_b.sum()).tocsr()
    square = said.power(2).sum(0)
    cross = p_a * (said.T @ own) - p_b * (said.T @ other)
    expected = p_a**2 * (own @ own) - 2 * p_a * p_b * (own @ other) + p_b**2 * (other @ other)
    return p_a - p_b, np.sqrt(np.maximum(square - 2 * cross + expected, 0))
