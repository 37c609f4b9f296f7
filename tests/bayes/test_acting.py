"""Parts of the training against brute force, and that it learns."""

import numpy as np
import torch

from helpers.bayes import acting, strategies
from helpers.bayes.acting import INPUTS, LAMBDA, Player, Practice, advantages, learn_to_play
from helpers.bayes.bandits import BernoulliBandit, ExponentialBandit
from helpers.bayes.networks import Network

GAME = BernoulliBandit()


def test_advantages_equal_their_definition():
    """Schulman et al. (2016), equation 16: discounted sums of surprises."""
    torch.manual_seed(0)
    credit, value = torch.randn(2, 6, 4, dtype=torch.float64)
    following = torch.cat([value[1:], torch.zeros(1, 4)])
    surprise = credit + following - value
    expected = torch.stack(
        [sum(LAMBDA**k * surprise[t + k] for k in range(6 - t)) for t in range(6)]
    )
    torch.testing.assert_close(advantages(credit, value), expected)


def test_credits_are_the_pulled_arms_means_and_inputs_are_payouts():
    practice = Practice(GAME, 1, seed=0, batch=50)
    net, critic = Network(INPUTS, 1), torch.nn.Linear(32, 2)
    batch = acting.play_batch(net, critic, practice, np.random.default_rng(1))
    pulled = batch.means.expand(20, 50, 2).gather(2, batch.arms[..., None])[..., 0]
    assert torch.equal(batch.credit, pulled)
    assert not batch.inputs[0].any()  # nothing is known before the first pull
    assert torch.equal(batch.inputs[1:, :, :2].argmax(dim=-1), batch.arms[:-1])
    paid = batch.inputs[1:, :, 2:].sum(dim=-1)
    assert set(paid.unique().tolist()) == {0.0, 1.0}  # flips, not means


def test_on_payouts_alone_the_means_stay_hidden():
    practice = Practice(GAME, 1, seed=0, batch=50, told_means=False)
    net, critic = Network(INPUTS, 1), torch.nn.Linear(32, 2)
    batch = acting.play_batch(net, critic, practice, np.random.default_rng(1))
    assert not batch.means.any()
    assert len(batch.credit.unique()) == 2


def test_a_batch_remembers_the_chances_it_was_played_with():
    practice = Practice(GAME, 1, seed=0, batch=30)
    net, critic = Network(INPUTS, 1), torch.nn.Linear(32, 2)
    batch = acting.play_batch(net, critic, practice, np.random.default_rng(2))
    odds = net(batch.inputs)[0][..., 0]
    torch.testing.assert_close(
        acting.log_chance_of(batch.arms, odds), batch.log_chance, rtol=0, atol=1e-5
    )


def test_before_any_update_the_policy_gradient_is_that_of_reinforce():
    """At ratio 1 the clipped objective's gradient is that of advantage × log chance."""
    torch.manual_seed(0)
    practice = Practice(GAME, 1, seed=0, batch=40)
    net, critic = Network(INPUTS, 1), torch.nn.Linear(32, 2)
    batch = acting.play_batch(net, critic, practice, np.random.default_rng(3))
    better = advantages(batch.credit, batch.value)
    weight = net.say.weight
    (ours,) = torch.autograd.grad(acting.loss_of(net, critic, batch, better, 0.0), weight)
    gain = (better - better.mean()) / better.std()
    odds = net(batch.inputs)[0][..., 0]
    plain = -(gain * acting.log_chance_of(batch.arms, odds)).mean()
    (theirs,) = torch.autograd.grad(plain, weight)
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-6)


def test_playing_a_game_equals_running_the_network_on_its_inputs():
    game = ExponentialBandit()
    practice = Practice(game, 1, seed=0, batch=25)
    net, critic = Network(INPUTS, 1), torch.nn.Linear(32, 2)
    batch = acting.play_batch(net, critic, practice, np.random.default_rng(4))
    player = Player(net, game)
    n, s = np.zeros((25, 2), int), np.zeros((25, 2))
    odds = net(batch.inputs)[0][..., 0]
    for t in range(game.pulls):
        chances = player(n, s)
        np.testing.assert_allclose(chances[:, 0], torch.sigmoid(odds[t]).detach(), atol=1e-5)
        if t + 1 < game.pulls:
            arm = batch.arms[t].numpy()
            waited = batch.inputs[t + 1, :, 2:].sum(dim=1).double().exp().numpy() * game.arm.b
            n[np.arange(25), arm] += 1
            s[np.arange(25), arm] += waited


def test_practice_helps_and_never_beats_the_optimum():
    net = learn_to_play(Practice(GAME, 300_000, seed=5))
    trained = strategies.play(GAME, Player(net, GAME), 4_000, seed=6)
    torch.manual_seed(5)
    new = strategies.play(GAME, Player(Network(INPUTS, 1), GAME), 4_000, seed=6)
    assert trained.mean < new.mean / 4
    assert trained.shortfall.min() >= -1e-9
    error = trained.rewards.std() / np.sqrt(4_000)
    assert trained.rewards.mean() < GAME.optimum + 3 * error  # rewards, not only by definition
