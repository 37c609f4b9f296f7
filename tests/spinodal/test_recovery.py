"""Phase retrieval: projections by definition, agreement by brute force, exact recovery."""

import numpy as np
import pytest

from helpers.spinodal import recovery
from helpers.spinodal.ensemble import Simulation, simulate
from helpers.spinodal.twopoint import autocorrelation


@pytest.fixture(scope="module")
def blobs():
    simulation = Simulation(60, 60, -0.35, (3,), size=32, end=10, frames=1, tolerance=1e-2)
    return simulate(simulation).phase[0].astype(float)


def test_the_modulus_is_that_of_the_picture(blobs):
    wanted = recovery.modulus(autocorrelation(blobs))
    np.testing.assert_allclose(wanted, np.abs(np.fft.rfft2(blobs)), atol=1e-5)
    assert recovery.spectral_error(blobs, wanted) < 1e-9


def test_projections_project(blobs):
    wanted = recovery.modulus(autocorrelation(blobs))
    noise = np.random.default_rng(0).random(blobs.shape)
    once = recovery.with_modulus(noise, wanted)
    np.testing.assert_allclose(np.abs(np.fft.rfft2(once)), wanted, atol=1e-8)
    np.testing.assert_allclose(recovery.with_modulus(once, wanted), once, atol=1e-10)
    binary = recovery.with_phases(noise, 100)
    assert sorted(np.unique(binary)) == [0, 1] and binary.sum() == 100
    assert noise[binary == 1].min() > noise[binary == 0].max()


def test_the_error_is_that_of_the_centred_autocorrelation(blobs):
    other = np.roll(blobs, 5, axis=0)[:, ::-1] * (np.arange(32) > 4)
    noise = 1e-3 * np.random.default_rng(0).random(blobs.shape)  # no two cells alike
    other = recovery.with_phases(other + noise, int(blobs.sum()))
    s2, s2_other = autocorrelation(blobs), autocorrelation(other)
    direct = np.linalg.norm(s2 - s2_other) / np.linalg.norm(s2 - blobs.mean() ** 2)
    assert recovery.spectral_error(other, recovery.modulus(s2)) == pytest.approx(direct)


def test_agreement_ignores_shift_and_reflection_only(blobs):
    assert recovery.agreement(np.roll(blobs, (3, 9), (0, 1)), blobs) == pytest.approx(1)
    assert recovery.agreement(np.roll(blobs[::-1, ::-1], 4, 0), blobs) == pytest.approx(1)
    flipped = np.roll(blobs, 7, 1).copy()
    flipped[0, :8] = 1 - flipped[0, :8]
    assert recovery.agreement(flipped, blobs) == pytest.approx(1 - 8 / 1024)


def test_relaxed_reflect_reflect_finds_the_picture_where_gerchberg_saxton_stalls(blobs):
    s2 = autocorrelation(blobs)
    found = recovery.relaxed_reflect_reflect(s2, 6_000, seed=0)
    assert found.gap < recovery.FOUND
    assert found.iterations < 6_000
    assert recovery.agreement(found.picture, blobs) == pytest.approx(1)
    stalled = recovery.gerchberg_saxton(s2, 2_000, seed=0)
    assert recovery.spectral_error(stalled.picture, recovery.modulus(s2)) > 0.05
