"""Training a GPT-Neo on a mixture of texts, and scoring it as the Pile scores.

The recipe is that of EleutherAI's repository in small: AdamW with decay of all tables
and matrices, gradients clipped to length 1, a linear warm-up, then a cosine to a tenth.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from helpers.language.gpt_neo import Config, GPTNeo

BETAS, DECAY, CLIP = (0.9, 0.95), 0.1, 1.0  # configs of EleutherAI/gpt-neo
WARM_UP, LAST_RATE = 0.05, 0.1  # share of the steps; share of the peak


@dataclass(frozen=True)
class Run:
    """One training: on what, for how long, from which seed."""

    config: Config
    streams: Mapping[str, Tensor]  # domain to (tokens,), documents after separators
    weights: Mapping[str, float]  # domain to its share of the batches; need not sum to 1
    tokens: int  # how many are predicted in all
    rate: float  # the peak
    seed: int
    batch: int = 4  # sequences of config.positions tokens


@dataclass(frozen=True)
class Trained:
    model: GPTNeo
    losses: np.ndarray  # (steps,) nats per token, before each step


def stream(documents: Sequence[Sequence[int]], separator: int = 0) -> Tensor:
    """Documents in a row, a separator before each: (tokens,)."""
    parts = (torch.tensor([separator, *tokens]) for tokens in documents)
    return torch.cat([*parts])


def train(run: Run, watch: Callable[[int, GPTNeo], None] | None = None) -> Trained:
    """Train from scratch; the same run gives the same weights, up to rounding.

    `watch` is called with the number of tokens seen and the model at the start and after
    each tenth of the steps. Raises ValueError for a domain with a weight but no stream,
    or a stream shorter than a sequence.
    """
    length = run.config.positions
    for domain in run.weights:
        available = len(run.streams.get(domain, ()))
        if available <= length:
            raise ValueError(
                f"domain {domain!r} has {available} tokens, fewer than a sequence of "
                f"{length + 1}: give it more text or no weight"
            )
    torch.manual_seed(run.seed)
    model = GPTNeo(run.config)
    optimizer = _optimizer(model, run.rate)
    steps = max(1, round(run.tokens / (run.batch * length)))
    generator = torch.Generator().manual_seed(run.seed)
    losses = []
    for step in range(steps):
        if watch and step in {tenth * steps // 10 for tenth in range(10)}:
            watch(step * run.batch * length, model)
        for group in optimizer.param_groups:
            group["lr"] = run.rate * schedule(step, steps)
        rows = draw(run, generator)
        loss = model.loss(rows[:, :-1], rows[:, 1:])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    if watch:
        watch(steps * run.batch * length, model)
    return Trained(model.eval(), np.array(losses))


def draw(run: Run, generator: torch.Generator) -> Tensor:
    """Sequences from random places, domains by their weights: (batch, positions + 1)."""
    domains = list(run.weights)
    odds = torch.tensor([run.weights[domain] for domain in domains])
    rows = []
    for choice in torch.multinomial(odds, run.batch, replacement=True, generator=generator):
        tokens = run.streams[domains[choice]]
        starts = len(tokens) - run.config.positions
        start = int(torch.randint(starts, (1,), generator=generator))
        rows.append(tokens[start : start + run.config.positions + 1])
    return torch.stack(rows)


def schedule(step: int, steps: int) -> float:
    """The learning rate as a share of its peak: linear up, then half a cosine down."""
    up = max(1, round(WARM_UP * steps))
    if step < up:
        return (step + 1) / up
    angle = math.pi * (step - up) / max(1, steps - up)
    return LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(angle)) / 2


def _optimizer(model: GPTNeo, rate: float) -> torch.optim.Optimizer:
    matrices = [p for p in model.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if p.ndim != 2]
    groups = [
        {"params": matrices, "weight_decay": DECAY},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=rate, betas=BETAS, fused=True)


@torch.no_grad()
def nats(
    model: GPTNeo, documents: Sequence[Sequence[int]], separator: int = 0, batch: int = 32
) -> np.ndarray:
    """What it costs the model to foretell each document, (documents,).

    As in the Pile (appendix E.2): each document by itself, cut into segments of at most
    the model's length, every token scored exactly once, the first after a separator.
    """
    length = model.config.positions
    segments = []  # (document, tokens before each, tokens)
    for number, tokens in enumerate(documents):
        before = [separator, *tokens[:-1]]
        segments += [
            (number, before[start : start + length], tokens[start : start + length])
            for start in range(0, len(tokens), length)
        ]
    segments.sort(key=lambda segment: len(segment[2]))  # rows alike in length: little padding
    total = np.zeros(len(documents))
    for first in range(0, len(segments), batch):
        rows = segments[first : first + batch]
        longest = len(rows[-1][2])
        inputs = torch.tensor([before + [0] * (longest - len(before)) for _, before, _ in rows])
        targets = torch.tensor([after + [-100] * (longest - len(after)) for _, _, after in rows])
        loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten(), reduction="none")
        sums = loss.view(len(rows), longest).sum(1).double().numpy()
        np.add.at(total, [number for number, _, _ in rows], sums)
    return total


def bits_per_byte(nats: np.ndarray, sizes: np.ndarray) -> float:
    """All bits over all bytes; sizes are those of exactly the documents scored."""
    return float(nats.sum() / sizes.sum() / math.log(2))


def train_and_score(
    run: Run, documents: Mapping[str, Sequence[Sequence[int]]]
) -> tuple[Trained, dict[str, np.ndarray]]:
    """A trained model and its `nats` for the documents of each domain."""
    trained = train(run)
    return trained, {domain: nats(trained.model, found) for domain, found in documents.items()}
