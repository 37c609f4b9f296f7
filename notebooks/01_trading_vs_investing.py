# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Trading versus investing: who pays for the ride?
#
# In the last week of January 2021 the shares of GameStop, a chain of video-game
# shops, rose twentyfold and fell back. The letter that opens our newsletter draws a
# moral from it: trading moves money from one pocket to another, mostly out of small
# pockets, while investing makes the whole pie larger. This chapter puts numbers
# beside that moral. It uses recorded prices wherever there are any, and says
# *simulated* wherever there are none.
#
# :::{admonition} How fresh is this page?
# :class: note freshness
# Computed on {glue:text}`computed_on` at scale *{glue:text}`scale`*, in
# {glue:text}`cpu_seconds:.0f` CPU seconds (budget: {glue:text}`budget:.0f`), with
# {glue:text}`versions`. Take it with you as a
# {download}`notebook <01_trading_vs_investing.ipynb>` (small results stored) or a
# {download}`script <01_trading_vs_investing.py>`.
# :::
#
# **You need**: percentages, logarithms, a little Python. **You will see** how to turn
# an opinion into a statement that data can contradict.

# %% tags=["parameters", "remove-cell"]
scale = "quick"  # "quick", "book" or "paper"
seed = 2021

# %% tags=["hide-input"]
import inspect

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from IPython.display import Code

from helpers import claims, figures, provenance
from helpers.claims import Claim, glue_numbers
from helpers.market import prices, returns, turnover
from helpers.market.holding_slider import holding_slider
from helpers.parallel import map_tasks
from helpers.scale import Scale

scale = Scale(scale)
figures.use_style()

# %% [markdown]
# ## What the letter says
#
# In our own words, the letter makes five statements that this half of the chapter can
# hold against data:
#
# 1. Whoever bought GameStop at the peak of January 27 is likely to lose a lot.
# 2. People who join such a game probably lose.
# 3. Swings like this one move wealth from small investors to the funds with the best
#    machines.
# 4. Owning good businesses for a long time can do very well.
# 5. Trading by itself creates next to nothing.
#
# The letter gives no figure for any of them. So before computing anything we say, for
# each, which outcome would make it true; you find these criteria in the table at the
# end. The second half of the chapter, which is still to come, builds a market in which
# statement 3 can be tested.

# %% [markdown]
# ## What did the price do?
#
# Our table holds 38 trading days, from January 4 to February 26, 2021: opening, highest,
# lowest and closing price in US dollars before the later 4-for-1 split, and the number
# of shares that changed hands. Two independent downloads agree on every price to the
# cent.

# %%
gme = prices.gme_window()
calendar = prices.sp500_closes().index  # days on which New York traded
gme.loc["2021-01-25":"2021-02-02"].rename_axis("day")

# %% [markdown]
# Agreement with each other is not enough: both downloads could be wrong. The staff of
# the US Securities and Exchange Commission published three figures of its own
# {cite}`sec2021`. Our table must reproduce them, and if it did not, the notebook would
# stop here.

# %%
volume = gme.loc["2021-01-13":"2021-01-29", "volume"].mean()
rise = gme["high"]["2021-01-28"] / gme["low"]["2021-01-08"] - 1
fall = 1 - gme["close"]["2021-02-05"] / gme["high"]["2021-01-28"]

assert round(volume / 1e6, -1) == 100  # SEC: 100 million shares a day
assert round(rise, 0) == 27  # SEC: about 2,700 %
assert 0.86 < fall < 0.87  # SEC: over 86 %
print(f"average volume, January 13 to 29: {volume / 1e6:.2f} million shares")
print(f"low of January 8 to high of January 28: {rise:+.0%}")
print(f"high of January 28 to close of February 5: {-fall:+.1%}")

# %% [markdown]
# The letter speaks of *the* peak on January 27. There were two. The highest **close**
# was on January 27, the highest **trade** a day later. Share volume had peaked before
# either.

# %%
peak_close, peak_high = gme["close"].idxmax(), gme["high"].idxmax()
peak_volume = gme["volume"].idxmax()
for what, day in [
    ("close", peak_close), ("high", peak_high), ("volume", peak_volume)
]:
    print(f"highest {what:<6} {day:%B %d}: {gme.loc[day, what]:>12,.10g}")

