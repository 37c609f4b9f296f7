"""GPT-Neo against transformers' GPTNeoForCausalLM, and ten ways to be nearly right."""

import pytest
import torch
import transformers
from torch import nn
from torch.nn import functional as F

from helpers.language import gpt_neo
from helpers.language.gpt_neo import Config, GPTNeo

SHAPES = [  # sequences are longer than the window, in even and odd numbers
    (Config(1_000, 200, 64, 4, 4, window=16), (2, 200)),
    (Config(61, 77, 24, 3, 2, window=7), (3, 77)),
    (Config(400, 96, 48, 2, 6, window=5, pattern=("local",)), (1, 95)),
    (Config(50_257, 64, 16, 2, 1, window=33), (1, 64)),
]


def peer(config: Config) -> nn.Module:
    """transformers' model with weights far from those of a fresh start."""
    layers = [config.pattern[i % len(config.pattern)] for i in range(config.layers)]
    torch.manual_seed(1)
    model = transformers.GPTNeoForCausalLM(
        transformers.GPTNeoConfig(
            vocab_size=config.vocabulary,
            max_position_embeddings=config.positions,
            hidden_size=config.width,
            num_layers=config.layers,
            num_heads=config.heads,
            window_size=config.window,
            attention_types=[[[kind], 1] for kind in layers],
            bos_token_id=0,
            eos_token_id=0,
        )
    )
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model.eval()


def ours(config: Config, theirs: nn.Module) -> GPTNeo:
    model = GPTNeo(config)
    model.load_state_dict(theirs.state_dict(), strict=True)
    return model


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: f"width {shape[0].width}")
def pair(request):
    config, size = request.param
    theirs = peer(config)
    tokens = torch.randint(config.vocabulary, size, generator=torch.Generator().manual_seed(2))
    return ours(config, theirs), theirs, tokens


def test_logits_loss_and_gradients_are_those_of_transformers(pair):
    mine, theirs, tokens = pair
    logits = mine(tokens)
    expected = theirs(tokens, labels=tokens)
    assert expected.logits.std() > 0.3
    torch.testing.assert_close(logits, expected.logits, atol=1e-4, rtol=0)
    loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())
    assert abs(loss - expected.loss) < 1e-5
    loss.backward()
    expected.loss.backward()
    named = dict(theirs.named_parameters())
    assert set(named) == {name for name, _ in mine.named_parameters()}
    for name, parameter in mine.named_parameters():
        torch.testing.assert_close(parameter.grad, named[name].grad, atol=1e-6, rtol=1e-4)


def test_the_state_dict_has_the_names_of_released_checkpoints(pair):
    mine, theirs, _ = pair
    assert list(mine.state_dict()) == sorted(theirs.state_dict(), key=list(mine.state_dict()).index)
    assert mine.lm_head.weight is mine.transformer["wte"].weight


def scaled(monkeypatch, model):
    real = gpt_neo.attend
    monkeypatch.setattr(gpt_neo, "attend", lambda q, *rest: real(q * q.shape[-1] ** -0.5, *rest))


def erf_gelu(monkeypatch, model):
    monkeypatch.setattr(gpt_neo.TanhGelu, "apply", F.gelu)


def windows(change):
    def mutate(monkeypatch, model):
        for layer, block in enumerate(model.transformer["h"]):
            block.attn["attention"].window = change(model.config, layer)

    return mutate


def small_epsilon(monkeypatch, model):
    for module in model.modules():
        if isinstance(module, nn.LayerNorm):
            module.eps = 1e-6


def shifted_positions(monkeypatch, model):
    table = model.transformer["wpe"].weight
    table.data = table.data.roll(-1, 0)


def queries_as_keys(monkeypatch, model):
    for block in model.transformer["h"]:
        attention = block.attn["attention"]
        attention.q_proj, attention.k_proj = attention.k_proj, attention.q_proj


def no_output_bias(monkeypatch, model):
    for block in model.transformer["h"]:
        nn.init.zeros_(block.attn["attention"].out_proj.bias)


MISTAKES = {
    "division by the root of the head's size": scaled,
    "GELU by erf": erf_gelu,
    "all layers global": windows(lambda config, layer: None),
    "global and local exchanged": windows(lambda config, layer: config.window_of(layer + 1)),
    "window one too wide": windows(
        lambda config, layer: config.window_of(layer) and config.window + 1
    ),
    "window one too narrow": windows(
        lambda config, layer: config.window_of(layer) and config.window - 1
    ),
    "epsilon of layer norm 1e-6": small_epsilon,
    "positions start at 1": shifted_positions,
    "queries and keys exchanged": queries_as_keys,
    "no bias after attention": no_output_bias,
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_classic_mistake_is_caught(monkeypatch, name):
    config, size = SHAPES[0]
    theirs = peer(config)
    tokens = torch.randint(config.vocabulary, size, generator=torch.Generator().manual_seed(2))
    mine = ours(config, theirs)
    with torch.no_grad():
        expected = theirs(tokens).logits
        faithful = (mine(tokens) - expected).abs().max()
        MISTAKES[name](monkeypatch, mine)
        wrong = (mine(tokens) - expected).abs().max()
    assert faithful < 1e-5
    assert wrong > 5e-4


def test_a_local_layer_forgets_what_is_older_than_its_window():
    model = GPTNeo(Config(50, 32, 16, 1, 2, window=4, pattern=("local",)))
    tokens = torch.arange(32)[None]
    changed = tokens.clone()
    changed[0, 9] = 40
    apart = (model(tokens) - model(changed)).abs().amax((0, 2)) > 0
    assert apart.nonzero().flatten().tolist() == [9, 10, 11, 12]


def test_a_sequence_longer_than_the_table_is_one_sentence():
    model = GPTNeo(Config(50, 32, 16, 2, 2))
    with pytest.raises(ValueError, match="33 tokens is longer than the table of 32 positions"):
        model(torch.zeros(1, 33, dtype=torch.long))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"width": 30, "heads": 4}, "a width of 30 cannot be shared by 4 heads"),
        ({"pattern": ("global", "linear")}, "layers are 'global' or 'local'"),
        ({"pattern": ()}, "layers are 'global' or 'local'"),
    ],
)
def test_an_impossible_shape_is_one_sentence(changes, words):
    sizes = {"vocabulary": 50, "positions": 32, "width": 16, "layers": 2, "heads": 2}
    with pytest.raises(ValueError, match=words):
        Config(**(sizes | changes))


@pytest.mark.parametrize("window", [1, 2, 5, 100, None])
@pytest.mark.parametrize("queries", [1, 3, 20])
def test_unseen_is_all_but_the_band_of_the_definition(window, queries):
    keys = 20
    mask = gpt_neo.unseen(queries, keys, window, torch.device("cpu"))
    rows = range(keys - queries, keys)
    seen = [[0 <= row - key < (window or keys) for key in range(keys)] for row in rows]
    assert torch.equal(mask == 0, torch.tensor(seen))
    assert torch.isinf(mask).sum() == (~torch.tensor(seen)).sum()


@pytest.mark.parametrize("window", [None, 1, 16, 64, 100])
@pytest.mark.parametrize("queries", [1, 63, 64, 150, 200])
def test_attention_in_blocks_is_attention(window, queries):
    generator = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(6, 200, 8, generator=generator) for _ in range(3))
    q = q[:, -queries:]
    mask = gpt_neo.unseen(queries, 200, window, q.device)
    whole = F.scaled_dot_product_attention(q, k, v, mask, scale=1.0)
    torch.testing.assert_close(gpt_neo.attend(q, k, v, window), whole, atol=1e-5, rtol=1e-4)
