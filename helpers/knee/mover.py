"""A film whose features the reader moves, beside what networks make of it.

Plain inline canvas and JavaScript over results of the build, so it works offline, with the
keyboard, and in JupyterLab alike. Used by chapter 2, "Move it yourself".
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

import numpy as np
from IPython.display import HTML

TEMPLATE = Path(__file__).with_suffix(".html")


@dataclass(frozen=True)
class Move:
    """One feature at several settings, all else and the grain the same."""

    settings: Sequence[str]  # what the slider says, one for each film
    films: np.ndarray  # (settings, px, px) bytes


def mover(
    moves: Mapping[str, Move], networks: Mapping[str, Callable[[np.ndarray], np.ndarray]]
) -> HTML:
    """Films by feature and setting, and the KOOS that each network predicts for them.

    Grey values go in as plain numbers, so that a stored page can be compared within a
    tolerance. Raises ValueError when settings and films do not fit together.
    """
    rows = {}
    for name, move in moves.items():
        if len(move.settings) != len(move.films):
            raise ValueError(
                f"{name!r} has {len(move.settings)} settings but {len(move.films)} films: "
                "give each setting its film"
            )
        said = {network: predict(move.films) for network, predict in networks.items()}
        rows[name] = [
            {
                "setting": setting,
                "said": ", ".join(f"{network} {koos[k]:.1f}" for network, koos in said.items()),
                "grey": move.films[k].ravel().tolist(),
            }
            for k, setting in enumerate(move.settings)
        ]
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        id="knee-mover",
        side=next(iter(moves.values())).films.shape[-1],
        options="".join(f"<option>{name}</option>" for name in moves),
        rows=json.dumps(rows, separators=(",", ":")),
    )
    return HTML(text)
