"""An animation without a kernel: a decomposition beside what a surrogate says of it.

Plain inline SVG, canvas and JavaScript over results of the build, so it works offline,
with the keyboard, and in JupyterLab alike. Nothing moves before the reader presses play.
Used by chapter 5, "Watch it".
"""

import base64
import json
from pathlib import Path
from string import Template

import numpy as np
from IPython.display import HTML

TEMPLATE = Path(__file__).with_suffix(".html")
LEFT, RIGHT, TOP, BOTTOM = 46, 310, 12, 256  # the plot's edges in the 320 x 300 drawing


def player(
    phase: np.ndarray, truth: np.ndarray, forecast: np.ndarray, times: np.ndarray, *, history: int
) -> HTML:
    """Frames of 0 and 1 (frames, side, side) beside curves g (frames, distances).

    `forecast` starts after the first `history` frames, during which the surrogate only
    watches. Raises ValueError when the lengths do not fit together.
    """
    frames = len(phase)
    if not len(truth) == len(times) == frames or len(forecast) != frames - history:
        raise ValueError(
            f"{frames} frames need as many curves and times, and {frames - history} forecasts; "
            f"got {len(truth)}, {len(times)} and {len(forecast)}"
        )
    rows = [
        {
            "time": f"{time:.3g}",
            "truth": _line(truth[k]),
            "forecast": _line(forecast[k - history]) if k >= history else "",
        }
        for k, time in enumerate(times)
    ]
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        id="spinodal-player",
        side=phase.shape[-1],
        bits=base64.b64encode(np.packbits(phase)).decode(),
        rows=json.dumps(rows),
        axes=_axes(truth.shape[1] - 1),
        last=frames - 1,
        history=history,
    )
    return HTML(text)


def _line(curve: np.ndarray) -> str:
    x = np.linspace(LEFT, RIGHT, len(curve))
    return " ".join(f"{u:.0f},{_height(v):.1f}" for u, v in zip(x, curve, strict=True))


def _height(value: float) -> float:
    """From -0.5 at the bottom to 1 at the top."""
    return BOTTOM - (BOTTOM - TOP) * (value + 0.5) / 1.5


def _axes(largest: int) -> str:
    marks = []
    for value in (-0.5, 0.0, 0.5, 1.0):
        y = _height(value)
        marks.append(
            f'<line x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="currentColor" '
            f'stroke-opacity="{0.6 if value == 0 else 0.2}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
        )
    for share in (0, 0.5, 1):
        x = LEFT + (RIGHT - LEFT) * share
        marks.append(
            f'<text x="{x:.0f}" y="{BOTTOM + 18}" text-anchor="middle">{largest * share:.0f}</text>'
        )
    middle = (LEFT + RIGHT) / 2
    marks.append(
        f'<text x="{middle:.0f}" y="{BOTTOM + 38}" text-anchor="middle">distance r (cells)</text>'
        f'<text x="0" y="{_height(0.75) + 4:.1f}" font-style="italic">g(r)</text>'
    )
    return "".join(marks)