# %% tags=["hide-input", "thumbnail"] mystnb={"figure": {"caption": "GameStop, daily range and close (above) and volume (below), January and February 2021. Recorded prices.", "name": "fig-gme"}, "image": {"alt": "Two stacked charts over January and February 2021. Above, the daily price of GameStop in dollars: flat until mid January, a steep climb to two marked peaks on January 27 and 28, a fall within four days, and a smaller second rise in late February. Below, bars of daily volume, highest on January 22.", "classes": "dark-light ink"}}
fig, (above, below) = plt.subplots(
    2, sharex=True, height_ratios=[3, 1], figsize=(figures.WIDTH, 4.6)
)
days = np.arange(len(gme))
above.vlines(
    days, gme["low"], gme["high"], color=figures.GREY, lw=3, alpha=0.5,
    label="low to high of the day",
)
above.plot(days, gme["close"], "o-", ms=4, color=figures.BLUE, label="close")
for day, column, where in [
    (peak_close, "close", (-112, 12)), (peak_high, "high", (14, -6))
]:
    price = gme.loc[day, column]
    above.annotate(
        f"highest {column}\n{day:%b} {day.day}, ${price:,.2f}",
        (gme.index.get_loc(day), price), where, textcoords="offset points",
        arrowprops={"arrowstyle": "-"}, va="center",
    )
above.set(ylabel="price (\\$)", ylim=(0, 520))
above.legend(loc="upper left")
below.bar(days, gme["volume"] / 1e6, color=figures.VERMILION)
below.set(ylabel="volume\n(million shares)")
below.set_xticks(days[::6], [f"{day:%b} {day.day}" for day in gme.index[::6]])
sns.despine(fig)

# %% [markdown]
# ## What did holders earn?
#
# Someone who buys at the close $p_t$ of day $t$ and sells at the close $h$ trading days
# later earns
#
# $$ r_{t,h} = \frac{p_{t+h}}{p_t} - 1 . $$
#
# Here is that return for ten days of entry and six holding periods, in percent. Of the
# days after February 26 we know only closes, and only from one of the two sources.

# %%
horizons = [1, 5, 21, 63, 126, 252]  # a day, a week, 1, 3, 6, 12 months
entries = pd.to_datetime([
    "2021-01-04", "2021-01-13", "2021-01-22", "2021-01-25", "2021-01-26",
    "2021-01-27", "2021-01-28", "2021-01-29", "2021-02-02", "2021-02-19",
])
closes = prices.gme_closes()
table = prices.holding_returns(closes, entries, horizons, calendar)
(100 * table).round(1).rename_axis(index="bought", columns="days held")

# %%
jan27 = table.loc["2021-01-27"]
sp500 = prices.sp500_closes()
year_later = prices.holding_returns(sp500, entries, [252], calendar)[252]
same_year = year_later["2021-01-27"]
glue_numbers(
    jan27_day=-100 * jan27[1],
    jan27_week=-100 * jan27[5],
    jan27_year=-100 * jan27[252],
    sp500_year=100 * same_year,
)
print(f"Jan 27, held a day, a week, a year: "
      f"{jan27[1]:+.1%}, {jan27[5]:+.1%}, {jan27[252]:+.1%}")
print(f"S&P 500 (without dividends) over the same year: {same_year:+.1%}")

# %% [markdown]
# The close of January 27 was a bad price to pay: {glue:text}`jan27_day:.1f` % gone
# after one day, {glue:text}`jan27_week:.1f` % after a week and
# {glue:text}`jan27_year:.1f` % after a year, in which the S&P 500 gained
# {glue:text}`sp500_year:.1f` %. Nobody needs to have paid the close, though. The next
# cell asks what happened to a buyer at *any* price between that day's low and high.

# %%
low, high = gme.loc["2021-01-27", ["low", "high"]]
exits = closes.loc["2021-01-27"] * (1 + jan27)
by_price = pd.DataFrame({
    "bought at the low": exits / low - 1,
    "bought at the high": exits / high - 1,
})
(100 * by_price).round(1).rename_axis("days held")

# %% [markdown]
# Every one of these is a loss, so for January 27 the letter is right whatever the
# price paid. Try other days yourself. The two sliders work with mouse, finger or arrow
# keys, and need no Python.

