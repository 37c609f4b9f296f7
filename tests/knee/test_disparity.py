"""Measures of disparity against the paper's own code, statsmodels, scikit-learn and algebra.

knee_gap_table.csv is a table of ours, made up for this purpose: 1,200 knees of 300 people. The
figures expected of it were printed by the metric functions of the paper's published code
(github.com/epierson9/pain-disparities, run on the table in isolation).
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from helpers.knee import disparity

TABLE = pd.read_csv(Path(__file__).parent / "knee_gap_table.csv")
PERSON, GROUP, KOOS, RIVAL, SCORE, KLG = (
    TABLE[name].to_numpy() for name in ("person", "group", "koos", "rival", "score", "klg")
)
SCORES = {"KLG": RIVAL, "ALG-P": SCORE}


@pytest.fixture(scope="module")
def weights():
    return disparity.resample(PERSON, 200, seed=3)


def drawn_rows(weights, draw):
    """The rows of one draw, as often as their person was drawn."""
    return np.repeat(np.arange(len(weights[draw])), weights[draw].astype(int))


# The paper's own code


def test_gaps_are_those_of_the_papers_code():
    found = disparity.gaps(GROUP, KOOS, SCORES)
    assert f"{found.none:.6f}" == "-9.624241"
    assert f"{found.given['KLG']:.6f}" == "-8.770938"
    assert f"{found.given['ALG-P']:.6f}" == "-3.394379"
    assert f"{100 * found.reduction('KLG'):.6f}" == "8.866184"
    assert f"{100 * found.reduction('ALG-P'):.6f}" == "64.730944"
    assert f"{found.ratio('ALG-P', 'KLG'):.6f}" == "7.300880"
    assert found.difference("ALG-P", "KLG") == pytest.approx(0.64730944 - 0.08866184, abs=1e-7)


def test_accuracy_is_that_of_the_papers_code():
    found = disparity.accuracy(KOOS, SCORE)
    assert f"{np.sqrt(found.pearson_r2):.5f}" == "0.83258"
    assert f"{found.rmse:.6f}" == "9.558518"
    assert f"{np.sqrt(found.spearman_r2):.6f}" == "0.834293"


def test_grades_cut_by_rank_are_as_frequent_as_those_of_the_papers_code():
    grades = disparity.discretised(SCORE, KLG)
    assert np.bincount(grades).tolist() == [500, 251, 235, 159, 55]
    lowest = [SCORE[grades == grade].min() for grade in range(4)]
    highest = [SCORE[grades == grade].max() for grade in range(1, 5)]
    assert (np.array(lowest) >= highest).all()  # grade 4 is predicted to hurt most


def test_a_ratio_to_next_to_nothing_is_100_as_published():
    found = disparity.Gaps(-10.0, {"a": -5.0, "tiny": -9.995, "worse": -11.0, "b": -9.98})
    assert found.ratio("a", "tiny") == found.ratio("a", "worse") == 100
    assert found.ratio("a", "b") == pytest.approx(250)


# Peers


def test_gaps_equal_statsmodels_and_have_the_right_sign():
    found = disparity.gaps(GROUP, KOOS, SCORES)
    assert found.none == pytest.approx(smf.ols("koos ~ group", TABLE).fit().params["group"])
    for name, column in (("KLG", "rival"), ("ALG-P", "score")):
        fitted = smf.ols(f"koos ~ group + {column}", TABLE).fit()
        assert found.given[name] == pytest.approx(fitted.params["group"], rel=1e-11)
    assert found.none == pytest.approx(KOOS[GROUP == 1].mean() - KOOS[GROUP == 0].mean())
    assert found.none < 0  # group 1 hurts more


def test_errors_clustered_by_person_are_statsmodels_own():
    ours = disparity.clustered(PERSON, KOOS, {"group": GROUP, "ALG-P": SCORE})
    theirs = smf.ols("koos ~ group + score", TABLE).fit(
        cov_type="cluster", cov_kwds={"groups": PERSON}
    )
    np.testing.assert_allclose(ours.params, theirs.params)
    np.testing.assert_allclose(ours.bse, theirs.bse)


def test_the_bootstraps_spread_is_the_clustered_standard_error():
    draws = disparity.gaps(GROUP, KOOS, SCORES, disparity.resample(PERSON, 2_000, seed=0))
    for name, column in (("KLG", RIVAL), ("ALG-P", SCORE)):
        error = disparity.clustered(PERSON, KOOS, {"group": GROUP, name: column}).bse["group"]
        assert draws.given[name].std() == pytest.approx(error, rel=0.06)


def test_the_fast_bootstrap_equals_drawing_rows(weights):
    fast = disparity.gaps(GROUP, KOOS, SCORES, weights)
    fast_auc = disparity.severe_pain_auc(KOOS, RIVAL, weights)
    fast_r2 = disparity.r2_within(GROUP, KOOS, SCORE, weights)
    for draw in range(20):
        rows = drawn_rows(weights, draw)
        group, koos = GROUP[rows], KOOS[rows]
        x = np.stack([np.ones(len(rows)), group, SCORE[rows]], 1)
        slow = np.linalg.lstsq(x, koos, rcond=None)[0][1]
        assert fast.given["ALG-P"][draw] == pytest.approx(slow, abs=1e-10)
        assert fast.none[draw] == pytest.approx(
            koos[group == 1].mean() - koos[group == 0].mean(), abs=1e-10
        )
        slow = roc_auc_score(koos <= 86.1, -RIVAL[rows])
        assert fast_auc[draw] == pytest.approx(slow, abs=1e-10)
        for g in (0, 1):
            slow = np.corrcoef(koos[group == g], SCORE[rows][group == g])[0, 1] ** 2
            assert fast_r2[g, draw] == pytest.approx(slow, abs=1e-10)


def test_people_are_drawn_whole_and_as_many_as_there_are(weights):
    by_person = pd.DataFrame(weights.T).groupby(PERSON)
    assert (by_person.min() == by_person.max()).all(axis=None)
    assert (by_person.first().sum() == 300).all()
    np.testing.assert_array_equal(weights, disparity.resample(PERSON, 200, seed=3))
    assert (weights != disparity.resample(PERSON, 200, seed=4)).any()


def test_an_interval_holds_its_share_of_the_draws():
    assert disparity.interval(np.arange(1001)) == pytest.approx((25, 975))
    assert disparity.interval(np.arange(1001), level=0.9) == pytest.approx((50, 950))


RUNS = 800
SHARE = pytest.approx(0.95, abs=3 * (0.95 * 0.05 / RUNS) ** 0.5)  # three standard errors


def samples(*rhos):
    """KOOS and scores with these true correlations, of 300 people's two knees, RUNS times."""
    rng, person = np.random.default_rng(5), np.repeat(np.arange(300), 2)
    for _ in range(RUNS):
        koos, *others = (
            0.7 * rng.standard_normal(300)[person] + 0.51**0.5 * rng.standard_normal(600)
            for _ in range(1 + len(rhos))
        )
        pairs = zip(rhos, others, strict=True)
        yield koos, *(rho * koos + (1 - rho**2) ** 0.5 * other for rho, other in pairs)


