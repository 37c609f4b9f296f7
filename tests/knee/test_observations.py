"""The record that simulated and real cohorts share."""

import dataclasses

import numpy as np
import pytest

from helpers.knee.observations import FEATURES, Observations


def some(people: int = 20) -> Observations:
    """Two knees of each person."""
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(people), 2)
    rows = len(person)
    return Observations(
        person=person,
        group=np.repeat(rng.integers(0, 2, people), 2),
        site=np.repeat(rng.integers(0, 5, people), 2),
        side=np.tile([0, 1], people),
        visit=np.zeros(rows, int),
        koos=rng.uniform(0, 100, rows),
        klg=rng.integers(0, 5, rows),
        graded=np.full((rows, len(FEATURES)), np.nan),
        images=np.zeros((rows, 4, 4), np.uint8),
    )


def test_nobody_is_in_two_parts_and_nobody_is_lost():
    observations = some()
    parts = observations.split((0.5, 0.2, 0.3), seed=1)
    people = [set(part.person) for part in parts]
    assert [len(members) for members in people] == [10, 4, 6]
    assert set.union(*people) == set(observations.person)
    assert sum(len(part) for part in parts) == len(observations)


def test_take_keeps_rows_together():
    observations = some()
    taken = observations.take(observations.side == 1)
    assert np.array_equal(taken.koos, observations.koos[1::2])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"koos": np.zeros(3)}, "koos has 3 rows but person has 40"),
        ({"koos": np.full(40, np.nan)}, "koos must lie in 0..100"),
        ({"klg": np.full(40, 5)}, "klg must lie in 0..4"),
        ({"graded": np.zeros((40, 3))}, "graded must have 19 columns"),
        ({"images": np.zeros((40, 4, 4))}, "images must be bytes"),
        ({"group": np.tile([0, 1], 20)}, "a person belongs to two groups"),
    ],
)
def test_bad_records_are_refused_in_one_sentence(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        dataclasses.replace(some(), **change)


def test_shares_must_sum_to_one():
    with pytest.raises(ValueError, match="shares must be positive and sum to 1"):
        some().split((0.5, 0.2), seed=0)
