"""Predictives against scipy and against integrals of prior times likelihood."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from helpers.bayes.conjugate import Bernoulli, Categorical, Exponential, Gaussian

positive = st.floats(0.3, 8.0)
seeds = st.integers(0, 2**32 - 1)
FAMILIES = [
    Bernoulli(1, 3),
    Categorical((1, 2, 3)),
    Exponential(2, 1),
    Gaussian(1, 0.25, 1),
]
quick = settings(max_examples=25, deadline=None)


def episode(family, seed, steps):
    rng = np.random.default_rng(seed)
    return family.observe(family.parameters(1, rng), steps, rng)


def predictive(family, seen, following):
    """The family's density of `following` after the observations `seen`."""
    x = torch.cat([seen, torch.tensor([[following]], dtype=torch.float64)], dim=1)
    return math.exp(-family.log_loss(family.predict(family.state(x)), x)[0, -1])


def ratio_of_integrals(prior, likelihood, seen, following, low, high):  # noqa: PLR0917
    """Integral of prior × likelihood × next, over integral of prior × likelihood."""
    seen = [float(value) for value in seen[0]]

    def weight(theta):
        return prior(theta) * math.prod(likelihood(value, theta) for value in seen)

    limits = {"epsabs": 0, "epsrel": 1e-10, "limit": 400}
    both = quad(lambda theta: weight(theta) * likelihood(following, theta), low, high, **limits)
    return both[0] / quad(weight, low, high, **limits)[0]


@quick
@given(a=positive, b=positive, n=st.integers(0, 8), seed=seeds)
def test_bernoulli(a, b, n, seed):
    seen = episode(Bernoulli(a, b), seed, n)
    ours = predictive(Bernoulli(a, b), seen, 1)
    ones = int(seen.sum())
    assert ours == pytest.approx(stats.betabinom(1, a + ones, b + n - ones).pmf(1))
    prior = stats.beta(a + 1, b + 1).pdf  # a, b >= 1, where quad meets no pole
    wider = predictive(Bernoulli(a + 1, b + 1), seen, 1)
    by_force = ratio_of_integrals(prior, lambda x, theta: theta if x else 1 - theta, seen, 1, 0, 1)
    assert wider == pytest.approx(by_force, rel=1e-7)


@quick
@given(alpha=st.lists(positive, min_size=2, max_size=5), n=st.integers(0, 8), seed=seeds)
def test_categorical(alpha, n, seed):
    family = Categorical(tuple(alpha))
    seen = episode(family, seed, n)
    counts = np.bincount(seen[0].int().numpy(), minlength=len(alpha))
    for side in range(len(alpha)):
        ours = predictive(family, seen, side)
        once = np.eye(len(alpha), dtype=int)[side]
        peer = stats.dirichlet_multinomial(np.array(alpha) + counts, 1).pmf(once)
        assert ours == pytest.approx(peer)
    # One side against all others is a coin with a Beta prior: integrate that.
    rest = sum(alpha[1:])
    prior = stats.beta(alpha[0] + 1, rest + 1).pdf
    wider = Categorical((alpha[0] + 1, *(x * (rest + 1) / rest for x in alpha[1:])))
    by_force = ratio_of_integrals(
        prior, lambda x, theta: theta if x == 0 else 1 - theta, seen, 0, 0, 1
    )
    assert predictive(wider, seen, 0) == pytest.approx(by_force, rel=1e-7)


@quick
@given(a=positive, b=positive, n=st.integers(0, 6), seed=seeds, q=st.floats(0.05, 0.95))
def test_exponential(a, b, n, seed, q):
    family = Exponential(a, b)
    seen = episode(family, seed, n)
    peer = stats.lomax(a + n, scale=b + float(seen.sum()))
    following = float(peer.ppf(q))
    ours = predictive(family, seen, following)
    assert ours == pytest.approx(peer.pdf(following), rel=1e-9)
    wide = Exponential(a + 1, b)
    scale = (a + 1 + n) / (b + float(seen.sum()))  # where the posterior lies
    by_force = ratio_of_integrals(
        lambda rate: stats.gamma(a + 1, scale=1 / b).pdf(rate * scale),
        lambda x, rate: scale * rate * math.exp(-scale * rate * x),
        seen,
        following,
        0,
        30,
    )
    assert predictive(wide, seen, following) == pytest.approx(by_force, rel=1e-5)


