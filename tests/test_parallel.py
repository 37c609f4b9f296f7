import numpy as np
import pytest
from distributed import LocalCluster

from helpers.parallel import map_tasks

SEEDS = np.random.SeedSequence(7).spawn(6)


def draw(seed: np.random.SeedSequence) -> np.ndarray:
    """A task slow enough to finish out of order, with a result that shows its seed."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal(1000 * (1 + seed.spawn_key[-1] % 3)).cumsum()[-3:]


def fail(task: int) -> int:
    raise ArithmeticError(f"task {task} cannot be done")


@pytest.fixture(scope="module")
def serial() -> list[np.ndarray]:
    return map_tasks(draw, SEEDS, "serial")


def same(found: list[np.ndarray], expected: list[np.ndarray]) -> bool:
    return len(found) == len(expected) and all(map(np.array_equal, found, expected))


def test_two_processes_give_the_same_results_in_the_same_order(serial):
    assert same(map_tasks(draw, SEEDS, "processes:2"), serial)


def test_a_dask_cluster_gives_the_same_results_in_the_same_order(serial):
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        assert same(map_tasks(draw, SEEDS, cluster.scheduler_address), serial)


def test_the_environment_variable_chooses_the_workers(monkeypatch):
    monkeypatch.setenv("HEADLINES_WORKERS", "nonsense")
    with pytest.raises(ValueError, match="unknown workers 'nonsense': choose 'serial', 'proc"):
        map_tasks(draw, SEEDS)


@pytest.mark.parametrize("wrong", ["processes:two", "threads", "localhost:8786"])
def test_an_unknown_backend_is_one_sentence(wrong):
    with pytest.raises(ValueError, match="unknown workers"):
        map_tasks(draw, SEEDS, wrong)


def test_a_scheduler_that_does_not_answer_is_named():
    with pytest.raises(ConnectionError, match="no Dask scheduler answers at 'tcp://127.0.0.1:9'"):
        map_tasks(draw, SEEDS, "tcp://127.0.0.1:9")


@pytest.mark.parametrize("workers", ["serial", "processes:1"])
def test_an_error_in_a_task_reaches_the_caller(workers):
    with pytest.raises(ArithmeticError, match="task 1 cannot be done"):
        map_tasks(fail, [1, 2], workers)
