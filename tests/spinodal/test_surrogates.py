"""Surrogates against closed forms and brute force."""

import numpy as np
import pytest
import torch
from torch import nn

from helpers.spinodal import surrogates


def data(count=40, seed=0):
    """Sequences that a linear model can continue exactly."""
    rng = np.random.default_rng(seed)
    parameters = rng.normal(size=(count, 3))
    times = np.arange(30)[:, None]
    scores = parameters[:, None, :2] * np.exp(-0.05 * times) + parameters[:, None, 2:] * 0.1
    return scores, parameters


def test_persistence_repeats_the_last_frame():
    history = np.arange(12.0).reshape(2, 3, 2)
    np.testing.assert_array_equal(
        surrogates.persistence(history, 2), [[[4, 5]] * 2, [[10, 11]] * 2]
    )


def test_self_similar_growth_continues_an_exact_law():
    times, horizon = np.linspace(1, 4, 10), np.linspace(5, 20, 4)
    r = np.arange(200)

    def curves(t):
        return np.cos(np.pi * r / 2 / (20 * np.cbrt(t))[:, None])

    found = surrogates.self_similar(curves(times)[None], times, horizon)
    np.testing.assert_allclose(found[0, :, :100], curves(horizon)[:, :100], atol=2e-3)


def test_ridge_finds_a_linear_law_and_its_penalty_by_leaving_one_out():
    scores, parameters = data()
    model = surrogates.ridge(scores[:, :10], parameters, scores[:, 10:])
    fresh, others = data(seed=1)
    found = model.forecast(fresh[:, :10], others)
    np.testing.assert_allclose(found, fresh[:, 10:], atol=1e-3)


def test_ridge_equals_the_normal_equations_at_the_penalty_of_least_left_out_error():
    rng = np.random.default_rng(0)
    history, parameters = rng.normal(size=(25, 2, 2)), rng.normal(size=(25, 3))
    future = rng.normal(size=(25, 1, 2)) + history[:, :1]
    x = np.hstack([history.reshape(25, -1), parameters])
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    y = future.reshape(25, -1)

    def solve(x, y, penalty):
        # The intercept is not penalised; its column stays in when one row is left out.
        full = np.hstack([x, np.ones((len(x), 1))])
        diagonal = np.diag([penalty] * x.shape[1] + [0.0])
        return np.linalg.solve(full.T @ full + diagonal, full.T @ y)

    def left_out(penalty):
        total = 0
        for k in range(25):
            rest = np.arange(25) != k
            weights = solve(x[rest], y[rest], penalty)
            total += np.sum((y[k] - np.append(x[k], 1) @ weights) ** 2)
        return total

    best = min(10.0 ** np.arange(-4, 6), key=left_out)
    expected = np.hstack([x, np.ones((25, 1))]) @ solve(x, y, best)
    found = surrogates.ridge(history, parameters, future).forecast(history, parameters)
    np.testing.assert_allclose(found.reshape(25, -1), expected, atol=1e-10)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_a_network_learns_decay_and_rolls_out_what_one_step_predicts(kind):
    scores, parameters = data()
    model = surrogates.train(kind, scores, parameters, seed=0, hidden=16, epochs=60)
    x, p = torch.from_numpy(scores).float(), torch.from_numpy(parameters).float()
    first = model.one_step(x, p)[:, 9]
    torch.testing.assert_close(model.rollout(x[:, :10], p, 5)[:, 0], first)
    error = (model.rollout(x[:, :10], p, 20) - x[:, 10:]).square().mean()
    frozen = (x[:, 9:10] - x[:, 10:]).square().mean()
    assert error < frozen / 20


def test_training_repeats_for_a_seed_and_leaves_the_global_generator_alone():
    scores, parameters = data(8)
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    weights = [
        surrogates.train(nn.LSTM, scores, parameters, seed, hidden=4, epochs=2).head.weight
        for seed in (1, 1, 2)
    ]
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
