# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Performance guaranteed? Trained networks beside Bayes' rule
#
# Show somebody a few flips of an unknown coin and ask for the chance of heads. There is a
# best answer, and Bayes' rule gives it. Our newsletter {cite}`thebatch2021` reports that
# recurrent neural networks, trained on many coins, end up giving the same answer: all 14
# networks of a study {cite}`mikulik2020` became *indistinguishable* from their
# Bayes-optimal counterparts. The headline says *Performance guaranteed*. This chapter
# trains 14 such networks (at scale *book* at the study's own length, 10 million time
# steps each), works out the best possible answers, and measures what is left between the
# two.
#
# :::{admonition} How fresh is this page?
# :class: note freshness
# Computed on {glue:text}`computed_on` at scale *{glue:text}`scale`*, in
# {glue:text}`wall_seconds:.0f` seconds, with {glue:text}`versions`, on {glue:text}`processor`.
# It took {glue:text}`cpu_seconds:.0f` CPU seconds here, which are
# {glue:text}`reference_seconds:.0f` of the machine for which the budget of
# {glue:text}`budget:.0f` was set. Take it with you
# as a {download}`notebook <06_bayes_optimal.ipynb>`, just as it ran, or a
# {download}`script <06_bayes_optimal.py>`.
# :::
#
# **You need**: probability up to Bayes' rule, logarithms, a little PyTorch. **You will
# see** why a yardstick matters as much as the number read off it.

# %% tags=["parameters", "remove-cell"]
scale = "quick"  # "quick", "book" or "paper"
seed = 2021

# %% tags=["hide-input"]
import inspect
from dataclasses import replace
from textwrap import dedent

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
import torch
from IPython.display import Code
from scipy.integrate import quad
from scipy.optimize import brentq

from helpers import figures, provenance
from helpers.bayes import acting, bandits, inside, prediction, strategies
from helpers.bayes.coin_widget import coin_widget
from helpers.bayes.conjugate import (
    Bernoulli,
    Categorical,
    Exponential,
    Gaussian,
)
from helpers.bayes.gittins import gittins
from helpers.bayes.lattice import lattice
from helpers.claims import Claim, Source
from helpers.parallel import map_tasks
from helpers.results import glue_numbers, glue_orders, publish_claims
from helpers.scale import Scale
from helpers.tables import tabulate
from helpers.wording import Order

scale = Scale(scale)
figures.use_style()
torch.set_num_threads(1)

# %% [markdown]
# ## What the newsletter says
#
# In our own words:
#
# 1. Before training, the network for coins was far from Bayes' rule: a divergence of
#    3.178. After training it was close: 0.006.
# 2. All networks that *predict* ended up like Bayes' rule.
# 3. All networks that *act* collected as much reward as the best strategy.
# 4. The states inside matched too: in most tasks the mean squared error was below 0.05.
# 5. So performance is *guaranteed*.
#
# Before we measure anything we fix when each statement counts as true. (The authors of
# this chapter had seen a prototype's numbers by then. The round figures, a factor of two,
# 99 % and *most*, were not fitted to them; 0.006 and 0.05 are the newsletter's own.) The
# newsletter gives neither the unit of 0.006 nor the priors, and we had no access to the
# full text of the paper. What the unit may be can be inferred, and we do so below. The
# priors are our choice. So is which 14 tasks: four kinds of observation that a public
# summary of the study names {cite}`k117`, and bandits with three of them, each with two
# priors.
#
# :::{note}
# Two rules were changed after a review of the first results. *Indistinguishable* first
# asked for a shortfall of 0. No network that draws its choices at random can have that,
# so the rule could not be met. *Guaranteed* first asked that the divergence per flip
# should not grow beyond 20 flips: a ratio of two tiny numbers. Both claims failed by
# those rules, as the prototype had shown they would. The new rules ask what somebody
# could notice, and compare with the newsletter's own 0.006. The threshold of the first,
# 20,000 games, is the number that we play. It was set before we had computed how many it
# takes. The range in *states*, over four ways to choose what the newsletter leaves open,
# came with the same review.
# :::

# %%
criteria = {
    "coin-before": (
        "an untrained network’s is the same within a factor of two",
        (3.178 / 2, 3.178 * 2),
    ),
    "coin-after": (
        "the divergence, summed over 20 flips, is at most 0.006 nats",
        (0.0, 0.006),
    ),
    "predictors": (
        "the same holds for the worst of the eight",
        (0.0, 0.006),
    ),
    "players": (
        "the worst of the six collects at least 99 % of the exact optimum",
        (99.0, 100.0),
    ),
    "indistinguishable": (
        (
            "in no bandit do 20,000 games side by side, judged by rewards, "
            "tell network and optimum apart"
        ),
        (20_000.0, np.inf),
    ),
    "states": (
        "both maps err by less than 0.05 in more than half of the 14 tasks",
        (8.0, 14.0),
    ),
    "guaranteed": (
        (
            "off the training tasks (100 flips in place of 20) the "
            "divergence per flip is at most 0.006 / 20"
        ),
        (0.0, 0.006 / 20),
    ),
}

# %% [markdown]
# ## Bayes by hand
#
# A coin shows 1 with an unknown probability $\theta$. What is known about $\theta$ before
# the first flip is the *prior*; what is known after $n$ flips, the *posterior*. If the
# prior is the Beta distribution with parameters $a$ and $b$ and $k$ of the $n$ flips were
# ones, the posterior is again a Beta distribution, with parameters $a+k$ and $b+n-k$. A
# prior that keeps its form like this is called *conjugate*, and learning becomes
# counting. The *predictive* distribution, the chance of the next observation given those
# before it, follows by averaging over the posterior:
#
# | observations | prior | posterior | the next observation |
# | --- | --- | --- | --- |
# | coin | $\theta \sim \mathrm{Beta}(a, b)$ | $\mathrm{Beta}(a + k,\; b + n - k)$ | 1 with probability $\frac{a+k}{a+b+n}$ |
# | die with sides $i$ | $\theta \sim \mathrm{Dir}(\alpha)$ | $\mathrm{Dir}(\alpha + c)$ | $i$ with probability $\frac{\alpha_i + c_i}{\sum_j \alpha_j + n}$ |
# | waiting time | rate $\sim \mathrm{Gamma}(a, b)$ | $\mathrm{Gamma}(a + n,\; b + S)$ | Lomax with shape $a+n$ and scale $b+S$ |
# | reading, variance $\sigma^2$ | mean $\sim N(m_0, \tau^2)$ | $N(m, v)$ | $N(m, v + \sigma^2)$ |
#
# Here $\mathrm{Dir}$ is the Dirichlet distribution, with one parameter $\alpha_i$ a side,
# and $c_i$ counts the throws of side $i$. $N(m, v)$ is the normal distribution with mean
# $m$ and variance $v$; $m_0$ and $\tau^2$ are the prior's. $S$ is the sum of the
# observations, $1/v = 1/\tau^2 + n/\sigma^2$ and $m = v\,(m_0/\tau^2 + S/\sigma^2)$. The
# $b$ of a Gamma distribution is its rate parameter. A Lomax distribution with shape $A$
# and scale $L$ has the density $\frac{A}{L}(1 + x/L)^{-A-1}$. In code, the two lines that
# matter for coins; the prediction is put out as *log odds*, $\ln\frac{p}{1-p}$ for a
# chance $p$:

# %% tags=["hide-input"]
heart = [Bernoulli.state, Bernoulli.predict]
Code(
    "\n".join(dedent(inspect.getsource(method)) for method in heart),
    language="python",
)

# %% [markdown]
# Here are the predictions for five flips, and the same by brute force: integrate prior
# times likelihood over $\theta$. The two agree. (So do the other families, with random
# priors and data, in this book's tests.)

# %%
coin = Bernoulli(1, 1)
flips = torch.tensor([[1.0, 1.0, 0.0, 1.0, 1.0]])
by_rule = torch.sigmoid(coin.predict(coin.state(flips)))[0, :, 0]


def integrated(seen):
    """P(next is 1) as a ratio of two integrals over theta."""
    ones, zeros = sum(seen), len(seen) - sum(seen)
    both = quad(lambda p: p**(ones + 1) * (1 - p)**zeros, 0, 1)[0]
    return both / quad(lambda p: p**ones * (1 - p)**zeros, 0, 1)[0]


by_force = [integrated(flips[0, :n].tolist()) for n in range(5)]
assert np.allclose(by_rule, by_force)
tabulate(pd.DataFrame({
    "flips so far": ["none", "1", "1 1", "1 1 0", "1 1 0 1"],
    "by rule": by_rule.numpy(), "by integral": by_force,
}), 4)

# %% [markdown]
# ## Meta-training
#
# *Meta-training* means training on many tasks in place of one. Every episode takes a new
# coin from the prior and flips it 20 times; before each flip the network must name the
# chance of a 1. It is never told the coin's $\theta$, nor Bayes' answer. Its loss is
# minus the logarithm of the probability that it gave to what came. The network has the
# article's shape: a fully connected layer, a *long short-term memory* (LSTM) layer, whose
# state is carried from flip to flip, and a fully connected layer. Ours is 32 units wide.
#
# Why should this lead to Bayes' rule? Averaged over coins and flips, no prediction can
# have a smaller loss than the Bayes predictive. So the loss itself pulls a network
# towards it, as far as its size and its training allow {cite}`ortega2019`.

