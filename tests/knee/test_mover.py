"""The moved film holds what it was given; pages are tested in a browser by tests/book."""

import json
import re

import numpy as np
import pytest

from helpers.knee.mover import Move, mover


def test_films_settings_and_predictions_are_in_the_page():
    films = np.arange(3 * 16, dtype=np.uint8).reshape(3, 4, 4)
    moves = {
        "rim": Move(["less", "as it is", "more"], films),
        "marker": Move(["none", "lead"], films[:2]),
    }
    networks = {"A": lambda x: x.mean((1, 2)), "M": lambda x: 0.5 * x.mean((1, 2))}
    text = mover(moves, networks).data
    rows = json.loads(re.search(r"rows = (\{.*\});", text)[1])
    assert [row["setting"] for row in rows["rim"]] == ["less", "as it is", "more"]
    assert rows["rim"][2]["grey"] == films[2].ravel().tolist()
    assert rows["marker"][1]["said"] == "A 23.5, M 11.8"
    assert "<option>rim</option><option>marker</option>" in text
    assert "$" not in text
    assert "http" not in text


def test_a_setting_without_a_film_is_refused():
    with pytest.raises(ValueError, match="'rim' has 2 settings but 1 films"):
        mover({"rim": Move(["less", "more"], np.zeros((1, 4, 4), np.uint8))}, {})
