"""Both solvers against published energies, closed forms, a peer library and each other."""

import importlib
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.spinodal import explicit, imex, pfhub, spectra, stencils
from helpers.spinodal.alloy import Alloy

ALLOY = Alloy(mobility_a=80, mobility_b=20)


def noise(shape=(32, 32), mean=0.1, seed=0):
    return mean + np.random.default_rng(seed).uniform(-0.01, 0.01, shape)


def last(states):
    *_, state = states
    return state


def test_the_explicit_solver_gives_the_published_energies_of_memphis():
    published = pfhub.published().loc[:1]
    counts = [round(1000 * time) for time in published.index]
    states = explicit.euler(pfhub.initial(), pfhub.alloy(), 1e-3, counts)
    energies = np.array([pfhub.energy_central(state) for state in states])
    assert len(energies) == 11
    assert np.abs(energies / published - 1).max() < 1e-10


def test_the_production_solver_gives_them_too():
    published = pfhub.published().loc[:100]
    states = imex.evolve(pfhub.initial(), pfhub.alloy(), published.index, 3e-4)
    energies = np.array([pfhub.energy_central(state.field) for state in states])
    assert np.abs(energies / published - 1).max() < 0.01


@pytest.mark.parametrize("mean", [0.0, 0.3])
@pytest.mark.parametrize("waves", [1, 3, 5])
def test_small_waves_grow_at_the_analytic_rate(waves, mean):
    alloy, size, time = Alloy(mobility_a=3, mobility_b=0.5), 32, 2.0
    wave = np.cos(2 * np.pi * waves * np.arange(size) / size)
    symbol = 2 - 2 * np.cos(2 * np.pi * waves / size)
    rate = alloy.growth_rate(symbol, mean)
    start = mean + 1e-6 * np.broadcast_to(wave, (size, size))

    def error(step):
        state = last(imex.evolve(start, alloy, [time], fixed_step=step))
        amplitude = 2 * np.mean((state.field - mean) * wave) / 1e-6
        return np.log(amplitude) / time - rate

    coarse, fine = error(0.02), error(0.002)
    assert abs(fine) < 2e-5 * max(1, abs(rate))
    assert 75 < coarse / fine < 125  # second order: a tenth of the step, a hundredth


def test_with_variable_mobility_it_converges_to_the_explicit_solver():
    start = noise(seed=3)
    step = 1e-4
    exact = last(explicit.euler(start, ALLOY, step / 2, [10_000]))
    once = last(explicit.euler(start, ALLOY, step, [5_000]))
    exact = 2 * exact - once  # Richardson: Euler's error is of first order
    errors = [
        np.sqrt(np.mean((last(imex.evolve(start, ALLOY, [0.5], tol)).field - exact) ** 2))
        for tol in (1e-3, 1e-5)
    ]
    assert errors[0] < 2e-2
    assert errors[1] < errors[0] / 30


@settings(max_examples=15, deadline=None)
@given(st.floats(1, 100), st.floats(1, 100), st.floats(-0.4, 0.4), st.integers(0, 10**6))
def test_mass_is_kept_and_energy_never_rises(m_a, m_b, mean, seed):
    start = noise(mean=mean, seed=seed)
    states = list(imex.evolve(start, Alloy(m_a, m_b), np.linspace(0, 20, 41), 3e-3))
    energies = np.array([state.energy for state in states])
    masses = np.array([state.field.mean() for state in states])
    assert (np.diff(energies) <= 1e-9 * energies[1:]).all()
    assert np.abs(masses - start.mean()).max() < 1e-12


def test_without_the_rejection_the_energy_would_rise(monkeypatch):
    times = np.geomspace(100, 1e5, 200)

    def largest_rise():
        states = imex.evolve(pfhub.initial(), pfhub.alloy(), times, 1e-2)
        energies = np.array([state.energy for state in states])
        return (np.diff(energies) / energies[1:]).max()

    assert largest_rise() < 1e-9
    monkeypatch.setattr(imex, "LEVEL", np.inf)
    assert largest_rise() > 1e-5


def test_late_domains_grow_by_the_law_of_lifshitz_and_slyozov():
    """L ~ t^(1/3), so the energy, which counts boundaries, falls as t^(-1/3)."""
    times = np.geomspace(500, 5_000, 20)
    slopes = []
    for run in range(6):
        states = imex.evolve(noise((128, 128), 0, run), Alloy(), times, 3e-3)
        energies = [state.energy for state in states]
        slopes.append(np.polyfit(np.log(times), np.log(energies), 1)[0])
    # Their standard error is 0.012; diffusion along the boundaries would give -1/4.
    assert np.mean(slopes) == pytest.approx(-1 / 3, abs=0.03)


