"""How far a build is, and about how long the rest will take, from the record's seconds."""

import time
from collections.abc import Callable, Mapping


class Progress:
    """Counts finished chapters; `costs` are the seconds that each took at the last record.

    How fast this machine is shows as chapters finish.
    """

    def __init__(
        self, costs: Mapping[str, float], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.costs, self.clock = dict(costs), clock
        self.left, self.started = set(costs), clock()

    def finish(self, name: str) -> str:
        """What to tell the reader when a chapter has ended."""
        self.left.discard(name)
        done = [other for other in self.costs if other not in self.left]
        told = f"chapter {len(done)} of {len(self.costs)} done"
        if not self.left or not all(self.costs.values()):
            return told  # a chapter that the record does not know may take any time
        work = sum(self.costs[other] for other in done)
        pace = work / max(self.clock() - self.started, 1e-9)  # recorded seconds per second
        minutes = sum(self.costs[other] for other in self.left) / pace / 60
        return f"{told}, about {max(1, round(minutes))} min left"