@pytest.fixture(scope="module")
def knees_drawn():
    return disparity.resample(np.repeat(np.arange(300), 2), 400, seed=1)


@pytest.mark.parametrize("rho", [0, 0.15, 0.3])
def test_the_interval_of_a_squared_correlation_covers_the_truth_in_95_percent(rho, knees_drawn):
    covered = 0
    for koos, score in samples(rho):
        value, drawn = (disparity.correlation(koos, score, w) for w in (None, knees_drawn))
        low, high = disparity.squared_interval(value, drawn)
        assert low <= value**2 <= high
        covered += low <= rho**2 <= high
    assert covered / RUNS == SHARE


def test_a_difference_of_squared_correlations_may_be_drawn_as_it_is(knees_drawn):
    """It can fall on either side of the truth, so percentiles do, even where one is zero."""
    covered = 0
    for koos, *scores in samples(0.15, 0):
        value, drawn = (
            np.subtract(*(disparity.correlation(koos, s, w) ** 2 for s in scores))
            for w in (None, knees_drawn)
        )
        low, high = disparity.interval(drawn)
        assert low < value < high
        covered += low <= 0.15**2 <= high
    assert covered / RUNS == SHARE


@given(st.floats(-1, 1), st.lists(st.floats(-1, 1), min_size=2, max_size=30))
def test_the_interval_of_a_square_holds_the_square_itself(value, draws):
    low, high = disparity.squared_interval(value, np.array(draws))
    assert 0 <= low <= value**2 <= high <= 1


