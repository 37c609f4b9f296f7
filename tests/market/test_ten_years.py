"""Ten years of a company: identities to the cent, and closed forms of compounding."""

import numpy as np
import pytest

from helpers.market import ten_years
from helpers.market.ten_years import WORLDS, Company, Life, live

SMALL = {"accounts": 60, "markets": 4, "seed": 1}


@pytest.fixture(scope="module")
def histories():
    return {
        (company.name, fee): live(Life(company, fee, **SMALL))
        for company in WORLDS
        for fee in (0, 20, 100)
    }


def test_gains_from_trading_add_up_to_minus_the_fees(histories):
    for history in histories.values():
        assert (history.gains.sum(axis=1) == -history.fees).all()


def test_the_pie_grows_by_what_the_company_earns_and_by_nothing_else(histories):
    for history in histories.values():
        assert (history.pie[:, 1] - history.pie[:, 0] == history.earned).all()


def test_without_fees_nobody_pays_any_and_with_fees_the_active_do(histories):
    for (_, fee), history in histories.items():
        assert ((history.fees > 0) == (fee > 0)).all()


def test_whoever_trades_nothing_gains_nothing_by_trading(histories):
    for history in histories.values():
        accounts = len(history.active)
        assert (history.gains[:, :accounts][:, ~history.active] == 0).all()
        assert (history.gains[:, :accounts][:, history.active] != 0).any()


@pytest.mark.parametrize(
    ("name", "growth"),
    [
        ("no earnings", 1.0),
        ("dividends", 1.0),
        ("dividends and growth", (1 + 0.03 / 4) ** 40),
    ],
)
def test_capital_compounds_as_the_closed_form(histories, name, growth):
    """Earnings of 40 quarters: e/4 of a capital that grows by (e - d)/4 a quarter.

    Dividends are whole cents a share (62 of 62.5 at first); the rest stays and earns.
    """
    (company,) = (world for world in WORLDS if world.name == name)
    history = histories[name, 0]
    retained = (company.earns - company.pays) / 4
    start = history.pie[:, 0] / 2  # half of it is cash at the start
    quarters = 40 if retained == 0 else (growth - 1) / retained
    np.testing.assert_allclose(history.earned, start * company.earns / 4 * quarters, rtol=4e-3)


def test_the_price_stays_near_capital_per_share(histories):
    """Holders start and end at the price: with no earnings their wealth stays where it was."""
    history = histories["no earnings", 0]
    holders = history.wealth[:, ~history.active]
    assert holders[..., 1].sum() / holders[..., 0].sum() == pytest.approx(1, abs=0.03)


def test_the_active_as_a_group_lose_their_fees_and_nothing_else(histories):
    """Without new shares they trade with each other: 5.8 times 2 sides of half their wealth."""
    history = histories["dividends", 20]
    accounts = len(history.active)
    group = history.gains[:, :accounts][:, history.active].sum(axis=1)
    start = history.wealth[:, history.active, 0].sum(axis=1)
    np.testing.assert_allclose(group / start, -history.fees / start, atol=2e-3)
    per_year = 2 * history.turnover * 0.0020 / 2
    np.testing.assert_allclose(history.fees / start, 10 * per_year, rtol=0.05)


def test_holders_of_a_growing_company_earn_the_closed_form(histories):
    """Dividends of 5 % on capital that grows by 3 %, and shares at capital, of half the wealth."""
    history = histories["dividends and growth", 0]
    growth = (1 + 0.03 / 4) ** 40
    dividends = 0.05 / 4 * (growth - 1) / (0.03 / 4)
    holders = history.wealth[:, ~history.active].sum(axis=1)
    expected = (dividends + growth - 1) / 2
    assert (holders[:, 1] / holders[:, 0] - 1).mean() == pytest.approx(expected, abs=0.03)


def test_new_shares_are_as_many_as_were_said():
    """The company sells (1 + 3 % / 4)^39 - 1 of what there was, at about their worth."""
    few = live(Life(Company("x", issues=0.0), 0, **SMALL))
    more = live(Life(Company("x", issues=0.03), 0, **SMALL))
    assert (few.gains[:, -1] == 0).all()
    capital = 70 * 1_000 * 5_000  # 60 accounts and a maker of 10
    raised = more.raised / capital
    np.testing.assert_allclose(raised, (1 + 0.03 / 4) ** 39 - 1, rtol=0.05)


def test_new_shares_bring_new_capital(histories):
    assert (histories["growth by new shares", 0].earned > histories["dividends", 0].earned).all()


def test_trading_changes_no_earnings_but_by_new_shares(histories):
    """Without trading: a company that pays out nothing earns ((1 + e/4)^40 - 1) of its capital."""
    for world in WORLDS[:3]:
        idle = ten_years.idle_earnings(Life(world, 0, **SMALL))
        assert (histories[world.name, 0].earned == idle).all()
    capital = 70 * 1_000 * 5_000
    keeps = ten_years.idle_earnings(Life(Company("x", earns=0.08), 0, **SMALL))
    assert keeps / capital == pytest.approx(1.02**40 - 1, rel=1e-6)


def test_the_same_seed_gives_the_same_decade():
    life = Life(WORLDS[1], 20, **SMALL)
    assert (live(life).gains == live(life).gains).all()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Company("x", earns=0.01, pays=0.02), "dividends must come out of earnings"),
        (lambda: Company("x", issues=1.0), "issues must be a fraction"),
        (lambda: live(Life(WORLDS[0], -1, **SMALL)), "a fee of 0 or more"),
        (lambda: live(Life(WORLDS[0], 0, 2, 1, 1)), "at least four accounts"),
    ],
)
def test_impossible_worlds_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_an_unknown_parameter_is_refused():
    with pytest.raises(TypeError, match="leverage"):
        Company("x", leverage=2)


def test_the_maker_never_runs_dry_at_the_books_size():
    life = Life(WORLDS[3], 100, accounts=400, markets=2, seed=2)
    assert live(life).turnover > 1


def test_books_that_do_not_balance_are_refused(monkeypatch):
    cleared = ten_years.clear

    def losing(ledger, *rest):
        price = cleared(ledger, *rest)
        ledger.shares[0, 0] -= 1
        return price

    monkeypatch.setattr(ten_years, "clear", losing)
    with pytest.raises(ValueError, match="books do not balance"):
        live(Life(WORLDS[0], 0, **SMALL))
