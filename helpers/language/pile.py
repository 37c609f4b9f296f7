"""The Pile's own table of its 22 components, and the arithmetic behind it. Chapter 3.

Sizes in the paper (Gao et al. 2020) are binary: 1 GiB is 2^30 bytes, 7 % more than 1 GB.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

GIB, GB = 2**30, 10**9
TABLE = Path(__file__).with_name("pile.csv")
TOTAL_RAW, TOTAL_EFFECTIVE = 825.18, 1254.20  # GiB, the paper's own sums
TOKENS_PER_BYTE = 0.29335  # of the whole Pile by GPT-2's tokenizer, section 3.1
NAMED = ("Ubuntu IRC", "YoutubeSubtitles", "PubMed Abstracts")  # by the newsletter


class Reported(NamedTuple):
    """What a README says of a model on the Pile."""

    bits_per_byte: float
    perplexity: float  # per token


# The README of EleutherAI/gpt-neo, as of its last commit in February 2022.
README = {"GPT-Neo 1.3B": Reported(0.7527, 6.159), "GPT-Neo 2.7B": Reported(0.7165, 5.646)}


def components() -> pd.DataFrame:
    """One row a component, largest weight first; the columns are explained in pile.csv."""
    return pd.read_csv(TABLE, comment="#", index_col="component")


def weights(table: pd.DataFrame) -> pd.Series:
    """Percent of the text seen in one pass over the Pile: raw size times epochs, shared out."""
    return 100 * table["effective_gib"] / table["effective_gib"].sum()


def bits_per_byte(perplexity: float, tokens_per_byte: float) -> float:
    """log2(perplexity per token) × tokens per byte: the Pile's metric, section 3.1.

    Unlike perplexity it does not depend on the tokenizer. Takes arrays, too. Raises
    ValueError for a perplexity below 1, which no model has.
    """
    if np.any(np.asarray(perplexity) < 1):
        raise ValueError(f"a perplexity is at least 1, not {np.min(perplexity)}")
    return np.log2(perplexity) * tokens_per_byte


def implied_tokens_per_byte(reported: Reported) -> float:
    """The tokens per byte with which a perplexity becomes the bits per byte beside it."""
    return reported.bits_per_byte / float(np.log2(reported.perplexity))
