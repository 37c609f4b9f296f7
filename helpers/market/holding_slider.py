"""A figure that answers without a kernel: buy on one day, sell on another.

Plain inline SVG and JavaScript over recorded prices, so it works offline, with the
keyboard, and in JupyterLab alike. Used by chapter 1, "What did holders earn?".
"""

import json
from pathlib import Path
from string import Template

import numpy as np
import pandas as pd
from IPython.display import HTML

TEMPLATE = Path(__file__).with_suffix(".html")
LEFT, RIGHT, TOP, BOTTOM = 52, 630, 12, 236  # the plot's edges in the 640 x 270 drawing


def holding_slider(closes: pd.Series, *, name: str, entry: str, days: int) -> HTML:
    """Two sliders over a series of daily closes (US dollars), starting at `entry`.

    Raises KeyError when `entry` is not a day of the series and ValueError for NaN.
    """
    if closes.isna().any():
        missing = closes.index[closes.isna()][0]
        raise ValueError(f"{name} has no close on {missing:%Y-%m-%d}: fill it first")
    start = closes.index.get_loc(pd.Timestamp(entry))
    x = np.linspace(LEFT, RIGHT, len(closes)).round(1)
    top = closes.max() * 1.05
    y = (BOTTOM - (BOTTOM - TOP) * closes.to_numpy() / top).round(1)
    rows = [
        {"day": f"{day:%b} {day.day}", "close": float(close), "x": float(u), "y": float(v)}
        for day, close, u, v in zip(closes.index, closes, x, y, strict=True)
    ]
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        id="holding-slider",
        name=name,
        axes=_axes(rows, top),
        points=" ".join(f"{row['x']},{row['y']}" for row in rows),
        rows=json.dumps(rows),
        amount=1000,
        entry=start,
        days=days,
        last=len(rows) - 1,
        last_entry=len(rows) - 2,
    )
    return HTML(text)


def _axes(rows: list[dict], top: float) -> str:
    """Labelled ticks: dollars every 100, and about six dates."""
    marks = []
    for dollars in range(0, int(top) + 1, 100):
        y = BOTTOM - (BOTTOM - TOP) * dollars / top
        marks.append(
            f'<line x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" '
            f'stroke-opacity="0.2"/><text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"${dollars}</text>"
        )
    for row in rows[:: max(1, len(rows) // 6)]:
        marks.append(
            f'<text x="{row["x"]}" y="{BOTTOM + 24}" text-anchor="middle">{row["day"]}</text>'
        )
    return "".join(marks)