@pytest.mark.parametrize("shape", ["stripe", "disc"])
def test_flat_and_round_interfaces_rest_at_the_closed_forms(shape):
    cell = 0.5
    alloy = pfhub.alloy(cell)
    width = np.sqrt(2 * alloy.gradient / alloy.barrier)
    if shape == "stripe":  # a band 8 cells wide stands for the square
        x = cell * np.arange(400)[:, None] + np.zeros((1, 8))
        start, area = np.tanh((50 - np.abs(x - 100)) / width), 400 / 8
    else:
        x = cell * np.arange(400)[:, None] - 100
        radius = np.sqrt(pfhub.SIDE**2 / 2 / np.pi)
        start, area = np.tanh((radius - np.hypot(x, x.T)) / width), 1
    state = last(imex.evolve(start, alloy, [200], 1e-3))
    energy = pfhub.ENERGY * state.energy * area
    assert energy == pytest.approx(pfhub.end_states()[shape], rel=3e-3)


def test_the_disc_of_unit_cells_reads_as_published_by_central_differences():
    alloy = pfhub.alloy()
    width = np.sqrt(2 * alloy.gradient / alloy.barrier)
    mean = pfhub.initial().mean()  # what is conserved, and decides how large the disc is
    radius = np.sqrt(pfhub.SIDE**2 * (1 + mean) / 2 / np.pi)
    x = np.arange(pfhub.SIDE)[:, None] - pfhub.SIDE / 2
    start = np.tanh((radius - np.hypot(x, x.T)) / width)
    state = last(imex.evolve(start + mean - start.mean(), alloy, [1_000], 1e-3))
    assert pfhub.energy_central(state.field) == pytest.approx(pfhub.published().iloc[-1], rel=2e-4)
    assert pfhub.ENERGY * state.energy == pytest.approx(pfhub.end_states()["disc"], rel=1e-3)


def spectral_rate(field, alloy):
    """div(M(c) grad mu) of a smooth field on the square of side 2 pi, by numpy's FFT."""
    waves = np.fft.fftfreq(len(field), 1 / len(field))
    along = (1j * waves[:, None], 1j * waves[None])

    def gradient(values):
        spectrum = np.fft.fft2(values)
        return [np.fft.ifft2(wave * spectrum).real for wave in along]

    laplacian = sum(gradient(slope)[axis] for axis, slope in enumerate(gradient(field)))
    potential = alloy.barrier * (field**3 - field) - alloy.gradient * laplacian
    share = (2 - field) * (1 + field) ** 2 / 4
    mobility = share * alloy.mobility_a + (1 - share) * alloy.mobility_b
    fluxes = [mobility * slope for slope in gradient(potential)]
    return sum(gradient(flux)[axis] for axis, flux in enumerate(fluxes))


@pytest.mark.parametrize("rate", [stencils.rate, stencils.rate_numpy])
def test_with_mobility_of_composition_the_rate_converges_to_the_spectral_one(rate):
    errors = []
    for size in (32, 64, 128):
        angle = 2 * np.pi * np.arange(size) / size
        field = 0.8 * np.cos(angle)[:, None] * np.sin(angle) + 0.2 * np.sin(2 * angle)
        alloy = Alloy(80, 20, cell=2 * np.pi / size)
        found, exact = np.empty_like(field), spectral_rate(field, alloy)
        rate(field, alloy.in_cells, found)
        errors.append(np.abs(found - exact).max() / np.abs(exact).max())
    assert np.abs(field).max() > 0.87  # nearly all that M(c) spans
    assert errors[2] < 3e-3
    assert 3.5 < errors[0] / errors[1] < 4.5 and 3.5 < errors[1] / errors[2] < 4.5


