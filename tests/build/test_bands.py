"""Bands follow from repeated runs, and a stray claim is told."""

import json
import math

import numpy as np
import pytest
from scipy import stats

from helpers.build import bands
from helpers.build.derive_bands import LEVEL, derive
from helpers.scale import Scale


def test_a_band_is_students_prediction_interval():
    low, high = derive([1.0, 2.0, 4.0])
    mean, spread = 7 / 3, np.std([1, 2, 4], ddof=1)
    reach = stats.t.ppf(0.5 + LEVEL / 2, 2) * spread * math.sqrt(4 / 3)
    assert low == pytest.approx(mean - reach, rel=1e-6)
    assert high == pytest.approx(mean + reach, rel=1e-6)


def test_one_more_value_is_inside_as_often_as_stated():
    draws = np.random.default_rng(1).standard_normal((4_000, 6))
    inside = 0
    for *seen, fresh in draws:
        low, high = derive(seen)
        inside += low <= fresh <= high
    assert inside / len(draws) == pytest.approx(LEVEL, abs=0.01)


def test_a_value_that_no_seed_moves_keeps_room_for_another_processor():
    low, high = derive([5.0, 5.0, 5.0])
    assert high - 5 == pytest.approx(5e-8)
    low, high = derive([5.0, 5.0, 5.0], noise=1e-4)
    assert 5 - low == pytest.approx(1e-3)


@pytest.mark.parametrize("values", [[1.0, 2.0], [1.0, 2.0, math.nan], []])
def test_too_few_values_or_none_are_one_sentence(values):
    with pytest.raises(ValueError, match="a band needs 3 finite values or more"):
        derive(values)


def test_a_stray_is_told_with_its_band():
    claims = [
        {"id": "in", "measured": 1.0},
        {"id": "out", "measured": 3.0},
        {"id": "unmeasured", "measured": None},
        {"id": "new", "measured": 9.0},
    ]
    found = bands.strays(claims, {"in": (0.0, 2.0), "out": (0.0, 2.0)})
    assert found == ["out measured 3, outside [0, 2]"]


def test_bands_are_kept_by_scale(tmp_path):
    script = tmp_path / "01_x.py"
    assert bands.read(script, Scale.QUICK) == {}
    bands.path_of(script).write_text(json.dumps({"quick": {"claims": {"a": [0.0, 1.0]}}}))
    assert bands.read(script, Scale.QUICK) == {"a": (0.0, 1.0)}
    assert bands.read(script, Scale.BOOK) == {}
