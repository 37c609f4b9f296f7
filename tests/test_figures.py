"""Colours that everyone can tell apart, on white and on the dark page."""

import itertools
import re

import matplotlib as mpl
import numpy as np
import pytest
from colorspacious import cspace_convert, deltaE

from helpers import figures

COLOURS = {"blue": figures.BLUE, "vermilion": figures.VERMILION, "green": figures.GREEN}
COLOURS |= {"purple": figures.PURPLE, "grey": figures.GREY, "black": "#000000"}
DARK_PAGE = np.array([0x12] * 3) / 255  # the theme's dark background


def rgb(colour: str) -> np.ndarray:
    return np.array(mpl.colors.to_rgb(colour))


def inverted(colour: np.ndarray, amount: float) -> np.ndarray:
    """CSS `invert(amount) hue-rotate(180deg)`, by the matrix of the Filter Effects module."""
    grey = np.tile([0.213, 0.715, 0.072], (3, 1))
    rotated = (2 * grey - np.eye(3)) @ (amount + colour * (1 - 2 * amount))
    return rotated.clip(0, 1)


def contrast(one: np.ndarray, other: np.ndarray) -> float:
    """WCAG 2.2's contrast ratio."""
    linear = [
        np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]
        for c in (one, other)
    ]
    return (max(linear) + 0.05) / (min(linear) + 0.05)


@pytest.mark.parametrize("name", COLOURS)
def test_contrast_on_white_and_on_the_dark_page(name, root):
    css = (root / "book" / "assets" / "book.css").read_text()
    amount = float(re.search(r"invert\(([\d.]+)\) hue-rotate\(180deg\)", css).group(1))
    needed = 7.0 if name == "black" else 3.0  # text (AAA), graphics (WCAG 1.4.11)
    colour = rgb(COLOURS[name])
    assert contrast(colour, np.ones(3)) >= needed
    assert contrast(inverted(colour, amount), DARK_PAGE) >= needed


@pytest.mark.parametrize("deficiency", ["deuteranomaly", "protanomaly", "tritanomaly"])
def test_the_palette_stays_apart_for_colour_blind_readers(deficiency):
    space = {"name": "sRGB1+CVD", "cvd_type": deficiency, "severity": 100}
    seen = [cspace_convert(rgb(colour), space, "sRGB1").clip(0, 1) for colour in figures.PALETTE]
    for one, other in itertools.combinations(seen, 2):
        assert deltaE(one, other, input_space="sRGB1") > 10


def test_figures_are_transparent_and_use_the_palette():
    with mpl.rc_context():
        figures.use_style()
        assert mpl.rcParams["axes.facecolor"] == mpl.rcParams["figure.facecolor"] == "none"
        assert mpl.rcParams["savefig.facecolor"] == "none"
        colours = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
        assert [mpl.colors.to_hex(c).upper() for c in colours] == list(figures.PALETTE)
