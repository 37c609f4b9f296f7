"""Informed traders against the closed forms of Kyle (1985) and Glosten and Milgrom (1985)."""

import numpy as np
import pytest

from helpers.market.kyle import Market, learn_to_trade, play, quote_and_trade

ROUNDS = 200_000


def within(sample: np.ndarray, expected: float) -> bool:
    error = sample.std() / np.sqrt(len(sample))
    return abs(sample.mean() - expected) <= 3 * error + 0.004


@pytest.mark.parametrize(
    "market",
    [
        *(Market(sigma_v=s) for s in (0.5, 1, 2, 4)),
        *(Market(insiders=n) for n in (2, 4, 8, 16)),
        *(Market(rho=r) for r in (0.2, 0.5, 0.8)),
        Market(sigma_v=3, sigma_u=0.5, rho=0.6, insiders=3),
    ],
)
def test_the_transfer_is_the_closed_form(market):
    informed, uninformed = play(market, ROUNDS, seed=1)
    assert within(informed, market.profit)
    assert within(uninformed, -market.profit)


def test_the_textbook_case():
    market = Market(sigma_v=2, sigma_u=3)
    assert market.impact == pytest.approx(2 / (2 * 3))
    assert market.intensity == pytest.approx(3 / 2)
    assert market.profit == pytest.approx(2 * 3 / 2)


def test_who_gains_how_often():
    """Unit deviations: 3/4 and 1/4 of rounds, and the insider is never behind."""
    informed, uninformed = play(Market(), ROUNDS, seed=2)
    assert within(informed > 0, 3 / 4)
    assert within(uninformed > 0, 1 / 4)
    assert (informed - uninformed >= -1e-12).all()


@pytest.mark.parametrize("market", [Market(), Market(rho=0.6, insiders=4, sigma_v=2)])
def test_the_price_is_the_best_guess_and_the_order_the_best_reply(market):
    """The two conditions that define the equilibrium, checked without its formulas."""
    rng = np.random.default_rng(3)
    forecast = market.rho * market.sigma_v * rng.standard_normal(ROUNDS)
    rest = np.sqrt(1 - market.rho**2) * market.sigma_v * rng.standard_normal(ROUNDS)
    noise = market.sigma_u * rng.standard_normal(ROUNDS)
    flow = market.insiders * market.intensity * forecast + noise
    slope = (flow * (forecast + rest)).mean() / (flow**2).mean()
    assert slope == pytest.approx(market.impact, rel=0.02)

    def one_insiders_profit(intensity: float) -> float:
        others = (market.insiders - 1) * market.intensity
        price = market.impact * (intensity + others) * forecast
        return ((forecast - price) * intensity * forecast).mean()

    best = one_insiders_profit(market.intensity)
    assert best > one_insiders_profit(1.05 * market.intensity)
    assert best > one_insiders_profit(0.95 * market.intensity)


@pytest.mark.parametrize("features", [1, 4, 16, 64])
def test_a_network_that_knows_only_its_profit_reaches_the_closed_form(features):
    lesson = learn_to_trade(features, steps=600, rounds=ROUNDS, seed=4)
    market = Market(rho=np.sqrt(features / (features + 4)))
    assert abs(lesson.mean - market.profit) < 3 * lesson.error + 0.004
    assert lesson.impact == pytest.approx(market.impact, rel=0.03)
    assert lesson.order_sd == pytest.approx(1.0, rel=0.02)


def test_an_untrained_network_does_not():
    lesson = learn_to_trade(16, steps=1, rounds=ROUNDS, seed=4)
    market = Market(rho=np.sqrt(16 / 20))
    assert lesson.mean < market.profit - 10 * (3 * lesson.error + 0.004)


def test_the_same_seed_gives_the_same_lesson():
    one, two, other = (learn_to_trade(2, 5, 100, seed).mean for seed in (5, 5, 6))
    assert one == two != other


@pytest.mark.parametrize("mu", [0.1, 0.3, 0.7])
def test_glosten_and_milgroms_quotes(mu):
    found = quote_and_trade(mu, ROUNDS, seed=5)
    expected = {
        "ask": (1 + mu) / 2,
        "bid": (1 - mu) / 2,
        "informed": (1 - mu) / 2,
        "uninformed": -mu / 2,
        "maker": 0.0,
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=3 * 0.5 / np.sqrt(ROUNDS * mu) + 0.004)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sigma_v": 0.0}, "must be positive"),
        ({"sigma_u": np.nan}, "must be positive"),
        ({"rho": 1.1}, "rho must be above 0 and at most 1, not 1.1"),
        ({"insiders": 0}, "there must be an insider"),
    ],
)
def test_bad_markets_are_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        Market(**wrong)


def test_a_share_of_informed_traders_outside_0_to_1_is_refused():
    with pytest.raises(ValueError, match="mu must lie between 0 and 1, not 1"):
        quote_and_trade(1, 10, seed=1)
