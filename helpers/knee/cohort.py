"""People, their two knees and their visits: a causal model whose every arrow is known.

Chapter 2. Group, damage and the ungraded features are drawn first, then films and readings
follow from the knee, and reported pain from the knee and from life outside it:

    group ─→ damage ─────→ graded features ─→ reader ─→ grade
      │         └───────────────┐
      ├───→ ungraded features ──┼─→ pain ←─ noise
      └───→ outside the knee ───┘

All features show on the film. Nothing on the film shows the group itself.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from helpers.knee.observations import FEATURES
from helpers.knee.radiograph import GRADED, LATENTS, TYPICAL, UNGRADED, Knees

SITES = 5
SIDES = ("medial", "lateral")
SEVERITY = (0.76, 0.64, 0.1)  # spread over people, knees of a person and visits


@dataclass(frozen=True)
class Population:
    """What is assumed, with where it comes from in the chapter's table of calibration."""

    share: float = 0.17  # of people in group 1
    female: float = 0.58
    more_damage: float = 0.18  # group 1, standard deviations of severity
    more_spurs: float = 0.14  # group 1, mm of osteophyte that does not hurt
    shift: float = 0.5  # group 1, standard deviations of each ungraded feature
    gap: float = 8.9  # group 1's extra pain before the scale is cut off at 0 and 100, points
    damage_hurts: float = 6.6  # points per unit
    base: float = 6.5  # points of pain in a healthy knee
    person_noise: float = 12.2  # points, standard deviation; lasts over knees and visits
    knee_noise: float = 10.0  # points; lasts over visits
    visit_noise: float = 8.0  # points

    @property
    def damage_contrast(self) -> float:
        """Group 1's mean damage less group 0's, at the first visit; by Gauss–Hermite."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(40)
        severity = np.sqrt(np.square(SEVERITY).sum()) * nodes
        more = damage_of(severity + self.more_damage) - damage_of(severity)
        return float(weights @ more / np.sqrt(2 * np.pi))


DEFAULT = Population()


@dataclass(frozen=True)
class Cohort:
    """n knees at visits, with the truth that no reader has."""

    population: Population
    person: np.ndarray  # (n,) int
    group: np.ndarray  # (n,) 0 or 1
    site: np.ndarray  # (n,) 0 .. SITES-1
    side: np.ndarray  # (n,) 0 right, 1 left
    visit: np.ndarray  # (n,) int
    damage: np.ndarray  # (n,) what the graded features are signs of
    noise: np.ndarray  # (n,) points of pain that nothing explains
    knees: Knees
    graded: np.ndarray  # (n, 19) a reader's grades, NaN where this simulation has no feature
    klg: np.ndarray  # (n,) 0..4

    def __len__(self) -> int:
        return len(self.person)

    @property
    def hidden(self) -> np.ndarray:
        """The ungraded features, (n, 3), in standard deviations of group 0."""
        return np.stack([self.knees[name] for name in UNGRADED], 1)

    def levelled(self) -> "Cohort":
        """The same people, but group 1 has no more of the ungraded features than group 0."""
        knees = self.knees
        for name in UNGRADED:
            knees = knees.moved(name, -self.population.shift * self.group)
        return dataclasses.replace(self, knees=knees)

    def take(self, rows: np.ndarray) -> "Cohort":
        columns = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        del columns["population"]
        kept = {
            name: column.take(rows) if isinstance(column, Knees) else column[rows]
            for name, column in columns.items()
        }
        return Cohort(self.population, **kept)


def sample(
    people: int,
    visits: int,
    seed: int,
    *,
    observations: int | None = None,
    population: Population = DEFAULT,
    dtype: str = "float32",
) -> Cohort:
    """A fresh cohort; with `observations`, that many rows at random, since visits get missed.

    With the same seed another population has the same people: only what its numbers move
    is different. `dtype` is that of the knees. Raises ValueError when there are not so many
    rows.
    """
    rng = np.random.default_rng([seed, people, visits])
    person = np.repeat(np.arange(people), 2 * visits)
    side = np.tile(np.repeat([0, 1], visits), people)
    visit = np.tile(np.arange(visits), 2 * people)
    rows, knee = len(person), 2 * person + side

    def shared(person_part: float, knee_part: float, visit_part: float) -> np.ndarray:
        """Normal numbers with parts that last over a person, a knee, or one visit; (n,)."""
        return (
            person_part * rng.standard_normal(people)[person]
            + knee_part * rng.standard_normal(2 * people)[knee]
            + visit_part * rng.standard_normal(rows)
        )

    p = population
    group = (rng.random(people) < p.share).astype(int)[person]
    site = rng.integers(0, SITES, people)[person]
    female = (rng.random(people) < p.female)[person]
    girth = TYPICAL["girth"] + 6 * rng.standard_normal(people)[person]
    severity = shared(*SEVERITY) + p.more_damage * group + 0.05 * visit
    damage = damage_of(severity)
    hidden = [shared(0.83, 0.54, 0.12) + p.shift * group for _ in UNGRADED]
    inner = 0.62 + 0.23 * np.tanh(shared(0.6, 0.8, 0.0))  # medial share of the damage
    signs = _signs(damage, {"medial": inner, "lateral": 1 - inner}, p.more_spurs * group, rng)
    noise = shared(p.person_noise, p.knee_noise, p.visit_noise)
    size = np.where(female, 0.95, 1.06) * (1 + 0.035 * rng.standard_normal(people))[person]
    latents = {
        "size": size,
        "girth": np.clip(girth, 50, None),
        **_nuisance(site, rng),
        **signs,
        **dict(zip(UNGRADED, hidden, strict=True)),
    }
    values = np.stack([latents[name] for name in LATENTS], 1).astype(dtype)
    knees = Knees(values, rng.integers(0, 2**63, rows))
    graded, klg = read(knees, rng)
    kept = np.arange(rows)
    if observations is not None:
        if not 0 < observations <= rows:
            raise ValueError(
                f"{people} people have {rows} knees and visits: {observations} observations "
                "cannot be chosen of them"
            )
        kept = np.sort(rng.choice(rows, observations, replace=False))
    everyone = Cohort(p, person, group, site, side, visit, damage, noise, knees, graded, klg)
    return everyone.take(kept)


def damage_of(severity: np.ndarray) -> np.ndarray:
    """Nothing for the healthy, then in proportion: a smooth ramp."""
    return np.logaddexp(0, 1.7 * (severity + 0.02))


def _signs(
    damage: np.ndarray, shares: dict[str, np.ndarray], spurs: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """What damage does to a knee: narrower joint spaces, osteophytes, sclerosis."""
    signs = {}
    for name in GRADED:
        here = damage * shares["medial" if name.endswith("medial") else "lateral"]
        chance = rng.standard_normal(len(damage))
        if name.startswith("jsw"):
            healthy = TYPICAL[name] + 0.55 * chance
            signs[name] = np.maximum(healthy - 1.9 * np.maximum(here - 0.25, 0), 0.3)
        elif name.startswith("osteophyte"):
            signs[name] = np.clip(1.4 * here + 0.27 + spurs + 0.45 * chance, 0, 4.5)
        else:
            signs[name] = np.clip(0.32 * here - 0.12 + 0.1 * chance, 0, 1.5)
    return signs


def _nuisance(site: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """How a film is taken: pose, magnification, beam and exposure, anew at every visit.

    Sites differ a little in exposure and beam. They have equal shares of both groups.
    """
    normal = rng.standard_normal((8, len(site)))
    settings = np.linspace(-1, 1, SITES)[site]
    return {
        "magnification": 1 + 0.06 * normal[0],
        "condyle": 1 + 0.05 * normal[1],
        "x": 4 * normal[2],
        "y": 4 * normal[3],
        "angle": np.deg2rad(3.5) * normal[4],
        "sharpness": np.clip(5 + settings + normal[5], 2, None),
        "gain": 1 + 0.08 * settings + 0.1 * normal[6],
        "offset": 0.05 * settings + 0.1 * normal[7],
    }


def read(knees: Knees, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A reader's grades (n, 19), NaN for features that are not simulated, and KLG (n,).

    The reader measures each sign with an error and applies fixed thresholds, as the OARSI
    atlas does in pictures. The reader sees nothing of the ungraded features.
    """
    graded = np.full((len(knees), len(FEATURES)), np.nan)

    def grade(feature: str, seen: np.ndarray, limits: tuple[float, ...]) -> np.ndarray:
        graded[:, FEATURES.index(feature)] = np.digitize(seen, limits)
        return graded[:, FEATURES.index(feature)]

    def seen(latent: str, error: float) -> np.ndarray:
        return knees[latent] + error * rng.standard_normal(len(knees))

    narrowing, spurs, hard = [], [], []
    for side in SIDES:
        lost = TYPICAL[f"jsw_{side}"] - seen(f"jsw_{side}", 0.3)
        narrowing.append(grade(f"xrjs{side[0]}", lost, (1.2, 2.0, 3.4)))
        for bone in ("femur", "tibia"):
            length = seen(f"osteophyte_{bone}_{side}", 0.3)
            spurs.append(grade(f"xros{bone[0]}{side[0]}", length, (1.2, 1.9, 3.0)))
        dense = seen(f"sclerosis_{side}", 0.06)
        hard.append(grade(f"xrsct{side[0]}", dense, (0.25, 0.5, 0.8)))
    klg = kellgren_lawrence(np.array(narrowing), np.array(spurs), np.array(hard))
    graded[:, FEATURES.index("xrkl")] = klg
    return graded, klg


def kellgren_lawrence(narrowing: np.ndarray, spurs: np.ndarray, hard: np.ndarray) -> np.ndarray:
    """The grade from OARSI grades 0–3 of narrowing (2, n), osteophytes (4, n), sclerosis (2, n).

    Kellgren and Lawrence (Ann Rheum Dis 16, 1957), as commonly quoted: 1, doubtful narrowing
    or possible lipping; 2, definite osteophytes, perhaps narrowing; 3, multiple osteophytes
    and definite narrowing; 4, large osteophytes, marked narrowing, severe sclerosis.
    """
    narrow, spur = narrowing.max(0), spurs.max(0)
    several = (spurs >= 1).sum(0) >= 2
    klg = ((narrow >= 1) | (spur >= 1)).astype(int)
    klg[(spur >= 2) | several] = 2
    klg[(klg == 2) & several & (narrow >= 2)] = 3
    klg[(klg == 3) & (spur >= 2) & (narrow == 3) & (hard.max(0) >= 1)] = 4
    return klg
