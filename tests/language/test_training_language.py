import dataclasses
import itertools
import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from helpers.language import training
from helpers.language.gpt_neo import Config, GPTNeo

CONFIG = Config(20, 16, 16, 2, 2, window=5)
STREAM = torch.arange(400) % 7 + 1  # a text that a model can learn


def run(**changes):
    plan = training.Run(CONFIG, {"a": STREAM}, {"a": 1.0}, 4_000, 1e-2, seed=1)
    return dataclasses.replace(plan, **changes)


@pytest.fixture(scope="module")
def trained():
    return training.train(run())


def test_training_learns_and_repeats_itself(trained):
    assert trained.losses[0] == pytest.approx(math.log(20), abs=0.1)
    assert trained.losses[-1] < 0.5
    again = training.train(run())
    assert np.allclose(again.losses, trained.losses, atol=1e-5)
    assert not np.allclose(training.train(run(seed=2)).losses[:5], trained.losses[:5], atol=1e-3)


def test_a_domain_comes_as_often_as_its_weight_says():
    streams = {"a": torch.full((50,), 3), "b": torch.full((90,), 4)}
    plan = run(streams=streams, weights={"a": 3.0, "b": 1.0}, batch=8)
    generator = torch.Generator().manual_seed(0)
    rows = torch.cat([training.draw(plan, generator) for _ in range(200)])
    assert rows.shape == (1_600, 17)
    assert (rows[:, 0] == 3).float().mean() == pytest.approx(0.75, abs=0.04)


def test_every_place_of_a_stream_is_drawn():
    plan = run(streams={"a": torch.arange(20)}, batch=400)
    rows = training.draw(plan, torch.Generator().manual_seed(0))
    assert rows.unique().tolist() == list(range(20))


def test_documents_follow_their_separators():
    assert training.stream([[5, 6], [7]]).tolist() == [0, 5, 6, 0, 7]


def test_the_schedule_rises_then_falls_to_a_tenth():
    shares = [training.schedule(step, 200) for step in range(200)]
    assert shares[9] == 1.0 and shares[4] == 0.5
    assert all(a >= b for a, b in itertools.pairwise(shares[9:]))
    assert shares[-1] == pytest.approx(0.1, abs=1e-3)


def test_matrices_and_tables_decay_and_vectors_do_not():
    decayed, spared = training._optimizer(GPTNeo(CONFIG), 1e-3).param_groups
    assert all(p.ndim == 2 for p in decayed["params"]) and decayed["weight_decay"] == 0.1
    assert all(p.ndim == 1 for p in spared["params"]) and spared["weight_decay"] == 0
    assert decayed["betas"] == (0.9, 0.95)


def test_watch_sees_the_start_ten_tenths_and_no_more():
    seen = []
    training.train(run(tokens=64 * 40), watch=lambda tokens, _: seen.append(tokens))
    assert seen == [256 * tenth for tenth in range(11)]


def test_each_token_is_scored_once_after_its_own_document(trained):
    """Segment by segment, without batches or padding."""
    documents = [[1, 2, 3], list(range(1, 18)), [4], [*range(1, 8)] * 7]
    scored = training.nats(trained.model, documents, batch=3)
    for tokens, total in zip(documents, scored, strict=True):
        expected = 0.0
        for start in range(0, len(tokens), 16):
            part = tokens[start : start + 16]
            before = [0, *tokens][start : start + len(part)]
            logits = trained.model(torch.tensor([before]))[0]
            expected += F.cross_entropy(logits, torch.tensor(part), reduction="sum").item()
        assert total == pytest.approx(expected, rel=1e-5)


def test_an_untrained_uniform_model_needs_log2_of_the_vocabulary_per_token():
    model = GPTNeo(CONFIG)
    torch.nn.init.zeros_(model.lm_head.weight)
    cost = training.nats(model, [[1, 2, 3, 4], [5]])
    assert cost == pytest.approx([4 * math.log(20), math.log(20)])
    bits = training.bits_per_byte(cost, np.array([8, 2]))
    assert bits == pytest.approx(5 * math.log2(20) / 10)


@pytest.mark.parametrize("weights", [{"b": 1.0}, {"a": 1.0, "short": 1.0}])
def test_a_domain_without_enough_text_is_one_sentence(weights):
    streams = {"a": STREAM, "short": STREAM[:16]}
    with pytest.raises(ValueError, match="tokens, fewer than a sequence of 17: give it more"):
        training.train(run(streams=streams, weights=weights))