def test_an_interval_is_squared_as_a_set():
    draws = np.linspace(0, 1, 1001)  # 0.025 to 0.975
    assert disparity.squared_interval(0.5, draws) == pytest.approx((0.025**2, 0.975**2))
    assert disparity.squared_interval(-0.5, -draws) == pytest.approx((0.025**2, 0.975**2))
    assert disparity.squared_interval(0.1, draws - 0.5) == pytest.approx((0, 0.475**2))
    assert disparity.squared_interval(-0.3, draws - 0.8) == pytest.approx((0, 0.775**2))


def test_correlations_are_signed_and_squared_in_the_groups():
    koos, score = KOOS[GROUP == 1], -SCORE[GROUP == 1]
    expected = np.corrcoef(koos, score)[0, 1]
    assert expected < 0
    assert disparity.correlation(koos, score) == pytest.approx(expected, abs=1e-12)
    found = disparity.correlation_within(GROUP, KOOS, -SCORE)
    assert found[1] == pytest.approx(expected, abs=1e-12)
    np.testing.assert_allclose(disparity.r2_within(GROUP, KOOS, SCORE), found**2)


def test_accuracy_equals_scipy_and_numpy():
    found = disparity.accuracy(KOOS, RIVAL)
    assert found.pearson_r2 == pytest.approx(np.corrcoef(KOOS, RIVAL)[0, 1] ** 2)
    assert found.spearman_r2 == pytest.approx(spearmanr(KOOS, RIVAL).statistic ** 2)
    assert found.rmse == pytest.approx(np.sqrt(((KOOS - RIVAL) ** 2).mean()))


def test_aucs_equal_scikit_learns_also_with_ties():
    for score in (SCORE, RIVAL):
        ours = disparity.severe_pain_auc(KOOS, score)
        assert ours == pytest.approx(roc_auc_score(KOOS <= 86.1, -score), abs=1e-12)
        ours = disparity.group_auc(GROUP, score)
        assert ours == pytest.approx(roc_auc_score(GROUP, -score), abs=1e-12)
    assert disparity.severe_pain_auc(KOOS, KOOS) == 1


def test_pain_predicted_by_grade_is_a_regression_on_the_training_knees():
    train = PERSON < 200
    found = disparity.predicted_by_grade(KLG[train], KOOS[train], KLG[~train])
    fitted = smf.ols("koos ~ C(klg)", TABLE[train]).fit()
    np.testing.assert_allclose(found, fitted.predict(TABLE[~train]))
    # In its own sample it controls almost as grades as categories do, as the authors checked.
    everything = disparity.predicted_by_grade(KLG, KOOS, KLG)
    np.testing.assert_allclose(everything, RIVAL)
    categories = smf.ols("koos ~ C(klg) + group", TABLE).fit().params["group"]
    ours = disparity.gaps(GROUP, KOOS, {"KLG": everything}).given["KLG"]
    assert ours == pytest.approx(categories, rel=0.01)


def test_surgery_needs_severe_pain_and_a_high_grade():
    koos, grade = np.array([86.1, 86.2, 0, 0, 100]), np.array([3, 4, 2, 4, 4])
    assert disparity.eligible(koos, grade).tolist() == [True, False, False, True, False]


def test_eligible_shares_are_means_with_clustered_intervals():
    chosen = disparity.eligible(KOOS, KLG)
    shares = disparity.eligible_shares(PERSON, GROUP, chosen)
    for name, members in (
        ("everybody", GROUP >= 0),
        ("group 0", GROUP == 0),
        ("group 1", GROUP == 1),
    ):
        part = chosen[members]
        assert shares.loc[name, "share"] == pytest.approx(part.mean())
        # The variance of a mean of clusters, written out (Liang and Zeger 1986).
        residuals = pd.Series(part - part.mean()).groupby(PERSON[members]).sum()
        count, size = len(residuals), len(part)
        correction = count / (count - 1)
        error = np.sqrt(correction * (residuals**2).sum()) / size
        half = (shares.loc[name, "high"] - shares.loc[name, "low"]) / 2
        assert half == pytest.approx(1.959964 * error, rel=1e-6)


# Algebra


def test_the_omitted_variable_identity():
    found = disparity.gaps(GROUP, KOOS, {"ALG-P": SCORE})
    factors = disparity.omitted_variable(GROUP, KOOS, SCORE)
    fitted = smf.ols("koos ~ group + score", TABLE).fit()
    assert factors.slope == pytest.approx(fitted.params["score"])
    assert factors.contrast == pytest.approx(SCORE[GROUP == 1].mean() - SCORE[GROUP == 0].mean())
    assert found.none - found.given["ALG-P"] == pytest.approx(factors.slope * factors.contrast)


