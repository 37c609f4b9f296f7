"""The three sizes at which every chapter runs; the same code, only sizes differ."""

from enum import StrEnum
from typing import TypeVar

Size = TypeVar("Size")


class Scale(StrEnum):
    """How large a run is.

    >>> Scale("book").pick(quick=30, book=600, paper=20_000)
    600
    """

    QUICK = "quick"  # seconds a chapter: tests, Binder, nbval
    BOOK = "book"  # the published pages
    PAPER = "paper"  # the article's own size: hours, or a cluster

    @classmethod
    def _missing_(cls, value: object) -> "Scale":
        known = ", ".join(cls)
        raise ValueError(f"unknown scale {value!r}: choose one of {known}")

    def pick(self, *, quick: Size, book: Size, paper: Size) -> Size:
        """The size that belongs to this scale; all three stay visible to the reader."""
        return {Scale.QUICK: quick, Scale.BOOK: book, Scale.PAPER: paper}[self]
