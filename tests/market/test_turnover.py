"""Random traders against closed forms."""

import numpy as np
import pytest

from helpers.market.turnover import Households, stock_returns, trade_at_random


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