# %% tags=["hide-input"]
holding_slider(gme["close"], name="GameStop", entry="2021-01-27", days=5)

# %% [markdown]
# ### The honest counterpoint
#
# January 27 is one day, picked because it was the worst. Of *all* 38 days, how many
# were bad days to buy? We count in two ways: every day alike, and every day in
# proportion to the shares that were traded on it, since on busy days more people bought.

# %%
lost = prices.holding_returns(closes, gme.index, horizons, calendar) < 0
losers = pd.DataFrame({
    "every day alike": lost.mean(),
    "by shares traded": lost.mul(gme["volume"], axis=0).sum()
    / gme["volume"].sum(),
}).rename_axis("days held")
(100 * losers).round(1)

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Share of purchases in January and February 2021 that had lost money after a holding period. Recorded prices; a hypothetical hold, since nobody knows how long buyers really held.", "name": "fig-losers"}, "image": {"alt": "Line chart of the share of losing purchases against days held, from 1 to 252 on a logarithmic axis, in percent. Two lines, one counting every day alike and one by shares traded, with a dashed line at one half for comparison.", "classes": "dark-light ink"}}
fig, ax = plt.subplots(figsize=(figures.WIDTH, 3.4))
for (label, share), marker in zip(losers.items(), "os"):
    ax.plot(horizons, 100 * share, marker=marker, label=label)
ax.axhline(50, color=figures.GREY, ls="--", lw=1)
ax.annotate(
    "one half", (252, 50), (0, 4), textcoords="offset points", ha="right"
)
ax.set_xscale("log")
ax.set_xticks(horizons, horizons)
ax.minorticks_off()
ax.set(xlabel="trading days held", ylim=(0, 70))
ax.set_ylabel("purchases that lost (%)")
ax.legend()
sns.despine(fig)

# %% tags=["remove-input"]
month, year = losers.loc[21], losers.loc[252]
glue_numbers(
    losers_month_alike=100 * month["every day alike"],
    losers_month_volume=100 * month["by shares traded"],
    losers_year_alike=100 * year["every day alike"],
)

# %% [markdown]
# After a month {glue:text}`losers_month_alike:.0f` % of the days, and
# {glue:text}`losers_month_volume:.0f` % of the traded shares, were under water: most
# purchases in the window would have paid off. Two warnings belong beside that. Volume
# is not holders: every share bought was a share sold, most of them within the same day,
# and a buyer who held through a fall of 80 % to see the next rise is a rare person. And
# prices alone do not tell *who* bought. We found no published account-by-account total
# of who gained and who lost in GameStop, so statement 3 cannot be settled by these
# data.

# %% [markdown]
# ## Investing: what did patience earn?
#
# For the other half of the moral we need a long record. Kenneth French's library gives
# the return of all listed US stocks, dividends included, month by month
# since 1926 {cite}`fama1993,frenchlibrary`, and beside it the return of one-month
# Treasury bills, the nearest thing to doing nothing.

# %%
history = returns.french_monthly()
market, bills = history["market"].to_numpy(), history["bills"].to_numpy()
years = len(history) / 12
print(f"{history.index[0]} to {history.index[-1]}: {years:.1f} years")
for name, series in [("market", market), ("bills", bills)]:
    end = np.prod(1 + series)
    print(f"$1 in {name:<6} became ${end:>8,.2f}: "
          f"{returns.annual_growth(series):.2%} a year")

# %% tags=["hide-input"] mystnb={"figure": {"caption": "One dollar in US stocks (dividends reinvested) and in Treasury bills since July 1926, before inflation, taxes and costs. Recorded returns.", "name": "fig-growth"}, "image": {"alt": "Line chart with a logarithmic dollar axis from 1926 to 2018. The line for stocks falls to about a fifth of its height in the early 1930s and then climbs to several thousand dollars; the line for Treasury bills climbs slowly to about twenty dollars.", "classes": "dark-light ink"}}
fig, ax = plt.subplots(figsize=(figures.WIDTH, 3.6))
dates = history.index.to_timestamp("M")
ax.plot(dates, np.cumprod(1 + market), "-", label="US stocks")
ax.plot(dates, np.cumprod(1 + bills), "--", label="Treasury bills")
ax.set(yscale="log", ylabel="value of \\$1 (\\$)", xlabel="year")
ax.legend()
sns.despine(fig)

