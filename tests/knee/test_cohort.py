"""The causal model: the grading rule, who shares what, and that worlds differ as they say."""

import dataclasses

import numpy as np
import pytest

from helpers.knee import cohort as model
from helpers.knee.observations import FEATURES
from helpers.knee.radiograph import GRADED, UNGRADED, Knees
from helpers.knee.worlds import WORLDS, Darkroom, pain


@pytest.fixture(scope="module")
def many() -> model.Cohort:
    return model.sample(6000, 1, seed=4)


@pytest.mark.parametrize(
    ("narrowing", "spurs", "hard", "grade"),
    [
        ((0, 0), (0, 0, 0, 0), (0, 0), 0),
        ((1, 0), (0, 0, 0, 0), (0, 0), 1),  # doubtful narrowing
        ((0, 0), (0, 1, 0, 0), (0, 0), 1),  # possible lipping
        ((3, 0), (0, 0, 0, 0), (0, 0), 1),  # narrowing alone is not osteoarthritis
        ((0, 0), (0, 2, 0, 0), (0, 0), 2),  # a definite osteophyte
        ((1, 0), (1, 1, 0, 0), (0, 0), 2),
        ((2, 0), (2, 0, 0, 0), (0, 0), 2),  # not multiple
        ((0, 2), (1, 1, 0, 0), (0, 0), 3),
        ((3, 0), (2, 1, 0, 0), (0, 0), 3),  # no sclerosis yet
        ((3, 0), (2, 1, 0, 0), (1, 0), 4),
        ((3, 3), (3, 3, 3, 3), (3, 3), 4),
    ],
)
def test_kellgren_and_lawrence_by_the_published_criteria(narrowing, spurs, hard, grade):
    columns = (np.array(values)[:, None] for values in (narrowing, spurs, hard))
    assert model.kellgren_lawrence(*columns) == [grade]


def test_the_reader_is_right_when_signs_are_far_from_the_thresholds():
    worst = Knees.typical(
        50, jsw_medial=0.3, osteophyte_femur_medial=4.5, osteophyte_tibia_medial=4.5,
        sclerosis_medial=1.2,
    )  # fmt: skip
    graded, klg = model.read(worst, np.random.default_rng(0))
    assert (klg == 4).all()
    assert (graded[:, FEATURES.index("xrjsm")] == 3).all()
    assert (graded[:, FEATURES.index("xrkl")] == klg).all()
    assert np.isnan(graded[:, FEATURES.index("xrcyfm")]).all()  # cysts are not simulated
    graded, klg = model.read(Knees.typical(50), np.random.default_rng(0))
    assert (klg == 0).all()


def test_the_reader_is_blind_to_what_nobody_grades(many):
    knees = many.knees
    for name in UNGRADED:
        knees = knees.moved(name, 3.0)
    before, after = (model.read(k, np.random.default_rng(1)) for k in (many.knees, knees))
    assert np.array_equal(before[0], after[0], equal_nan=True)


def test_group_1_has_more_of_the_ungraded_features_until_levelled(many):
    other = many.levelled()
    for cohort, shift in ((many, many.population.shift), (other, 0.0)):
        contrast = cohort.hidden[cohort.group == 1].mean(0) - cohort.hidden[cohort.group == 0].mean(
            0
        )
        assert np.abs(contrast - shift).max() < 0.12
    assert np.allclose(many.hidden[many.group == 0], other.hidden[many.group == 0])
    assert np.allclose(many.hidden[many.group == 0].std(0), 1, atol=0.04)
    for name in GRADED:
        assert np.array_equal(many.knees[name], other.knees[name])


def test_the_contrast_of_damage_is_what_quadrature_says(many):
    exaggerated = dataclasses.replace(many.population, more_damage=1.0)
    cohort = model.sample(20_000, 1, seed=5, population=exaggerated)
    found = cohort.damage[cohort.group == 1].mean() - cohort.damage[cohort.group == 0].mean()
    assert found == pytest.approx(exaggerated.damage_contrast, rel=0.05)


@pytest.mark.parametrize("name", WORLDS)
def test_every_world_has_the_declared_gap_and_its_mediated_share(many, name):
    world = WORLDS[name]
    cohort = many if world.differs else many.levelled()
    inside, outside = pain(cohort, world)
    one = cohort.group == 1
    p = cohort.population
    total = (inside + outside)[one].mean() - (inside + outside)[~one].mean()
    assert total == pytest.approx(p.gap, abs=1.5)  # four standard errors
    knee = inside[one].mean() - inside[~one].mean()
    expected = p.damage_hurts * p.damage_contrast + world.mediated * p.gap
    assert knee == pytest.approx(expected, abs=0.9)


def test_what_a_person_shares_lasts_over_knees_and_visits():
    cohort = model.sample(400, 2, seed=1)
    shape = (400, 2, 2)
    noise = cohort.noise.reshape(shape)
    assert np.corrcoef(noise[:, 0, 0], noise[:, 0, 1])[0, 1] > 0.6
    assert 0.3 < np.corrcoef(noise[:, 0, 0], noise[:, 1, 0])[0, 1] < 0.65
    size = cohort.knees["size"].reshape(400, 4)
    assert np.ptp(size, axis=1).max() == 0
    assert np.ptp(cohort.knees["x"].reshape(400, 4), axis=1).min() > 0


def test_missed_visits_leave_the_number_asked_for():
    assert len(model.sample(30, 5, seed=1, observations=250)) == 250
    with pytest.raises(ValueError, match="cannot be chosen"):
        model.sample(30, 5, seed=1, observations=301)


def test_people_are_the_same_in_either_precision():
    single, double = (model.sample(50, 2, seed=6, dtype=dtype) for dtype in ("float32", "float64"))
    assert single.knees.values.dtype == np.float32
    assert double.levelled().take(np.arange(9)).knees.values.dtype == np.float64
    np.testing.assert_array_equal(single.knees.values, double.knees.values.astype(np.float32))
    np.testing.assert_array_equal(single.knees.noise, double.knees.noise)


def test_worlds_share_films_where_only_labels_differ():
    cohort = model.sample(60, 1, seed=2)
    room = Darkroom(cohort, 32)
    a, b, c, m = (room.study(WORLDS[name], seed=3) for name in "ABCM")
    assert np.array_equal(a.seen.images, c.seen.images)
    assert not np.array_equal(a.seen.koos, c.seen.koos)
    other = (a.seen.images != b.seen.images).any((1, 2))
    assert np.array_equal(other, cohort.group == 1)
    assert np.array_equal(b.seen.koos, m.seen.koos)
    stamped = (b.seen.images != m.seen.images).any((1, 2))
    assert stamped[cohort.group == 1].mean() > 0.6
    assert stamped[cohort.group == 0].mean() < 0.2


def test_the_oracle_is_the_knee_and_nothing_else():
    cohort = model.sample(50, 2, seed=2)
    study = Darkroom(cohort, 16).study(WORLDS["B"], seed=3)
    expected = 100 - cohort.population.base - cohort.population.damage_hurts * cohort.damage
    assert np.allclose(study.oracle, expected)
