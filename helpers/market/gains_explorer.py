"""A figure that answers without a kernel: who gains and who loses, over three settings.

Plain inline HTML, SVG and JavaScript over stored numbers, so it works offline, with the
keyboard, and in JupyterLab alike. Used by chapter 1 for its simulated January 2021.
"""

import json
import math
from collections.abc import Hashable, Sequence
from html import escape
from pathlib import Path
from string import Template

import numpy as np
import pandas as pd
from IPython.display import HTML

from helpers.figures import BLUE, VERMILION
from helpers.wording import numbers

TEMPLATE = Path(__file__).with_suffix(".html")
BOUNDS = ("mean", "low", "high")
MARGIN = 1.1  # how far the scale reaches beyond the largest number


def gains_explorer(
    gains: pd.DataFrame, *, start: Sequence[Hashable], focus: str = "retail"
) -> HTML:
    """Three sliders over a table of gains, and one bar for each group.

    `gains`, in millions of dollars: a row for each combination of three named index
    levels, whose values are shown as they stand, in order of appearance; columns (group,
    "mean" | "low" | "high"), the last two the ends of a 95 % interval. `start` is the
    combination shown first, and `focus` the group with which the sentence below ends.

    Raises ValueError for another layout, a number that is missing, infinite or outside
    its interval, and for an unknown `start` or `focus`.
    """
    if gains.index.nlevels != 3 or None in gains.index.names or gains.columns.nlevels != 2:
        raise ValueError("gains needs three named index levels and columns (group, bound)")
    if tuple(start) not in set(gains.index):
        raise ValueError(f"no row {tuple(start)} to start from: choose one of gains.index")
    groups = list(gains.columns.unique(0))
    if focus not in groups:
        raise ValueError(f"no group {focus!r}: choose from {', '.join(groups)}")
    axes = {name: list(gains.index.unique(name)) for name in gains.index.names}
    values = _values(gains, axes, groups)
    cells = [
        {
            "gains": cell.tolist(),
            "numbers": [number(*gain) for gain in cell],
            "sentence": sentence(dict(zip(groups, cell, strict=True)), focus),
        }
        for cell in values
    ]
    largest = float(np.abs(values).max()) or 1.0  # 1: nobody gains or loses anything
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        sliders="".join(map(_slider, axes, axes.values(), start)),
        rows="".join(map(_row, groups)),
        ticks=_ticks(largest),
        limit=largest * MARGIN,
        width=max(len(text) for cell in cells for text in cell["numbers"]),
        blue=BLUE,
        vermilion=VERMILION,
        labels=_script([list(map(str, labels)) for labels in axes.values()]),
        cells=_script(cells),
    )
    return HTML(text)


def number(mean: float, low: float, high: float) -> str:
    """A gain and its interval as printed beside its bar: "+206 [191, 223]"."""
    # Two digits of the larger end decide, so that all groups' numbers look alike.
    texts = numbers((mean, low, high), width=max(abs(low), abs(high)))
    return "{}{} [{}, {}]".format("+" if mean > 0 else "", *texts)


def sentence(cell: dict[str, Sequence[float]], focus: str) -> str:
    """Who gains most, who loses most, and what `focus` does; group -> (mean, low, high).

    Only a gain or loss whose interval excludes zero counts.
    """
    gainers = {group: gain for group, gain in cell.items() if gain[1] > 0}
    losers = {group: gain for group, gain in cell.items() if gain[2] < 0}
    does = "cannot be told apart from zero"
    gained, lost = "No gain can be told apart from zero.", "No loss can be told apart from zero."
    if gainers:
        group, gain = max(gainers.items(), key=lambda item: item[1][0])
        gained = f"Most is gained by {group}: {number(*gain)} million dollars."
    if losers:
        group, gain = min(losers.items(), key=lambda item: item[1][0])
        lost = f"Most is lost by {group}: {number(*gain)} million dollars."
    if focus in gainers or focus in losers:
        does = "gains" if focus in gainers else "loses"
    return f"{gained} {lost} {focus[:1].upper()}{focus[1:]} as a whole {does}."


def _values(gains: pd.DataFrame, axes: dict[str, list], groups: list[str]) -> np.ndarray:
    """The gains as (combinations, groups, bounds), the last axis of `axes` fastest."""
    if gains.index.has_duplicates:
        raise ValueError(f"gains holds {gains.index[gains.index.duplicated()][0]} twice")
    cells = pd.MultiIndex.from_product(axes.values(), names=axes)
    columns = pd.MultiIndex.from_product([groups, BOUNDS])
    values = gains.reindex(index=cells, columns=columns).to_numpy(float) + 0.0  # no "−0.0"
    for row, column in np.argwhere(~np.isfinite(values))[:1]:
        group, bound = columns[column]
        place = ", ".join(f"{name} {label}" for name, label in zip(axes, cells[row], strict=True))
        raise ValueError(f"gains has no number for the {bound} of {group} at {place}")
    values = values.reshape(len(cells), len(groups), len(BOUNDS))
    mean, low, high = np.moveaxis(values, 2, 0)
    for row, column in np.argwhere((low > mean) | (mean > high))[:1]:
        raise ValueError(f"the mean of {groups[column]} at {cells[row]} is outside its interval")
    return values


def _slider(name: str, labels: list[Hashable], first: Hashable) -> str:
    return (
        f"<label>{escape(name)}: <b aria-hidden='true'></b><input type='range' min='0' "
        f"max='{len(labels) - 1}' value='{labels.index(first)}' autocomplete='off'></label>"
    )


def _row(group: str) -> str:
    """A name, a bar with its whisker (a line and two caps), and a number."""
    return (
        f"<div role='listitem'><span>{escape(group)}</span><svg aria-hidden='true'>"
        f"<rect y='15%' height='70%'/>{'<line/>' * 3}</svg><span class='number'></span></div>"
    )


def _ticks(largest: float) -> str:
    """Zero, and to both sides a round number and a quarter of it, which is half as far."""
    power = 10.0 ** math.floor(math.log10(largest))
    top = max(step * power for step in (1, 2, 4, 6, 8) if step * power <= largest)
    ticks = [(value, f"{value:+,g}") for value in (-top, -top / 4, top / 4, top)]
    return "".join(
        f"<span data-at='{value:g}'>{text.replace('-', '−')}</span>"
        for value, text in [*ticks, (0, "0")]
    )


def _script(value: object) -> str:
    """JSON that no name in it can break out of its script."""
    return json.dumps(value).replace("<", "\\u003c")