# %% [markdown]
# An average says little about the person who starts at the wrong moment. So we cut the
# record into every window of $m$ consecutive months. With monthly returns $r_i$ the
# growth over a window that starts in month $s$ is
#
# $$ G_s = \prod_{i=s}^{s+m-1} (1 + r_i), $$
#
# and the function below computes all of them at once from running sums of
# $\ln(1 + r_i)$.

# %% tags=["hide-input"]
Code(inspect.getsource(returns.window_growth), language="python")

# %%
periods = [1, 12, 60, 120, 180, 240, 360]
rows = []
for months in periods:
    stocks = returns.window_growth(market, months)
    cash = returns.window_growth(bills, months)
    rows.append({
        "gained (%)": 100 * (stocks > 1).mean(),
        "beat bills (%)": 100 * (stocks > cash).mean(),
        "worst (%)": 100 * (stocks.min() - 1),
        "median (%)": 100 * (np.median(stocks) - 1),
    })
holding = pd.DataFrame(rows, index=pd.Index(periods, name="months held"))
holding.round(1)

# %% tags=["hide-input"] mystnb={"figure": {"caption": "How often US stocks gained, and beat Treasury bills, over every window of the record. Recorded returns; windows overlap, so long ones are few independent facts.", "name": "fig-holding"}, "image": {"alt": "Two rising lines against the months held, from 1 to 360 on a logarithmic axis: the percentage of windows in which stocks gained, and in which they beat Treasury bills. Both start near sixty percent at one month and reach one hundred percent at 240 months.", "classes": "dark-light ink"}}
fig, ax = plt.subplots(figsize=(figures.WIDTH, 3.4))
for column, marker in [("gained (%)", "o"), ("beat bills (%)", "s")]:
    ax.plot(periods, holding[column], marker=marker, label=column[:-4])
ax.set_xscale("log")
ax.set_xticks(periods, periods)
ax.minorticks_off()
ax.set(xlabel="months held", ylabel="windows (%)", ylim=(50, 102))
ax.legend(loc="lower right")
sns.despine(fig)

# %% [markdown]
# Twenty years always paid, in this one country, in these 92 years, before inflation.
# But 92 years hold fewer than five separate stretches of twenty, and the United States
# was the century's lucky market. How sure are we at all that stocks grew faster than
# bills? The stationary bootstrap {cite}`politis1994` answers by writing alternative
# histories: it strings together blocks of the real one, five years long on average,
# stocks and bills cut at the same places.

# %%
block_months = 60
replications = scale.pick(quick=500, book=10_000, paper=100_000)
premium = returns.growth_premium(market, bills)
premium_interval = returns.bootstrap_interval(
    history, block_months, replications, seed
)
print(f"stocks over bills: {premium:.2f} points a year, "
      f"95 % [{premium_interval[0]:.2f}, {premium_interval[1]:.2f}]")

# %% [markdown]
# ## Trading: what does turnover cost?
#
# **From here on the traders are simulated; the prices are not.** Barber and Odean
# followed 66,465 households from 1991 to 1996 {cite}`barber2000`. Before costs the busy
# ones earned about what the quiet ones did; after costs the busiest earned 11.4 % a year
# when the market returned 17.9 %. Does it take bad judgement to lose like that?
# We let as many simulated households hold four of twenty large US stocks and replace
# each of them now and then, *by lot*. They have no skill and no lack of it.
#
# A household with turnover $\tau$ sells and replaces each holding with probability
# $\tau/12$ every month. If a round trip (selling and buying) costs the fraction $c$ of
# what is traded, a holding that was switched $k$ times keeps $(1-c)^k$ of its growth.

# %% tags=["hide-input"]
Code(inspect.getsource(turnover.trade_at_random), language="python")

# %%
households = scale.pick(quick=2_000, book=66_465, paper=1_000_000)
turnovers = [0.0, 0.75, 1.5, 3.0, 6.0]  # Barber and Odean's mean: 0.75
stock_returns = turnover.stock_returns().to_numpy()
seeds = np.random.SeedSequence(seed).spawn(len(turnovers))
outcomes = map_tasks(
    turnover.trade_at_random,
    [
        turnover.Households(stock_returns, tau, households, child)
        for tau, child in zip(turnovers, seeds)
    ],
)

