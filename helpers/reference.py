"""How fast this processor is beside the one on which the book's budgets were set.

A budget in CPU seconds means nothing on another machine. So each chapter times a fixed
job right after its own work, under the same conditions, and its seconds are divided by
what that job took, in units of what it took on the reference machine.
"""

import statistics
import time

import numpy as np
import torch

# Median CPU seconds of one `_job`, one thread, on the reference machine: an idle 2-core AMD
# EPYC with AVX-512 (2026). A second one beside it changes nothing.
REFERENCE = 0.36
ROUNDS = 3


def slowness() -> float:
    """CPU seconds here for each second of the reference machine: 2 is half as fast."""
    return statistics.median(_timed_job() for _ in range(ROUNDS)) / REFERENCE


def _timed_job() -> float:
    start = time.process_time()
    _job()
    return time.process_time() - start


def _job() -> None:
    """A mix like the chapters': plain Python, numpy on arrays, torch forward and backward."""
    total = 0
    for number in range(2_500_000):
        total += number * number % 7
    generator = np.random.default_rng(0)
    square = generator.standard_normal((300, 300))
    for _ in range(40):
        square = np.tanh(square @ square / 300) + np.sort(square, axis=1)
    values = generator.standard_normal(2_000_000)
    np.exp(-np.abs(values)).cumsum()
    weights = torch.ones(128, 128, requires_grad=True)
    signal = torch.ones(64, 128)
    for _ in range(400):
        loss = torch.tanh(torch.tanh(signal @ weights / 128) @ weights / 128).square().mean()
        loss.backward()
