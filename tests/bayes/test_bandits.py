"""The exact optima against packages, closed forms, integrals and brute force."""

import math
from functools import cache

import numpy as np
import pytest
from pybayesbandit.learners.vi import ValueIteration
from pybayesbandit.mdp.beta_bernoulli import BetaBernoulliMDP
from scipy.integrate import quad
from scipy.stats import norm

from helpers.bayes import strategies
from helpers.bayes.bandits import BernoulliBandit, ExponentialBandit, GaussianBandit
from helpers.bayes.conjugate import Bernoulli, Exponential, Gaussian

GAMES = [
    BernoulliBandit(),
    BernoulliBandit(Bernoulli(1, 3)),
    GaussianBandit(),
    GaussianBandit(Gaussian(1, 0.25, 1)),
    ExponentialBandit(),
    ExponentialBandit(Exponential(5, 5)),
]
EPISODES = 4_000


@pytest.mark.parametrize(
    ("pulls", "optimum"), [(1, 0.5), (2, 13 / 12), (3, 5 / 3), (20, 12.431264906)]
)
def test_known_values(pulls, optimum):
    assert BernoulliBandit(pulls=pulls).optimum == pytest.approx(optimum, abs=5e-10)


@pytest.mark.parametrize("pulls", [5, 10, 20])
def test_optimum_equals_another_package(pulls):
    peer = BetaBernoulliMDP(2)
    _, theirs = ValueIteration(peer).V(peer.start, pulls)
    assert BernoulliBandit(pulls=pulls).optimum == pytest.approx(theirs, abs=1e-10)


def test_skewed_prior_equals_plain_recursion():
    @cache
    def value(s1, f1, s2, f2, left):
        if left == 0:
            return 0.0
        p, q = (1 + s1) / (4 + s1 + f1), (1 + s2) / (4 + s2 + f2)
        return max(
            p * (1 + value(s1 + 1, f1, s2, f2, left - 1))
            + (1 - p) * value(s1, f1 + 1, s2, f2, left - 1),
            q * (1 + value(s1, f1, s2 + 1, f2, left - 1))
            + (1 - q) * value(s1, f1, s2, f2 + 1, left - 1),
        )

    assert BernoulliBandit(Bernoulli(1, 3), 12).optimum == pytest.approx(value(0, 0, 0, 0, 12))


def test_two_pulls_of_readings_have_a_closed_form():
    """After one reading, go on or change: E max(m, 0), m ~ N(0, t2^2 / (t2 + s2))."""
    game = GaussianBandit(Gaussian(0.7, 2.0, 0.5), pulls=2)
    sd = 2 / math.sqrt(2.5)
    assert game.optimum == pytest.approx(2 * 0.7 + sd / math.sqrt(2 * math.pi), abs=1e-6)


def test_two_pulls_of_waits_have_a_closed_form():
    """The first mean is 1/2; then max of 1/2 and (1 + x) / 3, x ~ Lomax(3, 1)."""
    game = ExponentialBandit(Exponential(3, 1), pulls=2)
    # E max(1/2, (1+x)/3) = 1/2 + integral of P(x > 3u - 1) over u > 1/2 = 1/2 + 2/27
    assert game.optimum == pytest.approx(1 + 2 / 27, abs=1e-5)


def test_three_pulls_of_readings_equal_an_integral():
    """Two pulls to go have a closed form; it is integrated over the first reading."""

    def best_of_two(first, sd, second):
        """E max(first + sd Z, second), the value of the last pull."""
        lead = (first - second) / sd
        return second + (first - second) * norm.cdf(lead) + sd * norm.pdf(lead)

    moved, unmoved = math.sqrt(1 / 2 - 1 / 3), math.sqrt(1 - 1 / 2)  # sd of a mean's next step

    def two_to_go(mean):
        """Arm 1 has been pulled once; arm 2's mean is still 0."""
        return max(mean + best_of_two(mean, moved, 0), best_of_two(0, unmoved, mean))

    def weighed(z):
        return norm.pdf(z) * two_to_go(unmoved * z)

    expected = quad(weighed, -9, 9, points=[0], epsabs=1e-10, limit=200)[0]
    assert GaussianBandit(pulls=3).optimum == pytest.approx(expected, abs=2e-5)