# %%
costs = [0.0, 0.004, 0.02, 0.04]  # fraction of what is traded, per round trip
growth = pd.DataFrame(
    [[100 * outcome.annual(c).mean() for c in costs] for outcome in outcomes],
    index=pd.Index(turnovers, name="turnover per year"),
    columns=pd.Index([f"{c:.1%}" for c in costs], name="round trip costs"),
)
growth.round(1)

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Mean growth per year of simulated households that switch stocks at random, by turnover and cost of a round trip. Real prices of 20 large US stocks, 1990 to 2022; their level flatters, since all twenty survived.", "name": "fig-turnover"}, "image": {"alt": "Four lines of growth per year in percent against turnover from 0 to 6 a year. The line without costs is flat; the lines for costs of 0.4, 2 and 4 percent per round trip fall ever more steeply.", "classes": "dark-light ink"}}
fig, ax = plt.subplots(figsize=(figures.WIDTH, 3.6))
for (label, line), marker in zip(growth.items(), "osD^"):
    ax.plot(turnovers, line, marker=marker, label=label)
ax.axhline(0, color=figures.GREY, lw=1)
ax.set(xlabel="turnover per year", ylabel="growth per year (%)")
ax.legend(title="cost of a round trip")
sns.despine(fig)

# %% [markdown]
# The upper line is flat: before costs, shuffling stocks blindly neither earns nor loses. Everything
# that bends the other lines down is cost. Nobody in this simulation is wrong about a
# stock, and yet the busiest lose to the laziest, each year, with certainty. That is the
# arithmetic of Sharpe {cite}`sharpe1991`: before costs, active traders together hold the
# market and earn the market. How flat is flat? We compare the busiest with the
# households that never trade.

# %%
def gap(busy: turnover.Outcome, quiet: turnover.Outcome, cost: float):
    """Difference of mean growth in points a year, and its 95 % interval."""
    a, b = 100 * busy.annual(cost), 100 * quiet.annual(cost)
    error = np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    centre = a.mean() - b.mean()
    return centre, (centre - 1.96 * error, centre + 1.96 * error)


gross_gap, gross_interval = gap(outcomes[-1], outcomes[0], 0.0)
net_gap, net_interval = gap(outcomes[-1], outcomes[0], 0.004)
print(f"before costs: {gross_gap:+.2f} points a year, "
      f"95 % [{gross_interval[0]:+.2f}, {gross_interval[1]:+.2f}]")
print(f"at 0.4 % a round trip: {net_gap:+.2f} points a year, "
      f"95 % [{net_interval[0]:+.2f}, {net_interval[1]:+.2f}]")

# %% [markdown]
# The intervals cover the luck of the draw among households, not the luck of history:
# all of them lived through the same 33 years and the same twenty stocks.

# %% [markdown]
# ## Claimed and measured
#
# The verdict is a rule, not an opinion. A statement is *reproduced* if the whole
# interval lies where it holds, *not reproduced* if none of it does, and *partly*
# reproduced otherwise; *in miniature* means that we measured a smaller or simulated
# object.

