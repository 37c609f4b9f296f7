"""The Pile's table against its own sums, weights and metric, and the README against both."""

import numpy as np
import pytest

from helpers.language import pile

TABLE = pile.components()


def test_the_columns_add_up_to_the_papers_totals():
    assert len(TABLE) == 22
    assert TABLE["raw_gib"].sum() == pytest.approx(pile.TOTAL_RAW, abs=0.005)
    assert TABLE["effective_gib"].sum() == pytest.approx(pile.TOTAL_EFFECTIVE, abs=0.005)
    gigabytes = TABLE["raw_gib"].sum() * pile.GIB / pile.GB
    assert gigabytes == pytest.approx(886.0, abs=0.05)


def test_effective_size_is_raw_size_times_epochs():
    product = TABLE["raw_gib"] * TABLE["epochs"]
    # The raw size is rounded to 0.005 GiB, the product by as many times that, and once more.
    assert (abs(product - TABLE["effective_gib"]) <= 0.005 * (TABLE["epochs"] + 1) + 1e-9).all()


def test_weights_are_shares_of_the_effective_size():
    weights = pile.weights(TABLE)
    assert weights.sum() == pytest.approx(100)
    np.testing.assert_allclose(weights.round(2), TABLE["weight_percent"], atol=1e-9)
    assert weights.is_monotonic_decreasing


def test_the_three_sources_that_the_newsletter_names():
    named = list(pile.NAMED)
    assert pile.weights(TABLE)[named].sum() == pytest.approx(4.55, abs=0.005)
    raw = 100 * TABLE["raw_gib"][named].sum() / TABLE["raw_gib"].sum()
    assert raw == pytest.approx(3.45, abs=0.01)


@pytest.mark.parametrize("model", ["gpt2", "gpt3"])
def test_bits_per_byte_follow_from_perplexity(model):
    """Three of the paper's tables agree, to the rounding of tokens per byte."""
    computed = pile.bits_per_byte(TABLE[f"perplexity_{model}"], TABLE["tokens_per_byte"])
    rounding = 0.00005 * (np.log2(TABLE[f"perplexity_{model}"]) + 1)
    assert (abs(computed - TABLE[f"bpb_{model}"]) <= rounding).all()


def test_the_readme_counts_bytes_or_tokens_otherwise():
    for reported in pile.README.values():
        implied = pile.implied_tokens_per_byte(reported)
        assert implied == pytest.approx(0.287, abs=0.0001)
        assert implied / pile.TOKENS_PER_BYTE == pytest.approx(0.978, abs=0.001)
        again = pile.bits_per_byte(reported.perplexity, implied)
        assert again == pytest.approx(reported.bits_per_byte)


def test_the_model_trained_on_the_pile_is_better_on_every_component():
    assert (TABLE["bpb_pile_model"] < TABLE["bpb_cc100_model"]).all()


def test_a_perplexity_below_one_is_refused():
    with pytest.raises(ValueError, match="^a perplexity is at least 1, not 0.5"):
        pile.bits_per_byte(0.5, 0.3)
    assert pile.bits_per_byte(1.0, 0.3) == 0
