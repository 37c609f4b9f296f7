"""The maps between states, on states whose match is known."""

import numpy as np
import pytest
import torch

from helpers.bayes import inside
from helpers.bayes.acting import INPUTS
from helpers.bayes.bandits import BernoulliBandit, ExponentialBandit, GaussianBandit
from helpers.bayes.conjugate import Bernoulli
from helpers.bayes.inside import Standard, match, swap
from helpers.bayes.networks import Network
from helpers.bayes.prediction import Training, meta_train, sample

COIN = Bernoulli()


def test_principal_components_equal_those_of_the_covariance():
    torch.manual_seed(0)
    states = torch.randn(200, 5, 6, dtype=torch.float64) @ torch.randn(6, 6, dtype=torch.float64)
    whitened = Standard.principal(states, 2)(states).flatten(0, 1)
    flat = states.flatten(0, 1)
    variance, axes = np.linalg.eigh(np.cov(flat.T.numpy()))
    expected = (flat - flat.mean(0)).numpy() @ axes[:, -2:][:, ::-1]
    expected /= np.sqrt(variance[-2:][::-1])
    cosine = np.abs((whitened.numpy() * expected).mean(axis=0))
    np.testing.assert_allclose(cosine, 1, atol=2e-3)  # n against n - 1
    np.testing.assert_allclose((whitened**2).mean(0), 1, atol=1e-9)


def test_scaling_is_undone():
    torch.manual_seed(0)
    states = torch.randn(50, 4, 3) * torch.tensor([1.0, 10.0, 0.1]) + 5
    scaled = Standard.scaled(states)
    torch.testing.assert_close(scaled.undo(scaled(states)), states, rtol=0, atol=1e-4)
    assert float(scaled(states).flatten(0, 1).std(0).sub(1).abs().max()) < 1e-5


def test_states_that_are_bayes_states_match_and_noise_does_not():
    bayes = inside.bayes_coordinates(COIN, sample(COIN, 600, seed=1))
    torch.manual_seed(1)
    disguised = torch.tanh(bayes / 20) @ torch.randn(2, 10)
    true = match(disguised, bayes, 400, seed=2)
    assert max(true.to_bayes, true.to_network) < 0.02
    noise = match(torch.randn(600, 20, 10), bayes, 100, seed=2)
    assert min(noise.to_bayes, noise.to_network) > 0.8


GAMES = [BernoulliBandit(), GaussianBandit(), ExponentialBandit()]


@pytest.mark.parametrize("game", GAMES, ids=str)
def test_a_players_states_and_beliefs_belong_together(game):
    net = Network(INPUTS, 1)
    states, beliefs = inside.player_states(net, game, 10, seed=3)
    assert states.shape == (10, 20, 64)
    assert beliefs.shape == (10, 20, 4)
    np.testing.assert_array_equal(beliefs[..., 2:].sum(-1), np.tile(np.arange(20.0), (10, 1)))


@pytest.mark.parametrize("game", GAMES, ids=str)
def test_means_and_sums_are_the_same_knowledge(game):
    net = Network(INPUTS, 1)
    (_, means), (_, sums) = (
        inside.player_states(net, game, 10, seed=3, sums=sums) for sums in (False, True)
    )
    means, sums = (values.double().flatten(0, 1).numpy() for values in (means, sums))
    np.testing.assert_array_equal(means[:, 2:], sums[:, 2:])
    paid, n = sums[:, :2], sums[:, 2:]
    expected = {
        BernoulliBandit: (1 + paid) / (2 + n),
        GaussianBandit: paid / (1 + n),
        ExponentialBandit: paid - np.log(2 + n),  # Gamma(3, 2): mean S / (a + n - 1)
    }[type(game)]
    np.testing.assert_allclose(means[:, :2], expected, atol=1e-5)


def test_only_a_trained_network_uses_the_state_that_it_is_given():
    run = meta_train(Training(COIN, 150_000, seed=4))
    x = sample(COIN, 800, seed=5)
    new, trained = (swap(net, COIN, x, 300, seed=6) for net in run.values())
    assert trained.network_goes_on == pytest.approx(trained.unchanged, abs=0.1)
    assert trained.from_wrong_counts > trained.network_goes_on + 1
    # Untrained, it predicts as badly with another episode's counts as with its own.
    assert new.network_goes_on == pytest.approx(new.unchanged, abs=0.01)
    assert new.from_wrong_counts == pytest.approx(new.unchanged, abs=0.01)
    assert trained.bayes_goes_on < 0.1
    assert trained.square < new.square < 1
