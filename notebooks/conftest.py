"""nbval, but numbers may differ by a little.

Stored and new outputs must agree word for word; each number in them within a relative
tolerance, which a cell may widen by its metadata: `# %% nbval={"rtol": 1e-3}`. Whole
numbers must agree exactly, unless the cell sets an absolute tolerance too:
`{"rtol": 0.05, "atol": 0.01}`, for drawings made of trained numbers. A cell that shows
measured times, or where a chaotic search ends, declares a factor instead, `# %%
nbval={"factor": 2}`: another machine differs, but not without limit. Images are not
compared (nbval skips them itself).
"""

import math
import re

from nbval.plugin import IPyNbCell

from helpers.build.execute import isolate_kernels

RTOL = 1e-8  # above the noise of another processor in double precision, below any change
ATOL = 1e-12  # what should be zero may be 1e-17
WHOLE = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)"  # 1,000 is one number, [1000,5] are two
NUMBER = re.compile(rf"(?<![\w.])[-+−]?{WHOLE}(?:\.\d*)?(?:[eE][-+]?\d+)?")

isolate_kernels()

exact_sanitize = IPyNbCell.sanitize


class TolerantText(str):
    """A string that equals another if the words match and the numbers almost do."""

    rtol: float
    atol: float = ATOL
    factor: float = 1.0

    def __eq__(self, other: object) -> bool:
        if self._words(self) != self._words(str(other)):
            return False
        pairs = zip(NUMBER.findall(self), NUMBER.findall(str(other)), strict=True)
        return all(self._close(mine, theirs) for mine, theirs in pairs)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def _words(self, text: str) -> str:
        words = NUMBER.sub("#", text)
        # Numbers of other lengths move the columns of a table.
        return words if self.factor == 1 else re.sub(" +", " ", words)

    def _close(self, mine: str, theirs: str) -> bool:
        if mine == theirs:
            return True
        a, b = _value(mine), _value(theirs)
        if a * b > 0 and 1 / self.factor <= a / b <= self.factor:
            return True
        if _is_whole(mine) and _is_whole(theirs) and self.atol == ATOL:
            return False
        return math.isclose(a, b, rel_tol=self.rtol, abs_tol=self.atol)


def _is_whole(text: str) -> bool:
    return text.lstrip("+-−").replace(",", "").isdigit()


def _value(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))


def tolerant_sanitize(self: IPyNbCell, text: str) -> str:
    sanitized = exact_sanitize(self, text)
    if not isinstance(sanitized, str):
        return sanitized
    tolerant = TolerantText(sanitized)
    declared = self.cell.metadata.get("nbval", {})
    tolerant.rtol, tolerant.atol = declared.get("rtol", RTOL), declared.get("atol", ATOL)
    tolerant.factor = declared.get("factor", 1.0)
    return tolerant


IPyNbCell.sanitize = tolerant_sanitize