def test_compiled_and_plain_loops_agree():
    compiled = importlib.import_module("helpers.spinodal.stencils_numba")
    rng = np.random.default_rng(1)
    for shape in [(4, 6), (32, 20)]:
        field = rng.normal(size=shape)
        a, b = np.empty(shape), np.empty(shape)
        energies = [
            f(field, (1.0, 1.3, 80.0, 20.0), out)
            for f, out in [(compiled.rate, a), (stencils.rate_numpy, b)]
        ]
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-13 * np.abs(b).max())
        assert energies[0] == pytest.approx(energies[1], rel=1e-13)
        pairs = [tuple(np.fft.rfft2(rng.normal(size=(2, *shape)))) for _ in range(2)]
        lam = [2 - 2 * np.cos(2 * np.pi * np.arange(n) / n) for n in shape]
        operator = (lam[0], lam[1][: shape[1] // 2 + 1].copy(), 1.0, 2.0)
        u, v = (np.empty_like(pairs[0][0]) for _ in range(2))
        distances = [
            f(*pairs, operator, (0.1, 1.2), out)
            for f, out in [(compiled.bdf2, u), (stencils.bdf2_numpy, v)]
        ]
        np.testing.assert_allclose(u, v, rtol=0, atol=1e-13 * np.abs(v).max())
        assert distances[0] == pytest.approx(distances[1], rel=1e-12)
        # The distance is the sum of squares over cells, by Parseval's theorem.
        predictor = 2.2 * pairs[0][0] - 1.2 * pairs[1][0]
        cells = np.fft.irfft2(v - predictor, s=shape)
        assert distances[1] == pytest.approx(np.sum(cells**2) * cells.size, rel=1e-12)


def test_without_numba_the_numbers_are_the_same(monkeypatch):
    start = noise(seed=5)
    compiled = last(imex.evolve(start, ALLOY, [5.0], 1e-3))
    monkeypatch.setattr(imex, "rate", stencils.rate_numpy)
    monkeypatch.setattr(imex, "bdf2", stencils.bdf2_numpy)
    plain = last(imex.evolve(start, ALLOY, [5.0], 1e-3))
    assert plain.steps == compiled.steps
    np.testing.assert_allclose(plain.field, compiled.field, atol=1e-9)


def test_without_numba_the_plain_loops_are_chosen(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    try:
        importlib.reload(stencils)
        assert stencils.rate is stencils.rate_numpy
        assert stencils.bdf2 is stencils.bdf2_numpy
    finally:
        monkeypatch.undo()
        importlib.reload(stencils)


def test_both_transforms_are_numpys():
    rng = np.random.default_rng(2)
    for shape in [(6, 4), (16, 10)]:
        field, spectrum = rng.normal(size=shape), np.empty((shape[0], shape[1] // 2 + 1), complex)
        for forward, backward in [
            (spectra.forward, spectra.backward),
            (spectra.forward_scipy, spectra.backward_scipy),
        ]:
            np.testing.assert_allclose(
                forward(field, spectrum), np.fft.rfft2(field), rtol=0, atol=1e-13
            )
            found = backward(spectrum, np.empty(shape))
            np.testing.assert_allclose(found, field, rtol=0, atol=1e-14)


@pytest.mark.parametrize("wrong", [0, -1, np.nan, np.inf])
@pytest.mark.parametrize("name", ["mobility_a", "mobility_b", "barrier", "gradient", "cell"])
def test_a_material_constant_must_be_a_positive_number(name, wrong):
    with pytest.raises(ValueError, match=f"{name} must be a positive number"):
        Alloy(**{name: wrong})


@pytest.mark.parametrize(
    ("field", "message"),
    [
        (np.zeros(8), "two even sides"),
        (np.zeros((8, 7)), "two even sides"),
        (np.zeros((2, 8)), "two even sides"),
        (np.full((8, 8), np.nan), "NaN or infinity"),
        (np.full((8, 8), 2.0), "between -1.5 and 1.5"),
    ],
)
def test_a_bad_field_is_refused_by_both_solvers(field, message):
    with pytest.raises(ValueError, match=message):
        explicit.euler(field, Alloy(), 1e-3, [1])
    with pytest.raises(ValueError, match=message):
        imex.evolve(field, Alloy(), [1.0])


def test_an_explicit_step_above_the_limit_is_refused_and_one_below_is_stable():
    limit = Alloy(mobility_a=100).largest_explicit_step
    with pytest.raises(ValueError, match=r"between 0 and 0.00025, where the scheme stays"):
        explicit.euler(noise(), Alloy(mobility_a=100), 1.01 * limit, [1])
    state = last(explicit.euler(noise(), Alloy(mobility_a=100), limit, [5_000]))
    assert 0.8 < np.abs(state).max() < 1.2
    with pytest.raises(ValueError, match="must rise from 0"):
        explicit.euler(noise(), Alloy(), 1e-3, [2, 1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"times": [2.0, 1.0]}, "rise from 0"),
        ({"times": [-1.0]}, "rise from 0"),
        ({"times": [np.nan]}, "rise from 0"),
        ({"times": [1.0], "tolerance": 0}, "tolerance must lie"),
        ({"times": [1.0], "tolerance": np.nan}, "tolerance must lie"),
        ({"times": [1.0], "fixed_step": -1}, "fixed step"),
    ],
)
def test_bad_arguments_of_the_production_solver_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        imex.evolve(noise(), Alloy(), **arguments)
    with pytest.raises(ValueError, match="never separates"):
        imex.evolve(np.zeros((8, 8)), Alloy(), [1.0])


def test_a_run_that_cannot_go_on_is_one_sentence(monkeypatch):
    monkeypatch.setattr(imex, "LEVEL", -1)  # no energy is low enough
    with pytest.raises(ArithmeticError, match="no step is small enough at time 0"):
        last(imex.evolve(noise(), Alloy(), [1.0]))
