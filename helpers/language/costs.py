"""What a GPT-Neo costs: parameters and floating-point operations in closed form.

V tokens in the vocabulary, P positions, L layers of width d, sequences of T tokens:

    parameters   N = V d + P d + L (12 d² + 10 d) + 2 d
    forward      F = T (24 L d² + 2 V d) + 4 L T² d        for a sequence

An operation is a multiplication or an addition. T² pairs of tokens are what an attention
that masks computes; ours skips blocks that are hidden as a whole, see `executed`. The
backward pass costs twice the forward one. The tests compare parameters with transformers,
and operations with what torch's `FlopCounterMode` counts in transformers' model and ours.
"""

from collections.abc import Callable

from helpers.language.gpt_neo import BLOCK, Config

# GPT-Neo's shapes, and GPT-3's, which EleutherAI never trained.
SHAPES = {
    "125M": Config(50_257, 2_048, 768, 12, 12),
    "350M": Config(50_257, 2_048, 1_024, 24, 16),
    "1.3B": Config(50_257, 2_048, 2_048, 24, 16),
    "2.7B": Config(50_257, 2_048, 2_560, 32, 20),
    "175B": Config(50_257, 2_048, 12_288, 96, 96),
}


def parameters(config: Config) -> int:
    """All trained numbers; the tied table of tokens counts once."""
    d = config.width
    tables = (config.vocabulary + config.positions) * d
    return tables + config.layers * (12 * d**2 + 10 * d) + 2 * d


def forward(config: Config, length: int) -> int:
    """Operations of one sequence of `length` tokens, forward, with T² pairs in each layer."""
    return _operations(config, length, lambda window: length**2)


def executed(config: Config, length: int) -> int:
    """The same as our model executes it, in blocks of queries."""
    return _operations(config, length, lambda window: _block_pairs(length, window))


def unmasked(config: Config, length: int) -> int:
    """The same with only those pairs of tokens that a layer may see: the least there is."""
    return _operations(config, length, lambda window: _seen_pairs(length, window))


def training(config: Config, length: int, count: Callable[[Config, int], int] = forward) -> float:
    """Operations per token, forward and backward."""
    return 3 * count(config, length) / length


def _operations(config: Config, length: int, pairs: Callable[[int | None], int]) -> int:
    d, layers = config.width, config.layers
    products = length * (24 * layers * d**2 + 2 * config.vocabulary * d)
    return products + 4 * d * sum(pairs(config.window_of(layer)) for layer in range(layers))


def _block_pairs(length: int, window: int | None) -> int:
    total = 0
    for start in range(0, length, BLOCK):
        end = min(length, start + BLOCK)
        first = max(0, start - window + 1) if window else 0
        total += (end - start) * (end - first)
    return total


def _seen_pairs(length: int, window: int | None) -> int:
    near = min(length, window or length)
    return near * (near + 1) // 2 + (length - near) * near
