"""The films against what they were drawn from: closed forms, and lengths measured back."""

import numpy as np
import pytest
import torch

from helpers.knee import radiograph
from helpers.knee.radiograph import COMPARTMENT, FIELD, GRADED, LATENTS, UNGRADED, Knees


def joint_space(film: np.ndarray, side: int) -> float:
    """Width of the joint space in mm, read off the film as a caliper would.

    Looks down the middle of the inner (-1) or outer (+1) compartment of a knee that is not
    tilted or shifted. A rounded bone fades in, so it is taken to begin early in the rise.
    """
    px = len(film)
    mm = FIELD / px
    column = round((FIELD / 2 + side * COMPARTMENT) / mm)
    profile = film[:, column - 2 : column + 3].mean(1).astype(float)
    plateau = round((FIELD / 2 + 4) / mm)
    reach = round(11 / mm)
    gap = plateau - reach + np.argmin(profile[plateau - reach : plateau + round(2 / mm)])

    def edge(side: np.ndarray) -> float:
        """Pixels from the gap to where grey has gone a quarter of its way to the bright line."""
        peak = side[: round(8 / mm)].argmax()
        begins = 0.75 * side[0] + 0.25 * side[peak]
        after = int(np.argmax(side > begins))
        return after - (side[after] - begins) / (side[after] - side[after - 1])

    return mm * (edge(profile[gap::-1]) + edge(profile[gap:]))


@pytest.mark.parametrize("side", [-1, 1])
def test_the_joint_space_is_found_again_on_the_film(side: int):
    widths = np.linspace(1.5, 7.0, 23)
    name = "jsw_medial" if side < 0 else "jsw_lateral"
    knees = Knees.typical(len(widths), seed=1, **{name: widths})
    measured = [joint_space(film, side) for film in radiograph.render(knees, 256)]
    assert np.abs(np.array(measured) - widths).max() < 0.3


def test_a_round_bar_has_the_chords_of_a_circle():
    """A cylinder of radius R, seen d inside its outline: 2 sqrt(R² − (R − d)²)."""
    radius, depth = 12.0, torch.linspace(-1, 12, 40)
    exact = 2 * np.sqrt(np.clip(radius**2 - (radius - depth.numpy().clip(0)) ** 2, 0, None))
    assert np.allclose(2 * radius * radiograph.chord(depth, radius), exact, atol=1e-5)


def test_shell_and_core_of_a_bar_are_those_of_a_tube():
    radius, wall = 9.0, radiograph.SHELL
    depth = torch.linspace(0, 9, 40)
    shell, core = radiograph.solid(depth, None, radius)
    from_axis = radius - depth.numpy()
    inner = np.sqrt(np.clip((radius - wall) ** 2 - from_axis**2, 0, None))
    # `solid` gives the core over its own diameter, hence the two scales.
    assert np.allclose(core * (radius - wall), inner, atol=1e-4)
    assert np.allclose((shell + core) * radius, np.sqrt(radius**2 - from_axis**2), atol=1e-4)


def test_the_same_seed_gives_the_same_bytes_in_any_company():
    knees = Knees.typical(40, seed=5, texture=np.linspace(-1, 1, 40))
    films = radiograph.render(knees, 32)
    rows = np.array([31, 2])
    assert np.array_equal(films[rows], radiograph.render(knees.take(rows), 32))


def test_films_in_double_precision_are_the_same_but_for_rounding():
    """A grey in the middle between two may go to either."""
    knees = Knees.typical(200, seed=5, texture=np.linspace(-2, 2, 200))
    exact = Knees(knees.values.astype(float), knees.noise)
    films, others = (radiograph.render(k, 32).astype(int) for k in (knees, exact))
    assert np.abs(films - others).max() == 1
    assert (films != others).mean() < 2e-4
    coarse, fine = (radiograph.attenuation(k, 32) for k in (knees, exact))
    assert fine.dtype == float
    np.testing.assert_allclose(coarse, fine, rtol=0, atol=2e-4)  # a grey is 9e-3


@pytest.mark.parametrize("latent", LATENTS)
def test_every_latent_shows_and_the_grain_stays(latent: str):
    spurs = {name: 1.0 for name in GRADED if name.startswith("osteophyte")}
    knees = Knees.typical(2, seed=3, **spurs)
    step = {"girth": 5.0, "magnification": 0.05, "size": 0.05, "angle": 0.05}.get(latent, 0.5)
    changed = knees.moved(latent, step)
    films, others = radiograph.render(knees, 64), radiograph.render(changed, 64)
    assert not np.array_equal(films, others)
    if latent in (*GRADED, *UNGRADED):
        shows = np.abs(radiograph.footprints(knees, latent, step, 64))
        assert shows.max() > 0.01
        away = shows.max(0) < 1e-7
        assert 0.5 < away.mean() < 1  # local, and elsewhere not a grain has moved
        assert np.mean(films[:, away] == others[:, away]) > 0.95


def test_a_coarse_film_is_the_fine_one_seen_from_afar():
    knees = Knees.typical(1, seed=2)
    coarse = radiograph.attenuation(knees, 64)[0]
    fine = radiograph.attenuation(knees, 256)[0].reshape(64, 4, 64, 4).mean((1, 3))
    assert np.abs(coarse - fine).mean() < 0.02
    assert np.corrcoef(coarse.ravel(), fine.ravel())[0, 1] > 0.995


def test_lead_marks_only_the_films_that_are_named():
    films = radiograph.render(Knees.typical(3), 64)
    marked = radiograph.stamp(films, np.array([False, True, False]))
    assert np.array_equal(marked[[0, 2]], films[[0, 2]])
    assert 20 < (marked[1] != films[1]).sum() <= 49
    assert (marked[1][marked[1] != films[1]] == radiograph.LEAD).all()


def test_an_unknown_latent_is_named():
    with pytest.raises(ValueError, match="unknown latent 'patela'"):
        Knees.typical(1, patela=1.0)
