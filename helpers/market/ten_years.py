"""Ten years of a company and of those who trade or hold its shares.

Used by chapter 1, "A market whose books balance".
"""

from dataclasses import dataclass

import numpy as np

from helpers.market.auction import Demand, Ledger, clear

WEEKS_A_YEAR, YEARS = 52, 10
START_PRICE, START_SHARES = 5_000, 1_000  # cents; shares per account
OPINION_SPREAD = 0.2  # standard deviation of the log of an active account's opinion
AGGRESSION = 1.0  # how strongly an opinion moves an account's wanted holding


@dataclass(frozen=True)
class Company:
    """What a company does with its capital; all rates per year."""

    name: str
    earns: float = 0.0  # on its capital
    pays: float = 0.0  # of its capital, as dividends
    issues: float = 0.0  # new shares, as a fraction of those there are

    def __post_init__(self) -> None:
        if not 0 <= self.pays <= self.earns:
            raise ValueError(f"{self.name}: dividends must come out of earnings")
        if not 0 <= self.issues < 1:
            raise ValueError(f"{self.name}: issues must be a fraction from 0 to below 1")


WORLDS = (
    Company("no earnings"),
    Company("dividends", earns=0.05, pays=0.05),
    Company("dividends and growth", earns=0.08, pays=0.05),
    Company("growth by new shares", earns=0.05, pays=0.05, issues=0.03),
)


@dataclass(frozen=True)
class Life:
    """Ten years of one company in several independent markets."""

    company: Company
    fee: int  # basis points of the value traded, each for buyer and seller
    accounts: int  # half of them active
    markets: int
    seed: int


@dataclass(frozen=True)
class History:
    """What ten years did; money in cents, one entry per market (or per account)."""

    gains: np.ndarray  # (markets, accounts + 2): by trading; maker and company come last
    fees: np.ndarray  # (markets,)
    earned: np.ndarray  # (markets,) by the company
    raised: np.ndarray  # (markets,) by selling new shares
    pie: np.ndarray  # (markets, 2): all cash and the company's capital, before and after
    wealth: np.ndarray  # (markets, accounts, 2): cash and shares at the price
    active: np.ndarray  # (accounts,) bool
    turnover: float  # share of an active account's stock replaced per year


def live(life: Life) -> History:
    """Trade every week for ten years.

    Active accounts form an opinion each week of what a share is worth, the
    company's capital per share times a random factor of mean 1, and want
    more shares the cheaper they are against it. The others hold what they
    have. Four times a year the company earns and pays; new shares go into
    the next auction.

    Raises ValueError for fewer than four accounts or a negative fee, and if a share
    went missing or came from nowhere.
    """
    if life.accounts < 4 or life.fee < 0:
        raise ValueError("at least four accounts and a fee of 0 or more are needed")
    company, rng = life.company, np.random.default_rng(life.seed)
    ledger = _opening_ledger(life)
    active = np.arange(life.accounts) < life.accounts // 2
    price = np.full(life.markets, START_PRICE, dtype=np.int64)
    count_before = ledger.shares.sum(axis=1)
    capital = count_before * START_PRICE
    none = np.zeros_like(capital)
    offered, issued, raised, earned = none, none, none, none
    wealth_before, pie_before = _wealth(ledger, price), _pie(ledger, capital)
    traded = 0.0

    for week in range(1, YEARS * WEEKS_A_YEAR + 1):
        demand = _opinions(ledger, active, capital, offered, rng)
        held = ledger.shares[:, :-1][:, active]
        price = clear(ledger, demand, price, life.fee, offered)
        traded += np.abs(ledger.shares[:, :-1][:, active] - held).sum() / 2 / held.sum()
        issued, raised = issued + offered, raised + offered * price
        capital = capital + offered * price
        offered = none
        if week % 13 == 0:
            count = ledger.shares.sum(axis=1)
            quarter, dividend = _quarter(company, capital, count)
            ledger.cash += dividend[:, None] * ledger.shares
            capital = capital + quarter - dividend * count
            earned = earned + quarter
            offered = (count * (company.issues / 4)).astype(np.int64)

    if (ledger.shares.sum(axis=1) != count_before + issued).any():
        raise ValueError("the books do not balance: the auction or an account is wrong")
    companys_gain = raised - issued * price
    return History(
        gains=np.column_stack([ledger.trading_gains(price), companys_gain]),
        fees=ledger.fees,
        earned=earned,
        raised=raised,
        pie=np.stack([pie_before, _pie(ledger, capital)], axis=1),
        wealth=np.stack([wealth_before, _wealth(ledger, price)], axis=2),
        active=active,
        turnover=traded / YEARS,
    )


def idle_earnings(life: Life) -> int:
    """What the company earns in ten years (cents) if nobody trades, so that it sells no shares."""
    count = _opening_ledger(life).shares.sum(axis=1)
    capital, earned = count * START_PRICE, 0
    for _ in range(YEARS * 4):
        quarter, dividend = _quarter(life.company, capital, count)
        capital = capital + quarter - dividend * count
        earned += quarter
    return int(earned[0])  # markets start alike


def _quarter(
    company: Company, capital: np.ndarray, count: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Earnings of a quarter and the dividend per share, in whole cents."""
    earned = (capital * (company.earns / 4)).astype(np.int64)
    return earned, (capital * (company.pays / 4)).astype(np.int64) // count


def _opening_ledger(life: Life) -> Ledger:
    """Everyone starts with stock and as much cash; the maker with a twentieth of it all."""
    shares = np.full((life.markets, life.accounts + 1), START_SHARES, dtype=np.int64)
    shares[:, -1] *= max(10, life.accounts // 20)
    return Ledger(cash=shares * START_PRICE, shares=shares)


def _opinions(
    ledger: Ledger,
    active: np.ndarray,
    capital: np.ndarray,
    offered: np.ndarray,
    rng: np.random.Generator,
) -> Demand:
    """This week's wanted holdings as a function of the price."""
    held = ledger.shares[:, :-1].copy()
    worth = capital / ledger.shares.sum(axis=1)
    errors = rng.normal(-(OPINION_SPREAD**2) / 2, OPINION_SPREAD, held.shape)
    opinion = worth[:, None] * np.exp(errors)
    typical = (held[:, active].sum(axis=1) + offered)[:, None] / active.sum()

    def wanted(price: np.ndarray) -> np.ndarray:
        moved = typical * (1 + AGGRESSION * (opinion / price - 1))
        return np.where(active, np.rint(moved).astype(np.int64), held)

    return wanted


def _wealth(ledger: Ledger, price: np.ndarray) -> np.ndarray:
    return (ledger.cash + price[:, None] * ledger.shares)[:, :-1]


def _pie(ledger: Ledger, capital: np.ndarray) -> np.ndarray:
    """Everybody's cash, the broker's fees among it, and the company's capital, in cents."""
    return ledger.cash.sum(axis=1) + ledger.fees + capital
