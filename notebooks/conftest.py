"""nbval, with numbers compared as far as processors agree: see `helpers.build.tolerance`.

A number may differ by ten times the noise that is stored for it beside the notebook, never
less than 1e-8 of itself; all words must agree. A cell that shows measured times declares
a factor, `# %% nbval={"factor": 5}`: another machine differs, but not without limit.
Pictures are not compared. HEADLINES_PROCESSOR makes the kernels pretend to be another
processor.
"""

from collections.abc import Sequence
from pathlib import Path

from nbformat import NotebookNode
from nbval.plugin import IPyNbCell

from helpers.build import noise
from helpers.build.execute import isolate_kernels
from helpers.build.tolerance import blocks, differences, times

isolate_kernels()


def compare_outputs(
    self: IPyNbCell,
    test: Sequence[NotebookNode],
    ref: Sequence[NotebookNode],
    skip_compare: object = None,
) -> bool:
    """In place of nbval's own: the same outputs, in the same order, up to known noise."""
    known = noise.read(Path(self.parent.path)).get(self.cell.id, {})
    found = list(differences(blocks(ref), blocks(test), known, times(self.cell)))
    self.comparison_traceback = [f"mismatch: {difference}\n" for difference in found]
    return not found


IPyNbCell.compare_outputs = compare_outputs
