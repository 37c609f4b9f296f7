import pytest
import torch
from test_gpt_neo import SHAPES

from helpers.language import sampling
from helpers.language.gpt_neo import Config, GPTNeo, Past


@pytest.mark.parametrize(("config", "size"), SHAPES[:3])
@pytest.mark.parametrize("step", [1, 4, 30])
def test_logits_with_a_cache_equal_those_without(config, size, step):
    torch.manual_seed(3)
    model = GPTNeo(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
        tokens = torch.randint(config.vocabulary, (2, size[1]))
        past = [Past() for _ in range(config.layers)]
        parts = [model(part, past) for part in tokens.split(step, 1)]
        torch.testing.assert_close(torch.cat(parts, 1), model(tokens), atol=1e-4, rtol=0)
    for layer, kept in enumerate(past):
        window = config.window_of(layer)
        assert kept.keys.shape[1] == (size[1] if window is None else window - 1)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(4)
    return GPTNeo(Config(30, 40, 16, 2, 2, window=8))


@pytest.mark.parametrize("settings", [{}, {"temperature": 0.5}, {"top": 3}, {"temperature": 0}])
def test_the_same_seed_gives_the_same_text_cached_or_not(model, settings):
    texts = [
        sampling.sample(model, [0, 5], 38, seed=7, cached=cached, **settings)
        for cached in (True, False)
    ]
    assert texts[0] == texts[1] and len(texts[0]) == 38


def test_draws_follow_temperature_and_top():
    logits = torch.tensor([1.0, 0.0, 2.0, -1.0])
    generator = torch.Generator().manual_seed(5)

    def shares(temperature, top):
        drawn = [int(sampling.draw(logits, temperature, top, generator)) for _ in range(4_000)]
        return torch.bincount(torch.tensor(drawn), minlength=4) / 4_000

    expected = torch.softmax(logits / 0.7, 0)
    assert (shares(0.7, None) - expected).abs().max() < 0.03
    assert (shares(0.7, 9) - expected).abs().max() < 0.03
    two = shares(1.0, 2)
    assert two[1] == two[3] == 0
    assert abs(two[2] - torch.sigmoid(torch.tensor(1.0))) < 0.03


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"prompt": []}, "an empty prompt"),
        ({"temperature": -1.0}, "temperature -1.0 must be 0 or more"),
        ({"top": 0}, "top 0 1 or more"),
        ({"count": 45}, "longer than the table of 40 positions"),
    ],
)
def test_bad_requests_are_one_sentence(model, changes, words):
    with pytest.raises(ValueError, match=words):
        sampling.sample(model, **({"prompt": [1], "count": 3, "seed": 0} | changes))
