"""The data set is the same on every backend, and survives interruption and damage."""

import subprocess
import sys
import time
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from distributed import LocalCluster
from support import ROOT

from helpers.spinodal import ensemble

SIZES = {"size": 16, "end": 6.0, "frames": 4, "tolerance": 1e-2}


def simulations(count=4, **sizes):
    return ensemble.design(count, seed=7, **(SIZES | sizes))


def same(found, expected):
    return len(found) == len(expected) and all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for a, b in zip(found, expected, strict=True)
        for name in ("bits", "energies", "steps")
    )


@pytest.fixture(scope="module")
def serial():
    return ensemble.run(simulations(), "serial")


def test_two_processes_give_bit_identical_data(serial):
    assert same(ensemble.run(simulations(), "processes:2"), serial)


def test_a_dask_cluster_gives_bit_identical_data(serial):
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        assert same(ensemble.run(simulations(), cluster.scheduler_address), serial)


def test_a_simulation_does_not_depend_on_how_many_there_are():
    alone = simulations()[2]
    assert same([ensemble.simulate(alone)], ensemble.run(simulations(), "serial")[2:3])


def test_the_design_is_a_latin_hypercube_with_a_seed_for_each():
    points = ensemble.design(40, seed=1)
    values = np.array([point.parameters for point in points])
    low, high = np.array([ensemble.MOBILITIES, ensemble.MOBILITIES, ensemble.MEANS]).T
    strata = np.floor((values - low) / (high - low) * 40)
    for column in strata.T:
        assert sorted(column) == list(range(40))
    starts = {point.start().tobytes() for point in points}
    assert len(starts) == 40
    others = ensemble.design(40, seed=2)
    assert not starts & {point.start().tobytes() for point in others}


def test_a_frame_is_one_bit_a_cell_and_nothing_is_lost():
    (simulation,) = simulations(1)
    history = ensemble.simulate(simulation)
    assert history.bits.shape == (4, 16, 2)
    *_, state = ensemble.imex.evolve(
        simulation.start(), ensemble.Alloy(*simulation.parameters[:2]), simulation.times, 1e-2
    )
    np.testing.assert_array_equal(history.phase[-1], state.field > 0)


def test_what_is_stored_is_read_and_not_computed_again(tmp_path, serial, monkeypatch):
    kept = simulations(folder=str(tmp_path))
    assert same(ensemble.run(kept, "serial"), serial)
    monkeypatch.setattr(ensemble, "_compute", None)
    assert same(ensemble.run(kept, "serial"), serial)


@pytest.mark.parametrize("damage", ["truncated", "empty", "foreign", "text"])
def test_a_damaged_file_is_computed_again_with_a_warning(tmp_path, serial, damage):
    kept = simulations(folder=str(tmp_path))
    ensemble.run(kept, "serial")
    path, other = tmp_path / "7-1.npz", tmp_path / "7-2.npz"
    whole = path.read_bytes()
    path.write_bytes(
        {
            "truncated": whole[: len(whole) // 2],
            "empty": b"",
            "foreign": other.read_bytes(),
            "text": b"not a file of numbers",
        }[damage]
    )
    with pytest.warns(UserWarning, match="7-1.npz is computed again"):
        assert same(ensemble.run(kept, "serial"), serial)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert same(ensemble.run(kept, "serial"), serial)


@pytest.mark.parametrize("name", ["alloy", "imex", "spectra", "stencils", "stencils_numba"])
def test_stored_data_are_foreign_once_the_code_that_made_them_changes(tmp_path, monkeypatch, name):
    (simulation,) = simulations(1)
    before, find = simulation.identity, ensemble.find_spec

    def find_changed(module):
        source = Path(find(module).origin).read_bytes()
        copy = tmp_path / f"{module}.py"
        copy.write_bytes(source + b"# a fix" if module.endswith(f".{name}") else source)
        return SimpleNamespace(origin=copy)

    monkeypatch.setattr(ensemble, "find_spec", find_changed)
    ensemble._solver.cache_clear()
    try:
        assert simulation.identity != before
    finally:
        ensemble._solver.cache_clear()


def test_a_run_killed_half_way_continues_to_the_same_data(tmp_path):
    sizes = {"size": 32, "end": 20.0, "tolerance": 1e-3}
    code = (
        "from helpers.spinodal import ensemble\n"
        f"ensemble.run(ensemble.design(40, seed=7, folder={str(tmp_path)!r}, frames=4, **{sizes}),"
        "'serial')\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    for _ in range(600):
        if len(list(tmp_path.glob("*.npz"))) >= 3:
            break
        time.sleep(0.05)
    child.kill()
    child.wait()
    stored = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.npz")}
    assert 3 <= len(stored) < 40
    kept = simulations(40, folder=str(tmp_path), **sizes)
    continued = ensemble.run(kept, "serial")
    assert same(continued, ensemble.run(simulations(40, **sizes), "serial"))
    assert all(path.stat().st_mtime_ns == when for path, when in stored.items())


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def full_disk(*_, **__):
        raise OSError("no space left")

    monkeypatch.setattr(ensemble.np, "savez", full_disk)
    with pytest.raises(OSError, match="no space left"):
        ensemble.simulate(simulations(1, folder=str(tmp_path))[0])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"size": 12}, "multiple of 8"),
        ({"size": 0}, "multiple of 8"),
        ({"frames": 0}, "a frame or more"),
        ({"end": -1.0}, "an end after 0"),
        ({"end": float("nan")}, "an end after 0"),
    ],
)
def test_sizes_that_cannot_be_run_are_refused_at_once(wrong, message):
    with pytest.raises(ValueError, match=message):
        simulations(**wrong)


def test_wrong_parameters_are_refused_at_once():
    with pytest.raises(ValueError, match="a simulation or more"):
        ensemble.design(0, seed=1)
    with pytest.raises(ValueError, match="mobility_b must be a positive number"):
        ensemble.Simulation(1, -2, 0, (1,))
    with pytest.raises(ValueError, match=r"within \(-1, 1\)"):
        ensemble.Simulation(1, 2, 1.5, (1,))