@quick
@given(
    m0=st.floats(-3, 3),
    t2=positive,
    s2=positive,
    n=st.integers(0, 6),
    seed=seeds,
    q=st.floats(0.05, 0.95),
)
def test_gaussian(m0, t2, s2, n, seed, q):  # noqa: PLR0917
    family = Gaussian(m0, t2, s2)
    seen = episode(family, seed, n)
    v = 1 / (1 / t2 + n / s2)
    m = v * (m0 / t2 + float(seen.sum()) / s2)
    peer = stats.norm(m, math.sqrt(v + s2))
    following = float(peer.ppf(q))
    assert predictive(family, seen, following) == pytest.approx(peer.pdf(following), rel=1e-9)
    by_force = ratio_of_integrals(
        stats.norm(m0, math.sqrt(t2)).pdf,
        lambda x, mean: stats.norm(mean, math.sqrt(s2)).pdf(x),
        seen,
        following,
        m - 9 * math.sqrt(v),
        m + 9 * math.sqrt(v),
    )
    assert predictive(family, seen, following) == pytest.approx(by_force, rel=1e-6)


@quick
@given(
    shape=st.floats(2, 25),
    scale=st.floats(0.1, 30),
    seed=seeds,
    spread=st.sampled_from([0.02, 0.3, 1.0]),
)
def test_lomax_divergence_is_within_a_millionth_of_adaptive_quadrature(shape, scale, seed, spread):
    rng = np.random.default_rng(seed)
    other_shape, other_scale = np.array([shape, scale]) * np.exp(spread * rng.normal(size=2))
    p, q = stats.lomax(shape, scale=scale), stats.lomax(other_shape, scale=other_scale)
    exact = quad(  # over the survival probability
        lambda u: p.logpdf(p.isf(u)) - q.logpdf(p.isf(u)), 0, 1, limit=500, epsabs=1e-12
    )[0]
    ours = Exponential().kl(
        torch.tensor([shape, scale], dtype=torch.float64).log(),
        torch.tensor([other_shape, other_scale], dtype=torch.float64).log(),
    )
    assert float(ours) == pytest.approx(exact, abs=1e-6, rel=1e-6)


def as_torch(family, prediction):
    """Torch's own distribution for a prediction, where it has one."""
    made = {
        Bernoulli: lambda p: torch.distributions.Bernoulli(logits=p[..., 0]),
        Categorical: lambda p: torch.distributions.Categorical(logits=p),
        Gaussian: lambda p: torch.distributions.Normal(p[..., 0], p[..., 1].exp()),
    }
    return made[type(family)](prediction)


@pytest.mark.parametrize("family", [FAMILIES[0], FAMILIES[1], FAMILIES[3]], ids=str)
def test_divergence_and_loss_equal_torch(family):
    torch.manual_seed(0)
    p, q = torch.randn(2, 50, family.outputs, dtype=torch.float64)
    theirs = torch.distributions.kl_divergence(as_torch(family, p), as_torch(family, q))
    torch.testing.assert_close(family.kl(p, q), theirs)
    x = episode(family, 1, 50)[0]
    torch.testing.assert_close(family.log_loss(p, x), -as_torch(family, p).log_prob(x))


@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_divergence_is_zero_only_from_itself(family):
    torch.manual_seed(0)
    p, q = torch.randn(2, 50, family.outputs, dtype=torch.float64)
    assert float(family.kl(p, p).abs().max()) < 1e-6
    assert float(family.kl(p, q).min()) > 0


@pytest.mark.parametrize("family", FAMILIES, ids=str)
def test_draws_follow_the_prior(family):
    """The mean loss of the first prediction is the entropy of the prior predictive."""
    rng = np.random.default_rng(3)
    x = family.observe(family.parameters(40_000, rng), 1, rng)
    loss = family.log_loss(family.predict(family.state(x)), x)[:, 0]
    entropy = {
        Bernoulli: lambda f: stats.bernoulli(f.a / (f.a + f.b)).entropy(),
        Categorical: lambda f: stats.entropy(np.array(f.alpha) / sum(f.alpha)),
        Exponential: lambda f: math.log(f.b / f.a) + 1 + 1 / f.a,
        Gaussian: lambda f: stats.norm(0, math.sqrt(f.t2 + f.s2)).entropy(),
    }[type(family)](family)
    assert float(loss.mean()) == pytest.approx(entropy, abs=4 * float(loss.std()) / 200)


def test_priors_have_names():
    assert [family.prior for family in FAMILIES] == [
        "Beta(1, 3)",
        "Dir(1, 2, 3)",
        "Gamma(2, 1)",
        "N(1, 0.25)",
    ]


def test_impossible_priors_are_refused():
    for make in (
        lambda: Bernoulli(0, 1),
        lambda: Gaussian(0, -1, 1),
        lambda: Exponential(1, float("nan")),
        lambda: Categorical((1.0, 0.0)),
    ):
        with pytest.raises(ValueError, match="must be positive, not"):
            make()
    with pytest.raises(ValueError, match="at least two sides"):
        Categorical((1.0,))
