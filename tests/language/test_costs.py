import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from helpers.language import costs
from helpers.language.gpt_neo import Config, GPTNeo

PUBLISHED = {  # counts of the released checkpoints; 350M was withdrawn
    "125M": 125_198_592,
    "350M": 355_798_016,
    "1.3B": 1_315_575_808,
    "2.7B": 2_651_307_520,
    "175B": 174_600_720_384,
}


@pytest.mark.parametrize("name", costs.SHAPES)
def test_parameters_equal_the_formula_and_transformers(name):
    config = costs.SHAPES[name]
    with torch.device("meta"):
        mine = GPTNeo(config)
        theirs = transformers.GPTNeoForCausalLM(
            transformers.GPTNeoConfig(
                vocab_size=config.vocabulary,
                hidden_size=config.width,
                num_layers=config.layers,
                num_heads=config.heads,
                attention_types=[[["global", "local"], config.layers // 2]],
            )
        )
    counts = [sum(p.numel() for p in model.parameters()) for model in (mine, theirs)]
    assert counts[0] == counts[1] == costs.parameters(config) == PUBLISHED[name]


@settings(deadline=None, max_examples=10)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(2, 60), st.integers(10, 300))
def test_operations_equal_those_that_torch_counts(layers, heads, length, vocabulary):
    config = Config(vocabulary, 64, 8 * heads, layers, heads, window=9)
    model = GPTNeo(config)
    tokens = torch.zeros(2, length, dtype=torch.long)
    # torch counts the products of its plain attention, not those of its fused one.
    with sdpa_kernel(SDPBackend.MATH):
        with FlopCounterMode(display=False) as counter:
            model(tokens)
        assert counter.get_total_flops() == 2 * costs.forward(config, length)
        with FlopCounterMode(display=False) as counter:
            model(tokens).sum().backward()
        assert counter.get_total_flops() == 2 * length * costs.training(config, length)


@given(st.integers(1, 30), st.integers(1, 40), st.integers(1, 5))
def test_seen_is_the_share_of_the_mask(length, window, layers):
    config = Config(9, 64, 8, layers, 1, window=window)
    ages = torch.arange(length)[:, None] - torch.arange(length)
    windows = [config.window_of(layer) or length for layer in range(layers)]
    pairs = sum(((ages >= 0) & (ages < window)).sum() for window in windows)
    assert costs.seen(config, length) == pytest.approx(float(pairs) / (layers * length**2))
