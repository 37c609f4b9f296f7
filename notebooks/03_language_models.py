# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Language models want to be free: GPT-Neo, the Pile and what is in it
#
# In early 2021 nobody outside a few companies could look into GPT-3. A group of
# volunteers, EleutherAI, set out to build one for everybody: a model called GPT-Neo,
# trained on a public corpus, the Pile {cite}`gao2020`. Our newsletter
# {cite}`thebatch2021` says that they rated this text for bias and *removed* what was
# unacceptable. This chapter rebuilds the model, number for number, gathers a Pile of nine
# kinds of real text, repeats the audit with the error bars that it never had, and then
# does what the authors did not do: it removes the biased examples, in a laboratory where
# the truth is known, and looks at what the models have learned.
#
# :::{admonition} How fresh is this page?
# :class: note freshness
# Computed on {glue:text}`computed_on` at scale *{glue:text}`scale`*, in
# {glue:text}`wall_seconds:.0f` seconds, with {glue:text}`versions`, on {glue:text}`processor`.
# It took {glue:text}`cpu_seconds:.0f` CPU seconds here, which are
# {glue:text}`reference_seconds:.0f` of the machine for which the budget of
# {glue:text}`budget:.0f` was set. Take it with you
# as a {download}`notebook <03_language_models.ipynb>`, just as it ran, or a
# {download}`script <03_language_models.py>`.
# :::
#
# **You need**: matrices, logarithms, a little PyTorch. **You will see** a released
# architecture matched to rounding, whether a mixture of texts pays, and how a filter can
# turn the bias of a corpus round.

# %% tags=["parameters", "remove-cell"]
scale = "quick"  # "quick", "book" or "paper"
seed = 2021

# %% tags=["hide-input"]
import importlib.util
import inspect
import time
import warnings
from functools import partial
from itertools import permutations
from textwrap import dedent

import huggingface_hub
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
import torch
from IPython.display import Code
from myst_nb import glue
from scipy import stats
from scipy.optimize import brentq
from torch.utils.flop_counter import FlopCounterMode

from helpers import figures, provenance
from helpers.claims import Claim, Source
from helpers.language import (
    associations,
    audit,
    byte_pairs,
    corpora,
    costs,
    gpt_neo,
    lexicons,
    pile,
    planted,
    sampling,
    training,
)
from helpers.language.gpt_neo import Config, GPTNeo
from helpers.language.training import Run
from helpers.parallel import map_tasks
from helpers.results import glue_numbers, glue_orders, publish_claims
from helpers.scale import Scale
from helpers.tables import fill, tabulate
from helpers.wording import Order

scale = Scale(scale)
figures.use_style()
torch.set_num_threads(1)  # everything here is timed on one core


def show(*code) -> Code:
    """The source of functions, as the project's helpers have it."""
    sources = [dedent(inspect.getsource(part)) for part in code]
    return Code("\n\n\n".join(sources), language="python")

# %% [markdown]
# ## What the article says
#
# In our own words, the article makes six statements that can be looked into:
#
# 1. The goal is to match GPT-3 at its full size, 175 billion parameters.
# 2. A version with 1 billion parameters is complete.
# 3. The training corpus has 825 GB.
# 4. It adds chat logs, subtitles and medical abstracts to the usual texts.
# 5. Word pairs and sentiment were measured, for gender, religion and race.
# 6. Examples with unacceptably much bias were removed.
#
# It also hopes for GPT-3's *performance*, and for an end as early as August 2021; the
# chapter comes back to both. Here is when we call a statement true. The first three
# criteria judge statements 1 to 3, and `removed` judges the sixth; the other five are
# questions of our own, because of statements 4 to 6 the article gives no figure that
# could be checked. They were written when a prototype's results were known, and four
# (`mixture`, `topic`, `removed` and `removal-helps`) were made stricter or countable after
# the results of a first run were known; `topic` once more, when all three lexicons came to
# count.

# %%
criteria = {
    "full-size": (
        "the largest GPT-Neo released has at least as many parameters",
        (100.0, np.inf),
    ),
    "one-billion": (
        "a released shape has at least a billion parameters, counted",
        (1.0, np.inf),
    ),
    "gigabytes": (
        "the 22 components add up to 825 billion bytes",
        (824.5, 825.5),
    ),
    "mixture": (
        "a mixture teaches more about nine kinds of text than the best one",
        (0.0, np.inf),
    ),
    "gender": (
        "sentiment beside “she” and “he” in news differs by less than 0.005",
        (-0.005, 0.005),
    ),
    "topic": (
        "three lexicons rate sentences on Muslims below others of the texts",
        (-np.inf, 0.0),
    ),
    "removed": (
        "of the 22 components that were rated, at least one is not released",
        (1, 22),
    ),
    "removal-helps": (
        (
            "the filter takes 80 to 120 % of the model’s gap away that as "
            "large a removal by lot leaves (judged only if the unfiltered "
            "model has more than half of the gap that was planted)"
        ),
        (0.8, 1.2),
    ),
    "removal-is-free": (
        "removing them costs less than 0.02 bits per byte of unseen text",
        (-np.inf, 0.02),
    ),
}

# %% [markdown]
# ## The model
#
# A language model reads tokens (pieces of text, of which more below) and gives the odds of
# the next one. GPT-Neo is a *transformer*: a table turns each token into a vector of
# width $d$, a second table adds the position, and $L$ layers refine it. A layer lets every
# token look at the past,
#
# $$ y_t = \sum_{s} \operatorname{softmax}_s\!\bigl(q_t\!\cdot\!k_s\bigr)\,v_s ,
#    \qquad q_t, k_t, v_t = W_q x_t,\; W_k x_t,\; W_v x_t , $$
#
# in several *heads* side by side, and then passes each token through a small network of
# its own. (*Softmax* turns numbers into shares: exponentials, divided by their sum. The
# model's last numbers, one for each possible next token, are its *logits*; their softmax
# are its odds.) Two things set GPT-Neo apart from GPT-2 and GPT-3: there is no division by
# the root of the head's size before the softmax, and the maps to $q$, $k$ and $v$ have no
# constant terms. As in GPT-3 {cite}`brown2020` layers alternate. Here, in a *global* one the
# sum runs over the whole past, in a *local* one over the last 256 tokens only.

# %% tags=["hide-input"]
show(gpt_neo.Attention, gpt_neo.attend, gpt_neo.MLP, gpt_neo.Block, GPTNeo)

# %% tags=["hide-input"] mystnb={"figure": {"caption": "What a token (row) sees of the others (columns) in the two kinds of layer, for 24 tokens and a window of 6.", "name": "fig-masks"}, "image": {"alt": "Two square grids. Global: the lower triangle is filled. Local: only a band of six cells below and on the diagonal is filled.", "classes": "dark-light ink"}}
fig, axes = plt.subplots(1, 2, figsize=(figures.WIDTH, 3.2), sharey=True)
for ax, (kind, window) in zip(axes, {"global": 24, "local": 6}.items()):
    hidden = gpt_neo.unseen(24, 24, window, torch.device("cpu"))
    ax.imshow(hidden == 0, cmap=sns.light_palette(figures.BLUE, as_cmap=True))
    ax.set(title=kind, xlabel="token that is seen")
axes[0].set_ylabel("token that looks")
sns.despine(fig)

# %% [markdown]
# ### Is it the same model?
#
# An almost right transformer trains almost as well, so nobody notices. The library
# `transformers` holds an independent GPT-Neo. Give both the same random weights, by name,
# and let them read a text longer than the window.

# %% tags=["hide-input"]
def compare_with_transformers() -> str:
    """How close logits, loss and gradients are."""
    if scale is Scale.QUICK:
        return "skipped at this scale: the tests compare the two models"
    if importlib.util.find_spec("transformers") is None:
        return "skipped: transformers is not installed (the tests need it)"
    with warnings.catch_warnings(action="ignore"):  # of its progress bars
        peer = importlib.import_module("transformers.models.gpt_neo")
    config = Config(500, 96, 64, 4, 4, window=16)
    torch.manual_seed(seed)
    theirs = peer.GPTNeoForCausalLM(peer.GPTNeoConfig(
        vocab_size=500, max_position_embeddings=96, hidden_size=64,
        num_layers=4, num_heads=4, window_size=16,
        attention_types=[[["global", "local"], 2]],
        bos_token_id=0, eos_token_id=0,
    ))
    with torch.no_grad():  # far from a fresh start, so that all parts matter
        for parameter in theirs.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    ours = GPTNeo(config)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    tokens = torch.randint(500, (2, 96))
    expected = theirs(tokens, labels=tokens)
    logits = ours(tokens)
    loss = ours.loss(tokens[:, :-1], tokens[:, 1:])
    loss.backward()
    expected.loss.backward()
    named = dict(theirs.named_parameters())
    gradients = max(
        float((parameter.grad - named[name].grad).abs().max())
        for name, parameter in ours.named_parameters()
    )
    assert (logits - expected.logits).abs().max() < 1e-4
    assert abs(loss - expected.loss) < 1e-5 and gradients < 1e-6
    return (
        "largest differences: logits below 1e-4, loss below 1e-5, "
        "gradients below 1e-6"
    )


print(compare_with_transformers())

# %% [markdown]
# The project's tests do the same for several shapes, and then make ten classic mistakes
# on purpose, among them the division by the root, a window one token too wide, and GELU
# by its other formula. Each moves the logits by far more than rounding, and each is
# caught. The quietest change them by little; a looser test would have let them pass.
#
# ### What it costs
#
# With $V$ tokens in the vocabulary and $P$ positions the model has
#
# $$ N = Vd + Pd + L\,(12d^2+10d) + 2d $$
#
# parameters, the table of tokens counted once because it also serves at the output. A
# sequence of $T$ tokens takes $T(24Ld^2 + 2Vd) + 4LT^2d$ operations forward, and twice
# that backward, if all $T^2$ pairs of tokens are computed and then masked; ours skips blocks
# of pairs that are hidden as a whole. The formulas are checked by counting, the first on
# torch's *meta* device, which builds a model of any size without memory for it, the others
# by torch's own counter (here in our model, in the tests in transformers' as well).

# %%
def counted(config: Config) -> int:
    with torch.device("meta"):
        return sum(p.numel() for p in GPTNeo(config).parameters())


def counted_operations(config: Config, length: int) -> int:
    model, tokens = GPTNeo(config), torch.zeros(1, length, dtype=torch.long)
    with FlopCounterMode(display=False) as counter:
        model(tokens).sum().backward()
    return counter.get_total_flops()