# %% tags=["hide-input"]
at_any_price = 100 * by_price
letter_claims = [
    Claim(
        id="january-27",
        statement="Buyers at the peak of January 27 stand to lose a lot.",
        article="none",
        paper="SEC staff (2021): over 86 % below the high by early February.",
        criterion=(
            "they were down 20 % or more, the usual mark of a bear market, "
            "after a year"
        ),
        holds=(-100.0, -20.0),
        measured=100 * jan27[252],
        interval=tuple(sorted(at_any_price.loc[252])),
        unit="%",
        method="from the day’s lowest to its highest price paid",
        anchor="two price sources, three SEC figures",
        band=(-70.4, -70.2),
    ),
    Claim(
        id="losing-game",
        statement="Those who join such a game are unlikely to win.",
        article="none",
        paper=(
            "Barber et al. (2014), Taiwan: under 1 % of day traders profit "
            "reliably."
        ),
        criterion="more than half of the purchases lost",
        holds=(50.0, 100.0),
        measured=100 * month["by shares traded"],
        interval=(100 * losers.min(axis=None), 100 * losers.max(axis=None)),
        unit="%",
        method=(
            "range over holding periods from a day to a year and both ways "
            "of counting"
        ),
        anchor="two price sources, three SEC figures",
        band=(0.0, 50.0),
        reason=(
            "One month held, by shares traded. A hypothetical hold: real "
            "buyers sold sooner, later, or in panic."
        ),
    ),
    Claim(
        id="wealth-transfer",
        statement=(
            "Wild swings move wealth from small investors to the funds with "
            "the best machines."
        ),
        article="none",
        paper="No account-level total for GameStop has been published.",
        criterion="small investors as a group lost and those funds gained",
        holds=(0.0, float("inf")),
        reason=(
            "Prices do not say who bought. The second half of this chapter "
            "will simulate who might have."
        ),
    ),
    Claim(
        id="investing",
        statement="Owning businesses for a long time can do very well.",
        article="none",
        paper="French library: 92 years of US market and bill returns.",
        criterion="stocks grew faster than Treasury bills",
        holds=(0.0, float("inf")),
        measured=premium,
        interval=premium_interval,
        unit="points a year",
        method=(
            f"stationary bootstrap, {replications:,} histories, "
            "blocks of 5 years"
        ),
        anchor="a second package’s copy of the data; closed forms; pandas",
        band=(6.5, 6.7),
        reason="One country, before inflation, taxes and costs.",
    ),
    Claim(
        id="trading-adds-nothing",
        statement="Trading by itself creates little, if any, wealth.",
        article="none",
        paper=(
            "Barber and Odean (2000): 18.7 % before costs, like the market; "
            "the busiest 11.4 % after."
        ),
        criterion=(
            "the busiest gained or lost less than half a point a year before "
            "costs"
        ),
        holds=(-0.5, 0.5),
        measured=gross_gap,
        interval=gross_interval,
        unit="points a year",
        method=(
            f"normal, over {households:,} simulated households on one history"
        ),
        anchor="expected number of switches and cost, in closed form",
        band=(-1.0, 1.0),
        miniature=True,
        reason="Simulated households without skill on 20 real stocks.",
    ),
]
claims.publish(letter_claims)

# %% [markdown]
# ## What this half leaves open
#
# - **Who gained?** Prices cannot say. A market whose accounts balance to the cent, with
#   an AI trader that can be switched on and off, is the work of the second half.
# - **Is the pie really fixed?** Not quite: in April and June 2021 GameStop sold 8.5
#   million new shares of its own into the excitement, for \$551 million and
#   \$1.126 billion {cite}`gamestop2021`. High prices then became real capital.
# - **Is twenty years enough everywhere?** This record is American. Other countries'
#   investors were less lucky, and no US window can show it.
# - **Do small investors always do badly?** Not always: Welch found that the crowd of one
#   popular broker did not fall behind the usual benchmarks {cite}`welch2020`.
#
# ## Exercises
#
# 1. Which holding period makes the most days of entry lose, and why does the share of
#    losers *fall* for longer ones?
#
# ```{dropdown} Solution
# One day. The window ends in a second rise (late February), and the price stayed above
# its January level for the whole year; only the days near the first peak remain under
# water.
# ```
#
# 2. At which cost of a round trip does a turnover of 3 a year eat the whole premium of
#    stocks over bills? Use the closed form first, then the simulation.
#
# ```{dropdown} Solution
# With a premium of $\pi$ points a year, solve $1 - (1-c)^3 = \pi/100$ for $c$, that is
# $c = 1 - (1 - \pi/100)^{1/3}$. Then put your $c$ into `costs` and compare.
# ```
#
# 3. Repeat the bootstrap with blocks of one month. What happens to the interval, and
#    what does that say about mean reversion?
#
# ```{dropdown} Solution
# Set `block_months = 1`. The interval hardly moves: in this record, good and bad years
# follow each other almost as if drawn by lot.
# ```

# %% tags=["remove-cell", "nbval-ignore-output"]
provenance.publish(scale, budget=scale.pick(quick=15, book=60, paper=900))
