"""Numbers in words and tables: as many digits as mean something."""

import math
from collections.abc import Sequence


def numbers(values: Sequence[float], width: float) -> list[str]:
    """Numbers alike in decimals, so that `width` shows two significant digits.

    Without a width: whole numbers as they are, others with two decimals.
    """
    if width > 0:
        decimals = max(0, 1 - math.floor(math.log10(width)))
    else:
        decimals = 0 if all(float(value).is_integer() for value in values) else 2
    return [f"{value:,.{decimals}f}".replace("-", "−") for value in values]
