"""Independent units of work in order, on any `concurrent.futures` executor.

The same tasks give the same results on every backend, because each task carries its
own seed (`numpy.random.SeedSequence.spawn`) and results come back in task order.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

BACKENDS = "'serial', 'processes', 'processes:N' or a Dask address such as 'tcp://host:8786'"


def map_tasks(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    workers: str | None = None,
) -> list[Result]:
    """`[function(task) for task in tasks]`, in task order, on the chosen workers.

    `workers` is one of the `BACKENDS`; left out, the environment variable
    HEADLINES_WORKERS decides, and without it the work is done in this process. Other
    processes import `function` by its name, so it must live in a module.

    Raises ValueError for an unknown backend and ConnectionError when no Dask scheduler
    answers at the address; an error inside a task is raised as it is.
    """
    workers = workers or os.environ.get("HEADLINES_WORKERS", "serial")
    if workers == "serial":
        return [function(task) for task in tasks]
    with _executor(workers) as executor:
        return list(executor.map(function, tasks))


@contextmanager
def _executor(workers: str) -> Iterator[Executor]:
    kind, _, count = workers.partition(":")
    if kind == "processes" and (count.isdigit() or not count):
        # Spawned, not forked: a fork of a process with BLAS or torch threads can hang.
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(int(count) if count else None, mp_context=spawn) as pool:
            yield pool
    elif "://" in workers:
        from distributed import Client  # noqa: PLC0415  (optional: extra `cluster`)

        try:
            client = Client(workers, timeout="10s")
        except OSError as error:
            raise ConnectionError(
                f"no Dask scheduler answers at {workers!r}: start one with `dask scheduler`"
            ) from error
        with client:
            yield client.get_executor(pure=False)
    else:
        raise ValueError(f"unknown workers {workers!r}: choose {BACKENDS}")
