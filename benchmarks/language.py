"""Chapter 3: training and sampling with our GPT-Neo, beside transformers' and a plain GPT."""

import logging
from collections.abc import Callable
from functools import partial
from importlib.metadata import version

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.report import Row, publish, race, spread
from helpers.language import costs
from helpers.language.gpt_neo import Config, GPTNeo
from helpers.language.sampling import sample

# Vocabulary, positions, width, layers, heads, window; sequences in a batch.
SHAPES = (
    (Config(1_024, 128, 64, 2, 4, 64), 4),
    (Config(1_024, 128, 128, 4, 4, 64), 8),
    (Config(2_048, 256, 192, 4, 6, 128), 4),
    (Config(4_096, 256, 256, 6, 8, 128), 4),
    (Config(16_384, 256, 384, 8, 6, 128), 4),
)
RACES, WORK = 7, 4e9  # a lap's tokens times parameters; four batches at least
SAMPLED, DRAWS = 200, 3
SEED = 3

TEXT = """\
**Training.** Same shape, same batches of random tokens, same optimizer (torch's fused AdamW,
gradients clipped to length 1), one thread; forward, backward and step are counted.
transformers' GPTNeoForCausalLM {transformers} starts from the same weights, without cache and
dropout, and its losses are asserted to be ours. The plain GPT (in benchmarks/language.py) has
GPT-2's layers with one product for queries, keys and values and torch's fused attention, all
layers global: it does not compute the same function. Ratios are tokens per CPU second of ours
to theirs in the same repetition; targets 1.3 and 1.0. {verdict}
What limits the ratios: all three call the same matrix products. At the largest size these take
{share:.0f} % of our time even if each ran as fast as one large product alone does here
({speed:.0f} GFLOP/s), so nobody who calls them can be much faster.

**Sampling.** {sampled} tokens one by one, with keys and values kept or computed anew; the same
tokens are drawn, which is asserted."""


class PlainBlock(nn.Module):
    """GPT-2's layer: queries, keys and values in one product."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.before_attention, self.before_mlp = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        qkv = self.qkv(self.before_attention(x)).unflatten(2, (3, self.heads, -1))
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(mixed.transpose(1, 2).flatten(2))
        return x + self.down(F.gelu(self.up(self.before_mlp(x)), approximate="tanh"))


class PlainGPT(nn.Module):
    """GPT-2 without dropout, as most people write it."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.words = nn.Embedding(config.vocabulary, config.width)
        self.places = nn.Embedding(config.positions, config.width)
        blocks = (PlainBlock(config.width, config.heads) for _ in range(config.layers))
        self.blocks = nn.Sequential(*blocks, nn.LayerNorm(config.width))
        for table in (self.words, self.places):
            nn.init.normal_(table.weight, std=0.02)

    def loss(self, tokens: Tensor, targets: Tensor) -> Tensor:
        x = self.blocks(self.words(tokens) + self.places.weight[: tokens.shape[1]])
        logits = F.linear(x, self.words.weight)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


