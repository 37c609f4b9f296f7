"""The paper's measures of disparity and prediction, and their intervals. Chapter 2.

Definitions follow the code published with Pierson et al. (Nature Medicine 27, 2021). Pain is
the KOOS subscore, where 100 means none, so a gap is negative when group 1 hurts more.

A bootstrap draw is nothing but a weight per row: how often its person was drawn. Every
measure here takes such weights, (draws, n), so a thousand regressions are one product of
matrices and one batched solve, with the same result as drawing rows one by one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from statsmodels.regression.linear_model import OLS, RegressionResultsWrapper

SEVERE = 86.1  # a KOOS pain score at or below it counts as severe pain
OPERABLE = 3  # a knee in severe pain is eligible for surgery from this grade on
GRADES = 5  # Kellgren and Lawrence's, 0 to 4
LEAST_REDUCTION = 0.001  # a ratio to anything smaller is reported as CAPPED_RATIO
CAPPED_RATIO = 100.0


@dataclass(frozen=True)
class Gaps:
    """Pain gaps between the groups in KOOS points: numbers, or arrays (draws,)."""

    none: float | np.ndarray  # with no control
    given: dict[str, float | np.ndarray]  # among knees of equal score, by the score's name

    def reduction(self, name: str) -> np.ndarray:
        """The share of the gap that a score accounts for."""
        return 1 - self.given[name] / self.none

    def difference(self, name: str, rival: str) -> np.ndarray:
        """How much larger a share one score accounts for than another."""
        return self.reduction(name) - self.reduction(rival)

    def ratio(self, name: str, rival: str) -> np.ndarray:
        """How many times as large a share, as published: 100 when the rival's is below 0.1 %."""
        ours, theirs = self.reduction(name), self.reduction(rival)
        tiny = theirs < LEAST_REDUCTION
        return np.where(tiny, CAPPED_RATIO, ours / np.where(tiny, 1, theirs))[()]


def gaps(
    group: np.ndarray,
    koos: np.ndarray,
    scores: Mapping[str, np.ndarray],
    weights: np.ndarray | None = None,
) -> Gaps:
    """The coefficient of group in koos ~ 1 + group, and in koos ~ 1 + group + score.

    Least squares on n rows, each score on its own. With weights (draws, n) one gap a draw.
    Raises ValueError for a group that is missing, also from a draw, and for a score that
    does not vary within the groups.
    """
    rows = _checked({"group": group, "koos": koos, **scores})
    group, weights = _two_groups(rows.pop("group"), weights)
    for name in scores:
        if all(np.ptp(rows[name][group == g]) == 0 for g in (0, 1)):
            raise ValueError(f"the score {name!r} is constant within groups: it controls nothing")
    # Gaps do not depend on a score's origin and unit; standard ones keep the sums exact.
    scaled = [_standard(rows[name]) for name in scores]
    koos = rows["koos"] - rows["koos"].mean()
    columns = np.stack([np.ones(len(group)), group, *scaled, koos], 1)
    size = columns.shape[1]
    products = (columns[:, :, None] * columns[:, None, :]).reshape(-1, size * size)
    sums = (weights @ products).reshape(*weights.shape[:-1], size, size)
    return Gaps(
        _group_coefficient(sums, [0, 1]),
        {name: _group_coefficient(sums, [0, 1, 2 + j]) for j, name in enumerate(scores)},
    )


def _group_coefficient(sums: np.ndarray, kept: list[int]) -> np.ndarray:
    """Column 1's in least squares of the last column on the kept ones, from sums (..., k, k)."""
    chosen = sums[..., kept, :]
    return np.linalg.solve(chosen[..., kept], chosen[..., -1:])[..., 1, 0][()]


