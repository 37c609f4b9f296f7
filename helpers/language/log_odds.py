"""Which words tell two bodies of text apart: log-odds with an informative Dirichlet prior.

Monroe, Colaresi and Quinn, "Fightin' Words", Political Analysis 16 (2008), equations
15, 16, 20 and 22. Used by chapter 3, "The audit".
"""

from typing import NamedTuple

import numpy as np


class LogOdds(NamedTuple):
    """Per word, (words,): positive where the first text uses it more."""

    delta: np.ndarray  # difference of the log-odds
    variance: np.ndarray
    z: np.ndarray  # delta in standard deviations


def log_odds(first: np.ndarray, second: np.ndarray, prior: np.ndarray) -> LogOdds:
    """Compare word counts y of two texts, each shrunk towards prior counts α.

    The odds of word w in a text of n words are (y + α) / (n + Σα - y - α). All three
    arguments are (words,); a word's prior must be positive, which keeps words that one
    text never uses finite. Raises ValueError when the prior is not, and when there are
    fewer than two words.
    """
    first, second, prior = (np.asarray(counts, float) for counts in (first, second, prior))
    if len(prior) < 2:
        raise ValueError("odds need at least two words: one word alone is never chosen")
    if not (prior > 0).all():
        raise ValueError("every word needs a positive prior count: add a small one to all")
    delta, variance = np.zeros(len(prior)), np.zeros(len(prior))
    for counts, sign in ((first, 1), (second, -1)):
        pseudo = counts + prior
        delta += sign * np.log(pseudo / (pseudo.sum() - pseudo))
        variance += 1 / pseudo
    return LogOdds(delta, variance, delta / np.sqrt(variance))
