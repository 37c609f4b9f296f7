"""Traders who switch stocks at random: what turnover costs when skill is nil.

Used by chapter 1, "Trading: what does turnover cost?".
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data import locate


def stock_returns() -> pd.DataFrame:
    """Monthly total returns (fractions) of 20 large US stocks, 1990-02 to 2022-11.

    From adjusted daily closes in the package skfolio; the incomplete last month is
    left out. All twenty survived to 2022, so levels flatter: use differences only.
    """
    daily = pd.read_csv(locate("sp500_stocks"), index_col="Date", parse_dates=True)
    month_ends = daily.resample("ME").last()
    return month_ends.pct_change().iloc[1:-1]


@dataclass(frozen=True)
class Households:
    """One block of simulated traders; `turnover` is the share replaced in a year."""

    returns: np.ndarray  # (months, stocks), fractions
    turnover: float
    traders: int
    seed: np.random.SeedSequence
    holdings: int = 4


@dataclass(frozen=True)
class Outcome:
    """Per trader and holding: growth before costs, and how often it was switched."""

    growth: np.ndarray  # (traders, holdings)
    switches: np.ndarray  # (traders, holdings)
    years: float

    def annual(self, cost: float) -> np.ndarray:
        """Each trader's growth per year after a round trip costs `cost` of its value."""
        wealth = (self.growth * (1 - cost) ** self.switches).mean(axis=1)
        return wealth ** (1 / self.years) - 1


def trade_at_random(block: Households) -> Outcome:
    """Follow traders who hold a few stocks and replace each blindly.

    Every month each holding is sold with probability turnover / 12, and
    the proceeds buy another of the stocks, each as likely as any. Holdings
    start equal and are not rebalanced; two may be the same stock. Hence
    E[switches] = months * turnover / 12.

    Raises ValueError for a turnover outside 0 to 12, fewer than two stocks
    or NaN.
    """
    months, stocks = block.returns.shape
    if not 0 <= block.turnover <= 12:
        raise ValueError(f"turnover {block.turnover} is outside 0 to 12")
    if stocks < 2 or not np.isfinite(block.returns).all():
        raise ValueError("returns need two or more stocks and no NaN")
    rng = np.random.default_rng(block.seed)
    shape = (block.traders, block.holdings)
    held = rng.integers(stocks, size=shape)
    log_growth = np.zeros(shape)
    switches = np.zeros(shape, dtype=int)
    for log_return in np.log1p(block.returns):
        switch = rng.random(shape) < block.turnover / 12
        another = (held + rng.integers(1, stocks, size=shape)) % stocks
        held = np.where(switch, another, held)
        switches += switch
        log_growth += log_return[held]
    return Outcome(np.exp(log_growth), switches, months / 12)
