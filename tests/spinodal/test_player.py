"""The animation holds what it was given; pages are tested in a browser by tests/book."""

import base64
import json
import re

import numpy as np
import pytest

from helpers.spinodal.player import player


def example():
    phase = (np.random.default_rng(0).random((5, 16, 16)) < 0.5).astype(np.uint8)
    truth = np.linspace(1, 0, 9) * np.ones((5, 1))
    return phase, truth, truth[2:] / 2, np.arange(1.0, 6.0)


def test_frames_and_curves_are_in_the_page():
    phase, truth, forecast, times = example()
    text = player(phase, truth, forecast, times, history=2).data
    packed = base64.b64decode(re.search(r'atob\("([^"]+)"\)', text)[1])
    bits = np.unpackbits(np.frombuffer(packed, np.uint8)).reshape(phase.shape)
    np.testing.assert_array_equal(bits, phase)
    rows = json.loads(re.search(r"rows = (\[.*?\]), side", text)[1])
    assert [row["time"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert [bool(row["forecast"]) for row in rows] == [False, False, True, True, True]
    assert "$" not in text
    assert "http" not in text


def test_lengths_that_do_not_fit_are_refused():
    phase, truth, forecast, times = example()
    with pytest.raises(ValueError, match="5 frames need as many curves and times, and 4 forecasts"):
        player(phase, truth, forecast, times, history=1)