def resample(person: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Weights (draws, n) of a bootstrap over people: each comes with all its rows, or not."""
    people, whose = np.unique(person, return_inverse=True)
    chances = np.full(len(people), 1 / len(people))
    counts = np.random.default_rng(seed).multinomial(len(people), chances, size=draws)
    return counts[:, whose].astype(float)


def interval(draws: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """The percentile interval of a measure's bootstrap draws."""
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def squared_interval(value: float, draws: np.ndarray) -> tuple[float, float]:
    """The interval of a measure's square, from bootstrap draws of the measure itself.

    Squares of draws that scatter around zero are all above it, so their percentiles leave out
    a true zero, and often the measured square too. Here the interval of the signed measure,
    which holds `value`, is squared as a set.
    """
    low, high = interval(draws)
    low, high = min(low, value), max(high, value)
    smaller, larger = sorted((float(low**2), float(high**2)))
    return (0.0 if low <= 0 <= high else smaller), larger


class Factors(NamedTuple):
    """Their product is the gap that a score takes away: the omitted-variable identity."""

    slope: float  # KOOS points per unit of score, among members of the same group
    contrast: float  # mean score of group 1 less that of group 0


def omitted_variable(group: np.ndarray, koos: np.ndarray, score: np.ndarray) -> Factors:
    """A score narrows the gap if it goes with pain inside groups and differs between them."""
    rows = _checked({"group": group, "koos": koos, "score": score})
    group, _ = _two_groups(rows.pop("group"), None)
    means = {name: np.array([x[group == g].mean() for g in (0, 1)]) for name, x in rows.items()}
    koos, score = (rows[name] - means[name][group.astype(int)] for name in ("koos", "score"))
    return Factors(float(score @ koos / (score @ score)), float(np.diff(means["score"])[0]))


def predicted_by_grade(klg: np.ndarray, koos: np.ndarray, new_klg: np.ndarray) -> np.ndarray:
    """KOOS predicted for new knees from their grade: its mean among the TRAINING knees.

    Least squares on the grade as a category, for which the paper's Lasso is a substitute.
    Raises ValueError for a grade that no training knee has.
    """
    rows = _checked({"klg": klg, "koos": koos})
    klg, new_klg = _grades(rows["klg"]), _grades(new_klg)
    counts = np.bincount(klg, minlength=GRADES)
    unseen = np.setdiff1d(new_klg, klg)
    if len(unseen):
        raise ValueError(f"no training knee has grade {unseen[0]}: train on more people")
    return (np.bincount(klg, rows["koos"], GRADES) / np.maximum(counts, 1))[new_klg]


class Accuracy(NamedTuple):
    """How well a score predicts reported pain."""

    pearson_r2: float
    spearman_r2: float
    rmse: float  # KOOS points


def accuracy(koos: np.ndarray, predicted: np.ndarray) -> Accuracy:
    """Of pain predicted in KOOS points."""
    rows = _checked({"koos": koos, "predicted": predicted})
    koos, predicted = rows.values()
    return Accuracy(
        pearson_r2=float(correlation(koos, predicted) ** 2),
        spearman_r2=float(correlation(rankdata(koos), rankdata(predicted)) ** 2),
        rmse=float(np.sqrt(np.mean((koos - predicted) ** 2))),
    )


def correlation(
    koos: np.ndarray, score: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """Pearson's correlation, one a draw. Raises ValueError for a constant."""
    rows = _checked({"koos": koos, "score": score})
    for name, x in rows.items():
        if np.ptp(x) == 0:
            raise ValueError(f"{name} is the same in every row: it correlates with nothing")
    koos, score = (_standard(x) for x in rows.values())
    weights = _weights(weights, len(koos))
    products = np.stack([np.ones_like(koos), koos, score, koos**2, score**2, koos * score], 1)
    sums = np.moveaxis(weights @ products, -1, 0)
    mean_koos, mean_score, koos2, score2, both = sums[1:] / sums[0]
    covariance = both - mean_koos * mean_score
    return covariance / np.sqrt((koos2 - mean_koos**2) * (score2 - mean_score**2))


def correlation_within(
    group: np.ndarray, koos: np.ndarray, score: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """`correlation` among group 0 and among group 1: (2,) or (2, draws).

    It does not grow when a score merely tells the groups apart.
    """
    rows = _checked({"group": group, "koos": koos, "score": score})
    group, weights = _two_groups(rows["group"], weights)
    members = [group == g for g in (0, 1)]
    return np.stack(
        [correlation(rows["koos"][m], rows["score"][m], weights[..., m]) for m in members]
    )


def r2_within(
    group: np.ndarray, koos: np.ndarray, score: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """The square of `correlation_within`, of which `squared_interval` gives intervals."""
    return correlation_within(group, koos, score, weights) ** 2


def auc(positive: np.ndarray, value: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """The chance that a positive row has the larger value, ties counting half; one a draw.

    Raises ValueError when all rows are positive, or none is.
    """
    rows = _checked({"positive": positive, "value": value})
    positive, value = rows["positive"] > 0, rows["value"]
    if positive.all() or not positive.any():
        raise ValueError("an AUC compares positive with other rows, but all are of one kind")
    weights = _weights(weights, len(value))
    _, level = np.unique(value, return_inverse=True)
    order = np.argsort(level, kind="stable")
    starts = np.flatnonzero(np.diff(level[order], prepend=-1))
    hits, others = (
        np.add.reduceat((weights * kind)[..., order], starts, axis=-1)
        for kind in (positive, ~positive)
    )
    beaten = np.cumsum(others, axis=-1) - others / 2
    return (hits * beaten).sum(-1) / (hits.sum(-1) * others.sum(-1))


def severe_pain_auc(
    koos: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """AUC of predicted KOOS for severe pain: 1 when all severe knees are predicted lower."""
    return auc(severe(koos), -np.asarray(predicted), weights)


def group_auc(
    group: np.ndarray, predicted: np.ndarray, weights: np.ndarray | None = None
) -> np.ndarray:
    """AUC of predicted KOOS for being of group 1, whose pain is predicted to be worse."""
    return auc(group, -np.asarray(predicted), weights)


def severe(koos: np.ndarray) -> np.ndarray:
    """Severe pain, bool (n,)."""
    return np.asarray(koos) <= SEVERE


def discretised(predicted: np.ndarray, klg: np.ndarray) -> np.ndarray:
    """Predicted KOOS as grades 0 to 4, cut by rank so that each is as frequent as the KLG's.

    The lowest predictions, most pain, get grade 4; ties keep their order.
    """
    rows = _checked({"predicted": predicted, "klg": klg})
    grades = np.empty(len(predicted), int)
    grades[np.argsort(-rows["predicted"], kind="stable")] = np.sort(_grades(rows["klg"]))
    return grades


def eligible(koos: np.ndarray, grade: np.ndarray) -> np.ndarray:
    """Knees that the paper's rule would send to surgery: severe pain and grade 3 or 4."""
    return severe(koos) & (_grades(grade) >= OPERABLE)


def eligible_shares(person: np.ndarray, group: np.ndarray, chosen: np.ndarray) -> pd.DataFrame:
    """Share of knees chosen, overall and by group, with 95 % intervals clustered by person."""
    rows = _checked({"person": person, "group": group, "chosen": chosen})
    group, _ = _two_groups(rows["group"], None)
    members = {"everybody": group >= 0, "group 0": group == 0, "group 1": group == 1}
    table = {}
    for name, m in members.items():
        fitted = clustered(rows["person"][m], rows["chosen"][m], {})
        low, high = fitted.conf_int().loc["constant"]
        table[name] = {"share": fitted.params["constant"], "low": low, "high": high}
    return pd.DataFrame.from_dict(table, orient="index")


def clustered(
    person: np.ndarray, outcome: np.ndarray, columns: Mapping[str, np.ndarray]
) -> RegressionResultsWrapper:
    """statsmodels' least squares of outcome on a constant and columns, errors by person."""
    rows = _checked({"person": person, "outcome": outcome, **columns})
    size = len(rows["outcome"])
    x = pd.DataFrame({"constant": np.ones(size), **{name: rows[name] for name in columns}})
    who = np.unique(rows["person"], return_inverse=True)[1]
    return OLS(rows["outcome"], x).fit(cov_type="cluster", cov_kwds={"groups": who})


def _checked(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The columns as floats (n,). Raises ValueError for other shapes, lengths and NaN."""
    rows = {name: np.asarray(column, dtype=float) for name, column in columns.items()}
    first, *_ = rows
    for name, column in rows.items():
        if column.ndim != 1 or not len(column):
            raise ValueError(f"{name!r} must be a column of numbers, not of shape {column.shape}")
        if len(column) != len(rows[first]):
            raise ValueError(
                f"{name!r} has {len(column)} rows but {first!r} has {len(rows[first])}: "
                "give one row per knee and visit"
            )
        if not np.isfinite(column).all():
            raise ValueError(f"{name!r} holds NaN or infinity: leave out rows with missing values")
    return rows


def _weights(weights: np.ndarray | None, rows: int) -> np.ndarray:
    """The weights, or ones. Raises ValueError when they were drawn for other rows."""
    if weights is None:
        return np.ones(rows)
    if weights.shape[-1] != rows:
        raise ValueError(
            f"weights are for {weights.shape[-1]} rows, not {rows}: resample the same rows"
        )
    return weights


def _standard(x: np.ndarray) -> np.ndarray:
    return (x - x.mean()) / x.std()


def _two_groups(group: np.ndarray, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Group and weights, after checking that both groups are there, in every draw too."""
    if not np.isin(group, (0, 1)).all():
        raise ValueError("group must be 0 or 1 in every row")
    weights = _weights(weights, len(group))
    if not np.all([(weights @ (group == g)) > 0 for g in (0, 1)]):
        raise ValueError("only one group is present, in the rows or in a draw: use more people")
    return group, weights


def _grades(klg: np.ndarray) -> np.ndarray:
    klg = np.asarray(klg)
    if not np.isin(klg, range(GRADES)).all():
        raise ValueError("Kellgren–Lawrence grades must be whole numbers from 0 to 4")
    return klg.astype(int)