# %% tags=["hide-input"]
Code(inspect.getsource(prediction.meta_train), language="python")

# %% [markdown]
# Eight tasks: four families, each with a plain prior and a second one, away from it; the
# table further down names them. Training seeds: {glue:text}`coin_seeds:.0f` for the coin,
# one for each of the others. Two more coin networks will be needed: one with a small
# constant learning rate, and one without memory. (At scale *book* two processes share the
# work, each on one thread.) Copies are kept along the way.

# %%
predict_tasks = {
    "coin": Bernoulli(1, 1),
    "coin, second": Bernoulli(1, 3),
    "die": Categorical((1, 1, 1)),
    "die, second": Categorical((1, 2, 3)),
    "waiting time": Exponential(2, 1),
    "waiting time, second": Exponential(5, 5),
    "reading": Gaussian(0, 1, 1),
    "reading, second": Gaussian(1, 0.25, 1),
}
predict_steps = scale.pick(quick=15_000, book=10_000_000, paper=10_000_000)
coin_steps = scale.pick(quick=80_000, book=10_000_000, paper=10_000_000)
coin_seeds = scale.pick(quick=1, book=3, paper=10)
side_steps = scale.pick(quick=15_000, book=1_000_000, paper=10_000_000)
workers = scale.pick(quick=None, book="processes:2", paper=None)
marks = (10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000)

Training = prediction.Training
lessons = [
    Training(coin, coin_steps, seed + j, keep=marks)
    for j in range(coin_seeds)
]
lessons += [
    Training(coin, coin_steps, seed, rate=1e-4, constant=True, keep=marks),
    Training(coin, side_steps, seed, memory=False),
]
lessons += [
    Training(family, predict_steps, seed, keep=marks)
    for family in list(predict_tasks.values())[1:]
]
glue_numbers(coin_seeds=coin_seeds)
taught = map_tasks(prediction.meta_train, lessons, workers)
coin_runs, (slow_run, forgetful_run) = taught[:coin_seeds], taught[
    coin_seeds:coin_seeds + 2
]
runs = dict(zip(predict_tasks, [coin_runs[0], *taught[coin_seeds + 2:]]))
trained = {name: run[max(run)] for name, run in runs.items()}
coin_net = trained["coin"]

# %% tags=["remove-cell"]
# Canary: after a few steps a changed formula shows, and no noise yet.
for family in predict_tasks.values():
    few = Training(family, 5 * 128 * prediction.EPISODE, seed)
    net = prediction.meta_train(few)[few.steps]
    print(family.prior, "after five steps:",
          sum(p.detach().abs().sum().item() for p in net.parameters()))

# %% [markdown]
# ### How far from Bayes?
#
# For a network's prediction $q$ and Bayes' prediction $p$ of the same flip, the
# *Kullback–Leibler divergence*
#
# $$ \mathrm{KL}(p \,\|\, q) = \sum_x p(x)\,\ln\frac{p(x)}{q(x)} $$
#
# is the average extra loss of predicting $q$ where $p$ is right, in *nats* (units of the
# natural logarithm). We add it up over the 20 predictions of an episode and average over
# episodes drawn from the prior. For coins the average needs no sampling: there are
# $2^{20}-1$ beginnings of a sequence, and we visit them all.

# %%
exact = [
    prediction.exact_coin_kl(run[max(run)], coin) for run in coin_runs
]
coin_kl = np.array([kl.sum() for kl in exact])
fresh = scale.pick(quick=1_000, book=20_000, paper=100_000)
rows = {}
for name, family in predict_tasks.items():
    x = prediction.sample(family, fresh, seed)
    before = prediction.kl_from_bayes(runs[name][0], family, x).sum(1)
    after = prediction.kl_from_bayes(trained[name], family, x).sum(1)
    loss = family.log_loss(
        prediction.predictions(trained[name], family, x).double(), x
    ) - family.log_loss(family.predict(family.state(x)), x)
    rows[name] = {
        "untrained": before.mean().item(),
        "trained": after.mean().item(),
        "error": after.std().item() / fresh**0.5,
        "extra loss": loss.sum(1).mean().item(),
        "its error": loss.sum(1).std().item() / fresh**0.5,
    }
divergence = pd.DataFrame(rows).T


def plain(value):
    """A number with two digits that count, without powers of ten."""
    digits = np.format_float_positional(
        value, precision=2, unique=False, fractional=False
    )
    return digits.rstrip(".") if value else "0"


# %%
table = divergence.copy()
table.insert(0, "prior", [f.prior for f in predict_tasks.values()])
tabulate(table, plain)

# %% [markdown]
# Errors are *standard errors*: how far a mean over so many episodes typically strays from
# the true one. The exact figure for the coin, {glue:text}`coin_kl:.5f` nats, is
# {glue:text}`sampled_off:.1f` such errors from the sampled one in the table. The last two
# columns are a second opinion by another road: the network's *extra loss* over Bayes on
# the very observations that came. Its expectation is the same divergence, but chance
# enters twice. The lowest of the eight, divided by its error, is
# {glue:text}`extra_lowest:.1f`. One far below zero would mean that a network had been
# shown what it should predict: nobody can beat Bayes by more than luck.

# %%
worst_predictor = divergence["trained"].idxmax()
worst_kl, worst_kl_error = divergence.loc[
    worst_predictor, ["trained", "error"]
]
sampled, sampling_error = divergence.loc["coin", ["trained", "error"]]
evidence = 20 * np.log(20) / coin_kl  # flips to odds of 20 to 1, by seed
glue_numbers(
    coin_kl=coin_kl[0], coin_kl_low=coin_kl.min(), coin_kl_high=coin_kl.max(),
    worst_kl=worst_kl, evidence_flips=float(f"{evidence[0]:.2g}"),
    evidence_least=float(f"{evidence.min():.2g}"),
    evidence_most=float(f"{evidence.max():.2g}"),
    evidence_paper=float(f"{20 * np.log(20) / 0.006:.2g}"),
    sampled_off=abs(sampled - coin_kl[0]) / sampling_error,
    extra_lowest=(divergence["extra loss"] / divergence["its error"]).min(),
)
print("coin, exact, seed by seed:", *map(plain, coin_kl))
print(f"the worst of eight: {worst_predictor}, {plain(worst_kl)}")