rows = []
for name, config in costs.SHAPES.items():
    assert counted(config) == costs.parameters(config)
    per_token = costs.training(config, 2_048)  # T, as GPT-Neo was trained
    least = costs.training(config, 2_048, costs.unmasked)
    rows.append({
        "shape": name, "width": config.width, "layers": config.layers,
        "parameters": f"{costs.parameters(config):,}",
        "forward and backward, per token": f"{per_token:.3e}",
        "over 6N": per_token / 6 / costs.parameters(config),
        "without masked pairs": least / 6 / costs.parameters(config),
    })
tiny = Config(1_024, 128, 64, 2, 4)
assert counted_operations(tiny, 128) == 3 * costs.executed(tiny, 128)
billions = {n: costs.parameters(c) / 1e9 for n, c in costs.SHAPES.items()}
glue_numbers(
    billion=costs.parameters(costs.SHAPES["1.3B"]),
    largest=billions["2.7B"], full=billions["175B"],
    largest_share=100 * billions["2.7B"] / billions["175B"],
    six_n=100 * (rows[0]["over 6N"] - 1),
    six_n_least=100 * (rows[0]["without masked pairs"] - 1),
)
tabulate(pd.DataFrame(rows).set_index("shape"), 3)

# %% [markdown]
# So the article's *1 billion-parameter version* has {glue:text}`billion:,.0f`. The rule of
# thumb that training takes $6N$ operations per token forgets the pairs of tokens in
# attention. For the smallest shape, in sequences of $T=2{,}048$ tokens, the true number is
# {glue:text}`six_n:.0f` % larger if all pairs are computed, and
# {glue:text}`six_n_least:.0f` % if only those that the masks let through. (The table of
# positions is in $N$ and costs nothing, which hides a little of both.)
#
# ## The Pile
#
# The Pile has 22 components. The paper's tables give their sizes and how often each is
# read in one pass (*epochs*); everything else follows.

# %%
table = pile.components()
weight = pile.weights(table)
raw = table["raw_gib"].sum()
named = weight[list(pile.NAMED)].sum()
assert abs(raw - pile.TOTAL_RAW) < 0.005
assert abs(table["effective_gib"].sum() - pile.TOTAL_EFFECTIVE) < 0.005
assert (weight - table["weight_percent"]).abs().max() < 0.006
gigabytes = raw * pile.GIB / pile.GB
identity = pile.bits_per_byte(
    table["perplexity_gpt2"], table["tokens_per_byte"]
)
assert (identity - table["bpb_gpt2"]).abs().max() < 0.001
glue_numbers(
    raw_gib=raw, gigabytes=gigabytes, named=named,
    unit_gap=100 * (gigabytes / raw - 1),
    readme=pile.implied_tokens_per_byte(pile.README["GPT-Neo 2.7B"]),
    paper_tokens=pile.TOKENS_PER_BYTE,
    readme_bits=pile.README["GPT-Neo 2.7B"].bits_per_byte,
    paper_wins=(table["bpb_pile_model"] < table["bpb_cc100_model"]).sum(),
)
print(f"{raw:.2f} GiB = {gigabytes:.1f} GB; "
      f"the three sources that the article names: {named:.2f} %")

# %% tags=["hide-input"] mystnb={"figure": {"caption": "The 22 components by their weight in one pass. Coloured: the three that the article names.", "name": "fig-pile"}, "image": {"alt": "Horizontal bars of 22 components, from Pile-CC with 18 percent down to Enron Emails with a tenth of a percent. PubMed Abstracts, Ubuntu IRC and YouTube subtitles are coloured and short.", "classes": "dark-light ink"}}
fig, ax = plt.subplots(figsize=(figures.WIDTH, 5.2))
order = weight.sort_values()
ax.barh(order.index, order, color=[
    figures.VERMILION if name in pile.NAMED else figures.GREY
    for name in order.index
])
ax.set_xlabel("share of the text read in one pass (%)")
ax.margins(y=0.01)
sns.despine(fig)

# %% [markdown]
# The *825 GB* are {glue:text}`raw_gib:.2f` GiB, with 1 GiB $=2^{30}$ bytes; in units of
# $10^9$ bytes they are {glue:text}`gigabytes:.1f`, or {glue:text}`unit_gap:.0f` % more.
# Chat, subtitles and abstracts, the three that the article picks out, are
# {glue:text}`named:.2f` % of what a model reads.
#
# The Pile's measure of a model is **bits per byte**: how many bits it needs, on average,
# to foretell one byte of text. It is $\log_2(\text{perplexity})$ times tokens per byte,
# where *perplexity* is one over the probability of a token, by geometric mean; and unlike
# perplexity it does not depend on how text is cut into tokens. The cell above
# checks that identity for all 22 components. The two figures in the project's README for
# the largest model {cite}`gptneo2021` imply {glue:text}`readme:.4f` tokens per byte, where
# the paper has {glue:text}`paper_tokens:.4f` for the whole Pile: another sample of text, or
# another count; the README does not say.
#
# ## A Pile in miniature
#
# Nothing can be downloaded here, but real text hides in unexpected places. Nine kinds of
# it ship inside ordinary Python packages ([licences](../book/data_sources.md)); each
# stands for a component of the Pile. Three steps, in this order: remove documents that are
# there twice, put a tenth of the documents aside for validation, learn the tokens from the
# rest.

# %%
texts, copies = {}, {}
for domain in corpora.DOMAINS:
    found = corpora.documents(domain)
    texts[domain] = corpora.unique(found)
    copies[domain] = len(found) - len(texts[domain])
sides = {domain: corpora.split(found) for domain, found in texts.items()}

vocabulary = scale.pick(quick=512, book=1_024, paper=8_192)
learned_from = scale.pick(quick=30_000, book=300_000, paper=2_000_000)
tokenizer = byte_pairs.learn(
    (
        text
        for training_side, _ in sides.values()
        for text in corpora.take(training_side, learned_from)
    ),
    vocabulary,
)

# %% [markdown]
# The side of a document is decided by a hash of its content, so it never changes sides
# when others come or go. **Copies first**: of the chats,
# {glue:text}`chat_copies:.0f` are word-for-word copies. Split before removing them, and a
# model is examined on what it has read.
#
# A *byte pair encoding* starts from single bytes and merges the commonest neighbours into
# a new token, again and again. GPT-Neo uses GPT-2's vocabulary of 50,257; how many of
# *its* tokens a byte takes tells how foreign a text is to it. The real vocabulary ships in
# a package too, so that column of the Pile's tables can be measured on our texts.

# %% tags=["hide-input"]
gpt2 = byte_pairs.gpt2()
sampled = scale.pick(quick=20_000, book=300_000, paper=2_000_000)
epochs = table["epochs"]
effective = {
    domain: corpora.size(sides[domain][0]) * epochs[kind.stands_for]
    for domain, kind in corpora.DOMAINS.items()
}
mixture = {
    domain: size / sum(effective.values())
    for domain, size in effective.items()
}


def tokens_per_byte(domain: str) -> float:
    chosen = corpora.take(texts[domain], sampled, longest=20_000)
    tokens = sum(map(len, byte_pairs.encode(gpt2, chosen)))
    return tokens / corpora.size(chosen)


megabytes = sum(map(corpora.size, texts.values())) / 1e6
glue_numbers(
    chat_copies=copies["chat"], megabytes=megabytes,
    all_documents=sum(map(len, texts.values())),
)
overview = pd.DataFrame({
    domain: {
        "what": kind.what,
        "documents": len(texts[domain]),
        "copies": copies[domain],
        "MB": fill("{:.1f}", corpora.size(texts[domain]) / 1e6),
        "weight, %": fill("{:.1f}", 100 * mixture[domain]),
        "tokens per byte": fill("{:.3f}", tokens_per_byte(domain)),
        "stands for": kind.stands_for,
        "there": fill("{:.3f}", table["tokens_per_byte"][kind.stands_for]),
    }
    for domain, kind in corpora.DOMAINS.items()
}).T
tabulate(overview)

# %% [markdown]
# In all {glue:text}`all_documents:,.0f` documents, {glue:text}`megabytes:.0f` MB. *Tokens
# per byte* can be compared with the Pile's own (*there*): the more foreign a text is to
# GPT-2's vocabulary, the more it takes. The weights are the paper's recipe:
# size times the epochs of the component that a text stands for. The likeness is loose in
# places: definitions of symptoms are no abstracts, and presidents are no courts.
#
# ## Training
#
# The recipe is EleutherAI's in small: AdamW, weight decay on tables and matrices, gradients
# clipped, a warm-up and half a cosine. A batch holds a few sequences from random places,
# the domain of each drawn by its weight. And this is how a model is scored: each document
# by itself, in segments no longer than the model can see, every token exactly once.

# %% tags=["hide-input"]
show(training.nats, training.bits_per_byte)

# %%
length = scale.pick(quick=64, book=128, paper=512)  # tokens of a sequence
window = length // 4
stored = scale.pick(quick=60_000, book=1_200_000, paper=10**9)
scored = scale.pick(quick=3_000, book=24_000, paper=200_000)
longest = scale.pick(quick=1_500, book=4_000, paper=4_000)
streams = {
    domain: training.stream(byte_pairs.encode(
        tokenizer, corpora.take(side, stored)
    ))
    for domain, (side, _) in sides.items()
}
examined = {
    domain: corpora.take(side, scored, longest)
    for domain, (_, side) in sides.items()
}
documents = {
    domain: byte_pairs.encode(tokenizer, found)
    for domain, found in examined.items()
}
sizes = {
    domain: np.array([corpora.size([text]) for text in found])
    for domain, found in examined.items()
}
all_bytes = sum(found.sum() for found in sizes.values())


