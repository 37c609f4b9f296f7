import json
import re

import numpy as np
import pytest

from helpers.market import prices
from helpers.market.holding_slider import holding_slider


def test_the_figure_carries_every_price_and_loads_nothing():
    closes = prices.gme_window()["close"]
    html = holding_slider(closes, name="GameStop", entry="2021-01-27", days=5).data
    rows = json.loads(re.search(r"rows = (\[.*?\])", html).group(1))
    assert [row["close"] for row in rows] == list(closes)
    assert "http" not in html
    assert "src=" not in html


def test_a_gap_or_an_unknown_day_is_refused():
    closes = prices.gme_window()["close"]
    with pytest.raises(KeyError):
        holding_slider(closes, name="GameStop", entry="2021-01-30", days=5)
    closes.iloc[3] = np.nan
    with pytest.raises(ValueError, match="GameStop has no close on 2021-01-07"):
        holding_slider(closes, name="GameStop", entry="2021-01-27", days=5)
