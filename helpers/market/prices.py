"""GameStop's prices of January and February 2021, and outcomes of holding them.

Used by chapter 1, "What did holders earn?". Sources stand in the heads of the CSV files.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from helpers.data import locate

HERE = Path(__file__).parent
CURE = "restore it from the repository"
COLUMNS = ["open", "high", "low", "close", "volume"]


def sp500_closes() -> pd.Series:
    """Daily closes of the S&P 500 price index, 1990-01-02 to 2022-12-28.

    Its index doubles as the calendar of New York trading days.
    """
    table = pd.read_csv(locate("sp500_index"), index_col="Date", parse_dates=True)
    return table["SP500"].rename("sp500")


def read_prices(path: Path, calendar: pd.DatetimeIndex) -> pd.DataFrame:
    """A table of daily prices (US dollars) and volume (shares), checked.

    Raises FileNotFoundError when there is no such file and ValueError, in one sentence,
    when a column or a trading day is missing, a value is not a positive number, or a
    day's open or close lies outside its low and high.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no price table at {path}: {CURE}")
    table = pd.read_csv(path, comment="#", index_col="date", parse_dates=True)
    if list(table.columns) != COLUMNS:
        raise ValueError(f"{path.name} must have the columns {COLUMNS}: {CURE}")
    bad = table.index[~(table > 0).all(axis=1) | ~np.isfinite(table).all(axis=1)]
    if len(bad):
        raise ValueError(f"{path.name}: {bad[0]:%Y-%m-%d} has a bad value: {CURE}")
    expected = calendar[(calendar >= table.index[0]) & (calendar <= table.index[-1])]
    missing = expected.symmetric_difference(table.index)
    if len(missing):
        raise ValueError(f"{path.name}: {missing[0]:%Y-%m-%d} is missing or no trading day: {CURE}")
    inside = table[["open", "close"]].ge(table["low"], axis=0) & table[["open", "close"]].le(
        table["high"], axis=0
    )
    if not inside.all(axis=None):
        day = table.index[~inside.all(axis=1)][0]
        raise ValueError(f"{path.name}: {day:%Y-%m-%d} leaves its own range: {CURE}")
    return table


def gme_window() -> pd.DataFrame:
    """The 38 trading days 2021-01-04 to 2021-02-26: open, high, low, close, volume."""
    return read_prices(HERE / "gme_2021.csv", sp500_closes().index)


def gme_closes() -> pd.Series:
    """Closes of the window, and of the days 21, 63, 126 and 252 trading days after each.

    Raises ValueError when a later close is not a positive number on a trading day.
    """
    path = HERE / "gme_later_closes.csv"
    later = pd.read_csv(path, comment="#", index_col="date", parse_dates=True)["close"]
    bad = later.index[~(later > 0) | ~later.index.isin(sp500_closes().index)]
    if len(bad):
        raise ValueError(f"{path.name}: {bad[0]:%Y-%m-%d} has a bad value: {CURE}")
    return pd.concat([gme_window()["close"], later])


def holding_returns(
    closes: pd.Series,
    entries: pd.DatetimeIndex,
    horizons: list[int],
    calendar: pd.DatetimeIndex,
) -> pd.DataFrame:
    """Return from buying at an entry day's close and selling `h` trading days later.

    Rows are entry days, columns horizons in trading days; 0.1 means +10 %. Raises
    ValueError when a close that is needed is not in `closes`.
    """
    starts = calendar.get_indexer(entries)
    if (starts < 0).any():
        day = entries[starts < 0][0]
        raise ValueError(f"{day:%Y-%m-%d} is not a trading day: choose another")
    table = {}
    for horizon in horizons:
        exits = calendar[starts + horizon]
        absent = exits.difference(closes.index)
        if len(absent):
            raise ValueError(f"no close known for {absent[0]:%Y-%m-%d}: choose another horizon")
        table[horizon] = closes[exits].to_numpy() / closes[entries].to_numpy() - 1
    return pd.DataFrame(table, index=entries)
