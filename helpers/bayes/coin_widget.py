"""Flip coins and watch network and Bayes predict, without a kernel.

The network's weights travel in the page; a few lines of JavaScript run it, and a test in
a real browser compares them with torch. Used by chapter 6, "Flip coins yourself".
"""

import json
from pathlib import Path
from string import Template

from IPython.display import HTML

from helpers.bayes.conjugate import Bernoulli
from helpers.bayes.networks import Network

TEMPLATE = Path(__file__).with_suffix(".html")
DECIMALS = 5  # of each weight: beyond them processors differ, and no reader sees it


def coin_widget(net: Network, coin: Bernoulli) -> HTML:
    """Buttons for heads and tails, and two predictions side by side.

    Raises ValueError for a network that does not read coin flips.
    """
    if (net.read.in_features, net.say.out_features) != (coin.inputs, coin.outputs):
        raise ValueError("the widget needs a network that reads and predicts coin flips")
    weights = {
        name.replace(".", "_"): [_rounded(row) for row in values.tolist()]
        for name, values in net.state_dict().items()
    }
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        id="coin-widget",
        weights=json.dumps(weights, separators=(",", ":")),
        a=coin.a,
        b=coin.b,
    )
    return HTML(text)


def _rounded(row: float | list[float]) -> float | list[float]:
    if isinstance(row, list):
        return [_rounded(value) for value in row]
    return round(row, DECIMALS)
