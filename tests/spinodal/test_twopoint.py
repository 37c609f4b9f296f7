"""Two-point statistics against brute force, closed forms and full SVD."""

import importlib
import sys
import types
from importlib.metadata import distribution

import dask.array
import numpy as np
import pytest
from sklearn.decomposition import PCA
from support import on_each_processor

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


def table(samples, values, seed=0):
    """Rows with eight directions that matter, each half as much as the one before."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(samples, 8)) * 2.0 ** -np.arange(8)
    return 3 + factors @ rng.normal(size=(8, values)) + 1e-3 * rng.normal(size=(samples, values))


@pytest.mark.parametrize("shape", [(60, 400), (400, 60), (50, 50)])
def test_principal_components_are_those_of_a_full_svd(shape):
    rows = table(*shape)
    found = twopoint.principal_components(rows, 6)
    _, values, axes = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    peer = PCA(6, svd_solver="full").fit(rows)
    np.testing.assert_allclose(found.mean, peer.mean_, rtol=1e-13)
    np.testing.assert_allclose(found.explained, (values**2 / np.sum(values**2))[:6], rtol=1e-10)
    np.testing.assert_allclose(found.explained, peer.explained_variance_ratio_, rtol=1e-10)
    for theirs in (axes[:6], peer.components_):
        same = np.sign(np.sum(found.axes * theirs, axis=1, keepdims=True))
        np.testing.assert_allclose(found.axes, same * theirs, rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(6), rtol=0, atol=1e-12)
    back = found.rows(found.scores(rows))
    assert np.linalg.norm(rows - back) ** 2 == pytest.approx(np.sum(values[6:] ** 2), rel=1e-10)


def test_the_largest_entry_of_each_axis_is_positive():
    for seed in range(5):
        axes = twopoint.principal_components(table(40, 90, seed), 6).axes
        assert (axes.max(axis=1) == np.abs(axes).max(axis=1)).all()


@pytest.mark.parametrize("shape", [(60, 400), (400, 60)])
def test_the_order_of_the_rows_does_not_matter(shape):
    rows = table(*shape)
    found = twopoint.principal_components(rows, 6)
    other = twopoint.principal_components(np.random.default_rng(1).permutation(rows), 6)
    np.testing.assert_allclose(other.axes, found.axes, rtol=0, atol=1e-11)
    np.testing.assert_allclose(other.explained, found.explained, rtol=1e-11)


def test_single_precision_is_not_computed_in():
    """The book's tables are float32, which holds them exactly; sums over them it does not."""
    rows = table(60, 400).astype("float32")
    found = twopoint.principal_components(rows, 6)
    exact = twopoint.principal_components(rows.astype(float), 6)
    np.testing.assert_array_equal(found.axes, exact.axes)
    np.testing.assert_array_equal(found.explained, exact.explained)


COMPONENTS = """
import sys
import numpy as np
from helpers.spinodal.twopoint import principal_components
stored = np.load(sys.argv[1])
found = {name: principal_components(stored[name], 6) for name in stored.files}
np.savez(sys.argv[2], **{name: np.column_stack([c.axes, c.explained]) for name, c in found.items()})
"""


def test_components_do_not_depend_on_the_processor(tmp_path):
    tables = {str(k): table(*shape) for k, shape in enumerate([(60, 400), (400, 60)])}
    np.savez(tmp_path / "rows.npz", **tables)
    native, *others = on_each_processor(COMPONENTS, tmp_path, "rows.npz")
    for other in others:
        for name in tables:
            np.testing.assert_allclose(other[name], native[name], rtol=0, atol=1e-11)


def test_more_components_than_data_are_refused():
    with pytest.raises(ValueError, match="ask for fewer"):
        twopoint.principal_components(np.ones((3, 9)), 4)
    few_directions = table(3, 9)[[0, 1, 2, 0, 1, 2]]
    with pytest.raises(ValueError, match="varies in fewer than 3 directions: ask for fewer"):
        twopoint.principal_components(few_directions, 3)


def test_errors_from_scores_are_errors_of_the_whole_table():
    phase = np.stack([picture(seed=k) for k in range(30)])
    s2 = twopoint.autocorrelation(phase).reshape(30, -1)
    components = twopoint.principal_components(s2, 3)
    found = twopoint.project(phase, components)
    forecast = found.scores + np.random.default_rng(0).normal(size=found.scores.shape)
    direct = np.linalg.norm(s2 - components.rows(forecast), axis=1)
    apart = np.linalg.norm(forecast - found.scores, axis=1)
    np.testing.assert_allclose(np.hypot(found.lost, apart), direct)
    np.testing.assert_allclose(found.norm, np.linalg.norm(s2, axis=1))
    plateau = phase.mean(axis=(1, 2)) ** 2
    np.testing.assert_allclose(found.centred_norm, np.linalg.norm(s2 - plateau[:, None], axis=1))