@given(st.floats(-1e3, 1e3), st.floats(0.01, 1e3), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_reduction_ignores_a_scores_origin_unit_and_direction(offset, unit, turned):
    score = offset + unit * (-SCORE if turned else SCORE)
    before = disparity.gaps(GROUP, KOOS, {"s": SCORE})
    after = disparity.gaps(GROUP, KOOS, {"s": score})
    assert after.reduction("s") == pytest.approx(before.reduction("s"), abs=1e-9)


def test_noise_in_a_score_weakens_it_but_shrinking_it_does_not():
    noise = np.random.default_rng(0).normal(0, SCORE.std(), len(SCORE))
    found = disparity.gaps(GROUP, KOOS, {"s": SCORE, "noisy": SCORE + noise, "shrunk": SCORE / 9})
    assert found.reduction("noisy") < 0.75 * found.reduction("s")
    assert found.reduction("shrunk") == pytest.approx(found.reduction("s"))


def test_a_mark_of_the_group_on_a_score_takes_any_share_of_the_gap_and_predicts_nothing_new():
    """The false success in one line of algebra: shift group 1's scores until no gap is left."""
    whole = disparity.gaps(GROUP, KOOS, {}).none
    slope, contrast = disparity.omitted_variable(GROUP, KOOS, RIVAL)
    marked = RIVAL + (whole / slope - contrast) * GROUP
    assert disparity.gaps(GROUP, KOOS, {"marked": marked}).reduction("marked") == pytest.approx(1)
    before, after = (disparity.r2_within(GROUP, KOOS, score) for score in (RIVAL, marked))
    np.testing.assert_allclose(after, before)
    assert disparity.group_auc(GROUP, marked) > disparity.group_auc(GROUP, RIVAL) + 0.3


# Bad input


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"koos": KOOS[:-1]}, "'koos' has 1199 rows but 'group' has 1200"),
        ({"koos": np.where(KLG == 4, np.nan, KOOS)}, "'koos' holds NaN or infinity"),
        ({"koos": KOOS[:, None]}, "'koos' must be a column of numbers"),
        ({"group": np.zeros(1200)}, "only one group is present"),
        ({"group": GROUP + 1}, "group must be 0 or 1"),
        ({"scores": {"flat": np.ones(1200)}}, "the score 'flat' is constant within groups"),
        ({"scores": {"race": 3.0 * GROUP}}, "the score 'race' is constant within groups"),
    ],
)
def test_gaps_refuse_what_has_no_gap(change, message):
    with pytest.raises(ValueError, match=message):
        disparity.gaps(**({"group": GROUP, "koos": KOOS, "scores": SCORES} | change))


def test_a_draw_without_one_of_the_groups_is_refused():
    with pytest.raises(ValueError, match="only one group is present, in the rows or in a draw"):
        disparity.gaps(GROUP, KOOS, SCORES, np.stack([np.ones(1200), GROUP == 0]).astype(float))


@pytest.mark.parametrize(
    "measure",
    [
        lambda weights: disparity.gaps(GROUP, KOOS, SCORES, weights),
        lambda weights: disparity.correlation(KOOS, SCORE, weights),
        lambda weights: disparity.severe_pain_auc(KOOS, SCORE, weights),
    ],
)
def test_weights_of_other_rows_are_refused(measure, weights):
    with pytest.raises(ValueError, match="weights are for 1199 rows, not 1200"):
        measure(weights[:, 1:])


@pytest.mark.parametrize("klg", [[0, 5], [-1, 2], [0.5, 1], [np.nan, 1]])
def test_grades_that_do_not_exist_are_refused(klg):
    with pytest.raises(ValueError, match="whole numbers from 0 to 4"):
        disparity.eligible([50, 60], klg)


def test_a_grade_nobody_was_trained_on_is_refused():
    with pytest.raises(ValueError, match="no training knee has grade 4: train on more people"):
        disparity.predicted_by_grade([0, 1, 2], [90, 80, 70], [1, 4])


def test_constants_and_one_kind_only_are_refused():
    with pytest.raises(ValueError, match="score is the same in every row"):
        disparity.correlation(KOOS, np.ones(1200))
    with pytest.raises(ValueError, match="all are of one kind"):
        disparity.severe_pain_auc(np.zeros(1200), SCORE)