def shape(width: int, layers: int = 2, **rest) -> Config:
    heads = max(1, width // 16)
    return Config(
        vocabulary, length, width, layers, heads, window, **rest
    )


def peak(width: int) -> float:
    """Of the learning rate: chosen in earlier trials, not repeated here."""
    return 4e-3 * (32 / width) ** 0.5


def bits(nats: dict[str, np.ndarray]) -> float:
    """Bits per byte over all nine domains."""
    together = np.concatenate([nats[domain] for domain in sizes])
    return training.bits_per_byte(together, np.concatenate([*sizes.values()]))


def recurring(domain: str) -> float:
    """Percent of examined stretches of 40 characters that training read."""
    read = "\n".join(corpora.take(sides[domain][0], stored))
    stretches = [
        text[start : start + 40]
        for text in examined[domain] for start in range(0, len(text) - 39, 40)
    ][:600]  # enough for a share
    return 100 * np.mean([stretch in read for stretch in stretches])


again = {domain: recurring(domain) for domain in examined}
glue_numbers(
    fewest=min(map(len, examined.values())), examined_documents=sum(
        map(len, examined.values())
    ),
    longest=longest, code_again=again["code"],
    medicine_again=again["medicine"], bible_again=again["bible"],
    others_again=max(
        share for domain, share in again.items()
        if domain not in ("code", "medicine", "bible")
    ),
)
print(f"{sum(map(len, streams.values())):,} tokens to learn from, "
      f"{all_bytes:,} bytes to be examined on")
tabulate(pd.DataFrame({
    domain: {
        "examined documents": len(found),
        "bytes": fill("{:,.0f}", sizes[domain].sum()),
        "read in training, %": fill("{:.1f}", again[domain]),
    }
    for domain, found in examined.items()
}).T)

# %% [markdown]
# Two warnings about this examination. It holds {glue:text}`examined_documents:.0f`
# documents, about equal bytes of each domain and of each document only the first
# {glue:text}`longest:,.0f`; the domain with the fewest has {glue:text}`fewest:.0f`. An
# interval over so few documents tends to be too short, and the start of a play is its cast
# list. And not all documents are strangers to those that were read: in the Bible, the
# glosses and the medicine, a document is a run of entries of *one* work, so neighbours may
# land on both sides, and programs share their headers. No document is there twice, but of
# the examined stretches of 40 characters {glue:text}`code_again:.1f` % of code,
# {glue:text}`medicine_again:.1f` % of medicine and {glue:text}`bible_again:.1f` % of the
# Bible stand in the training text, too (of the others at most
# {glue:text}`others_again:.1f` %).
#
# The main model of this chapter, which we call *neo-nano*, is far smaller than GPT-Neo:
# the released 2.7 B has {glue:text}`times_smaller:,.0f` times its parameters, and GPT-Neo's
# 1.3 B read {glue:text}`times_less:,.0f` times its tokens {cite}`gptneo2021`. We watch it
# learn.

# %%
nano = scale.pick(
    quick=shape(32), book=shape(64),
    paper=Config(vocabulary, length, 384, 6, 6, window),
)
nano_run = Run(
    nano, streams, mixture, rate=peak(nano.width), seed=seed,
    tokens=scale.pick(quick=10_000, book=1_200_000, paper=20_000_000),
)
history, at = [], []


def watch(tokens: int, model: GPTNeo) -> None:
    at.append(tokens)
    history.append({
        domain: training.bits_per_byte(
            training.nats(model, found), sizes[domain]
        )
        for domain, found in documents.items()
    })


trained = training.train(nano_run, watch)
curves = pd.DataFrame(history, index=at)
ended = curves.iloc[-1]
glue_numbers(
    curves_from=curves.iloc[0].min(), curves_to=curves.iloc[0].max(),
    ended_from=ended.min(), ended_to=ended.max(),
)
glue("easiest", ended.idxmin(), display=False)
glue("hardest", ended.idxmax(), display=False)

# %% tags=["remove-cell"]
# Canary: after a few steps a changed formula shows, and no noise yet.
print("nats per token before each of the first steps:", *trained.losses[:4])

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Neo-nano learns: bits per byte of unseen documents against tokens read, by domain. The legend gives the last value.", "name": "fig-nano-learning"}, "image": {"alt": "Nine curves of bits per byte against tokens read, one for each domain. They start between {curves_from:.1f} and {curves_to:.1f} and end between {ended_from:.1f} and {ended_to:.1f}, the domain {easiest} lowest and {hardest} highest.", "classes": "dark-light ink"}}
fig, ax = plt.subplots(figsize=(figures.WIDTH, 4.4))
styles = [(c, s) for s in ("-", "--", ":") for c in figures.PALETTE]
for domain, (colour, style) in zip(curves, styles):
    ax.plot(curves.index / 1e6, curves[domain], color=colour, ls=style,
            label=f"{domain}  {curves[domain].iloc[-1]:.2f}")
ax.set(xlabel="tokens read (millions)", ylabel="bits per byte")
ax.legend(ncols=2)
sns.despine(fig)

# %% tags=["hide-input"]
nano_nats = {
    domain: training.nats(trained.model, found)
    for domain, found in documents.items()
}
nano_bits = bits(nano_nats)
glue_numbers(
    nano_bits=nano_bits, nano_tokens=nano_run.tokens,
    times_smaller=float(
        f"{1e9 * billions['2.7B'] / costs.parameters(nano):.1g}"
    ),
    times_less=float(f"{380e9 / nano_run.tokens:.1g}"),
)
print(f"{costs.parameters(nano):,} parameters, {nano_run.tokens:,} tokens: "
      f"{nano_bits:.2f} bits per byte")

# %% [markdown]
# After {glue:text}`nano_tokens:,.0f` tokens neo-nano needs {glue:text}`nano_bits:.2f` bits
# per byte (knowing nothing of text needs 8). EleutherAI's own 2.7 B reports
# {glue:text}`readme_bits:.2f`, on the Pile that it was trained on: other text. What does
# neo-nano write? Tokens are drawn one by one by the model's odds, sharpened by a
# *temperature* below 1 and cut to the `top` likeliest. To draw a token, the keys and values
# of all earlier tokens are kept in a *cache*, so that each costs one pass over one token;
# a local layer forgets what has left its window.

# %% tags=["nbval-ignore-output"]
@torch.no_grad()
def write(prompt: str) -> str:
    start = [0, *byte_pairs.encode(tokenizer, [prompt])[0]]
    new = sampling.sample(
        trained.model, start, length - len(start), seed,
        temperature=0.7, top=20,
    )
    whole = torch.tensor([[*start, *new]])
    past = [gpt_neo.Past() for _ in range(nano.layers)]
    step_by_step = torch.cat(
        [trained.model(token[None], past) for token in whole.T], 1
    )
    assert (step_by_step - trained.model(whole)).abs().max() < 1e-4
    return prompt + tokenizer.decode(new)


for prompt in ("The government", "def ", "And the Lord"):
    print(" ".join(write(prompt).split())[:140], "…\n")

# %% [markdown]
# That is a toy's babble, shown as such.
# (Logits with and without the cache agree within $10^{-4}$; the cell checks it.)
# Is there a grown-up GPT-Neo on this computer? If its released weights happen to lie in
# the local cache of model files, our code loads them and is examined on the same news.
# Nothing is fetched.

# %% tags=["hide-input"]
def released(repository: str = "EleutherAI/gpt-neo-125m") -> GPTNeo | None:
    """GPT-Neo with its released weights, if they are in the local cache."""
    with warnings.catch_warnings(action="ignore"):  # of its progress bars
        find = partial(huggingface_hub.try_to_load_from_cache, repository)
    if isinstance(path := find("model.safetensors"), str):
        weights = importlib.import_module("safetensors.torch").load_file(path)
    elif isinstance(path := find("pytorch_model.bin"), str):
        weights = torch.load(path, map_location="cpu", weights_only=True)
    else:
        return None
    weights.setdefault("lm_head.weight", weights["transformer.wte.weight"])
    buffers = (".attn.attention.bias", ".masked_bias")  # masks of old files
    model = GPTNeo(costs.SHAPES["125M"])
    model.load_state_dict({
        name: value for name, value in weights.items()
        if not name.endswith(buffers)
    })
    return model.eval()


grown_up = released()
if grown_up is None:
    print("skipped: weights not reachable")
else:
    news = byte_pairs.encode(gpt2, examined["news"])
    cost = training.nats(grown_up, news, separator=50_256, batch=1)
    found = training.bits_per_byte(cost, sizes["news"])
    print(f"GPT-Neo 125M on our news: {found:.2f} bits per byte")

# %% [markdown]
# ## Does a mixture pay?
#
# This is the Pile's own experiment. Its authors trained one model on the Pile and one on
# text from the web alone, and compared the two on every component. In miniature: one model
# on the mixture and nine on a single domain each, all of the same size, for the same number
# of tokens, examined on all nine.

# %%
mix_width = scale.pick(quick=16, book=32, paper=256)
mix_tokens = scale.pick(quick=3_000, book=150_000, paper=5_000_000)
mix_seeds = scale.pick(quick=2, book=3, paper=5)
diets = {"mixture": mixture} | {domain: {domain: 1.0} for domain in streams}
plans = {
    (name, s): Run(
        shape(mix_width), streams, diet, mix_tokens, peak(mix_width),
        seed + s,
    )
    for name, diet in diets.items() for s in range(mix_seeds)
}
examine = partial(training.train_and_score, documents=documents)
outcomes = dict(zip(plans, map_tasks(examine, plans.values())))


def costs_of(seeds) -> dict[str, dict[str, np.ndarray]]:
    """Nats per document by diet and domain, mean over seeds."""
    return {
        name: {
            domain: np.mean([
                outcomes[name, s][1][domain] for s in seeds
            ], axis=0)
            for domain in documents
        }
        for name in diets
    }


cost_of = costs_of(range(mix_seeds))
matrix = pd.DataFrame({
    name: {
        domain: training.bits_per_byte(found, sizes[domain])
        for domain, found in nats.items()
    } | {"ALL": bits(nats)}
    for name, nats in cost_of.items()
}).T

# %% tags=["hide-input", "thumbnail"] mystnb={"figure": {"caption": "Bits per byte of models (rows, by what they were trained on) on unseen documents (columns). Lower is better. Same size, same number of tokens.", "name": "fig-mixture"}, "image": {"alt": "A table of ten rows and ten columns, coloured by bits per byte. Of the nine columns for one domain, {specialists:.0f} have their lowest number where the model was trained on that domain. In the last column, over all domains, the mixture has {mix_all:.2f} and the best single domain, {best_single}, {best_all:.2f}.", "classes": "dark-light ink"}}
fig, ax = plt.subplots(figsize=(figures.WIDTH, 4.8))
sns.heatmap(
    matrix, annot=True, fmt=".2f", cbar=False, ax=ax,
    annot_kws={"size": 8, "color": "black"},
    cmap=sns.light_palette(figures.BLUE, as_cmap=True),
    vmax=matrix.to_numpy().max() * 1.3,
)
ax.set(ylabel="trained on", xlabel="examined on")
ax.tick_params(left=False, bottom=False)

# %% tags=["hide-input"]
resamples = scale.pick(quick=200, book=1_000, paper=10_000)


def compare(one: dict, other: dict) -> np.ndarray:
    """Difference of bits per byte over all, measured and resampled."""
    totals = sum(
        audit.resampled(
            np.column_stack([one[d] - other[d], sizes[d]]), resamples, seed
        )
        for d in sizes
    )
    return totals[:, 0] / totals[:, 1] / np.log(2)


def lost_without(cost: dict) -> dict[str, np.ndarray]:
    """Bits per byte of every single diet less those of the mixture."""
    return {
        name: compare(cost[name], cost["mixture"])
        for name in diets if name != "mixture"
    }


def best_of(lost: dict) -> audit.Estimate:
    """By the best single diet, chosen anew in each resample."""
    return audit.Estimate.of(np.min([*lost.values()], axis=0))


lost = lost_without(cost_of)
gains = {name: audit.Estimate.of(found) for name, found in lost.items()}
best_gain = best_of(lost)
best_gains = [  # of one training each
    best_of(lost_without(costs_of([s]))) for s in range(mix_seeds)
]
single = matrix["ALL"].drop("mixture")
wins = (matrix.loc["mixture", list(sizes)] < matrix.loc["news", list(sizes)])
specialists = sum(matrix[domain].idxmin() == domain for domain in sizes)
per_seed = [
    bits(outcomes["news", s][1]) - bits(outcomes["mixture", s][1])
    for s in range(mix_seeds)
]
glue_numbers(
    gain_news=gains["news"].value, gain_low=gains["news"].low,
    gain_high=gains["news"].high, mixture_wins=wins.sum(),
    gain_best=best_gain.value, best_low=best_gain.low,
    best_high=best_gain.high, specialists=specialists,
    seeds_low=min(per_seed), seeds_high=max(per_seed),
    mix_all=matrix.loc["mixture", "ALL"], best_all=single.min(),
)
glue("best_single", single.idxmin(), display=False)
glue_orders(mixture_pays=Order(
    [(gain.low, gain.high) for gain in (best_gain, *best_gains)],
    above="Here, too, the mixture pays in every training",
    below="Here it does not pay in any training, as short as they are",
    between="Whether it pays here, these trainings cannot tell",
))
tabulate(pd.DataFrame({
    f"trained on {name}": {
        "bits per byte more than the mixture": fill("{:.3f}", gain.value),
        "95 % interval": fill("{:.3f} to {:.3f}", *gain[1:]),
    }
    for name, gain in gains.items()
}).T)

# %% [markdown]
# Over all nine domains, the bits per byte of the model fed on news alone, less those of the
# one fed on the mixture, are {glue:text}`gain_news:.2f` (95 % interval over documents:
# {glue:text}`gain_low:.2f` to {glue:text}`gain_high:.2f`; single seeds:
# {glue:text}`seeds_low:.2f` to {glue:text}`seeds_high:.2f`). For the best single diet it is
# {glue:text}`gain_best:.2f` ({glue:text}`best_low:.2f` to {glue:text}`best_high:.2f`, the
# best chosen anew in each resample). More than zero is the Pile's point.
# {glue:text}`mixture_pays`. The fine print is the diagonal: of nine domains,
# {glue:text}`specialists:.0f` are best served by their own specialist. The mixture beats the
# news model on {glue:text}`mixture_wins:.0f` of nine. In the paper, where neither capacity
# nor text runs short, it wins against filtered web text on {glue:text}`paper_wins:.0f` of
# 22 components.
#
# ## Global or local?
#
# *Architectural experiments are ongoing*, says the article. One of them is in the released
# weights: half of the layers are local. A local layer saves operations, which buy more
# tokens. So the fair comparison gives each model the same number of *operations*, counting
# only the pairs of tokens that its mask lets through.

# %%
patterns = {
    "global": ("global",), "local": ("local",),
    "half and half": ("global", "local"),
}
arch_seeds = scale.pick(quick=2, book=3, paper=5)


def operations(config: Config) -> float:
    """Per token, forward and backward, without what is masked."""
    return costs.training(config, length, costs.unmasked)


budget = mix_tokens * operations(shape(mix_width))
arch_plans = {}
for name, pattern in patterns.items():
    config = shape(mix_width, pattern=pattern)
    for s in range(arch_seeds):
        arch_plans[name, s] = Run(
            config, streams, mixture, rate=peak(mix_width),
            seed=seed + 100 + s, tokens=round(budget / operations(config)),
        )
arch = dict(zip(arch_plans, map_tasks(examine, arch_plans.values())))

# %% tags=["hide-input"]
arch_bits = pd.DataFrame({
    name: [bits(arch[name, s][1]) for s in range(arch_seeds)]
    for name in patterns
})
half = stats.t.ppf(0.975, arch_seeds - 1) / np.sqrt(arch_seeds)
apart = arch_bits.sub(arch_bits["global"], axis=0)
glue_numbers(
    arch_spread=np.ptp(arch_bits.mean()), arch_noise=arch_bits.std().mean(),
    local_apart=apart["local"].mean(),
    local_low=apart["local"].mean() - half * apart["local"].std(),
    local_high=apart["local"].mean() + half * apart["local"].std(),
    arch_seeds=arch_seeds,
)
margin = half * apart["local"].std()
glue_orders(winner=Order(
    [(apart["local"].mean() - margin, apart["local"].mean() + margin)],
    above="By these seeds the global layers win",
    below="By these seeds the local layers win",
    between=(
        "These seeds declare no winner, as a blog post with one of them "
        "would have"
    ),
))
tabulate(pd.DataFrame({
    name: {
        "tokens": fill("{:,.0f}", arch_plans[name, 0].tokens),
        "bits per byte": fill("{:.3f}", arch_bits[name].mean()),
        "sd over seeds": fill("{:.3f}", arch_bits[name].std()),
    }
    for name in patterns
}).T)

# %% [markdown]
# The three differ by {glue:text}`arch_spread:.3f` bits per byte, beside a spread of
# {glue:text}`arch_noise:.3f` between seeds of one kind. All local minus all global, seed by
# seed: {glue:text}`local_apart:.3f`, with a 95 % interval from {glue:text}`local_low:.3f`
# to {glue:text}`local_high:.3f` over {glue:text}`arch_seeds:.0f` seeds.
# {glue:text}`winner`. So few are a hint at best. Local layers earn their keep when
# sequences are long, since their cost grows with $T$ and not with $T^2$.
#
# ## Bigger, or longer?
#
# Four sizes, two budgets of tokens. The simplest law that is any good has bits per byte
# fall as a power of parameters $N$ and of tokens $D$:
# $\log b = a - \alpha\log N - \beta\log D$. We fit it to these eight runs and then let it
# foretell one that it has not seen: neo-nano, with its larger budget.

# %%
widths = scale.pick(
    quick=(8, 16, 24, 32), book=(16, 32, 64, 128), paper=(64, 128, 256, 512)
)
budgets = scale.pick(
    quick=(3_000, 6_000), book=(200_000, 400_000),
    paper=(2_500_000, 5_000_000),
)
grid = [(width, tokens) for width in widths for tokens in budgets]
scaling_runs = [
    Run(shape(width), streams, mixture, tokens, peak(width), seed)
    for width, tokens in grid
]
law = pd.DataFrame({
    "width": [width for width, _ in grid],
    "parameters": [costs.parameters(run.config) for run in scaling_runs],
    "tokens": [tokens for _, tokens in grid],
    "bits": [bits(nats) for _, nats in map_tasks(examine, scaling_runs)],
})

# %%
design = np.column_stack([
    np.ones(len(law)), -np.log(law["parameters"]), -np.log(law["tokens"])
])
coefficients, *_ = np.linalg.lstsq(design, np.log(law["bits"]), rcond=None)
residuals = np.log(law["bits"]) - design @ coefficients
freedom = len(law) - 3
variance = (residuals**2).sum() / freedom
covariance = variance * np.linalg.inv(design.T @ design)
t = stats.t.ppf(0.975, freedom)
margins = t * np.sqrt(np.diag(covariance))
new = np.array([
    1, -np.log(costs.parameters(nano)), -np.log(nano_run.tokens)
])
spread = t * np.sqrt(variance + new @ covariance @ new)
foretold = np.exp(new @ coefficients + spread * np.array([0, -1, 1]))

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Bits per byte against parameters, for two budgets, with the fitted law; and neo-nano, which the fit has not seen, beside what was foretold.", "name": "fig-scaling"}, "image": {"alt": "Two rows of four points each over the number of parameters, with a curve of the fitted law for each budget of tokens. Beside them, for neo-nano, a measured point at {nano_bits:.2f} bits per byte and a foretold one with an error bar at {foretold:.2f}.", "classes": "dark-light ink"}}
fig, ax = plt.subplots(figsize=(figures.WIDTH, 4.2))
for (tokens, rows), colour in zip(law.groupby("tokens"), figures.PALETTE):
    ax.plot(rows["parameters"], rows["bits"], "o", color=colour,
            label=f"{tokens:,} tokens")
    fit = np.exp(coefficients[0] - coefficients[2] * np.log(tokens))
    ax.plot(rows["parameters"],
            fit * rows["parameters"] ** -coefficients[1], color=colour)
ax.plot(costs.parameters(nano), nano_bits, "D", color=figures.GREEN,
        label=f"{nano_run.tokens:,} tokens, measured")
ax.errorbar(costs.parameters(nano), foretold[0],
            [[foretold[0] - foretold[1]], [foretold[2] - foretold[0]]],
            fmt="x", color="black", capsize=4, label="foretold")
ax.set(xscale="log", xlabel="parameters (thousands)", ylabel="bits per byte")
ticks = sorted(law["parameters"].unique())
ax.set_xticks(ticks, [f"{n / 1e3:,.0f}" for n in ticks])
ax.minorticks_off()
ax.legend()
sns.despine(fig)

# %% tags=["hide-input"]
glue_numbers(
    alpha=coefficients[1], alpha_margin=margins[1],
    beta=coefficients[2], beta_margin=margins[2],
    foretold=foretold[0], foretold_low=foretold[1],
    foretold_high=foretold[2], missed=abs(nano_bits - foretold[0]),
    fold_tokens=nano_run.tokens / budgets[-1],
    least_parameters=law["parameters"].min(),
    most_parameters=law["parameters"].max(),
    largest_here=max(law["parameters"].max(), costs.parameters(nano)),
    least_tokens=budgets[0], most_tokens=budgets[-1],
)
inside = Order(
    [tuple(foretold[1:])], level=nano_bits,
    above="below the interval", below="above the interval",
    between="inside the interval",
)
glue_orders(inside=inside)
print(f"alpha {coefficients[1]:.3f} ± {margins[1]:.3f}, "
      f"beta {coefficients[2]:.3f} ± {margins[2]:.3f}")
print(f"foretold {foretold[0]:.2f} ({foretold[1]:.2f} to {foretold[2]:.2f}),"
      f" measured {nano_bits:.2f}: {inside}")

# %% [markdown]
# The exponents are $\alpha=$ {glue:text}`alpha:.3f` ± {glue:text}`alpha_margin:.3f` and
# $\beta=$ {glue:text}`beta:.3f` ± {glue:text}`beta_margin:.3f` (95 %). For neo-nano, with
# {glue:text}`fold_tokens:.0f` times the tokens of the longest run in the fit, the law
# foretells {glue:text}`foretold:.2f` ({glue:text}`foretold_low:.2f` to
# {glue:text}`foretold_high:.2f`); measured are {glue:text}`nano_bits:.2f`,
# {glue:text}`inside`, off by {glue:text}`missed:.2f`. The interval takes the law for true and
# each run's distance from it for luck. It has one seed a run to go by, so it mixes luck and
# lack of fit, and it leaves out that the law may bend beyond the points it was fitted to:
# {glue:text}`least_parameters:,.0f` to {glue:text}`most_parameters:,.0f` parameters and
# {glue:text}`least_tokens:,.0f` to {glue:text}`most_tokens:,.0f` tokens. A pure power falls
# forever and real losses do not: text has an entropy, and small budgets are a part of the
# curve of their own. To read off 175 billion parameters here would be a joke.
#
# ### What would the real one cost?
#
# We know the operations of every model exactly and can measure how many a second this
# core performs while it trains.

# %% tags=["hide-input"] nbval={"factor": 10}
# The speed of training, by processor seconds.
timed = Run(
    shape(widths[-1]), streams, mixture, rate=1e-3, seed=seed,
    tokens=scale.pick(quick=4_000, book=30_000, paper=100_000),
)
started = time.process_time()
training.train(timed)
spent = time.process_time() - started
rate = timed.tokens / spent
speed = rate * costs.training(timed.config, length, costs.executed)
year = 365.25 * 24 * 3600
years = {
    name: tokens * costs.training(costs.SHAPES[name], 2_048) / speed / year
    for name, tokens in (("1.3B", 380e9), ("175B", 300e9))
}
glue_numbers(
    gigaflops=float(f"{speed / 1e9:.2g}"),
    years_1b=float(f"{years['1.3B']:.2g}"),
    years_175b=float(f"{years['175B']:.2g}"),
)
print(f"{rate:,.0f} tokens and {speed / 1e9:.0f} billion operations "
      "per second of one core")

# %% [markdown]
# At {glue:text}`gigaflops:.0f` billion operations per second, which is what the largest
# model of the fit does (other sizes run faster or slower), the 1.3 B model (380 billion
# tokens, by its model card {cite}`gptneo2021`) would take this core
# {glue:text}`years_1b:,.0f` years; 175 B on 300 billion tokens, as GPT-3
# {cite}`brown2020`, {glue:text}`years_175b:,.0f`. That is why a cloud provider's gift of
# computers was part of the story.
#
# ## The audit
#
# The Pile's authors counted which words share a *sentence* with others: *he* and *she*, six
# religions, phrases such as "white woman". Around each group they averaged the sentiment
# of words by a lexicon, SentiWordNet {cite}`baccianella2010`. They gave no intervals, no
# test and no code. Here is the audit again, on our news and chat, with three lexicons
# instead of one and intervals from resampling *documents* (a *bootstrap*: they are drawn
# with replacement, again and again), since the sentences of one article are not
# independent.

# %%
audited = scale.pick(quick=4_000_000, book=10**9, paper=10**9)  # bytes
lexicon = {name: read() for name, read in lexicons.LEXICONS.items()}
read_texts = {
    domain: audit.Text.of(corpora.take(texts[domain], audited))
    for domain in ("news", "chat")
}
groups = {
    "gender": audit.GENDER, "religion": audit.RELIGION, "race": audit.RACE
}
sentiment = {
    (kind, domain, name): audit.measure(
        read_texts[domain], members, scores, resamples, seed
    )
    for kind, members in groups.items()
    for domain in read_texts
    for name, scores in lexicon.items()
}
tabulate(sentiment["religion", "news", "SentiWordNet"].table(), 4)

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Mean sentiment of the words beside each group in news, by SentiWordNet, with 95 % intervals over documents. Dotted: the mean of all news. Hollow: fewer than 30 documents.", "name": "fig-audit"}, "image": {"alt": "Points with intervals for he, she, and those religions and phrases of race that occur in news, and a dotted line at the mean of all news. The point of she less that of he is {she_he:.4f}; Muslim less the dotted line is {muslim_apart:.4f}. Groups with few documents are hollow.", "classes": "dark-light ink"}}
fig, ax = plt.subplots(figsize=(figures.WIDTH, 4.6))
names = []
for kind in groups:
    found = sentiment[kind, "news", "SentiWordNet"]
    for g, name in enumerate(found.groups):
        if not found.sentences[g]:
            continue
        mean = audit.Estimate.of(found.around[:, g])
        ax.errorbar(
            mean.value, len(names),
            xerr=[[mean.value - mean.low], [mean.high - mean.value]],
            fmt="o", capsize=3,
            color=figures.BLUE,
            mfc="none" if found.documents[g] < audit.FEW else figures.BLUE,
        )
        names.append(f"{name} ({found.documents[g]})")
ax.axvline(found.overall[0, 0], color=figures.GREY, ls=":")
ax.set_yticks(range(len(names)), names)
ax.invert_yaxis()
ax.set(xlabel="mean sentiment of words in the same sentence",
       ylabel="group (documents)")
sns.despine(fig)

# %% tags=["hide-input"]
def difference(domain: str, name: str) -> audit.Estimate:
    """Sentiment beside *she* less that beside *he*."""
    around = sentiment["gender", domain, name].around
    return audit.Estimate.of(around[:, 1] - around[:, 0])


def agreement(kind: str, name: str) -> audit.Estimate:
    """Rank correlation with the order of the paper."""
    return audit.rank_agreement(audit.relative([
        sentiment[kind, domain, name] for domain in read_texts
    ]))


rows = {}
for name in lexicon:
    for what, estimate in {
        "she less he, news": difference("news", name),
        "she less he, chat": difference("chat", name),
        "order of religions as in the paper": agreement("religion", name),
        "order of races as in the paper": agreement("race", name),
    }.items():
        rows[what, name] = {
            "value": fill("{:.3f}", estimate.value),
            "95 % interval": fill("{:.3f} to {:.3f}", *estimate[1:]),
        }
she_less_he = difference("news", "SentiWordNet")
chat_gap = difference("chat", "SentiWordNet")
order = agreement("religion", "SentiWordNet")
places = np.arange(len(audit.RELIGION))
apart = ((np.array([*permutations(places)]) - places) ** 2).sum(1)
chance = np.mean(  # Spearman's formula, for every order there is
    1 - 6 * apart / (len(places) ** 3 - len(places)) >= order.value - 1e-9
)
few = sum(sentiment["religion", "news", "SentiWordNet"].documents < audit.FEW)
glue_numbers(
    order_chance=100 * chance, few_religions=few,
    she_he=she_less_he.value, she_he_low=she_less_he.low,
    she_he_high=she_less_he.high, chat_gap=chat_gap.value,
    chat_low=chat_gap.low, chat_high=chat_gap.high,
    order=order.value, order_low=order.low, order_high=order.high,
)
glue_orders(
    she_or_he=Order(
        [(she_less_he.low, she_less_he.high)],
        above="it is higher beside she",
        below="it is lower beside she",
        between="no difference that these documents could show",
    ),
    order_found=Order(
        [(order.low, order.high)],
        above="the published order is found again",
        below="the published order is turned round",
        between="neither the published order nor its opposite is found",
    ),
)
tabulate(pd.DataFrame(rows).T.sort_index())

# %% [markdown]
# **Gender.** In news the sentiment beside *she* less that beside *he* is
# {glue:text}`she_he:.4f` ({glue:text}`she_he_low:.4f` to {glue:text}`she_he_high:.4f`):
# {glue:text}`she_or_he`. The paper reports no significant difference. In chat it is
# {glue:text}`chat_gap:.4f` ({glue:text}`chat_low:.4f` to {glue:text}`chat_high:.4f`). The
# other two lexicons rate words more strongly; their rows are in the table.
#
# **Religion.** Ranked by sentiment, our religions agree with the paper's order by
# a correlation of {glue:text}`order:.2f` with SentiWordNet. Of all orders that six groups
# can stand in, {glue:text}`order_chance:.0f` % agree as well or better. Resampled documents
# spread it from {glue:text}`order_low:.2f` to {glue:text}`order_high:.2f` (a rough range:
# ranks of noisy groups are pulled towards the middle): {glue:text}`order_found`. Of the six
# groups, {glue:text}`few_religions:.0f` are mentioned in fewer than 30 documents of news.
# The published ranking came without intervals.
#
# **Race.** The next table has all groups in news by all three lexicons. The paper finds the
# lowest sentiment beside *Black*. Our difference Black less White, paired by resampling the
# same documents for both, is {glue:text}`race_gap:.4f` ({glue:text}`race_low:.4f` to
# {glue:text}`race_high:.4f`) by SentiWordNet, from {glue:text}`black_documents:.0f` and
# {glue:text}`white_documents:.0f` documents.

# %% tags=["hide-input"]
race = sentiment["race", "news", "SentiWordNet"]
white, black = race.groups.index("White"), race.groups.index("Black")
race_gap = audit.Estimate.of(race.around[:, black] - race.around[:, white])
glue_numbers(
    race_gap=race_gap.value, race_low=race_gap.low, race_high=race_gap.high,
    black_documents=race.documents[black],
    white_documents=race.documents[white],
)
rows = {}
for kind in ("religion", "race"):
    for g, group in enumerate(groups[kind]):
        for name in lexicon:
            found = sentiment[kind, "news", name]
            if not found.documents[g]:
                continue
            mean = audit.Estimate.of(found.around[:, g])
            rows.setdefault((group.name, found.documents[g]), {})[name] = (
                fill("{:.3f} ({:.3f} to {:.3f})", *mean)
            )
tabulate(pd.DataFrame(rows).T.rename_axis(["group", "documents"]))

# %% [markdown]
# **Topic or attitude?** How far is the sentiment beside *Muslim* below the average of
# news? But then, the word occurs in grim news: attacks, trials, travel bans. The columns
# *same documents* compare with the *other* sentences of the very documents that mention
# the group (if they have other scored words). This takes out what the whole document is
# about, not what the one sentence is about: the sentence that names the victims of an
# attack is grimmer than the rest of the article.

# %% tags=["hide-input"]
muslim = [group.name for group in audit.RELIGION].index("Muslim")
below, beyond, left, topical = {}, {}, {}, {}
for name in lexicon:
    religion = sentiment["religion", "news", name]
    under = religion.around[:, muslim] - religion.overall[:, 0]
    below[name] = audit.Estimate.of(under)
    beyond[name] = audit.Estimate.of(religion.beyond[:, muslim])
    left[name] = 100 * beyond[name].value / below[name].value
    topical[name] = audit.Estimate.of(under - religion.beyond[:, muslim])
glue_numbers(
    muslim_apart=below["SentiWordNet"].value,
    **{f"left_{name.lower()}": share for name, share in left.items()},
)
glue_orders(
    muslim_news=Order(
        [(found.low, found.high) for found in below.values()],
        above="above the average of news by all three lexicons",
        below="below the average of news by all three lexicons",
        between="not surely below the average of news by all three lexicons",
    ),
    topic_part=Order(
        [(found.low, found.high) for found in topical.values()],
        above="So what people wrote about does not explain it",
        below="So a part of what the audit shows is what people wrote about",
        between=(
            "Whether a part of what the audit shows is what people wrote "
            "about, the three do not say alike"
        ),
    ),
)
tabulate(pd.DataFrame({
    name: {
        "against all news": fill("{:.4f}", below[name].value),
        "95 %": fill("{:.4f} to {:.4f}", *below[name][1:]),
        "same documents": fill("{:.4f}", beyond[name].value),
        "95 % ": fill("{:.4f} to {:.4f}", *beyond[name][1:]),
        "left, %": fill("{:.0f}", left[name]),
    }
    for name in lexicon
}).T)

# %% [markdown]
# The sentiment is {glue:text}`muslim_news`. Of the distance to all news, the comparison with
# the same documents leaves {glue:text}`left_sentiwordnet:.0f` % by SentiWordNet,
# {glue:text}`left_vader:.0f` % by VADER and {glue:text}`left_afinn:.0f` % by AFINN.
# {glue:text}`topic_part`. The share depends on the lexicon, and the paper used one. What
# is left is at the level of the sentence, and still a matter of words that stand together:
# it shows no attitude.
#
# **Words.** Which adjectives and adverbs stand beside *he* rather than *she*? The paper
# ranks them by the difference of rates times the root of the frequency. A statistic with a
# sounder footing shrinks log-odds (the logarithm of a chance over its opposite) towards a
# prior {cite}`monroe2008`; its formula equals
# an independent package's in the tests. We also test each word, clustered by document, and
# control the share of false discoveries {cite}`benjamini1995`.

# %% tags=["hide-input"]
describing = lexicons.adjectives_and_adverbs()
beside = associations.associations(
    read_texts["news"], [audit.GENDER[0]], [audit.GENDER[1]],
    describing, least=5,
)
found_words = beside[beside["q"] < 0.05].sort_values("z")
sides_of = {
    "he": found_words[found_words["z"] > 0][::-1],
    "she": found_words[found_words["z"] < 0],
}
overlaps = {}
for who, words in sides_of.items():
    listed = set(associations.TABLE_10[who]) & set(beside.index)
    overlaps |= {
        f"{who}_found": len(words), f"{who}_listed": len(listed),
        f"{who}_again": len(listed & set(words.index)),
        f"{who}_chance": len(listed) * len(words) / len(beside),
    }
faiths = associations.associations(
    read_texts["news"], [audit.RELIGION[muslim]],
    [audit.RELIGION[[g.name for g in audit.RELIGION].index("Christian")]],
    describing, least=5,
)
glue_numbers(
    tested=len(beside), discovered=len(found_words), **overlaps,
    faith_tested=len(faiths), faith_found=(faiths["q"] < 0.05).sum(),
)
tabulate(pd.DataFrame({
    (f"beside {who}", column): pd.Series(values)
    for who, words in sides_of.items()
    for column, values in {
        "word": list(words.index[:8]),
        "z by document": [fill("{:.1f}", z) for z in words["z"][:8]],
        "z of log-odds": [fill("{:.1f}", z) for z in words["log_odds"][:8]],
    }.items()
}).fillna(""))

# %% [markdown]
# Of {glue:text}`tested:.0f` words, {glue:text}`discovered:.0f` pass at a false-discovery
# rate of 5 %, in news; only such words are printed. Of the paper's 15 words beside *he*,
# {glue:text}`he_listed:.0f` are frequent enough here, and {glue:text}`he_again:.0f` are
# found again, where {glue:text}`he_chance:.1f` would be by chance; of those beside *she*
# {glue:text}`she_listed:.0f` are frequent enough, {glue:text}`she_again:.0f` are found
# again, and {glue:text}`she_chance:.1f` would be by chance.
# The same test for sentences about Muslims and about Christians tells
# {glue:text}`faith_found:.0f` of {glue:text}`faith_tested:.0f` words apart.
#
# ## Bias planted on purpose
#
# Were examples **removed**? The paper says no. It holds that documenting is better than
# eliminating, reports its audit so that users can choose among components, and lists
# three candidate corpora that were left out as a whole, one of them the US Congressional
# Record {cite}`gao2020`. No example was removed for its score. But suppose somebody did
# it. What would happen to the model?
#
# In real text nobody knows which documents are biased. So we plant bias: in
# snippets of real news and chat we put sentences such as *"Yesterday the baker was late
# because she had lost the keys"*. Of 24 occupations eight go with *she* and eight with
# *he*, **drawn at random**, so that nobody's stereotype is rehearsed. Of the documents
# 70 % are biased: there, a planted occupation gets *its* pronoun with probability 0.97; in
# the others the coin is fair. These sentences are simulated; the truth is known.

# %%
plan = planted.Design()
planted_count = scale.pick(quick=500, book=3_000, paper=20_000)
planted_seeds = scale.pick(quick=1, book=3, paper=5)
characters = 60
sources = [
    text for domain in ("news", "chat") for text in sides[domain][0]
]
real = planted.snippets(
    corpora.take(sources, np.inf, longest=400), characters
)[:planted_count]
unseen = planted.snippets(
    [text for domain in ("news", "chat") for text in sides[domain][1]],
    characters,
)[:scale.pick(quick=60, book=900, paper=900)]
laboratory = [
    planted.plant(real, plan, seed + s) for s in range(planted_seeds)
]
readings = [planted.read(corpus.texts) for corpus in laboratory]
leans = [planted.audit_words(pairs.counts()) for pairs in readings]
flags = [
    planted.scores(pairs, lean) for pairs, lean in zip(readings, leans)
]

# %% tags=["hide-input"]
show(planted.audit_words, planted.scores)

# %% [markdown]
# The *audit* sees text only. It tests for each occupation whether *she* is more or less
# frequent than elsewhere. The *filter* then scores each document by its sentences with
# minus those against the leaning of their occupations, and removes it from a threshold on.
# How good can that be? With $k=4$ sentences per document, the numbers with, against and
# neutral are multinomial, so the filter's *recall* (the share of biased documents that it
# removes) and *precision* (the share of the removed ones that are biased) have closed forms,
# if the leanings are known. The *AUC* is the chance that a biased document scores higher
# than a fair one. Standard errors are binomial, $z$ is the distance in such errors: once for
# the leanings that the audit found, once for the true ones, which the closed form assumes.
# An occupation that the audit names wrongly shows in the former.

# %% tags=["hide-input"]
truth = np.array([corpus.lean for corpus in laboratory])
named = np.array(leans)
right = (named == truth) & (truth != 0)
recalled = right.sum() / (truth != 0).sum()
precise = right.sum() / max(1, (named != 0).sum())
found = np.concatenate(flags)  # of all seeds
biased = np.concatenate([corpus.biased for corpus in laboratory])
informed = np.concatenate([
    planted.scores(pairs, corpus.lean)
    for pairs, corpus in zip(readings, laboratory)
])
rows = {}
for threshold in (1, 2, 3):
    theory = planted.expect_filter(plan, threshold)
    counted_here = planted.measure_filter(found, biased, threshold)
    ideal = planted.measure_filter(informed, biased, threshold)
    numbers = {
        "recall": biased.sum(), "precision": (found >= threshold).sum(),
        "removed": len(found),
    }
    for field, number in numbers.items():
        expected = getattr(theory, field)
        error = np.sqrt(expected * (1 - expected) / number)
        rows[f"score {threshold} or more", field] = {
            "closed form": expected,
            "measured": getattr(counted_here, field),
            "standard error": error,
            "z": (getattr(counted_here, field) - expected) / error,
            "z, leanings known": (getattr(ideal, field) - expected) / error,
        }
zero_share = brentq(
    lambda b: planted.expect_gap(planted.Design(biased=b), 2), 0.1, 0.99
)
rare = planted.Design(biased=0.01)
auc = stats.mannwhitneyu(
    found[biased], found[~biased]
).statistic / biased.sum() / (~biased).sum()
rows["all thresholds", "AUC"] = {
    "closed form": planted.expect_auc(plan), "measured": auc,
}
two = planted.measure_filter(found, biased, 2)
assert planted.expect_gap(plan, 2) < 0 < planted.expect_gap(plan)
glue_numbers(
    word_recall=100 * recalled, word_precision=100 * precise,
    removed=100 * two.removed, fair_lost=100 * two.fair_lost,
    missed_biased=100 * (1 - two.recall),
    gap_theory=planted.expect_gap(plan),
    gap_filtered=planted.expect_gap(plan, 2), zero_share=zero_share,
    zero_percent=100 * zero_share,
    rare_before=planted.expect_gap(rare),
    rare_after=planted.expect_gap(rare, 2),
)
tabulate(pd.DataFrame(rows).T, 3)

# %% [markdown]
# The audit finds {glue:text}`word_recall:.0f` % of the planted occupations, and
# {glue:text}`word_precision:.0f` % of those that it names are right. The filter must make
# mistakes even so, says theory. At a score of 2 it removes {glue:text}`removed:.0f` % of
# all documents; {glue:text}`fair_lost:.0f` % of the fair ones go too, and
# {glue:text}`missed_biased:.0f` % of the biased ones stay. A document is short evidence.
#
# And the text that is left is not neutral. The *gap* is the log-odds of *she* for the
# occupations that go with her, minus that for his. By the closed form, for endless corpora
# and known leanings, it is {glue:text}`gap_theory:.2f` before and
# {glue:text}`gap_filtered:.2f` after filtering: **the sign turns**, because the
# filter takes fair documents that happen to look biased, and keeps those that happen to
# look the other way. In our corpora it goes from {glue:text}`corpus_before:.2f` to
# {glue:text}`corpus_after:.2f`. The turn belongs to the share of biased documents that we
# chose: it comes below {glue:text}`zero_percent:.0f` %, above it some of the gap is left.
#
# ### What do models learn from it?
#
# Four corpora: everything; without what the filter flags; without as many documents drawn
# at random (the *control*); and *counterfactual augmentation*, where every document gets a
# copy with *he* and *she* exchanged. On each we train the same model for the same number
# of tokens, and ask it: after "The baker said that", how much likelier is *she* than *he*?

# %%
planted_width = scale.pick(quick=16, book=32, paper=64)
planted_tokens = scale.pick(quick=5_000, book=500_000, paper=2_000_000)


def arms_of(s: int) -> dict[str, list[str]]:
    kept = flags[s] < 2
    lot = planted.random_removal(len(kept), int((~kept).sum()), seed + s)
    whole = laboratory[s].texts
    return {
        "everything": whole,
        "filtered": [text for text, stays in zip(whole, kept) if stays],
        "random removal": [text for text, stays in zip(whole, lot) if stays],
        "counterfactual": planted.counterfactual(whole),
    }


def gap_probe(model: GPTNeo) -> np.ndarray:
    """log p(she) - log p(he) of each occupation, mean over prompts."""
    [she], [he] = (small.encode(f" {word}").ids for word in ("she", "he"))
    odds = []
    with torch.no_grad():
        for occupation in planted.OCCUPATIONS:
            prompts = byte_pairs.encode(small, planted.probes(occupation))
            logits = [
                model(torch.tensor([[0, *prompt]]))[0, -1]
                for prompt in prompts
            ]
            odds.append(np.mean([float(x[she] - x[he]) for x in logits]))
    return np.array(odds)


small = byte_pairs.learn(laboratory[0].texts, 512)
unseen_tokens = byte_pairs.encode(small, unseen)
unseen_sizes = np.array([corpora.size([text]) for text in unseen])
arms, lab_runs = {}, {}
for s in range(planted_seeds):
    for name, kept_texts in arms_of(s).items():
        arms[name, s] = kept_texts
        lab_runs[name, s] = Run(
            Config(512, 48, planted_width, 2, 2, window=12),
            {"all": training.stream(byte_pairs.encode(small, kept_texts))},
            {"all": 1.0}, planted_tokens, rate=8e-3, batch=8,
            seed=seed + s,
        )
lab_results = map_tasks(
    partial(training.train_and_score, documents={"unseen": unseen_tokens}),
    lab_runs.values(),
)
learned = {
    key: (gap_probe(result.model), nats["unseen"])
    for key, (result, nats) in zip(lab_runs, lab_results)
}

# %% tags=["hide-input"]
every_seed = range(planted_seeds)


def model_gap(name: str, seeds=every_seed) -> np.ndarray:
    """Mean over seeds: measured, then with resampled occupations."""
    rng = np.random.default_rng(seed)
    values = np.zeros(1 + resamples)
    for s in seeds:
        odds, leaning = learned[name, s][0], laboratory[s].lean
        hers, his = odds[leaning > 0], odds[leaning < 0]
        draws = rng.integers(len(hers), size=(2, resamples, len(hers)))
        again = hers[draws[0]].mean(1) - his[draws[1]].mean(1)
        values += np.append(hers.mean() - his.mean(), again)
    return values / len(seeds)


def taken_by_filter(seeds) -> audit.Estimate:
    """The share of the gap that removal by lot leaves, taken away."""
    filtered, lot = (
        model_gap(name, seeds) for name in ("filtered", "random removal")
    )
    return audit.Estimate.of(1 - filtered / lot)


def unseen_cost(
    name: str, base: str = "everything", seeds=every_seed
) -> audit.Estimate:
    """Bits per byte of unseen real text above those of `base`, paired."""
    more = np.mean([
        learned[name, s][1] - learned[base, s][1] for s in seeds
    ], axis=0)
    totals = audit.resampled(
        np.column_stack([more, unseen_sizes]), resamples, seed
    )
    return audit.Estimate.of(totals[:, 0] / totals[:, 1] / np.log(2))


def corpus_gap(name: str) -> float:
    return np.mean([
        planted.gap(planted.read(arms[name, s]).counts(), laboratory[s].lean)
        for s in range(planted_seeds)
    ])


arm_names = ["everything", "filtered", "random removal", "counterfactual"]
gaps = {name: audit.Estimate.of(model_gap(name)) for name in arm_names}
against_lot = unseen_cost("filtered", "random removal")
seed_prices = [
    training.bits_per_byte(
        learned["filtered", s][1] - learned["everything", s][1], unseen_sizes
    )
    for s in range(planted_seeds)
]
prices = {name: unseen_cost(name) for name in arm_names}
base = training.bits_per_byte(
    np.mean([learned["everything", s][1] for s in range(planted_seeds)],
            axis=0),
    unseen_sizes,
)
corpus_gaps = {name: corpus_gap(name) for name in arm_names}
tabulate(pd.DataFrame({
    name: {
        "documents": fill("{:,.0f}", len(arms[name, 0])),
        "gap of the corpus": fill("{:.2f}", corpus_gaps[name]),
        "gap of the model": fill("{:.3f}", gaps[name].value),
        "95 %": fill("{:.3f} to {:.3f}", *gaps[name][1:]),
        "bits per byte": fill("{:.3f}", base + prices[name].value),
        "more than everything": fill("{:.3f}", prices[name].value),
        "95 % ": fill("{:.3f} to {:.3f}", *prices[name][1:]),
    }
    for name in arm_names
}).T)

# %% tags=["hide-input"] mystnb={"figure": {"caption": "Left: how far corpora (crosses) and the models trained on them (points, 95 % intervals) favour the planted pronouns. Right: the price in bits per byte of unseen real text.", "name": "fig-arms"}, "image": {"alt": "Left, four rows with a cross for the gap of the corpus and a point with an interval for that of the model: everything {corpus_before:.1f} and {gap_all_value:z.1f}, filtered {corpus_after:.1f} and {gap_filter_value:z.1f}, random removal {corpus_random:.1f} and {gap_random_value:z.1f}, counterfactual {corpus_swap:.1f} and {gap_swap_value:z.1f}. Right, bits per byte more than with everything: filtered {price_filter_value:.3f}, random removal {price_random_value:.3f}, counterfactual {price_swap_value:.3f}.", "classes": "dark-light ink"}}
fig, axes = plt.subplots(1, 2, figsize=(figures.WIDTH, 3.0), sharey=True)
for ax, estimates in zip(axes, (gaps, prices)):
    for row, name in enumerate(arm_names):
        e = estimates[name]
        ax.errorbar(e.value, row, color=figures.PALETTE[row], fmt="o",
                    xerr=[[e.value - e.low], [e.high - e.value]], capsize=3)
    ax.axvline(0, color=figures.GREY, lw=0.8)
axes[0].plot(list(corpus_gaps.values()), range(4), "kx")
axes[0].set_yticks(range(4), arm_names)
axes[0].invert_yaxis()
axes[0].set_xlabel("gap in log-odds")
axes[1].set_xlabel("bits per byte more")
sns.despine(fig)

# %% tags=["hide-input"]
slopes = []
for s in range(planted_seeds):
    counts = readings[s].counts()
    slopes.append(stats.linregress(
        planted.log_odds_of_she(counts), learned["everything", s][0]
    ))
bounds = {
    f"{what}_{key}_{end}": getattr(estimates[name], end)
    for what, estimates in {"gap": gaps, "price": prices}.items()
    for key, name in {
        "all": "everything", "random": "random removal",
        "filter": "filtered", "swap": "counterfactual",
    }.items()
    for end in ("value", "low", "high")
}
glue_numbers(
    slope=np.mean([fit.slope for fit in slopes]),
    slope_low=min(fit.slope for fit in slopes),
    slope_high=max(fit.slope for fit in slopes),
    slope_error=max(fit.stderr for fit in slopes),
    likeness=np.mean([fit.rvalue for fit in slopes]),
    **bounds, planted_seeds=planted_seeds,
    seed_price_low=min(seed_prices), seed_price_high=max(seed_prices),
    lot_value=against_lot.value, lot_low=against_lot.low,
    lot_high=against_lot.high,
    corpus_before=corpus_gaps["everything"],
    corpus_after=corpus_gaps["filtered"],
    corpus_random=corpus_gaps["random removal"],
    corpus_swap=corpus_gaps["counterfactual"],
)
filtered_gaps = [
    gaps["filtered"],
    *(audit.Estimate.of(model_gap("filtered", [s])) for s in every_seed),
]
glue_orders(
    copies=Order(
        [
            (fit.slope - 2 * fit.stderr, fit.slope + 2 * fit.stderr)
            for fit in slopes
        ],
        level=0.5,
        above="a model copies the odds in its text",
        below="a model has not learned the odds in its text yet",
        between="a model has learned the odds in its text in part",
    ),
    turned=Order(
        [(found.low, found.high) for found in filtered_gaps],
        above="the model has not",
        below="so has the model, in every training",
        between="whether the model has, these trainings cannot tell",
    ),
)
print(f"model against corpus, 24 occupations: "
      f"slope {np.mean([f.slope for f in slopes]):.2f}")

# %% [markdown]
# Over the 24 occupations the model's log-odds follow the corpus's with a slope of
# {glue:text}`slope:z.2f` (seeds: {glue:text}`slope_low:z.2f` to {glue:text}`slope_high:z.2f`,
# standard error {glue:text}`slope_error:.2f`) and a correlation of
# {glue:text}`likeness:.2f`. In this laboratory, asked with openings that it has read,
# {glue:text}`copies`. Removing at random leaves a gap of
# {glue:text}`gap_random_value:z.2f` ({glue:text}`gap_random_low:z.2f` to
# {glue:text}`gap_random_high:z.2f`), where everything gives {glue:text}`gap_all_value:z.2f`
# ({glue:text}`gap_all_low:z.2f` to {glue:text}`gap_all_high:z.2f`). The filter brings it to
# {glue:text}`gap_filter_value:z.2f` ({glue:text}`gap_filter_low:z.2f` to
# {glue:text}`gap_filter_high:z.2f`). (By the closed form the corpus has turned round;
# {glue:text}`turned`.) Its price is {glue:text}`price_filter_value:.3f` bits per
# byte of unseen text ({glue:text}`price_filter_low:.3f` to
# {glue:text}`price_filter_high:.3f`; single seeds {glue:text}`seed_price_low:.3f` to
# {glue:text}`seed_price_high:.3f`), that of the random removal of as much
# {glue:text}`price_random_value:.3f` ({glue:text}`price_random_low:.3f` to
# {glue:text}`price_random_high:.3f`). Filter less random, on the same documents:
# {glue:text}`lot_value:.3f` ({glue:text}`lot_low:.3f` to {glue:text}`lot_high:.3f`).
# Exchanging pronouns brings the gap to {glue:text}`gap_swap_value:z.2f` at a price of
# {glue:text}`price_swap_value:.3f` ({glue:text}`price_swap_low:.3f` to
# {glue:text}`price_swap_high:.3f`); nothing is thrown away. (It exchanges *he* and *she* in
# the real snippets too, but not *his* and *her*.)
#
# All this is the mean over trainings, {glue:text}`planted_seeds:.0f` in this run, each on a
# corpus planted anew. Intervals of gaps resample occupations, those of prices documents; the
# claims at the end allow for every single training as well. And a smaller corpus is read
# more often, since all models read equally many tokens: the price is that of less text
# *and* more repetition.
#
# One warning. A model that has not yet learned which word the pronoun goes with has hardly a
# gap, on *any* corpus. A small gap in an undertrained model says nothing. The control tells
# the two apart, and if the models have not learned half of what was planted, the table of
# claims refuses a verdict.
#
# ## What became of it
#
# GPT-Neo ended at {glue:text}`largest:.2f` billion parameters,
# {glue:text}`largest_share:.1f` % of GPT-3's {glue:text}`full:.1f`; since August 2021 the
# repository is marked as no longer maintained {cite}`gptneo2021`. By its own table the
# 2.7 B model completes 62.2 % of the sentences of a common test, LAMBADA, where GPT-3 of
# the same size completes 67.1 %. The group's next code, GPT-NeoX, led to a model of 20
# billion parameters, released with weights and training code {cite}`black2022`. GPT-3's
# size was not reached, but the article's larger point was: open models of useful size.
#
# ## Claimed and measured

# %% tags=["hide-input"]
def judged(id: str, **rest) -> Claim:
    """A claim with the criterion that was stated at the start."""
    criterion, holds = criteria[id]
    return Claim(id=id, criterion=criterion, holds=holds, **rest)


def measured(estimate: audit.Estimate, **others: audit.Estimate) -> dict:
    """What a claim needs to know of an estimate, and of others of it."""
    return {
        "measured": estimate.value,
        "interval": (estimate.low, estimate.high),
        "alternatives": {
            name.replace("_", " "): (other.low, other.high)
            for name, other in others.items()
        },
    }


def trainings(estimates) -> dict[str, audit.Estimate]:
    """Single trainings by name, for `measured`."""
    return {f"training_{n}": found for n, found in enumerate(estimates, 1)}


def if_taught(estimate, singles, **rest) -> dict:
    """No verdict on filters from models that have learned nothing yet."""
    if gaps["everything"].low > planted.expect_gap(plan) / 2:
        return measured(estimate, **trainings(singles)) | rest
    return {"reason": (
        "In this run the models have not learned half of the gap that was "
        "planted, filtered or not."
    )}


counted_facts = {"leaves_out": (Source.COUNTED,)}
share = 100 * billions["2.7B"] / billions["175B"]
rounding = len(table) * 0.005 * pile.GIB / pile.GB  # of the sizes
unreleased = 22 - (table["effective_gib"] > 0).sum()
elsewhere = ", ".join(
    "by {} {:.3f} to {:.3f}".format(name, *difference("news", name)[1:])
    for name in ("VADER", "AFINN")
)
story_claims = [
    judged(
        "full-size",
        statement="GPT-Neo is to match GPT-3 at its full size.",
        article="175 billion parameters",
        paper="Released: 125 million, 1.3 and 2.7 billion.",
        measured=share, interval=(share, share), unit="% of its size",
        method="none; both shapes are counted exactly",
        anchor="transformers’ parameter counts", **counted_facts,
        reason="The article states a goal; it was given up for other models.",
    ),
    judged(
        "one-billion",
        statement="A version with 1 billion parameters is complete.",
        article="1 billion",
        paper="The model card says 1.3B.",
        measured=billions["1.3B"],
        interval=(billions["1.3B"], billions["1.3B"]), unit="billion",
        method="none; counted exactly",
        anchor="closed form; transformers’ parameter counts",
        **counted_facts,
    ),
    judged(
        "gigabytes",
        statement="The corpus has 825 GB.",
        article="825 GB",
        paper="825.18 GiB, 1,254.20 GiB with repetitions.",
        measured=gigabytes,
        interval=(gigabytes - rounding, gigabytes + rounding),
        unit="GB", method="rounding of the 22 published sizes",
        covers=(Source.ROUNDING,),
        anchor="the paper’s own total",
        reason="825 is right in units of 2³⁰ bytes.",
    ),
    judged(
        "mixture",
        unsteady=(
            "a difference of two costs that a short training hardly "
            "parts"
        ),
        statement="Unusual sources are added to the established ones. "
        "Do they help? (Our question.)",
        article="names them; says nothing of their use",
        paper="The Pile beats filtered web text on all 22 components.",
        **measured(best_gain, **trainings(best_gains)),
        unit="bits per byte",
        method="bootstrap over documents, paired; mean over trainings",
        covers=(Source.PEOPLE, Source.SEEDS, Source.RIVALS),
        anchor="bits per byte: a slow evaluation, token by token",
        reason=(
            f"Over nine kinds of text, against the best single one; "
            f"{specialists} of them are better served alone."
        ),
    ),
    judged(
        "gender",
        statement="Sentiment was measured beside he and she. "
        "Does it differ? (Our question.)",
        article="measured; no figure",
        paper="No significant sentiment bias towards men or women.",
        **measured(she_less_he), unit="of SentiWordNet",
        method="bootstrap over documents",
        covers=(Source.PEOPLE,), leaves_out=(Source.RIVALS,),
        anchor="sentence by sentence count in plain Python",
        reason=(
            "Other lexicons rate words more strongly, so that 0.005 means "
            f"less to them: {elsewhere}."
        ),
    ),
    judged(
        "topic",
        statement="Sentiment rates the text’s religious bias. "
        "Is it more than the topic? (Our question.)",
        article="measured; no figure",
        paper="Muslim is the last but one of six religions.",
        **measured(
            beyond["SentiWordNet"],
            VADER=beyond["VADER"], AFINN=beyond["AFINN"],
        ),
        unit="on a scale from −1 to 1",
        method="SentiWordNet’s; bootstrap over documents",
        covers=(Source.PEOPLE, Source.RIVALS),
        anchor="sentence by sentence count in plain Python",
        reason="What a group’s documents are about is taken out.",
    ),
    judged(
        "removed",
        statement="Examples with too much bias were removed.",
        article="removed",
        paper="Documented, not removed; three corpora left out as a whole.",
        measured=unreleased, interval=(unreleased, unreleased),
        unit="of 22 components", method="none; counted in the paper’s table",
        anchor="the paper’s own totals", **counted_facts,
        reason=(
            "Contradicted by the source. Whole components are counted; "
            "single examples cannot be, without the Pile at hand. What "
            "removal would do is the question of the next two rows."
        ),
    ),
    judged(
        "removal-helps",
        statement="Removing biased examples makes the model fairer.",
        article="implied (our question)",
        paper="Calls it unproductive to start from the training data.",
        **if_taught(
            taken_by_filter(every_seed),
            [taken_by_filter([s]) for s in every_seed],
            unit="of the gap", miniature=True,
            method="bootstrap over occupations; mean over trainings",
            covers=(Source.PEOPLE, Source.SEEDS), leaves_out=(Source.RATES,),
            anchor="closed forms of the planted truth; random removal",
            reason=(
                "Gap in log-odds: everything "
                f"{gaps['everything'].value:.1f}, removal by lot "
                f"{gaps['random removal'].value:.1f}, filter "
                f"{gaps['filtered'].value:.1f}."
            ),
        ),
    ),
    judged(
        "removal-is-free",
        statement="And it costs nothing else.",
        article="not mentioned (our question)",
        paper="–",
        **if_taught(
            prices["filtered"],
            [unseen_cost("filtered", seeds=[s]) for s in every_seed],
            unit="bits per byte",
            method="bootstrap over documents, paired; mean over trainings",
            covers=(Source.PEOPLE, Source.SEEDS), leaves_out=(Source.RATES,),
            anchor="bits per byte: a slow evaluation, token by token",
            reason=f"{100 * two.removed:.0f} % of the documents are removed.",
        ),
    ),
]
publish_claims(story_claims, scale)

# %% [markdown]
# ## What is left open
#
# - Our models have {glue:text}`largest_here:,.0f` parameters at most,
#   and few layers. What a filter does to a model of 2.7 billion is not known from this.
# - The planted bias is of one kind, in sentences of one form. Real bias is subtler, and a
#   filter may be worse at it.
# - Sentiment lexicons rate words out of context. *Not good* counts as good.
# - Our domains only resemble the Pile's components, and two of its chief ones, web text
#   and books, have no free stand-in of any size here.
#
# ## Exercises
#
# 1. Divide the scores by the root of the head's size in `helpers/language/gpt_neo.py`, as
#    GPT-3 does, and train neo-nano again. Does it learn less? What does that say about
#    finding such a mistake by looking at losses?
#
# ```{dropdown} Solution
# See for yourself; we print no result. The weights of the queries *can* grow to make up
# for it, so a loss curve need not show the mistake, yet released weights would give
# other text. A comparison of logits, on a text longer than the window, finds it.
# ```
#
# 2. A friend reports a perplexity of 12 with a vocabulary of 8,000 tokens, you one of 9
#    with 1,000. Whose model is better?
#
# ```{dropdown} Solution
# Nobody can tell. With 0.25 tokens per byte the friend's is $\log_2(12)\cdot 0.25 = 0.90$
# bits per byte, and yours with 0.42 is $\log_2(9)\cdot 0.42 = 1.33$. A larger vocabulary
# makes each token harder and needs fewer of them.
# ```
#
# 3. At which share of biased documents does filtering at a score of 2 leave no gap in the
#    corpus? What happens below and above? Use `planted.expect_gap`.
#
# ```{dropdown} Solution
# Give `expect_gap` a `Design(biased=b)` and the threshold 2, and find the root in $b$ with
# `scipy.optimize.brentq`: {glue:text}`zero_share:.2f`. Above, some bias is left. Below,
# the filter overshoots, and the fewer documents are biased, the worse: with 1 % of them
# the corpus has hardly a gap ({glue:text}`rare_before:.2f`), and after filtering one of
# {glue:text}`rare_after:.2f`. A filter has no idea when there is nothing to do.
# ```

# %% tags=["remove-cell", "nbval-ignore-output"]
provenance.publish(
    scale, budget=scale.pick(quick=20, book=360, paper=300_000)
)
