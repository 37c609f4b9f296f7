"""When two runs of a cell agree: word for word, and number for number within the noise.

The outputs of a cell are read as `Block`s: a glued number, the values behind a table
(`helpers.tables`), or a text that a reader sees. A number may differ by ten times what it
differed between processors when the outputs were stored (`helpers.build.noise`), never
less than 1e-8 of itself. Where a text shows fewer digits than that, it may also differ by
one unit of its last digit.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from nbformat import NotebookNode

from helpers.keys import CLAIMS, GLUED, ORDER, VALUES

FLOOR = 1e-8  # above the last bits of double precision, below any change of a formula
MARGIN = 10  # how far an unknown processor may go beyond those that were tried
ZERO = 1e-12  # what should be 0 may be 1e-17
COUNT = 100  # whole numbers below it are counts; above, they may have been rounded

_WHOLE = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)"  # 1,000 is one number, [1000,5] are two
NUMBER = re.compile(rf"(?<![\w.])[-+−]?{_WHOLE}(?:\.\d*)?(?:[eE][-+]?\d+)?")
PICTURES = ("image/png", "image/jpeg")


@dataclass(frozen=True)
class Number:
    """One number of an output: its name in the cell, value, and the unit of its last digit.

    The unit is 0 for what is stored in full.
    """

    name: str
    value: float
    unit: float

    def agrees(self, other: "Number", noise: float) -> bool:
        """Whether a new value is the stored one, up to the noise that is known of it."""
        a, b = self.value, other.value
        allowed = max(FLOOR, MARGIN * noise) * max(abs(a), abs(b))
        return a == b or abs(a - b) <= max(allowed, ZERO, 1.001 * self.unit)


@dataclass(frozen=True)
class Block:
    """One output of a cell: its words, and the numbers between them, in full or as shown."""

    name: str
    words: str
    numbers: Sequence[Number]
    in_full: bool
    behind: str = ""  # of a text: the block that has the same numbers in full

    def noise_of(self, number: Number, noise: Mapping[str, float]) -> float:
        """What is known of a number: its own noise, its block's, or that of what is behind."""
        own = noise.get(number.name, noise.get(self.name, 0.0))
        return max(own, worst(self.behind, noise))


def worst(block: str, noise: Mapping[str, float]) -> float:
    """The largest noise of the numbers in a table, named `block: row, column`."""
    return max(
        (level for name, level in noise.items() if block and name.startswith(f"{block}:")),
        default=0.0,
    )


@dataclass(frozen=True)
class Times:
    """Which numbers of a cell are measured times, and by which factor they may differ.

    Texts of the cell may hold times anywhere. Of what is stored in full, the pattern
    `names` tells the times from the rest.
    """

    factor: float = 1.0
    names: str = ""

    def cover(self, block: Block, number: Number) -> bool:
        found = not block.in_full or re.search(self.names, number.name)
        return self.factor > 1 and bool(found)

    def agree(self, a: float, b: float) -> bool:
        return a == b or (a * b > 0 and 1 / self.factor <= a / b <= self.factor)


def times(cell: NotebookNode) -> Times:
    """What a cell declares: `# %% nbval={"factor": 5, "times": "seconds"}`."""
    declared = cell.metadata.get("nbval", {})
    return Times(declared.get("factor", 1.0), declared.get("times", ""))


def blocks(outputs: Sequence[Mapping[str, Any]]) -> list[Block]:
    """What a cell's outputs hold, pictures left out; the texts of a stream are one.

    The JSON of claims and orders is left out, too: the table of claims and the phrases stand
    beside it.
    """
    found: list[Block] = []
    streams: dict[str, str] = {}
    for output in outputs:
        if output["output_type"] == "stream":
            streams[output["name"]] = streams.get(output["name"], "") + output["text"]
    shown = [output for output in outputs if output["output_type"] != "stream"]
    for position, output in enumerate(shown, start=1):
        data, glued = output.get("data", {}), _glued_name(output)
        if glued == CLAIMS or glued.endswith(ORDER):
            continue
        for kind, value in sorted(data.items()):  # files keep them in another order
            if kind == VALUES:
                found.append(_table(f"table {position}", value))
            elif kind == GLUED:
                found.append(_text(glued, value, in_full=True))
            elif kind not in PICTURES:
                behind = f"table {position}" if VALUES in data else ""
                found.append(_text(f"{kind} {position}", value, behind=behind))
    return found + [_text(name, text) for name, text in streams.items()]


def differences(
    stored: Sequence[Block], new: Sequence[Block], noise: Mapping[str, float], timed: Times
) -> Iterator[str]:
    """What differs between two runs of a cell, a sentence each.

    `noise` is relative, by the name of a number or of the block it stands in.
    """
    if [block.name for block in stored] != [block.name for block in new]:
        yield f"outputs {[b.name for b in stored]} became {[b.name for b in new]}"
        return
    for old, fresh in zip(stored, new, strict=True):
        if old.words != fresh.words:
            yield f"{old.name}: the words {_first_difference(old.words, fresh.words)}"
            continue
        for mine, theirs in zip(old.numbers, fresh.numbers, strict=True):
            known = old.noise_of(mine, noise)
            if timed.cover(old, mine) and timed.agree(mine.value, theirs.value):
                continue
            if not mine.agrees(theirs, known):
                yield f"{mine.name}: {mine.value!r} became {theirs.value!r} (noise {known:.0e})"


def _glued_name(output: Mapping[str, Any]) -> str:
    return output.get("metadata", {}).get("scrapbook", {}).get("name", "")


def _table(name: str, table: Mapping[str, Any]) -> Block:
    """Numbers in full; what is missing counts as a word, since NaN compares with nothing."""
    places = [f"{name}: {place}" for place in table["places"]]
    found = dict(zip(_distinct(places), table["numbers"], strict=True))
    missing = [place for place, value in found.items() if value is None]
    numbers = [Number(place, value, 0.0) for place, value in found.items() if value is not None]
    return Block(name, f"{places} without {missing}", numbers, in_full=True)


def _distinct(names: Sequence[str]) -> Iterator[str]:
    """The names, each repetition numbered."""
    seen: Counter[str] = Counter()
    for name in names:
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name} ({seen[name]})"


def _text(name: str, value: object, *, in_full: bool = False, behind: str = "") -> Block:
    text = value if isinstance(value, str) else str(value)
    shown = NUMBER.findall(text)
    alone = in_full and len(shown) == 1
    numbers = [
        Number(
            name if alone else f"{name} #{k}",
            _value(number),
            0.0 if in_full else _unit(number, bool(behind)),
        )
        for k, number in enumerate(shown, start=1)
    ]
    # A number that grows by a digit moves the columns of a table.
    words = re.sub(r"[ \t]+|(?<=-)-+", " ", NUMBER.sub("#", text))
    return Block(name, words, numbers, in_full, behind)


def _value(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))


def _unit(text: str, backed: bool) -> float:
    """The unit of the last digit.

    A small whole number is a count, and has none, unless the number behind it is known.
    """
    mantissa, _, exponent = text.lower().partition("e")
    if "." not in mantissa and not exponent and not backed and abs(_value(text)) < COUNT:
        return 0.0
    return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def _first_difference(old: str, new: str) -> str:
    same = takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))
    start = max(0, sum(1 for _ in same) - 20)
    return f"{old[start : start + 60]!r} became {new[start : start + 60]!r}"
