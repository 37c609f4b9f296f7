"""Ninety-two years of monthly returns, and what they paid by holding period.

Used by chapter 1, "Investing: what did patience earn?".
"""

import numpy as np
import pandas as pd
from arch.bootstrap import StationaryBootstrap

from helpers.data import locate


def french_monthly() -> pd.DataFrame:
    """US market and one-month bill returns, monthly, July 1926 to November 2018.

    Columns `market` (all listed US stocks, dividends included) and `bills`, as
    fractions: 0.01 is 1 %. From Kenneth French's library as shipped in the package
    arch. Months are parsed here: arch's own loader reads YYYYMM as nanoseconds under
    pandas 3.
    """
    table = pd.read_csv(locate("french_monthly"), index_col="Date") / 100
    table.index = pd.PeriodIndex(pd.to_datetime(table.index.astype(str), format="%Y%m"), freq="M")
    return pd.DataFrame({"market": table["Mkt-RF"] + table["RF"], "bills": table["RF"]})


def window_growth(returns: np.ndarray, months: int) -> np.ndarray:
    """Growth factor of every overlapping window of `months` months.

    `returns` has shape (T,) and holds fractions; the result has shape
    (T - months + 1,). Raises ValueError for a window that does not fit
    the history, and for a return that is NaN or not above -100 %.
    """
    history = len(returns)
    if not 1 <= months <= history:
        raise ValueError(f"{months} months do not fit {history} months")
    if not (np.asarray(returns) > -1).all():
        raise ValueError("a return is NaN or not above -1: drop that month")
    level = np.concatenate([[0.0], np.cumsum(np.log1p(returns))])
    return np.exp(level[months:] - level[:-months])


def annual_growth(returns: np.ndarray) -> float:
    """Geometric mean growth per year, as a fraction, of monthly returns."""
    return float(np.exp(12 * np.log1p(returns).mean()) - 1)


def growth_premium(market: np.ndarray, bills: np.ndarray) -> float:
    """How much faster the market grew than bills, in percentage points a year."""
    return 100 * (annual_growth(market) - annual_growth(bills))


def bootstrap_interval(
    history: pd.DataFrame, block: float, replications: int, seed: int
) -> tuple[float, float]:
    """95 % percentile interval of `growth_premium` under resampled histories.

    The stationary bootstrap of Politis and Romano (1994), from the package arch, with
    blocks of `block` months in the mean; market and bills are resampled together.
    """
    market, bills = history["market"].to_numpy(), history["bills"].to_numpy()
    resampled = StationaryBootstrap(block, market, bills, seed=np.random.default_rng(seed))
    premiums = resampled.apply(growth_premium, replications).ravel()
    low, high = np.percentile(premiums, [2.5, 97.5])
    return float(low), float(high)
