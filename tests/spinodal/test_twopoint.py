"""Two-point statistics against brute force, closed forms and full SVD."""

import importlib
import sys
import types
from importlib.metadata import distribution

import dask.array
import numpy as np
import pytest

from helpers.spinodal import twopoint


def picture(shape=(16, 16), share=0.4, seed=0):
    return (np.random.default_rng(seed).random(shape) < share).astype(np.uint8)


def test_the_autocorrelation_counts_pairs():
    phase = picture((6, 8))
    found = twopoint.autocorrelation(phase)
    for i in range(6):
        for j in range(8):
            pairs = np.mean(phase * np.roll(phase, (i, j), (0, 1)))
            assert found[i, j] == pytest.approx(pairs, abs=1e-12)


def test_the_autocorrelation_is_that_of_pymks(monkeypatch):
    # The package's own __init__ needs setuptools as it was in 2023, and a module of data
    # frames wants pyarrow. The correlation uses neither.
    monkeypatch.setitem(sys.modules, "dask.dataframe", types.ModuleType("dask.dataframe"))
    for name in ("pymks", "pymks.fmks"):
        package = types.ModuleType(name)
        package.__path__ = [str(distribution("pymks").locate_file(name.replace(".", "/")))]
        monkeypatch.setitem(sys.modules, name, package)
    pymks = importlib.import_module("pymks.fmks.correlations")
    phase = picture((1, 16, 16)).astype(float)
    chunked = dask.array.from_array(phase, chunks=phase.shape)
    theirs = pymks.two_point_stats(chunked, chunked).compute()[0]
    ours = np.fft.fftshift(twopoint.autocorrelation(phase[0]))
    # pymks keeps an odd number of shifts each way.
    edge = 16 - len(theirs)
    np.testing.assert_allclose(ours[edge:, edge:], theirs, rtol=0, atol=1e-14)


def test_radial_means_are_means_over_rings():
    side = 8
    square = np.random.default_rng(0).random((3, side, side))
    found = twopoint.radial(square)
    rings = {r: [] for r in range(side // 2 + 1)}
    for i in range(side):
        for j in range(side):
            r = round(np.hypot(min(i, side - i), min(j, side - j)))
            if r in rings:
                rings[r].append(square[1, i, j])
    np.testing.assert_allclose(found[1], [np.mean(ring) for ring in rings.values()])


def test_the_isotropic_table_holds_the_mean_of_each_ring():
    side = 8
    square = np.random.default_rng(0).random((3, side, side))
    found = twopoint.isotropic(square)

    def ring(i, j):
        return round(np.hypot(min(i, side - i), min(j, side - j)))

    for i in range(side):
        for j in range(side):
            alike = [
                square[1, k, m]
                for k in range(side)
                for m in range(side)
                if ring(k, m) == ring(i, j)
            ]
            assert found[1, i, j] == pytest.approx(np.mean(alike))
    np.testing.assert_allclose(twopoint.radial(found), twopoint.radial(square))


def test_stripes_have_the_length_of_a_quarter_period():
    phase = np.tile(np.repeat([1, 0], 16), 2)[:, None] * np.ones((1, 64), int)
    s2 = twopoint.autocorrelation(phase)[:, 0]  # along the normal: a triangle wave
    g = twopoint.normalised(s2[:33], np.array(0.5))
    assert g[0] == pytest.approx(1)
    assert twopoint.length(g) == pytest.approx(8)


def test_a_curve_that_never_falls_to_zero_has_the_largest_length():
    np.testing.assert_array_equal(twopoint.length(np.ones((2, 5))), [4, 4])


def test_one_phase_alone_is_refused():
    with pytest.raises(ValueError, match="single phase"):
        twopoint.normalised(np.ones((1, 4)), np.array([1.0]))


def test_principal_components_are_those_of_a_full_svd():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60, 8)) * 2.0 ** -np.arange(8) @ rng.normal(size=(8, 40))
    found = twopoint.principal_components(rows, 4, seed=0)
    _, values, axes = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(found.explained, (values**2 / np.sum(values**2))[:4], rtol=1e-6)
    np.testing.assert_allclose(np.abs(np.sum(found.axes * axes[:4], axis=1)), 1, rtol=1e-6)
    back = found.rows(found.scores(rows))
    assert np.linalg.norm(rows - back) ** 2 == pytest.approx(np.sum(values[4:] ** 2), rel=1e-6)


def test_more_components_than_data_are_refused():
    with pytest.raises(ValueError, match="ask for fewer"):
        twopoint.principal_components(np.ones((3, 9)), 4, seed=0)


def test_errors_from_scores_are_errors_of_the_whole_table():
    phase = np.stack([picture(seed=k) for k in range(30)])
    s2 = twopoint.autocorrelation(phase).reshape(30, -1)
    components = twopoint.principal_components(s2, 3, seed=0)
    found = twopoint.project(phase, components)
    forecast = found.scores + np.random.default_rng(0).normal(size=found.scores.shape)
    direct = np.linalg.norm(s2 - components.rows(forecast), axis=1)
    apart = np.linalg.norm(forecast - found.scores, axis=1)
    np.testing.assert_allclose(np.hypot(found.lost, apart), direct)
    np.testing.assert_allclose(found.norm, np.linalg.norm(s2, axis=1))
    plateau = phase.mean(axis=(1, 2)) ** 2
    np.testing.assert_allclose(found.centred_norm, np.linalg.norm(s2 - plateau[:, None], axis=1))