def test_three_pulls_of_waits_equal_an_integral():
    """The same with waits: prior Gamma(3, 1), whose S grows by a factor u, P(> u) = u^-a."""

    def best_of_two(total, a, other):
        """E max(u total / a, other): the mean after one more wait, or the other arm's."""
        turn = max(other * a / total, 1.0)  # below this u the other arm is better
        return other * (1 - turn**-a) + total / (a - 1) * turn ** (1 - a)

    def two_to_go(total):
        """Arm 1 has waited once, S = total; arm 2 not at all, S = 1 and a = 3."""
        first, second = total / 3, 1 / 2
        return max(first + best_of_two(total, 4, second), second + best_of_two(1, 3, first))

    later = quad(lambda u: 3 * u**-4 * two_to_go(u), 1, math.inf, epsabs=1e-10, limit=200)[0]
    optimum = ExponentialBandit(Exponential(3, 1), pulls=3).optimum
    assert optimum == pytest.approx(1 / 2 + later, abs=2e-5)


def test_finer_grids_change_little_and_agree_with_an_earlier_quadrature():
    coarse, fine = (GaussianBandit(step=h).optimum for h in (0.02, 0.005))
    assert 8.9264 < fine < 8.9271
    assert coarse == pytest.approx(fine, abs=2e-3)
    coarse, fine = (ExponentialBandit(Exponential(3, 1), step=h).optimum for h in (0.01, 0.0025))
    assert fine == pytest.approx(12.575, abs=1e-3)
    assert coarse == pytest.approx(fine, abs=1e-3)


def test_waits_in_another_unit_pay_in_that_unit():
    one, two = (ExponentialBandit(Exponential(3, b)).optimum for b in (1, 2))
    assert two == pytest.approx(2 * one)


def test_an_infinite_mean_reward_is_refused():
    with pytest.raises(ValueError, match="must exceed 1 for a finite mean reward, not 1"):
        ExponentialBandit(Exponential(1, 1))


@pytest.mark.parametrize("game", GAMES, ids=str)
def test_the_optimal_strategy_has_no_shortfall(game):
    best = strategies.play(game, strategies.optimal(game), EPISODES, seed=1)
    assert best.shortfall.max() < 1e-9
    error = best.rewards.std() / math.sqrt(EPISODES)
    assert best.rewards.mean() == pytest.approx(game.optimum, abs=4 * error)


@pytest.mark.parametrize("game", GAMES, ids=str)
def test_shortfall_is_optimum_less_expected_rewards(game):
    """For random play expected rewards are the prior mean times the pulls."""
    played = strategies.play(game, strategies.random, 4 * EPISODES, seed=2)
    mean = float(game.mean(np.zeros((1, 2)), np.zeros((1, 2)))[0, 0])
    expected = game.optimum - game.pulls * mean
    assert played.mean == pytest.approx(expected, abs=4 * played.error)
    assert played.shortfall.min() >= -1e-9


@pytest.mark.parametrize(
    ("make", "value"),
    [
        (lambda game: strategies.random, 10.0),
        (lambda game: strategies.ucb1, 11.5262),
        (strategies.thompson_chance, 11.9318),
        (strategies.greedy, 12.3654),
        (strategies.optimal, 12.4313),
    ],
    ids=["random", "ucb1", "thompson", "greedy", "optimal"],
)
def test_exact_values_and_played_shortfalls_agree(make, value):
    game = BernoulliBandit()
    exact = game.value_of(make(game))
    assert exact == pytest.approx(value, abs=5e-5)
    played = strategies.play(game, make(game), EPISODES, seed=3)
    assert played.mean == pytest.approx(game.optimum - exact, abs=4 * played.error + 1e-9)


def test_sampled_thompson_plays_as_its_chances_say():
    game = BernoulliBandit()
    sampled = strategies.play(
        game, strategies.thompson(game, np.random.default_rng(4)), EPISODES, seed=5
    )
    exact = game.value_of(strategies.thompson_chance(game))
    assert sampled.mean == pytest.approx(game.optimum - exact, abs=4 * sampled.error)


def test_equal_scores_are_split():
    chances = strategies.choose_larger(np.array([[0.3, 0.1 + 0.2], [1.0, 2.0]]))
    assert chances.tolist() == [[0.5, 0.5], [0.0, 1.0]]
