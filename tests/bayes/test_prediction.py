"""Divergences from Bayes against closed forms, and what training may and may not do."""

import math

import numpy as np
import pytest
import torch

from helpers.bayes import prediction
from helpers.bayes.conjugate import Bernoulli, Categorical, Exponential, Gaussian
from helpers.bayes.networks import Network
from helpers.bayes.prediction import Training, exact_coin_kl, kl_from_bayes, meta_train, sample

COIN = Bernoulli()
FAMILIES = [COIN, Categorical(), Exponential(), Gaussian()]
STEPS = 200_000


@pytest.fixture(scope="module")
def coin_run():
    return meta_train(Training(COIN, STEPS, seed=1, keep=(50_000,)))


def test_always_one_half_has_its_closed_form():
    def always_half(x, state):
        return torch.zeros(1, x.shape[1], 1), state

    exact = exact_coin_kl(always_half, COIN).sum()
    n = 20
    # With Beta(1, 1) every count of ones is as likely as any other.
    entropy = np.mean([math.log((n + 1) * math.comb(n, k)) for k in range(n + 1)])
    assert exact == pytest.approx(n * math.log(2) - entropy, abs=1e-12)
    assert exact == pytest.approx(2.715734800849437, abs=1e-12)


def test_bayes_has_no_divergence_from_itself():
    def by_rule(x, counts):
        counts = torch.tensor([[[1.0, 3.0]]]) if counts is None else counts[0]
        counts = counts + x
        return torch.log(counts[..., :1] / counts[..., 1:]), (counts,)

    assert abs(exact_coin_kl(by_rule, Bernoulli(1, 3)).sum()) < 1e-9


def test_exact_and_sampled_divergence_agree(coin_run):
    exact = exact_coin_kl(coin_run[STEPS], COIN)
    sampled = kl_from_bayes(coin_run[STEPS], COIN, sample(COIN, 20_000, seed=2))
    error = sampled.std(dim=0).numpy() / math.sqrt(20_000)
    assert np.all(np.abs(sampled.mean(dim=0).numpy() - exact) < 4.5 * error + 1e-12)


def test_training_brings_a_coin_network_near_bayes(coin_run):
    x = sample(COIN, 4_000, seed=3)
    untrained, early, late = (
        float(kl_from_bayes(net, COIN, x).sum(1).mean()) for net in coin_run.values()
    )
    assert list(coin_run) == [0, 50_000, STEPS]
    assert 2 < untrained < 4
    assert late < early < untrained
    assert late < 0.2


@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_no_trained_network_beats_bayes(family):
    """It would, if it were shown what it should predict."""
    net = meta_train(Training(family, 60_000, seed=4))[60_000]
    x = sample(family, 10_000, seed=5)
    with torch.inference_mode():
        said = prediction.predictions(net, family, x).double()
    extra = (family.log_loss(said, x) - family.log_loss(family.predict(family.state(x)), x)).sum(1)
    assert float(extra.mean()) > -3 * float(extra.std()) / 100
    # The extra loss and the divergence estimate the same number.
    kl = kl_from_bayes(net, family, x).sum(1)
    gap = extra - kl
    assert abs(float(gap.mean())) < 4 * float(gap.std()) / 100


def test_a_network_that_sees_the_answer_is_caught(coin_run):
    """What the test above would find in a leak: a loss below Bayes' by far."""
    x = sample(COIN, 2_000, seed=6)
    leak = torch.where(x > 0.5, 4.0, -4.0).unsqueeze(-1)
    extra = (COIN.log_loss(leak, x) - COIN.log_loss(COIN.predict(COIN.state(x)), x)).sum(1)
    assert float(extra.mean()) < -3 * float(extra.std()) / math.sqrt(2_000)


def test_inputs_show_only_what_came_before():
    x = sample(COIN, 3, seed=7)
    changed = x.clone()
    changed[:, 10] = 1 - changed[:, 10]
    net = Network(2, 1)
    same = prediction.predictions(net, COIN, x) == prediction.predictions(net, COIN, changed)
    assert same[:, :11].all()
    assert not same[:, 11:].all()


def test_step_by_step_equals_whole_sequences(coin_run):
    net = coin_run[STEPS]
    x = prediction.previous(COIN, sample(COIN, 8, seed=8))
    whole, _ = net(x)
    state, steps = None, []
    for step in x:
        said, state = net(step[None], state)
        steps.append(said)
    torch.testing.assert_close(torch.cat(steps), whole, rtol=0, atol=1e-6)
    traced = net.trace(x)
    torch.testing.assert_close(net.say(traced[..., :32]), whole, rtol=0, atol=1e-6)


def test_without_memory_only_the_last_flip_counts():
    net = Network(2, 1, memory=False)
    x = sample(COIN, 200, seed=9)
    said = prediction.predictions(net, COIN, x)[..., 0]
    for flip in (0, 1):
        after = said[:, 1:][x[:, :-1] == flip]
        torch.testing.assert_close(after, after[:1].expand_as(after))
    stepwise, state = [], None
    for step in prediction.previous(COIN, x):
        one, state = net(step[None], state)
        stepwise.append(one)
    torch.testing.assert_close(torch.cat(stepwise)[..., 0].T, said)


def test_the_same_seed_gives_the_same_network():
    one, two = (meta_train(Training(COIN, 10_000, seed=10))[10_000] for _ in range(2))
    for mine, theirs in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.equal(mine, theirs)
