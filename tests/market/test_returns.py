"""Long-run returns against a second package, pandas and closed forms."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from linearmodels.datasets import french
from scipy.signal import lfilter

from helpers.market import returns


@pytest.fixture(scope="module")
def history():
    return returns.french_monthly()


def test_ninety_two_years_without_a_gap(history):
    assert list(history.index) == list(pd.period_range("1926-07", "2018-11", freq="M"))


def test_the_returns_agree_with_a_second_package(history):
    other = french.load()
    other.index = pd.PeriodIndex(other["dates"], freq="M")
    both = history.index.intersection(other.index)
    assert len(both) > 800
    ours = history.loc[both]
    # French revises old months by a few hundredths of a point between editions.
    difference = (ours["market"] - ours["bills"] - other.loc[both, "MktRF"]).abs()
    assert difference.median() < 1e-4
    assert difference.max() < 2e-3
    assert (ours["bills"] - other.loc[both, "RF"]).abs().max() < 1e-4


def test_windows_equal_pandas(history):
    market = history["market"]
    for months in (1, 12, 240):
        rolling = (1 + market).rolling(months).apply(np.prod, raw=True).dropna()
        np.testing.assert_allclose(
            returns.window_growth(market.to_numpy(), months), rolling, rtol=1e-10
        )


@given(st.floats(-0.5, 0.5), st.integers(1, 24))
def test_a_constant_return_compounds(rate, months):
    growth = returns.window_growth(np.full(24, rate), months)
    np.testing.assert_allclose(growth, (1 + rate) ** months, rtol=1e-10)
    assert growth.shape == (24 - months + 1,)


def test_annual_growth_of_a_constant_return():
    assert returns.annual_growth(np.full(30, 0.01)) == pytest.approx(1.01**12 - 1)


@pytest.mark.parametrize(
    ("series", "months", "words"),
    [
        ([0.1, 0.2], 3, "3 months do not fit 2 months"),
        ([0.1, 0.2], 0, "0 months do not fit"),
        ([0.1, np.nan], 1, "NaN or not above -1"),
        ([0.1, -1.0], 1, "NaN or not above -1"),
    ],
)
def test_bad_returns_are_refused(series, months, words):
    with pytest.raises(ValueError, match=words):
        returns.window_growth(np.array(series), months)


def test_the_bootstrap_has_the_closed_form_error_for_independent_months():
    """Blocks of one month: the error of a mean of T independent draws is s / sqrt(T)."""
    rng = np.random.default_rng(1)
    months = 1200
    made = pd.DataFrame({"market": rng.normal(0.01, 0.04, months), "bills": np.zeros(months)})
    low, high = returns.bootstrap_interval(made, block=1, replications=4000, seed=2)
    logs = np.log1p(made["market"])
    error = 12 * logs.std() / np.sqrt(months)
    middle = 12 * logs.mean()
    expected = 100 * np.expm1([middle - 1.96 * error, middle + 1.96 * error])
    np.testing.assert_allclose([low, high], expected, atol=0.35)


def test_long_blocks_keep_what_follows_what():
    """AR(1) months: the error of a mean is that of independent ones times (1 + a) / (1 - a)."""
    rng = np.random.default_rng(3)
    months, memory = 12_000, 0.6
    shocks = rng.normal(0, 0.01, months)
    series = lfilter([1.0], [1.0, -memory], shocks)
    made = pd.DataFrame({"market": series, "bills": np.zeros(months)})
    widths = {
        block: np.diff(returns.bootstrap_interval(made, block, 1000, seed=4))[0]
        for block in (1, 60)
    }
    expected = np.sqrt((1 + memory) / (1 - memory))
    assert widths[60] / widths[1] == pytest.approx(expected, rel=0.12)


def test_market_and_bills_are_cut_at_the_same_places():
    rng = np.random.default_rng(5)
    series = rng.normal(0.01, 0.04, 240)
    made = pd.DataFrame({"market": series, "bills": series})
    assert returns.bootstrap_interval(made, 12, 200, seed=6) == (0.0, 0.0)


def test_the_bootstrap_repeats_with_its_seed(history):
    runs = [returns.bootstrap_interval(history, 60, 50, seed) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]
