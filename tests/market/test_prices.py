"""The price table against the SEC staff report, a calendar and published outcomes."""

import hashlib
import shutil

import numpy as np
import pandas as pd
import pytest
from pandas.tseries.holiday import (
    AbstractHolidayCalendar,
    USMartinLutherKingJr,
    USPresidentsDay,
)

from helpers.market import prices


@pytest.fixture(scope="module")
def gme():
    return prices.gme_window()


@pytest.fixture(scope="module")
def calendar():
    return prices.sp500_closes().index


def test_the_days_are_new_yorks_trading_days(gme):
    class Holidays(AbstractHolidayCalendar):
        rules = (USMartinLutherKingJr, USPresidentsDay)

    holidays = Holidays().holidays("2021-01-01", "2021-03-01")
    expected = pd.bdate_range("2021-01-04", "2021-02-26", freq="C", holidays=list(holidays))
    assert list(gme.index) == list(expected)


def test_three_figures_of_the_sec_staff_report(gme):
    volume = gme.loc["2021-01-13":"2021-01-29", "volume"].mean()
    rise = gme["high"]["2021-01-28"] / gme["low"]["2021-01-08"] - 1
    fall = 1 - gme["close"]["2021-02-05"] / gme["high"]["2021-01-28"]
    assert volume == pytest.approx(100e6, rel=0.01)
    assert rise == pytest.approx(27, rel=0.02)
    assert 0.86 < fall < 0.87


# Returns in percent from an independent reading of the Nasdaq file: 1, 5, 21, 63, 126
# and 252 trading days after the entry.
OUTCOMES = {
    "2021-01-04": [0.7, 15.6, 435.7, 969.6, 1056.9, 786.0],
    "2021-01-13": [27.1, 37.0, 66.9, 398.2, 431.3, 307.8],
    "2021-01-22": [18.1, 399.9, -30.8, 132.5, 177.4, 63.6],
    "2021-01-25": [92.7, 193.0, 19.4, 120.0, 139.5, 30.4],
    "2021-01-26": [134.8, -39.2, -26.5, 20.1, 20.7, -32.6],
    "2021-01-27": [-44.3, -73.4, -70.7, -48.6, -51.3, -70.3],
    "2021-01-28": [67.9, -72.4, -37.8, -9.0, -14.8, -51.7],
    "2021-01-29": [-30.8, -80.4, -63.6, -46.6, -50.4, -69.9],
    "2021-02-02": [2.7, -44.1, 47.1, 78.6, 69.7, 25.1],
    "2021-02-19": [13.3, 150.7, 379.2, 320.0, 276.7, 204.0],
}


def test_outcomes_match_an_independent_computation(calendar):
    entries = pd.to_datetime(list(OUTCOMES))
    table = prices.holding_returns(prices.gme_closes(), entries, [1, 5, 21, 63, 126, 252], calendar)
    np.testing.assert_allclose(100 * table, list(OUTCOMES.values()), atol=0.0501)


def test_the_typed_tables_are_the_ones_that_were_checked():
    """Facts do not change: a slip in one of 325 figures must not pass unnoticed."""
    sums = {}
    for name in ("gme_2021.csv", "gme_later_closes.csv"):
        lines = (prices.HERE / name).read_text(encoding="utf-8").splitlines()
        rows = "\n".join(line for line in lines if not line.startswith("#"))
        sums[name] = hashlib.sha256(rows.encode()).hexdigest()[:16]
    assert sums == {
        "gme_2021.csv": "14d6b715a2d6286c",
        "gme_later_closes.csv": "5848cbae4aca9549",
    }


def test_no_close_jumps_like_a_slip_of_the_decimal_point(calendar):
    """Largest recorded move from one close to the next: a factor of 2.5 (February 2)."""
    closes = prices.gme_closes()
    consecutive = np.diff(calendar.get_indexer(closes.index)) == 1
    jumps = np.abs(np.diff(np.log(closes)))[consecutive]
    assert jumps.max() == pytest.approx(np.log(2.5))


def test_a_bad_later_close_is_one_sentence(tmp_path, monkeypatch):
    for name in ("gme_2021.csv", "gme_later_closes.csv"):
        shutil.copy2(prices.HERE / name, tmp_path / name)
    monkeypatch.setattr(prices, "HERE", tmp_path)
    later = tmp_path / "gme_later_closes.csv"
    later.write_text(later.read_text().replace("2021-03-08,194.50", "2021-03-08,"))
    with pytest.raises(ValueError, match="gme_later_closes.csv: 2021-03-08 has a bad value"):
        prices.gme_closes()


def test_every_entry_day_has_every_outcome_that_the_chapter_shows(gme, calendar):
    table = prices.holding_returns(
        prices.gme_closes(), gme.index, [1, 5, 21, 63, 126, 252], calendar
    )
    assert table.notna().all(axis=None)


def test_the_sp500_agrees_with_a_second_package():
    from arch.data import sp500  # noqa: PLC0415  (slow to import)

    other = sp500.load()["Adj Close"]
    ours = prices.sp500_closes()
    both = other.index.intersection(ours.index)
    assert len(both) > 5000
    np.testing.assert_allclose(ours[both], other[both], rtol=1e-3)


HEAD = "date,open,high,low,close,volume\n"
GOOD = [
    "2021-01-04,19,20,17,18,100",
    "2021-01-05,18,19,17,18,100",
    "2021-01-06,18,19,17,18,100",
]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([GOOD[0], GOOD[2]], "2021-01-05 is missing"),
        ([*GOOD, "2021-01-09,18,19,17,18,100"], "is missing or no trading day"),
        ([GOOD[0], "2021-01-05,18,19,17,,100"], "2021-01-05 has a bad value"),
        ([GOOD[0], "2021-01-05,18,19,17,-1,100"], "2021-01-05 has a bad value"),
        ([GOOD[0], "2021-01-05,18,19,17,19.5,100"], "2021-01-05 leaves its own range"),
    ],
)
def test_a_bad_table_is_one_sentence(tmp_path, calendar, lines, words):
    path = tmp_path / "prices.csv"
    path.write_text(HEAD + "\n".join(lines) + "\n")
    with pytest.raises(ValueError, match=f"prices.csv: .*{words}.*: restore it"):
        prices.read_prices(path, calendar)


def test_a_truncated_or_missing_table_is_one_sentence(tmp_path, calendar):
    path = tmp_path / "prices.csv"
    with pytest.raises(FileNotFoundError, match="no price table .*: restore it"):
        prices.read_prices(path, calendar)
    path.write_text("date,open,high\n2021-01-04,19,20\n")
    with pytest.raises(ValueError, match="must have the columns .*: restore it"):
        prices.read_prices(path, calendar)


def test_a_closed_day_or_an_unknown_close_is_refused(gme, calendar):
    closes = gme["close"]
    with pytest.raises(ValueError, match="2021-01-09 is not a trading day"):
        prices.holding_returns(closes, pd.to_datetime(["2021-01-09"]), [1], calendar)
    with pytest.raises(ValueError, match="no close known for 2021-03-01"):
        prices.holding_returns(closes, closes.index[-1:], [1], calendar)
