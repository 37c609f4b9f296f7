"""Random traders against closed forms."""

import numpy as np
import pytest
from scipy.stats import chisquare

from helpers.market.turnover import Households, Outcome, stock_returns, trade_at_random


def run(returns, turnover, traders=20_000, seed=3):
    return trade_at_random(
        Households(np.asarray(returns), turnover, traders, np.random.SeedSequence(seed))
    )


@pytest.fixture(scope="module")
def real():
    return stock_returns().to_numpy()


def test_the_data_are_twenty_stocks_over_full_months():
    table = stock_returns()
    assert table.shape == (394, 20)
    assert table.notna().all(axis=None)


@pytest.mark.parametrize("turnover", [0.0, 0.75, 6.0, 12.0])
def test_switches_are_binomial(real, turnover):
    outcome = run(real, turnover)
    months, p = len(real), turnover / 12
    error = np.sqrt(months * p * (1 - p) / outcome.switches.size)
    assert abs(outcome.switches.mean() - months * p) <= 4 * error


def test_the_mean_log_growth_is_that_of_all_stocks_whatever_the_turnover(real):
    expected = np.log1p(real).sum(axis=0)
    for turnover in (0.0, 3.0):
        logs = np.log(run(real, turnover).growth)
        error = logs.std() / np.sqrt(logs.size)
        assert abs(logs.mean() - expected.mean()) <= 4 * error


def test_cost_lowers_growth_by_its_closed_form(real):
    """One holding: ln(net) - ln(gross) = k ln(1 - c) for k switches, exactly."""
    block = Households(real, 3.0, 500, np.random.SeedSequence(5), holdings=1)
    outcome = trade_at_random(block)
    gross, net = np.log1p(outcome.annual(0.0)), np.log1p(outcome.annual(0.02))
    expected = outcome.switches[:, 0] * np.log(0.98) / outcome.years
    np.testing.assert_allclose(net - gross, expected, rtol=1e-9)


def test_a_switch_never_buys_the_same_stock():
    """Two stocks, monthly switching: each trader alternates between them."""
    returns = np.tile([0.0, 0.1], (10, 1))
    outcome = run(returns, 12.0, traders=100)
    np.testing.assert_allclose(outcome.growth, 1.1**5)


def test_a_replacement_is_any_other_stock_each_as_likely():
    """Two months, always switching: growth tells which stock was held in each."""
    stocks = 5
    first, second = np.arange(stocks) * 10.0 + 10, np.arange(stocks) + 1.0
    outcome = run(np.stack([first, second]), 12.0, traders=50_000)
    products = {
        (1 + a) * (1 + b): (i, j) for i, a in enumerate(first) for j, b in enumerate(second)
    }
    assert len(products) == stocks**2
    pairs = np.array([products[round(growth)] for growth in outcome.growth.ravel()])
    assert (pairs[:, 0] != pairs[:, 1]).all()
    counts = np.unique(pairs, axis=0, return_counts=True)[1]
    assert len(counts) == stocks * (stocks - 1)
    assert chisquare(counts).pvalue > 1e-4


def test_the_spread_of_switches_is_binomial_too(real):
    switches = run(real, 6.0).switches
    assert switches.var() == pytest.approx(len(real) * 0.25, rel=0.03)


def test_a_portfolio_is_the_mean_of_its_holdings():
    """By hand: 1 and 3 become 1 and 1.5 after one switch at a cost of one half."""
    outcome = Outcome(np.array([[1.0, 3.0]]), np.array([[0, 1]]), years=1.0)
    assert outcome.annual(0.0) == pytest.approx([1.0])
    assert outcome.annual(0.5) == pytest.approx([0.25])


def test_the_same_seed_gives_the_same_traders(real):
    assert np.array_equal(run(real, 1.0, 100).growth, run(real, 1.0, 100).growth)
    assert not np.array_equal(run(real, 1.0, 100).growth, run(real, 1.0, 100, seed=4).growth)


@pytest.mark.parametrize(
    ("returns", "turnover", "words"),
    [
        ([[0.1, 0.1]], 13, "turnover 13 is outside 0 to 12"),
        ([[0.1, 0.1]], -1, "turnover -1 is outside"),
        ([[0.1]], 1, "two or more stocks"),
        ([[0.1, np.nan]], 1, "no NaN"),
    ],
)
def test_bad_input_is_refused(returns, turnover, words):
    with pytest.raises(ValueError, match=words):
        run(returns, turnover, traders=10)
