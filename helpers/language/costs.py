"""What a GPT-Neo costs: parameters and floating-point operations in closed form.

V tokens in the vocabulary, P positions, L layers of width d, sequences of T tokens:

    parameters   N = V d + P d + L (12 d² + 10 d) + 2 d
    forward      F = T (24 L d² + 2 V d) + 4 L T² d        for a sequence

An operation is a multiplication or an addition, attention counts in full, as it is
executed with a mask; the backward pass costs twice the forward one. The tests compare
the first with transformers, the second with torch's `FlopCounterMode`.
"""

from helpers.language.gpt_neo import Config

# Released by EleutherAI, except GPT-3's shape, which it never trained.
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
    """Operations of one sequence of `length` tokens, forward."""
    d, layers = config.width, config.layers
    products = length * (24 * layers * d**2 + 2 * config.vocabulary * d)
    return products + 4 * layers * length**2 * d


def training(config: Config, length: int) -> float:
    """Operations per token, forward and backward."""
    return 3 * forward(config, length) / length


def seen(config: Config, length: int) -> float:
    """Of the pairs of tokens that attention computes, the share that is not masked."""
    return sum(_pairs(length, config.window_of(layer)) for layer in range(config.layers)) / (
        config.layers * length**2
    )


def _pairs(length: int, window: int | None) -> int:
    near = min(length, window or length)
    return near * (near + 1) // 2 + (length - near) * near
