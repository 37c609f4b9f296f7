"""Tables as a reader sees them, rounded, with the values behind them for the tests.

A rounded number hides a change of one per cent, and flips on another processor although
nothing changed. So `tabulate` keeps both: the text for the page, and every number in full,
which is what the regression tests compare (`helpers.build.tolerance`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.keys import VALUES

MISSING = "–"

Decimals = int | dict[str, int] | Callable[[float], str] | None


@dataclass(frozen=True)
class Written:
    """Numbers in a text, such as an interval, which still knows them in full."""

    template: str
    numbers: tuple[float, ...]

    def __str__(self) -> str:
        return self.template.format(*self.numbers).replace("-", "−")

    __repr__ = __str__


def fill(template: str, *numbers: float) -> Written:
    """`fill("{:.1f} [{:.1f}, {:.1f}]", value, low, high)`: a text for a cell of a table."""
    return Written(template, tuple(map(float, numbers)))


class Shown:
    """A table for reading; what the notebook displays when a cell ends with it."""

    def __init__(self, table: pd.DataFrame, decimals: Decimals) -> None:
        self.table, self.decimals = table, decimals

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        formats = [self._format(name, column) for name, column in self.table.items()]
        return {
            "text/html": self.table.to_html(formatters=formats, na_rep=MISSING, notebook=True),
            "text/plain": self.table.to_string(formatters=formats, na_rep=MISSING),
            VALUES: values(self.table),
        }

    def _format(self, name: object, column: pd.Series) -> Callable[[Any], str]:
        decimals = self.decimals
        if isinstance(decimals, dict):
            decimals = decimals.get(str(name))
        if not _is_real(column):
            return str
        if callable(decimals):
            return decimals
        if decimals is None:
            decimals = 0 if pd.api.types.is_integer_dtype(column) else 6
        return lambda cell: _rounded(float(cell), decimals)


def tabulate(table: pd.DataFrame | pd.Series, decimals: Decimals = None) -> Shown:
    """`table` with its numbers rounded to `decimals`, for all columns or by name.

    A function writes each number as it likes. Where nothing is given, whole numbers stay
    whole and others have six decimals. Texts stay as they are.
    """
    return Shown(table.to_frame() if isinstance(table, pd.Series) else table, decimals)


def values(table: pd.DataFrame) -> dict[str, list[Any]]:
    """Every number of a table in full and its place, row and column; missing ones None."""
    places, numbers = [], []
    for row, cells in zip(table.index, table.itertuples(index=False, name=None), strict=True):
        for column, cell in zip(table.columns, cells, strict=True):
            for number in _numbers(cell):
                places.append(f"{_label(row)}, {_label(column)}")
                numbers.append(number)
    return {"places": places, "numbers": numbers}


def _numbers(cell: Any) -> Iterator[float | None]:
    if isinstance(cell, Written):
        yield from cell.numbers
    elif pd.api.types.is_number(cell) and not isinstance(cell, bool):
        yield None if pd.isna(cell) else float(cell)


def _label(label: object) -> str:
    return " / ".join(map(str, label)) if isinstance(label, tuple) else str(label)


def _is_real(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _rounded(value: float, decimals: int) -> str:
    text = f"{value:,.{decimals}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.lstrip("-")