# %% tags=["hide-input", "thumbnail"] mystnb={"figure": {"caption": "Divergence from Bayes' rule, summed over 20 observations, against time steps of training. The line marks the newsletter's 0.006. For coins the band spans the seeds.", "name": "fig-meta-training"}, "image": {"alt": "Eight curves on logarithmic axes, one for each task: divergence in nats against time steps trained. At the first mark, {curves_first:,.0f} steps, they lie between {curves_first_low:.2g} and {curves_first_high:.2g}, at the last between {curves_last_low:.2g} and {curves_last_high:.2g}. A dotted line marks 0.006.", "classes": "dark-light ink"}}
def learning_curve(run, family):
    x = prediction.sample(family, fresh // 4, seed + 1)
    done = [steps for steps in run if steps]
    return done, [
        prediction.kl_from_bayes(run[steps], family, x).sum(1).mean().item()
        for steps in done
    ]


fig, ax = plt.subplots(figsize=(figures.WIDTH, 4.2))
colours = dict(zip(
    ["coin", "die", "waiting time", "reading"], figures.PALETTE
))
drawn = {
    name: learning_curve(runs[name], family)
    for name, family in predict_tasks.items()
}
for name, curve in drawn.items():
    kind, _, second = name.partition(", ")
    ax.plot(
        *curve, marker="o", ms=4,
        color=colours[kind], ls="--" if second else "-", label=name,
    )
firsts, lasts = np.array([(kl[0], kl[-1]) for _, kl in drawn.values()]).T
glue_numbers(
    curves_first=marks[0], curves_first_low=firsts.min(),
    curves_first_high=firsts.max(), curves_last_low=lasts.min(),
    curves_last_high=lasts.max(),
)
curves = [learning_curve(run, coin)[1] for run in coin_runs]
ax.fill_between(
    [steps for steps in coin_runs[0] if steps],
    np.min(curves, axis=0), np.max(curves, axis=0),
    color=figures.BLUE, alpha=0.2, lw=0,
)
ax.axhline(0.006, color=figures.GREY, ls=":", lw=1.5)
ax.annotate("0.006", (1.1e4, 0.0064), color=figures.GREY)
ax.set(xscale="log", yscale="log", xlabel="time steps of training")
ax.set_ylabel("divergence from Bayes (nats)")
ax.legend(ncols=2, fontsize="small", loc="lower left")
sns.despine(fig)

# %% [markdown]
# How much is that? Somebody who scores both forecasts on the flips that come, and wants
# to know from the scores alone which is Bayes', gathers on average that many nats of
# evidence an episode. To reach odds of 20 to 1 takes $\ln 20 \approx 3$ nats, or about
# {glue:text}`evidence_flips:,.0f` flips; at the newsletter's 0.006 it would take about
# {glue:text}`evidence_paper:,.0f`. (Both are rounded. Between the seeds the first runs
# from {glue:text}`evidence_least:,.0f` to {glue:text}`evidence_most:,.0f`. Who sees the
# forecasts themselves, and can count, knows at once: Bayes' are fractions.)

# %% [markdown]
# ## Where do 3.178 and 0.006 come from?
#
# The newsletter gives no unit. Four readings of the same trained network show how much
# hangs on it: the sum over an episode or the mean over its flips; the divergence the
# other way round; and, a common slip, the divergence from the coin's *true* bias, which
# no predictor could know.

# %%
rng = np.random.default_rng(seed)
theta = coin.parameters(fresh, rng)
x = coin.observe(theta, prediction.EPISODE, rng)
with torch.inference_mode():
    said = prediction.predictions(coin_net, coin, x).double()
known = torch.logit(torch.from_numpy(theta))[:, None, None].expand_as(said)
bayes = coin.predict(coin.state(x))
anatomy = {
    "KL(Bayes || network), sum of 20": coin_kl[0],
    "the same, mean of 20": coin_kl[0] / 20,
    "KL(network || Bayes), sum": coin.kl(said, bayes).sum(1).mean().item(),
    "KL(truth || network), sum": coin.kl(known, said).sum(1).mean().item(),
    "KL(truth || Bayes), sum": coin.kl(known, bayes).sum(1).mean().item(),
}
tabulate(pd.Series(anatomy, name="nats"), plain)

# %% tags=["hide-input"] mystnb={"figure": {"caption": "The coin network's divergence from Bayes before each of the 20 flips: exact expectations, one line a seed.", "name": "fig-per-flip"}, "image": {"alt": "Line chart of exact divergence in nats, on a logarithmic axis, against the number of flips seen from 0 to 19. One line a training seed. The highest point is {flip_most:.6f}, with {flip_worst:.0f} flips seen, the lowest {flip_least:.7f}.", "classes": "dark-light ink"}}
fig, ax = plt.subplots(figsize=(figures.WIDTH, 3.2))
for j, kl in enumerate(exact):
    ax.semilogy(kl, marker="o", ms=4, label=f"seed {seed + j}")
glue_numbers(
    flip_most=np.max(exact), flip_least=np.min(exact),
    flip_worst=np.max(exact, axis=0).argmax(),
)
ax.set(xlabel="flips seen", xticks=range(0, 20, 2))
ax.set_ylabel("divergence (nats)")
if len(exact) <= len(figures.PALETTE):
    ax.legend()
sns.despine(fig)

# %% [markdown]
# Now backwards: which reading could give 3.178 *before* training? The simplest untrained
# predictor says one half for ever. Its divergence has a closed form, 20 ln 2 less the
# entropy of the flips, and our tree returns the same. A *mean* of 3.178 per flip would
# need a predictor that gives heads one chance in {glue:text}`one_in:,.0f`, for ever. A
# fresh network cannot: as PyTorch draws the first weights, it gives heads at least one
# chance in {glue:text}`fresh_one_in:,.0f`. So we take a mean to be ruled out, and read
# 3.178 as a sum over 20 flips in nats, and with it 0.006. This is our inference, not a
# citation; another prior, or bits in place of nats, is not excluded.

# %%
def always_half(x, state):
    return torch.zeros(1, x.shape[1], 1), state


half = prediction.exact_coin_kl(always_half, coin).sum()
inits = scale.pick(quick=6, book=200, paper=1_000)
few = prediction.sample(
    coin, scale.pick(quick=500, book=2_000, paper=2_000), seed
)
fresh_kl = []
for j in range(inits):
    torch.manual_seed(seed + j)
    new = prediction.Network(coin.inputs, coin.outputs)
    fresh_kl.append(
        prediction.kl_from_bayes(new, coin, few).sum(1).mean().item()
    )


def stuck(odds):
    """Divergence of predicting these log odds, whatever came before."""
    return half + 20 * (np.log1p(np.exp(odds)) - odds / 2 - np.log(2))


offset = brentq(lambda odds: stuck(odds) - 3.178, 0, 3)
per_flip = brentq(lambda odds: stuck(odds) - 20 * 3.178, 0, 30)
width = new.say.in_features
most_odds = (width + 1) / width**0.5  # weights up to 1/√width, states to 1
assert most_odds < per_flip
untrained_low, untrained_high = np.quantile(fresh_kl, [0.025, 0.975])
glue_numbers(
    half=half, offset=offset, one_in=1 + np.exp(per_flip),
    fresh_one_in=1 + np.exp(most_odds),
    untrained_low=untrained_low, untrained_high=untrained_high,
    untrained_mean=np.mean(fresh_kl), inits=inits,
    untrained_most=max(fresh_kl),
    above=sum(kl >= 3.178 for kl in fresh_kl),
    off_chance=1 / (1 + np.exp(-offset)),
)
print(f"always one half: {half:.6f} nats in 20 flips")

# %% [markdown]
# Always one half scores {glue:text}`half:.4f`. Our {glue:text}`inits:.0f` untrained
# networks score {glue:text}`untrained_mean:.2f` on average, 95 % of them between
# {glue:text}`untrained_low:.2f` and {glue:text}`untrained_high:.2f`. Of all of them
# {glue:text}`above:.0f` reach 3.178; the largest has {glue:text}`untrained_most:.2f`. To
# score 3.178 a network need only be a little lopsided, a constant {glue:text}`off_chance:.2f`
# would do, so another prior or another way to draw the first weights may reach it. But
# mark the circle: we chose the unit because our networks then come near, and nearness is
# what our rule asks for.
#
# And 0.006 *after* training? Ours {glue:text}`coin_end`. Their learning rate rises, falls
# and ends at zero; a small constant rate ($10^{-4}$) over the same number of steps gets
# here:

# %%
x = prediction.sample(coin, fresh, seed)
slow_kl = prediction.kl_from_bayes(
    slow_run[max(slow_run)], coin, x
).sum(1).mean().item()
glue_numbers(slow_kl=slow_kl, rate_factor=slow_kl / coin_kl[0])
over_seeds = [(coin_kl.min(), coin_kl.max())]
glue_orders(
    coin_end=Order(
        over_seeds, level=0.006,
        above="end above that", below="end below that",
        between="end on both sides of that, seed by seed",
    ),
    slow_end=Order(
        [(slow_kl / 2, slow_kl * 2)], level=0.006,
        above="more than twice the newsletter’s figure",
        below="less than half of the newsletter’s figure",
        between="within a factor of two of the newsletter’s figure",
    ),
    coin_lesson=Order(
        over_seeds, level=0.006,
        above=(
            "So these runs do not say whether 0.006 is a limit of such "
            "networks or the end of a training budget"
        ),
        below=(
            "So 0.006 is no limit of such networks; it may have been the "
            "end of a training budget"
        ),
        between=(
            "So 0.006 is no limit of such networks, but not every training "
            "gets below it"
        ),
    ),
)
print(f"constant rate: {plain(slow_kl)} nats; "
      f"rising and falling: {plain(coin_kl[0])} nats")

# %% [markdown]
# {glue:text}`slow_kl:.4f` nats: {glue:text}`rate_factor:.1f` times that of our first seed,
# and {glue:text}`slow_end`. {glue:text}`coin_lesson`. The study may of course have used
# other settings.

# %% [markdown]
# ## What is the best that can be done?
#
# Predicting is one half of the study. In the other half a network *acts*. A two-armed
# *bandit* is a pair of slot machines. Each arm has an unknown mean reward; there are 20
# pulls; the aim is the largest sum. One has to *explore* (pull the less known arm to learn
# about it) and to *exploit* (pull the better one), and the best mixture depends on
# how many pulls are left.
#
# This optimum can be computed. What Bayes' rule keeps of the past is, for each arm, the
# pulls $n_i$ and the summed rewards $s_i$; call both together the belief $h$. Write
# $V_t(h)$ for the most that can still be expected before pull $t$, and $Q_t(h, i)$ for the
# same if arm $i$ is pulled next. Working backwards from $V_{20} = 0$ {cite}`bellman1957`,
#
# $$ Q_t(h, i) = \mathrm{E}\bigl[\, r + V_{t+1}(h') \,\bigr], \qquad
#    V_t(h) = \max_i Q_t(h, i), $$
#
# where $r$ is the reward of arm $i$ and $h'$ the belief after it, both averaged over the
# predictive distribution. For coins (*Bernoulli* bandits) that is a sum over few states:

# %% tags=["hide-input"]
Code(
    dedent(inspect.getsource(bandits.BernoulliBandit.q.func)),
    language="python",
)

# %% [markdown]
# With readings (*Gaussian*) or waiting times (*exponential*) as rewards there are
# infinitely many beliefs. But adding a constant to all readings, or multiplying all waits
# by one, changes nothing that matters, so only the difference of the posterior means, or
# the ratio of the posterior scales, needs a grid. The optimum for three bandits, each
# with two priors. (The plain one for waiting times is another than above, so that
# rewards have a finite variance.)

# %%
games = {
    "Bernoulli": bandits.BernoulliBandit(Bernoulli(1, 1)),
    "Bernoulli, second": bandits.BernoulliBandit(Bernoulli(1, 3)),
    "Gaussian": bandits.GaussianBandit(Gaussian(0, 1, 1)),
    "Gaussian, second": bandits.GaussianBandit(Gaussian(1, 0.25, 1)),
    "exponential": bandits.ExponentialBandit(Exponential(3, 2)),
    "exponential, second": bandits.ExponentialBandit(Exponential(5, 5)),
}
optimum = pd.Series({name: game.optimum for name, game in games.items()})
assert abs(optimum["Bernoulli"] - 12.431264906) < 5e-10
on_grids = [g for g in games.values() if hasattr(g, "step")]
halved = [replace(game, step=game.step / 2) for game in on_grids]
grid_error = max(
    abs(fine.optimum - coarse.optimum)
    for fine, coarse in zip(halved, on_grids)
)
glue_numbers(grid_error=grid_error)
tabulate(pd.DataFrame({
    "prior of an arm": [game.arm.prior for game in games.values()],
    "optimum": optimum,
}), 3)

# %% [markdown]
# ### A sharper ruler than reward
#
# To compare a strategy $\pi$ with the optimum one could play many games and average the
# rewards. But rewards are noisy, and the strategies are close. There is a better way.
# The *shortfall* of a strategy is exactly what its choices give away, added up along its
# own games {cite}`kakade2002`:
#
# $$ V_0 - \mathrm{E}_\pi[\text{rewards}]
#    = \mathrm{E}_\pi \sum_{t=0}^{19} \bigl( V_t(h_t) - Q_t(h_t, i_t) \bigr). $$
#
# None of the terms is negative, and each is known: exactly for coins, on a grid for the
# others. (At half the step of the grid no optimum moves by more than
# {glue:text}`grid_error:.4f` rewards.) So luck with the rewards drops out.

# %% tags=["hide-input"]
Code(inspect.getsource(strategies.play), language="python")

# %%
played = scale.pick(quick=500, book=20_000, paper=100_000)


def rivals(game):
    """Strategies to compare with; Gittins' only for coins."""
    chosen = {
        "random": strategies.random,
        "UCB1": strategies.ucb1,
        "Thompson": strategies.thompson(game, np.random.default_rng(seed)),
        "greedy": strategies.greedy(game),
        "optimal": strategies.optimal(game),
    }
    if isinstance(game, bandits.BernoulliBandit):
        chosen["Gittins"] = gittins(game, 0.9)
    return chosen


results = {
    (name, rival): strategies.play(game, strategy, played, seed)
    for name, game in games.items()
    for rival, strategy in rivals(game).items()
}
simple, even = results["Bernoulli", "greedy"], games["Bernoulli"]
precision = (
    simple.rewards.std() / simple.shortfall.std()
)
glue_numbers(precision=precision, fewer=precision**2)
print(f"greedy, standard error by rewards over that by shortfall: "
      f"{precision:.1f}")

# %% [markdown]
# The rivals: *random*; *UCB1*, which adds a bonus for what was tried less
# {cite}`auer2002`, and is made for rewards between 0 and 1 (we use it as it is for
# readings and waits, too); *Thompson sampling*, which pulls the arm that is better in one
# draw from the posterior {cite}`thompson1933`; *greedy*, which pulls the arm with the
# larger posterior mean and never explores on purpose; and *Gittins*, which compares arms
# by an index {cite}`gittins1979` that is optimal if the game never ends and later rewards
# are *discounted*: each pull that one has to wait makes them count less, here by a factor
# of 0.9. (We compute the index for coins only.) For coins the values of all of them can
# be computed instead of simulated, by the same induction:

# %%
sure = {
    "random": strategies.random,
    "UCB1": strategies.ucb1,
    "Thompson": strategies.thompson_chance(even),
    "greedy": strategies.greedy(even),
    "Gittins, 0.8": gittins(even, 0.8),
    "Gittins, 0.9": gittins(even, 0.9),
    "Gittins, 0.95": gittins(even, 0.95),
    "optimal": strategies.optimal(even),
}
values = pd.Series(
    {rival: even.value_of(strategy) for rival, strategy in sure.items()}
)
tabulate(pd.DataFrame({
    "expected reward": values, "% of optimum": 100 * values / even.optimum,
}), {"expected reward": 4, "% of optimum": 2})

# %% [markdown]
# {glue:text}`greedy_share:.1f` % of the optimum without exploring at all! So *collects as
# much reward as the best strategy* is a weak test here: reward can look optimal to two
# digits when the strategy is not. The table for all six bandits follows with the
# networks in it.

# %% tags=["remove-input"]
glue_numbers(greedy_share=100 * values["greedy"] / even.optimum)

# %% [markdown]
# ## Networks that play
#
# The network is the same as before. At each pull it sees which arm it pulled last and what
# that paid, and puts out the log odds of pulling arm 1. Nobody can tell it the right
# choice, so it learns by trial: play games, find out which pulls did better than
# expected, make those more likely. A public summary of the study {cite}`k117` names the
# actor-critic method Impala; ours is its simpler cousin PPO {cite}`schulman2017`. A second
# output, the *critic*, learns what to expect, and a pull's *advantage* is how much better
# things went. Each batch of games is used twice, and *clipping* keeps that from moving
# the chance of a pull by much more than a fifth. A small bonus for *entropy*, for being
# undecided, keeps the network trying at first, and fades.
#
# We help the training in one way that has to be said. The simulator knows the arms' true
# means; it credits a pull with the mean of its arm instead of the lucky or unlucky payout,
# and tells the critic the means {cite}`pinto2018`. That changes no strategy's expected
# reward and hence not what is best; it removes noise. The network that plays sees
# payouts only.

# %% tags=["hide-input"]
Code(inspect.getsource(acting.loss_of), language="python")

# %%
play_steps = scale.pick(quick=20_000, book=10_000_000, paper=10_000_000)
play_seeds = scale.pick(quick=1, book=3, paper=10)
glue_numbers(side_steps=side_steps)
Practice = acting.Practice
practices = [Practice(game, play_steps, seed) for game in games.values()]
practices += [
    Practice(even, play_steps, seed + j) for j in range(1, play_seeds)
]
practices += [
    Practice(even, side_steps, seed, told_means=told)
    for told in (True, False)
]
learned = map_tasks(acting.learn_to_play, practices, workers)
players = dict(zip(games, learned))
others = learned[len(games):-2]
told, untold = (
    strategies.play(even, acting.Player(net, even), played, seed)
    for net in learned[-2:]
)
for name, game in games.items():
    results[name, "network"] = strategies.play(
        game, acting.Player(players[name], game), played, seed
    )
by_seed = [results["Bernoulli", "network"]] + [
    strategies.play(even, acting.Player(net, even), played, seed)
    for net in others
]

# %% tags=["remove-cell"]
# Canary: after a few steps a changed formula shows, and no noise yet.
for game in games.values():
    few = Practice(game, 2 * 512 * game.pulls, seed)
    net = acting.learn_to_play(few)
    print(game.arm.prior, "after two batches:",
          sum(p.detach().abs().sum().item() for p in net.parameters()))

# %%
order = [
    "random", "UCB1", "Thompson", "greedy", "Gittins", "network", "optimal",
]
shortfalls = pd.DataFrame({
    name: {
        rival: results[name, rival].mean
        for rival in order if (name, rival) in results
    }
    for name in games
}).reindex(order)
tabulate(shortfalls.round(9), plain)  # an optimum's own is 0 to rounding

# %%
share, ahead = {}, {}
for name in games:
    net, simple = results[name, "network"], results[name, "greedy"]
    share[name] = 100 * (1 - net.mean / optimum[name])
    ahead[name] = (simple.mean - net.mean) / np.hypot(
        simple.error, net.error
    )
greedy_percent = {
    name: 100 * (1 - results[name, "greedy"].mean / optimum[name])
    for name in games
}
greedy_passes = sum(percent >= 99 for percent in greedy_percent.values())
worst_game = min(share, key=share.get)
best_game = max(share, key=share.get)


def games_to_tell(name, player, errors=0.0):
    """Games side by side until the shortfall is two errors of rewards.

    `errors` moves the shortfall by so many of its own standard errors.
    """
    apart = player.rewards - results[name, "optimal"].rewards
    gap = player.mean + errors * player.error
    return (2 * apart.std() / gap) ** 2 if gap > 0 else np.inf


to_tell, greedy_tell = (
    {name: games_to_tell(name, results[name, rival]) for name in games}
    for rival in ("network", "greedy")
)
soonest = min(to_tell, key=to_tell.get)
latest = max(to_tell, key=to_tell.get)
near = results[soonest, "network"]
nearest, farthest = (
    games_to_tell(soonest, near, side) for side in (1.96, -1.96)
)
bernoulli_tell = [games_to_tell("Bernoulli", one) for one in by_seed]
alone = 2 * results["Bernoulli", "network"].rewards.var()
glue_numbers(
    worst_share=share[worst_game], best_share=share[best_game],
    told=told.mean, untold=untold.mean,
    ahead=sum(lead > 1.96 for lead in ahead.values()),
    behind=sum(lead < -1.96 for lead in ahead.values()),
    tell_low=min(bernoulli_tell), tell_high=max(bernoulli_tell),
    seeds_low=min(r.mean for r in by_seed),
    seeds_high=max(r.mean for r in by_seed),
    greedy_passes=greedy_passes,
    net_even=results["Bernoulli", "network"].mean,
    net_second=results["Bernoulli, second", "network"].mean,
    gittins_even=results["Bernoulli", "Gittins"].mean,
    gittins_second=results["Bernoulli, second", "Gittins"].mean,
    soonest=to_tell[soonest], nearest=nearest, farthest=farthest,
    latest=to_tell[latest],
    greedy_latest=max(greedy_tell.values()),
    alone=float(
        f"{4 * alone / results['Bernoulli', 'network'].mean**2:.2g}"
    ),
)
print(f"network and optimum side by side, soonest told apart: {soonest}")
tabulate(pd.DataFrame({
    "network, % of optimum": share, "greedy, %": greedy_percent,
    "games to tell the network": to_tell, "greedy’s": greedy_tell,
}), {
    "network, % of optimum": 2, "greedy, %": 2,
    "games to tell the network": 0, "greedy’s": 0,
})

# %% tags=["hide-input"] mystnb={"figure": {"caption": "What each strategy gives away in 20 pulls, in percent of the optimum, for the six bandits. Further left is better; error bars (95 %) are smaller than the marks where not seen.", "name": "fig-shortfall"}, "image": {"alt": "Six rows, one for each bandit, with marks on a logarithmic axis for the shortfall in percent of the optimum: random, UCB1, Thompson, greedy and the trained network, and in the two rows for Bernoulli bandits Gittins. The network's mark lies left of greedy's in {ahead:.0f} rows and right of it in {behind:.0f}, by more than chance.", "classes": "dark-light ink"}}
fig, ax = plt.subplots(figsize=(figures.WIDTH, 3.8))
looks = {
    "random": ("x", figures.GREY), "UCB1": ("^", figures.PURPLE),
    "Thompson": ("D", figures.GREEN), "greedy": ("s", figures.VERMILION),
    "Gittins": ("v", "#333333"), "network": ("o", figures.BLUE),
}
for rival, (marker, colour) in looks.items():
    rows = [
        (row, name) for row, name in enumerate(games)
        if (name, rival) in results
    ]
    loss = np.array([results[name, rival].mean for _, name in rows])
    error = np.array([results[name, rival].error for _, name in rows])
    unit = np.array([optimum[name] / 100 for _, name in rows])
    ax.errorbar(
        loss / unit, [row for row, _ in rows], xerr=1.96 * error / unit,
        fmt=marker, color=colour, label=rival, ms=7,
    )
ax.set(xscale="log", yticks=range(len(games)), yticklabels=list(games))
ax.set_xlabel("shortfall (% of the optimum)")
ax.invert_yaxis()
ax.legend(ncols=3, fontsize="small", loc="lower center",
          bbox_to_anchor=(0.4, 1.0))
sns.despine(fig)

# %% [markdown]
# The networks collect between {glue:text}`worst_share:.2f` % and
# {glue:text}`best_share:.2f` % of what the best strategy would. They give away less than
# the greedy one in {glue:text}`ahead:.0f` of the six bandits and more in
# {glue:text}`behind:.0f`, by more than chance in the games played. But 99 % is a weak
# rule: greedy reaches it in {glue:text}`greedy_passes:.0f` of the six. Gittins' rule, made
# for games without end and trained by nobody, gives away {glue:text}`gittins_even:.4f` and
# {glue:text}`gittins_second:.4f` rewards on the two Bernoulli bandits; the networks
# {glue:text}`net_even:.4f` and {glue:text}`net_second:.4f`. Over the training seeds of the
# plain Bernoulli bandit the network's shortfall runs from {glue:text}`seeds_low:.4f` to
# {glue:text}`seeds_high:.4f`; the other five were trained from one seed. What is our help
# with the training worth? We looked once: after a shorter training of
# {glue:text}`side_steps:,.0f` time steps, from one seed, the shortfall is
# {glue:text}`told:.3f` with it and {glue:text}`untold:.3f` on payouts alone. What all six
# would reach without help we did not measure.
#
# Are they *indistinguishable* from the optimum? No shortfall is zero, and with choices
# drawn at random none can be. So ask how long somebody must watch. Let network and
# optimum play side by side, at the same machines with the same payouts waiting. The last
# columns say after how many games the shortfall would stand two standard errors from
# zero: in the six bandits between {glue:text}`soonest:,.0f` and
# {glue:text}`latest:,.0f`. Our rule draws its line at 20,000. Sampling leaves the first
# number uncertain, from {glue:text}`nearest:,.0f` to {glue:text}`farthest:,.0f`. Another
# training seed would move it as well. By how much we know for the plain Bernoulli bandit
# only: there the seeds give from {glue:text}`tell_low:,.0f` to
# {glue:text}`tell_high:,.0f` games. Greedy is found out after
# {glue:text}`greedy_latest:,.0f` games at most. (In separate games, each player at
# machines of its own, it would take about {glue:text}`alone:,.0f` a side to tell network
# from optimum in the plain Bernoulli bandit.) Who can watch the *pulls*, and knows the
# right ones, can tell at the first wrong one.
#
# ### Where do network and optimum disagree?
#
# Let the network play the Bernoulli bandit, and record at each belief the chance that it
# gives to an arm that is not the best.

# %%
player = acting.Player(players["Bernoulli"], even)
seen = []


def watched(n, s):
    """Play on, and note where and how the network strays."""
    chances, advantage = player(n, s), even.advantage(n, s)
    gap = np.diff(even.mean(n, s), axis=1)
    wrong = (chances * (advantage < -1e-9)).sum(axis=1, keepdims=True)
    lost = -(chances * advantage).sum(axis=1, keepdims=True)
    seen.append(np.hstack([n, s, gap, wrong, lost]))
    return chances


strategies.play(even, watched, played, seed + 1)
belief = ["pulls of 1", "ones of 1", "pulls of 2", "ones of 2"]
steps = pd.DataFrame(
    np.concatenate(seen)[:, [0, 2, 1, 3, 4, 5, 6]],
    columns=[*belief, "gap", "wrong", "lost"],
)
close = steps["gap"].abs() < 0.1
by_belief = steps.groupby(belief).agg(
    wrong=("wrong", "mean"), lost=("lost", "sum"), strayed=("wrong", "sum")
)
habits = by_belief.nlargest(3, "lost")
worst_habit = habits.iloc[0]
slips_a_game = steps["wrong"].sum() / played
episode = np.tile(np.arange(played), even.pulls)
wrong_close, wrong_far = (
    steps["wrong"][where].mean() for where in (close, ~close)
)
pull_by_game = [  # of each game on the two means
    np.bincount(episode, where * (steps["wrong"] - rate)) / where.sum()
    for where, rate in ((close, wrong_close), (~close, wrong_far))
]
more_close = wrong_close - wrong_far
reach = 1.96 * np.sqrt(np.sum(np.subtract(*pull_by_game)**2))
glue_orders(errs=Order(
    [(more_close - reach, more_close + reach)],
    above=(
        "It errs more often where erring is cheap, which is also where the "
        "reward teaches least"
    ),
    below="It errs less often where erring is cheap",
    between="It errs about as often where erring is cheap as elsewhere",
))
glue_numbers(
    wrong=100 * steps["wrong"].mean(),
    wrong_close=100 * wrong_close, wrong_far=100 * wrong_far,
    slip=steps["lost"].sum() / steps["wrong"].sum(),
    slips_a_game=slips_a_game,
    habit_wrong=100 * worst_habit["wrong"],
    habit_cost=worst_habit["lost"] / worst_habit["strayed"],
    habit_share=100 * worst_habit["lost"] / steps["lost"].sum(),
    **{f"habit_{i}": value for i, value in enumerate(worst_habit.name)},
)
tabulate(pd.DataFrame({
    "wrong arm, %": 100 * habits["wrong"],
    "cost of that, 0.001 rewards": (
        1000 * habits["lost"] / habits["strayed"]
    ),
    "% of the shortfall": 100 * habits["lost"] / steps["lost"].sum(),
}).rename(index=int).reset_index(), 1)

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Where the network for the Bernoulli bandit picks an arm that is not the best: mean chance of that, by pull and by how far the posterior means lie apart. Hatched: beliefs that no game reached.", "name": "fig-disagree"}, "image": {"alt": "A map with pulls 0 to 19 across and the difference of posterior means, from minus 0.6 to 0.6, upwards. Shades show the chance of a wrong arm: on average {wrong_close:.1f} percent within 0.1 of a difference of zero and {wrong_far:.1f} percent elsewhere. The darkest cell, at pull {darkest_pull:.0f} and a difference of {darkest_gap:.1f}, has {darkest:.0f} percent. Hatched cells were never reached.", "classes": "dark-light ink"}}
fig, ax = plt.subplots(figsize=(figures.WIDTH, 3.6))
edges = np.arange(-0.65, 0.66, 0.1)
pulls = np.arange(even.pulls + 1) - 0.5
places = steps["pulls of 1"] + steps["pulls of 2"], steps["gap"]
total, _, _ = np.histogram2d(
    *places, [pulls, edges], weights=steps["wrong"]
)
count, _, _ = np.histogram2d(*places, [pulls, edges])
with np.errstate(invalid="ignore"):
    chance = np.where(count > 0, total / count, np.nan)
darkest = np.unravel_index(np.nanargmax(chance), chance.shape)
glue_numbers(
    darkest=100 * chance[darkest], darkest_pull=darkest[0],
    darkest_gap=round(edges[darkest[1]] + 0.05, 1) + 0.0,  # no −0.0
)
mesh = ax.pcolormesh(
    pulls, edges, 100 * chance.T, cmap="Blues", vmin=0, rasterized=True
)
ax.patch.set(hatch="////", edgecolor="#cccccc")
fig.colorbar(mesh, label="wrong arm (%)")
ax.set(xlabel="pulls so far", xticks=range(0, even.pulls, 2))
ax.set_ylabel("posterior mean,\narm 2 less arm 1")
sns.despine(fig)

# %% [markdown]
# Over all its games it leaves the best arm in {glue:text}`wrong:.1f` % of pulls:
# {glue:text}`wrong_close:.1f` % where the posterior means are within 0.1 of each other,
# {glue:text}`wrong_far:.1f` % elsewhere. That makes {glue:text}`slips_a_game:.2f` wrong
# pulls a game, and an optimal player makes none. A wrong pull costs
# {glue:text}`slip:.3f` rewards on average. {glue:text}`errs`. The table lists the beliefs
# where it gives most away. At the first, {glue:text}`habit_1:.0f` ones in
# {glue:text}`habit_0:.0f` pulls of arm 1 and {glue:text}`habit_3:.0f` in
# {glue:text}`habit_2:.0f` of arm 2, the network takes the wrong arm
# {glue:text}`habit_wrong:.0f` % of the time. That costs {glue:text}`habit_cost:.3f`
# rewards each time, and makes up {glue:text}`habit_share:.0f` % of its whole shortfall.
# (A wrong arm that is taken nearly always is less a slip than a habit.)

# %% [markdown]
# ## Inside
#
# Do network and Bayes only *act* alike, or do they also keep the same books? Bayes' state
# for a coin is two numbers, $a+k$ and $b+n-k$. The network's state is 64: an LSTM carries
# two lists of 32 from step to step, the *hidden* and the *cell* state. The study's recipe,
# in our words: reduce the network's states to as many *principal components* (the
# directions in which they vary most) as Bayes' state has numbers; train two small
# networks, one to map network to Bayes and one back; report the mean squared errors, with
# all numbers scaled to variance 1, so that 1 means knowing nothing. Bayes' state of a bandit is four numbers: the posterior
# mean and the number of pulls of each arm. Each map is trained for
# {glue:text}`map_updates:,.0f` updates.
#
# A number like this needs a control. We give the same treatment to every network
# *before* its training. It also needs a look at what we chose. So for the bandits we
# repeat it with the summed rewards in place of the means, from which the same can be
# known, and with maps that are trained four times as long.

# %% tags=["hide-input"]
Code(inspect.getsource(inside.match), language="python")

# %%
episodes = scale.pick(quick=100, book=2_000, paper=4_000)
updates = scale.pick(quick=10, book=500, paper=3_000)
matched = []
for name, family in predict_tasks.items():
    x = prediction.sample(family, episodes, seed + 2)
    bayes = inside.bayes_coordinates(family, x)
    for kind, net in [("untrained", runs[name][0]),
                      ("trained", trained[name])]:
        states = inside.network_states(net, family, x)
        errors = inside.match(states, bayes, updates, seed)
        matched.append((name, kind, errors.to_bayes, errors.to_network))
for name, game in games.items():
    torch.manual_seed(seed)
    new = prediction.Network(acting.INPUTS, 1)
    for kind, net in [("untrained", new), ("trained", players[name])]:
        states, bayes = inside.player_states(net, game, episodes, seed + 2)
        errors = inside.match(states, bayes, updates, seed)
        label = f"bandit: {name}"
        matched.append((label, kind, errors.to_bayes, errors.to_network))
errors = pd.DataFrame(
    matched, columns=["task", "net", "to Bayes", "to network"]
).set_index(["task", "net"])
worse = errors.max(axis=1).unstack()
passed = (worse < 0.05).sum()
acts = worse.index.str.startswith("bandit")
seeing, playing = worse["trained"][~acts], worse["trained"][acts]


def players_that_pass(sums, longer):
    """The same for the six players, Bayes' state and updates varied."""
    pairs = [
        inside.player_states(players[name], game, episodes, seed + 2, sums)
        for name, game in games.items()
    ]
    matches = [
        inside.match(states, bayes, longer * updates, seed)
        for states, bayes in pairs
    ]
    return sum(max(m.to_bayes, m.to_network) < 0.05 for m in matches)


other_ways = {  # sums in place of means, and updates in multiples
    "maps trained four times as long": (False, 4),
    "summed rewards in place of means": (True, 1),
    "summed rewards, maps trained four times as long": (True, 4),
}
otherwise = [players_that_pass(*way) for way in other_ways.values()]
ways = [
    (seeing < 0.05).sum() + n for n in [(playing < 0.05).sum(), *otherwise]
]
shaped = (worse["trained"] < worse["untrained"]).sum()
glue_numbers(
    passed_trained=passed["trained"], passed_untrained=passed["untrained"],
    seeing=(seeing < 0.05).sum(), playing=(playing < 0.05).sum(),
    playing_low=playing.min(), playing_high=playing.max(),
    seeing_low=seeing.min(), seeing_high=seeing.max(),
    ways_low=min(ways), ways_high=max(ways), map_updates=updates,
    shaped=shaped,
)

# %% tags=["hide-input"] mystnb={"figure": {"caption": "The larger of the two maps' mean squared errors, for each task, before and after training. The line is the newsletter's 0.05.", "name": "fig-states"}, "image": {"alt": "Fourteen rows, one for each task, each with a hollow mark for the untrained and a filled mark for the trained network on a logarithmic axis of mean squared error. Left of the dotted line at 0.05 lie {seeing:.0f} of the eight filled marks of predicting networks, {playing:.0f} of the six of acting ones, and {passed_untrained:.0f} of the 14 hollow marks.", "classes": "dark-light ink"}}
fig, ax = plt.subplots(figsize=(figures.WIDTH, 4.6))
rows = range(len(worse))
names = list(dict.fromkeys(errors.index.get_level_values("task")))
ax.plot(
    worse["untrained"][names], rows, "o", mfc="none",
    color=figures.VERMILION, label="untrained",
)
ax.plot(
    worse["trained"][names], rows, "o", color=figures.BLUE, label="trained",
)
ax.axvline(0.05, color=figures.GREY, ls=":", lw=1.5)
ax.set(xscale="log", yticks=rows, yticklabels=names)
ax.set_xlabel("mean squared error of the worse map")
ax.invert_yaxis()
ax.legend(loc="lower left")
sns.despine(fig)

# %% [markdown]
# Trained, {glue:text}`passed_trained:.0f` of 14 networks pass at 0.05 in both directions;
# untrained, {glue:text}`passed_untrained:.0f`. Of the eight that predict
# {glue:text}`seeing:.0f` pass (errors from {glue:text}`seeing_low:.3f` to
# {glue:text}`seeing_high:.3f`); of the six that act, {glue:text}`playing:.0f`
# ({glue:text}`playing_low:.3f` to {glue:text}`playing_high:.3f`). *Most* needs eight. By
# our four ways to write and fit the state of those that act, between
# {glue:text}`ways_low:.0f` and {glue:text}`ways_high:.0f` of the 14 pass.
#
# In {glue:text}`shaped:.0f` of the 14 tasks the error is smaller after training than
# before. Where it is, training has turned what matters into the directions in which the
# states vary most. But it need not *create* the information. Everything that a network
# with random weights has seen leaves a trace in its state, too, and a map from all 64
# numbers may find it; the next test looks. A small error says that the information is
# there, not that anything *uses* it.
#
# ### One side carries on for the other
#
# The study's idea of *simulation* {cite}`mikulik2020` asks for more: start in
# corresponding states, let both machines run, and they should stay in correspondence. So
# we interrupt episodes after ten flips. In one direction Bayes' counts are translated
# into a network state, and the network goes on from there. In the other the network's
# state is translated into counts, and Bayes' rule goes on. Then we add up the divergence
# from an undisturbed Bayes over the last ten flips. As a control the network also goes on
# from the counts of *another* episode. The last column checks the single step (the
# *commuting square*): first translate and then let the network see a flip, or first count
# the flip and then translate.

# %%
x = prediction.sample(coin, 2 * episodes, seed + 3)
swapped = pd.DataFrame({
    kind: vars(inside.swap(net, coin, x, 2 * updates, seed))
    for kind, net in [("untrained", runs["coin"][0]), ("trained", coin_net)]
}).T
swapped.columns = [
    "undisturbed", "network goes on", "from another’s counts",
    "Bayes goes on", "square",
]
other_costs = swapped["from another’s counts"] - swapped["network goes on"]
glue_numbers(
    network_on=swapped.loc["trained", "network goes on"],
    network_on_new=swapped.loc["untrained", "network goes on"],
    alone_on=swapped.loc["trained", "undisturbed"],
    alone_new=swapped.loc["untrained", "undisturbed"],
    other_on=swapped.loc["trained", "from another’s counts"],
    other_costs=other_costs["trained"],
    other_costs_new=other_costs["untrained"],
    bayes_on=swapped.loc["trained", "Bayes goes on"],
    bayes_on_new=swapped.loc["untrained", "Bayes goes on"],
)
tabulate(swapped, plain)

# %% [markdown]
# Where Bayes goes on from a trained network's state the divergence is
# {glue:text}`bayes_on:.4f`, from an untrained one's {glue:text}`bayes_on_new:.4f`: so well
# can the counts be read off either. In the other direction the trained network goes on at
# {glue:text}`network_on:.4f`, after {glue:text}`alone_on:.4f` undisturbed. The untrained
# one has {glue:text}`network_on_new:.2f` after {glue:text}`alone_new:.2f`: who predicts
# badly can still go on as he would have. What tells whether a network *uses* its state is
# the control. Given the counts of another episode the trained network has
# {glue:text}`other_on:.2f`, which is {glue:text}`other_costs:.2f` more than with the right
# ones; for the untrained one the difference is {glue:text}`other_costs_new:.3f`.
#
# How does the state plane come about? Each small orange dot below is the state of the
# network after some beginning of an episode, in its first two principal components. Blue
# dots are the averages for each count of flips and ones, and lines join neighbours. The
# components are scaled to the same spread, and turned or mirrored to fit Bayes' lattice.
# Step through the training with the slider, or play it.

# %% tags=["hide-input"]
lattice(runs["coin"], coin, seed=seed)

# %% [markdown]
# ## Guaranteed?
#
# The loss that trains the network looks at coins from the prior and at 20 flips. What
# does it do with anything else?

# %%
long = 100
crowd = scale.pick(quick=200, book=4_000, paper=20_000)
x = prediction.sample(coin, crowd, seed + 4, steps=long)
by_length = np.array([
    prediction.kl_from_bayes(run[max(run)], coin, x).mean(0).numpy()
    for run in coin_runs
])
bayes = coin.predict(coin.state(x))
half_late = coin.kl(bayes, torch.zeros_like(bayes)).mean(0)[90:].mean()
early, late = (
    by_length[:, part].mean(axis=1)
    for part in (slice(10, 20), slice(90, 100))
)
with torch.inference_mode():
    said = prediction.predictions(coin_net, coin, x).double()
apart = (torch.sigmoid(said) - torch.sigmoid(bayes)).abs()[..., 0]


def fixed(name, parameter):
    """Divergence over an episode if the parameter is always this one."""
    family = predict_tasks[name]
    x = family.observe(
        np.full(crowd, parameter), prediction.EPISODE,
        np.random.default_rng(seed),
    )
    kl = prediction.kl_from_bayes(trained[name], family, x)
    return kl.sum(1).mean().item()


means = np.arange(0, 9)  # in standard deviations of the prior
by_mean = np.array([fixed("reading", mean) for mean in means])
by_bias = np.array([fixed("coin", b) for b in np.linspace(0, 1, 11)])

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Networks outside their training. Left: coins, divergence per flip in episodes of 100 flips, one line a seed; training ended at 20. Right: readings, divergence over an episode whose true mean is fixed, however unlikely the prior N(0, 1) makes it.", "name": "fig-outside"}, "image": {"alt": "Two charts. Left: divergence per flip, logarithmic, against flips from 0 to 99, one line a training seed, with a dashed line at 20; the median seed has {early:.6f} nats at flips 11 to 20 and {late:.4f} at flips 91 to 100. Right: divergence over 20 readings, logarithmic, against the true mean from 0 to 8 standard deviations of the prior: {likely:.4f} nats at 0 and {unlikely:,.1f} at 8.", "classes": "dark-light ink"}}
fig, (left, right) = plt.subplots(1, 2, figsize=(figures.WIDTH, 3.4))
left.semilogy(by_length.T, color=figures.BLUE, lw=1.2)
left.axvline(20, color=figures.GREY, ls="--", lw=1)
left.set(xlabel="flips seen", ylabel="divergence per flip (nats)")
right.semilogy(means, by_mean, "o-", color=figures.VERMILION)
right.set(xlabel="true mean (sd of the prior)", xticks=means[::2])
right.set_ylabel("divergence, 20 readings (nats)")
sns.despine(fig)

# %% [markdown]
# And what if the coins come from another prior than the one in training? Here the flips
# come from Beta(1, 3). A network trained on Beta(1, 1) is compared with Bayes' rule for
# *its* prior, and with Bayes' rule for the right one.

# %%
skewed = Bernoulli(1, 3)
x = prediction.sample(skewed, fresh, seed + 5)
with torch.inference_mode():
    said = prediction.predictions(coin_net, coin, x).double()
own_prior = coin.kl(coin.predict(coin.state(x)), said).sum(1)
right_prior = coin.kl(skewed.predict(skewed.state(x)), said).sum(1)
best_wrong = coin.kl(
    skewed.predict(skewed.state(x)), coin.predict(coin.state(x))
).sum(1).mean().item()
no_memory = prediction.exact_coin_kl(
    forgetful_run[max(forgetful_run)], coin
).sum()
glue_numbers(
    crowd=crowd, growth=np.median(late / early), early=np.median(early),
    late=np.median(late), half_late=half_late,
    apart_within=apart[:, :20].mean(), most_within=apart[:, :20].max(),
    apart_beyond=apart[:, 90:].mean(), most_beyond=apart[:, 90:].max(),
    own_prior=own_prior.mean(),
    right_prior=right_prior.mean(), best_wrong=best_wrong,
    no_memory=no_memory, likely=by_mean[0], unlikely=by_mean[-1],
    bias_low=by_bias.min(), bias_high=by_bias.max(),
    allowed=criteria["guaranteed"][1][1],
)
print(f"from Bayes with its own prior {plain(own_prior.mean())}, "
      f"with the right one {plain(right_prior.mean())}")
print(f"a network without memory, on its own coins: {no_memory:.4f}")

# %% [markdown]
# Four answers. **Length**: the divergence per flip goes from {glue:text}`early:.6f` nats
# at flips 11 to 20 to {glue:text}`late:.4f` at flips 91 to 100, {glue:text}`growth:.1f`
# times as much. Nobody taught the network to count that far. Always saying one half would
# have {glue:text}`half_late:.2f` there; the newsletter's 0.006 leaves
# {glue:text}`allowed:.4f` to each of 20 flips.
# **Parameter**: no coin is foreign to the prior Beta(1, 1); at eleven biases from 0 to 1
# the divergence of an episode stays between {glue:text}`bias_low:.5f` and
# {glue:text}`bias_high:.5f` nats. A reading can be foreign: with a true mean eight
# standard deviations out, the divergence is {glue:text}`unlikely:.3g` nats, against
# {glue:text}`likely:.4f` at the centre. **Prior**: the network is
# {glue:text}`own_prior:.5f` nats from Bayes' rule for the prior it was trained on, and
# {glue:text}`right_prior:.2f` from Bayes' rule for the right one; an exact Bayesian with
# the wrong prior would miss that by {glue:text}`best_wrong:.2f`. A network can have its
# prior from the training data only. **Memory**: without it, no training can get below
# {glue:text}`best_forgetful:.2f` nats (exercise 2); ours got to
# {glue:text}`no_memory:.2f`.
#
# What theory does guarantee is narrow: a predictor that minimises the expected loss over
# tasks *is* Bayes' rule for the distribution of those tasks. It does not say that a
# network of this size contains that minimiser, that training finds it, or what happens
# off the distribution. How near the first two come is what this chapter measured; the
# third is not covered at all.
# And these tasks were chosen because Bayes' rule is a line of arithmetic on them. The
# hope is for tasks where it is not, and there no exact optimum can check it.

# %% [markdown]
# ## Flip coins yourself
#
# The network below is the one that this page trained. It runs in your browser, beside
# Bayes' rule. Add flips, or let a hidden coin flip; nothing leaves the page. The digits
# show what the marks may hide: in the {glue:text}`crowd:,.0f` episodes of
# 100 flips above, the two chances differed by {glue:text}`apart_within:.4f` on average within
# 20 flips (at most {glue:text}`most_within:.3f`), and by {glue:text}`apart_beyond:.4f` at
# flips 91 to 100 (at most {glue:text}`most_beyond:.2f`). Go past 20 flips, or try one
# side only.

# %% tags=["hide-input"]
coin_widget(coin_net, coin)

# %% [markdown]
# ## Claimed and measured
#
# The verdict is a rule, not an opinion: see the [scoreboard](../book/scoreboard.md).

# %% tags=["hide-input"]
def judged(id: str, **rest) -> Claim:
    """A claim with the criterion that was stated at the start."""
    criterion, holds = criteria[id]
    return Claim(id=id, criterion=criterion, holds=holds, **rest)


unread = "We had no access to the paper’s full text."
alike = "Abstract: trained agents and Bayes-optimal ones behave alike."
seeds = f"{coin_seeds} training seed" + "s" * (coin_seeds > 1)
several, single = ((Source.SEEDS,), ())[:: 1 if coin_seeds > 1 else -1]
worst_low = worst_kl - 1.96 * worst_kl_error


def share_of(name, player):
    """95 % interval of what a player collects, in % of the optimum."""
    return tuple(
        100 * (1 - (player.mean + side * player.error) / optimum[name])
        for side in (1.96, -1.96)
    )


def tell_of(name, player):
    """95 % interval of the games until a player is told apart."""
    return tuple(games_to_tell(name, player, s) for s in (1.96, -1.96))


shares, tells = (
    {name: ends(name, results[name, "network"]) for name in games}
    for ends in (share_of, tell_of)
)
others = divergence.drop("coin")
second = others.loc[others["trained"].idxmax()]


def worst_predictor_with(coin_kl):
    """The worst of 8, 95 % interval, if the coin's divergence is this."""
    return tuple(
        max(coin_kl, second["trained"] + side * second["error"])
        for side in (-1.96, 1.96)
    )
chapter_claims = [
    judged(
        "coin-before",
        statement="Before training, the coin network’s divergence is 3.178.",
        article="3.178, no unit",
        paper=unread,
        measured=np.median(fresh_kl),
        interval=(untrained_low, untrained_high),
        unit="nats",
        method=f"95 % of {inits} untrained networks; sum over 20 flips",
        covers=(Source.SEEDS,),
        leaves_out=(Source.SIMULATIONS,),
        anchor="always one half: closed form 2.715735",
        reason=(
            "Unit and prior are inferred from this very number. The largest "
            f"of our {inits} networks has {max(fresh_kl):.2f}."
        ),
    ),
    judged(
        "coin-after",
        unsteady=(
            "at quick scale training ends early, and where it ends is "
            "chance"
        ),
        statement="After training it is 0.006.",
        article="0.006, no unit",
        paper=unread,
        measured=np.median(coin_kl),
        interval=(coin_kl.min(), coin_kl.max()),
        unit="nats",
        method=f"range over {seeds}; no sampling",
        covers=several,
        leaves_out=single,
        anchor="closed form and sampling",
        reason=(
            "That 0.006 is a sum over 20 flips in nats is our inference. A "
            "poorer schedule of learning rates ends elsewhere: a small "
            f"constant one at {plain(slow_kl)}."
        ),
    ),
    judged(
        "predictors",
        unsteady=(
            "at quick scale training ends early, and where it ends is "
            "chance"
        ),
        statement="All networks that predict behave like Bayes’ rule.",
        article="none but the coin’s",
        paper=alike,
        measured=worst_kl,
        interval=(worst_low, worst_kl + 1.96 * worst_kl_error),
        unit="nats",
        method=f"the worst of 8 tasks, normal, {fresh:,} episodes",
        covers=(Source.SIMULATIONS,),
        leaves_out=(Source.SEEDS,),
        alternatives={
            f"seed {seed + j} of the coin": worst_predictor_with(kl)
            for j, kl in enumerate(coin_kl) if j
        },
        anchor="scipy’s distributions; adaptive quadrature",
        reason=f"Worst on “{worst_predictor}”, trained from one seed.",
    ),
    judged(
        "players",
        unsteady=(
            "at quick scale training ends early, and where it ends is "
            "chance"
        ),
        statement=(
            "All networks that act collect as much reward as the optimum."
        ),
        article="none",
        paper=alike,
        measured=share[worst_game],
        interval=shares[worst_game],
        unit="% of the optimum",
        method=f"the worst of 6 bandits, normal, {played:,} games",
        covers=(Source.SIMULATIONS,),
        leaves_out=(Source.SEEDS,),
        alternatives={
            f"seed {seed + j} of the plain Bernoulli bandit": min(
                (shares | {"Bernoulli": share_of("Bernoulli", one)}).values()
            )
            for j, one in enumerate(by_seed) if j
        },
        anchor=(
            "closed forms for two pulls, integrals for three; a PyPI package "
            "for coins; random play"
        ),
        reason=(
            f"Worst on the bandit “{worst_game}”, where greedy, which never "
            f"explores on purpose, collects {greedy_percent[worst_game]:.1f} "
            f"%. Greedy passes 99 % in {greedy_passes} of 6. The "
            "training was helped: it saw the arms’ true means."
        ),
    ),
    judged(
        "indistinguishable",
        statement="The networks are indistinguishable from the optimum.",
        article="“indistinguishably”",
        paper="Abstract: one system can approximately simulate the other.",
        measured=to_tell[soonest],
        interval=tells[soonest],
        unit="games",
        method=f"the soonest of 6 bandits, normal, {played:,} games",
        covers=(Source.SIMULATIONS,),
        leaves_out=(Source.SEEDS,),
        alternatives={
            f"seed {seed + j} of the plain Bernoulli bandit": min(
                (tells | {"Bernoulli": tell_of("Bernoulli", one)}).values()
            )
            for j, one in enumerate(by_seed) if j
        },
        anchor="the optimal strategy’s shortfall is 0; greedy is told apart",
        reason=(
            f"Soonest on “{soonest}”, where the shortfall is {near.mean:.3f} "
            f"rewards; latest on “{latest}”, after {to_tell[latest]:,.0f}. "
            f"Greedy: after {max(greedy_tell.values()):,.0f} at most. No "
            "shortfall is 0, and the network for the plain Bernoulli bandit "
            f"makes {slips_a_game:.2f} wrong pulls a game; by training seed "
            f"it is told apart after {min(bernoulli_tell):,.0f} to "
            f"{max(bernoulli_tell):,.0f} games. By the first "
            "rule, a shortfall of 0, the claim was not reproduced."
        ),
    ),
    judged(
        "states",
        statement="Internal states match, in most tasks below 0.05.",
        article="0.05",
        paper=unread,
        measured=ways[0],
        interval=(ways[0], ways[0]),
        unit="of 14 tasks",
        method="a count, so none of its own",
        leaves_out=(Source.SEEDS, Source.SIMULATIONS),
        alternatives={
            way: (count, count) for way, count in zip(other_ways, ways[1:])
        },
        anchor="untrained networks as a control",
        reason=(
            f"{(seeing < 0.05).sum()} of 8 that predict and "
            f"{(playing < 0.05).sum()} of 6 that act; 8 are needed. "
            f"Untrained networks pass in {passed['untrained']} tasks."
        ),
    ),
    judged(
        "guaranteed",
        statement="Performance is guaranteed.",
        article="none (a headline)",
        paper="Not claimed by the abstract.",
        measured=np.median(late),
        interval=(late.min(), late.max()),
        unit="nats per flip",
        method=f"coins, flips 91 to 100, range over {seeds}",
        covers=several,
        leaves_out=(*single, Source.SIMULATIONS),
        anchor="exact Bayes predictions",
        reason=(
            f"At flips 11 to 20 it is {plain(np.median(early))}; always one "
            f"half has {half_late:.2f}. A reading {means[-1]} standard "
            f"deviations out costs {by_mean[-1]:.0f} nats. The first rule "
            "asked that the divergence per flip should not grow; here it is "
            f"{np.median(late / early):.1f} times as large."
        ),
    ),
]
publish_claims(chapter_claims, scale)

# %% [markdown]
# ## What this leaves open
#
# - **The paper's own settings.** Priors, widths and learning rates of the study are not
#   in the newsletter; ours are stated above.
# - **Harder tasks.** Where no exact optimum is known, what stands in for it?
# - **Why the errors sit where they do.** Does a small network with a finite training
#   budget spend its accuracy where the loss looks?
#
# ## Exercises
#
# 1. A constant prediction $q$ is judged over 20 flips of a coin from Beta(1, 1). Show that
#    its divergence from Bayes is smallest for $q = 1/2$. What is it for Beta(2, 2)?
#
# ```{dropdown} Solution
# Averaged over the prior each flip is a 1 with chance one half, so the expected loss per
# flip is $-\frac12\ln q-\frac12\ln(1-q)$, which is least at $q=1/2$. Bayes' own loss does
# not depend on $q$. For Beta(2, 2) run
# `prediction.exact_coin_kl(always_half, Bernoulli(2, 2)).sum()`. It gives
# {glue:text}`half_22:.4f`, less than for Beta(1, 1), since such coins are closer to fair.
# ```
#
# 2. What is the best a predictor without memory, which sees only the last flip, can do?
#    Compare with the network without memory above.
#
# ```{dropdown} Solution
# Given one earlier flip, Bayes says $\frac{1+x}{3}$ for a 1, and $\frac12$ before any.
# Pass `lambda x, state: (torch.logit((1 + x[..., :1]) / 3) * x.sum(-1, keepdim=True), state)`
# to `exact_coin_kl`: a one-hot input sums to 1 except before the first flip. It gives
# {glue:text}`best_forgetful:.4f` nats; the trained one has {glue:text}`no_memory:.4f`.
# ```
#
# 3. In the Gaussian bandit greedy does much worse than in the Bernoulli bandit. Why? Look
#    at the optimum for 5, 10, 20 and 40 pulls.
#
# ```{dropdown} Solution
# Both arms start with a posterior mean of zero. If the first readings are good, greedy
# stays until its arm's mean falls below zero, and never sees what the other arm pays,
# however much that may be; a coin's mean can be no more than 1. What is lost by not looking
# grows with the pulls that remain. Compare
# `strategies.play(game, strategies.greedy(game), 10_000, seed).mean` with `game.optimum`
# for `game = bandits.GaussianBandit(pulls=5)`, `10` and `40`.
# ```

# %% tags=["remove-input"]
def last_flip_only(x, state):
    odds = torch.logit((1 + x[..., :1]) / 3)
    return odds * x.sum(-1, keepdim=True), state


best_forgetful = prediction.exact_coin_kl(last_flip_only, coin).sum()
glue_numbers(
    best_forgetful=best_forgetful,
    half_22=prediction.exact_coin_kl(always_half, Bernoulli(2, 2)).sum(),
)
assert no_memory > best_forgetful

# %% tags=["remove-cell", "nbval-ignore-output"]
provenance.publish(scale, budget=scale.pick(quick=15, book=680, paper=20_000))