class Theirs(nn.Module):
    """transformers' model with our `loss`. Imported late: not everybody has it."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        import transformers  # noqa: PLC0415

        self.model = transformers.GPTNeoForCausalLM(
            transformers.GPTNeoConfig(
                vocab_size=config.vocabulary,
                max_position_embeddings=config.positions,
                hidden_size=config.width,
                num_layers=config.layers,
                num_heads=config.heads,
                window_size=config.window,
                attention_types=[[["global", "local"], config.layers // 2]],
                resid_dropout=0.0,
                embed_dropout=0.0,
                attention_dropout=0.0,
                bos_token_id=0,
                eos_token_id=0,
            )
        )

    def loss(self, tokens: Tensor, targets: Tensor) -> Tensor:
        logits = self.model(input_ids=tokens, use_cache=False).logits
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def train(model: nn.Module, optimizer: torch.optim.Optimizer, batches: Tensor) -> list[float]:
    """Losses before each step; a batch is (sequences, tokens + 1)."""
    losses = []
    for rows in batches:
        loss = model.loss(rows[:, :-1], rows[:, 1:])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


def race_training(config: Config, batch: int) -> list[Row]:
    """Rows of one shape. Raises AssertionError when ours and transformers' losses differ."""
    torch.manual_seed(SEED)
    theirs = Theirs(config)
    ours = GPTNeo(config)
    ours.load_state_dict(theirs.model.state_dict())
    models = {"ours": ours, "transformers": theirs, "plain GPT": PlainGPT(config)}
    steps = max(4, round(WORK / costs.parameters(config) / (batch * config.positions)))
    batches = torch.randint(config.vocabulary, (steps, batch, config.positions + 1))
    runs: dict[str, Callable[[], list[float]]] = {}
    for name, model in models.items():
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
        runs[name] = partial(train, model, optimizer, batches)
    first = {name: run() for name, run in runs.items()}  # and warm up
    np.testing.assert_allclose(first["ours"], first["transformers"], rtol=1e-4)
    laps = list(race(runs, RACES))
    tokens = steps * batch * config.positions
    size = f"{costs.parameters(config) / 1e6:.2g} M parameters"
    rows = []
    for name in runs:
        ratio = spread([lap[name][0] / lap["ours"][0] for lap in laps])
        speed = spread([tokens / lap[name][0] for lap in laps])
        peer = name != "ours"
        rows.append(
            Row(
                f"{name}, {size}",
                speed,
                "tokens / CPU s",
                ratio if peer else None,
                "ours to theirs" if peer else "",
            )
        )
    return rows


def race_sampling(config: Config) -> list[Row]:
    """Cached against uncached. Raises AssertionError when they draw different tokens."""
    torch.manual_seed(SEED)
    model = GPTNeo(config).eval()
    draw = partial(sample, model, [0], min(SAMPLED, config.positions - 1), SEED)
    laps = list(race({"cached": draw, "anew": partial(draw, cached=False)}, DRAWS))
    assert all(lap["cached"][1] == lap["anew"][1] for lap in laps)
    count = len(laps[0]["cached"][1])
    speed = {name: spread([count / lap[name][0] for lap in laps]) for name in laps[0]}
    ratio = spread([lap["anew"][0] / lap["cached"][0] for lap in laps])
    size = f"{costs.parameters(config) / 1e6:.2g} M parameters"
    return [
        Row(f"sampling anew, {size}", speed["anew"], "tokens / CPU s"),
        Row(f"sampling cached, {size}", speed["cached"], "tokens / CPU s", ratio, "anew"),
    ]


def product_speed(rows: int = 1_024, width: int = 768) -> float:
    """Floating-point operations per CPU second in one product of matrices: the best of ten."""
    x, weight = torch.randn(rows, width), torch.randn(width, width)
    laps = race({"product": lambda: [x @ weight for _ in range(10)]}, 10)
    return 20 * rows * width**2 / min(lap["product"][0] for lap in laps)


def standing(rows: list[Row]) -> str:
    """Which targets were met, in one or two sentences."""
    sentences = []
    for name, target in (("transformers", 1.3), ("plain GPT", 1.0)):
        ratios = [row.ratio.median for row in rows if row.ratio and row.name.startswith(name)]
        met = sum(ratio >= target for ratio in ratios)
        low, high = min(ratios), max(ratios)
        sentences.append(
            f"Against {name} the median is {low:.2f} to {high:.2f}, at or above {target} "
            f"at {met} of {len(ratios)} sizes."
        )
    return " ".join(sentences)


def main() -> None:
    torch.set_num_threads(1)
    logging.getLogger("transformers").setLevel(logging.ERROR)
    rows = [row for shape in SHAPES for row in race_training(*shape)]
    largest = SHAPES[-1][0]
    speed = product_speed()
    least = costs.training(largest, largest.positions, costs.executed) / speed  # s a token
    ours = [row for row in rows if row.name.startswith("ours")][-1]
    text = TEXT.format(
        transformers=version("transformers"),
        verdict=standing(rows),
        share=100 * least * ours.value.median,
        speed=speed / 1e9,
        sampled=SAMPLED,
    )
    rows += [row for config, _ in (SHAPES[2], SHAPES[-1]) for row in race_sampling(config)]
    publish("language", "Chapter 3: training a small GPT-Neo", text, rows)


if __name__ == "__main__":
    main()
