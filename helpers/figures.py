"""One look for every figure: legible in light and dark, safe for colour-blind readers.

Figures are drawn in black on a transparent ground. On a dark page the book's style
sheet inverts lightness and keeps hue (class `ink`, see book/assets/book.css), so one
picture serves both. A photograph is left alone: give its cell the class `photo`.
"""

import gc

import matplotlib as mpl
import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib_inline.backend_inline import set_matplotlib_formats

WIDTH = 7.2  # inches; the text column of the book

# Okabe and Ito's colours, with a darker purple, less those too pale for a white page.
PALETTE = BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#AA3377"
GREY = "#767676"


def use_style() -> None:
    """Set matplotlib's defaults for a chapter; call it once, in the first cell."""
    sns.set_theme(context="notebook", style="ticks", palette=PALETTE)
    mpl.rcParams.update(
        {
            "figure.figsize": (WIDTH, 4.0),
            "figure.facecolor": "none",
            "figure.constrained_layout.use": True,
            "axes.facecolor": "none",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
            "legend.frameon": False,
            "savefig.facecolor": "none",
        }
    )
    set_matplotlib_formats("retina")
    # Pyplot would draw each figure once more after its cell, for a window that stays open.
    # The back end must be there first, because its choice installs that hook.
    mpl.get_backend()
    plt.uninstall_repl_displayhook()
    gc.freeze()  # what was imported stays: looking through it again would cost a second
