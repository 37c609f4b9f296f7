"""The same knees in worlds that differ in what hurts, and in what gives the group away.

Chapter 2. All worlds have the same gap in pain between the groups before the scale is cut
off. What differs is how much of it comes from knees.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from helpers.knee import radiograph
from helpers.knee.cohort import Cohort
from helpers.knee.observations import Observations
from helpers.knee.radiograph import UNGRADED


@dataclass(frozen=True)
class World:
    """What is true, and what a film gives away."""

    meaning: str
    differs: bool  # whether group 1 has more of the ungraded features
    mediated: float  # the share of the gap that comes from them
    marked: tuple[float, float] = (0.0, 0.0)  # chance of a lead marker in group 0 and in 1


WORLDS = {
    "A": World("features nobody grades hurt, and are more frequent in group 1", True, 0.5),
    "B": World("nothing hidden: the rest of the gap comes from outside the knee", False, 0.0),
    "C": World("features differ between the groups but do not hurt", True, 0.0),
    "M": World("as B, but a lead marker tells the groups apart", False, 0.0, (0.05, 0.90)),
}


@dataclass(frozen=True)
class Study:
    """A cohort seen in one world: what a researcher gets, and what only we know."""

    seen: Observations
    oracle: np.ndarray  # (n,) KOOS as the knee alone has it, before noise and cut-off
    cohort: Cohort


class Darkroom:
    """Films of one cohort in every world: renders again only what a world changes."""

    def __init__(self, cohort: Cohort, px: int) -> None:
        self.cohort, self.px = cohort, px
        self.films = {True: radiograph.render(cohort.knees, px)}  # by World.differs

    def films_of(self, world: World, seed: int) -> np.ndarray:
        """Films (n, px, px); the seed decides who is marked."""
        if not world.differs and False not in self.films:
            films, changed = self.films[True].copy(), self.cohort.group == 1
            films[changed] = radiograph.render(self.cohort.levelled().knees.take(changed), self.px)
            self.films[False] = films
        films = self.films[world.differs]
        if not any(world.marked):
            return films
        chance = np.random.default_rng([seed, 1]).random(len(films))
        return radiograph.stamp(films, chance < np.array(world.marked)[self.cohort.group])

    def study(self, world: World, seed: int) -> Study:
        """The cohort in this world."""
        cohort = self.cohort if world.differs else self.cohort.levelled()
        seen = dataclasses.replace(unseen(cohort, world), images=self.films_of(world, seed))
        return Study(seen, 100 - pain(cohort, world)[0], cohort)


def unseen(cohort: Cohort, world: World) -> Observations:
    """What is known of the cohort without its films, which are blank single pixels here."""
    return Observations(
        person=cohort.person,
        group=cohort.group,
        site=cohort.site,
        side=cohort.side,
        visit=cohort.visit,
        koos=np.clip(100 - sum(pain(cohort, world)), 0, 100),
        klg=cohort.klg,
        graded=cohort.graded,
        images=np.zeros((len(cohort), 1, 1), np.uint8),
    )


def pain(cohort: Cohort, world: World) -> tuple[np.ndarray, np.ndarray]:
    """Points of pain from inside the knee and from outside it, (n,) each.

    Each ungraded feature hurts so much that group 1, which has `shift` more of the three,
    gets the world's share of the gap from them. Group 1's life outside supplies the rest.
    """
    p = cohort.population
    each = world.mediated * p.gap / (len(UNGRADED) * p.shift)
    inside = p.base + p.damage_hurts * cohort.damage + each * cohort.hidden.sum(1)
    expected = p.damage_hurts * p.damage_contrast + world.mediated * p.gap
    outside = (p.gap - expected) * cohort.group + cohort.noise
    return inside, outside
