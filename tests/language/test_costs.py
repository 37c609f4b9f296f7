import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from test_gpt_neo import peer
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


def counted(model, tokens):
    with FlopCounterMode(display=False) as counter:
        output = model(tokens)
    forward = counter.get_total_flops()
    with FlopCounterMode(display=False) as counter:
        getattr(output, "logits", output).sum().backward()
    return forward, counter.get_total_flops()


@settings(deadline=None, max_examples=10)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(2, 200), st.integers(10, 300))
def test_operations_equal_those_that_torch_counts(layers, heads, length, vocabulary):
    config = Config(vocabulary, 200, 8 * heads, layers, heads, window=9)
    tokens = torch.zeros(2, length, dtype=torch.long)
    forward = 2 * costs.executed(config, length)
    assert counted(GPTNeo(config), tokens) == (forward, 2 * forward)
    per_token = costs.training(config, length, costs.executed)
    assert 2 * length * per_token == pytest.approx(3 * forward, rel=1e-12)


@settings(deadline=None, max_examples=3)
@given(st.integers(1, 3), st.integers(2, 90))
def test_operations_with_all_pairs_equal_those_of_transformers(heads, length):
    config = Config(77, 90, 8 * heads, 2, heads, window=9)
    tokens = torch.zeros(2, length, dtype=torch.long)
    forward = 2 * costs.forward(config, length)
    assert counted(peer(config), tokens) == (forward, 2 * forward)
    per_token = costs.training(config, length)
    assert 2 * length * per_token == pytest.approx(3 * forward, rel=1e-12)


@given(st.integers(1, 200), st.integers(1, 100), st.integers(1, 5))
def test_no_pair_is_computed_twice_or_left_out(length, window, layers):
    config = Config(9, 200, 8, layers, 1, window=window)
    ages = torch.arange(length)[:, None] - torch.arange(length)
    windows = [config.window_of(layer) or length for layer in range(layers)]
    hidden = sum(((ages < 0) | (ages >= window)).sum() for window in windows)
    least = costs.unmasked(config, length)
    assert costs.forward(config, length) - least == 4 * 8 * hidden
    assert least <= costs.executed(config, length) <= costs.forward(config, length)
