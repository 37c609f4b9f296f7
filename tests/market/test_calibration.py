"""What a path looks like, on paths whose shape is known."""

import numpy as np
import pytest

from helpers.market import calibration, prices
from helpers.market.january import DAYS, January


def test_the_shape_of_the_recorded_path():
    real = prices.gme_window()["close"].to_numpy()
    found = {name: value[0] for name, value in calibration.shape(real[None]).items()}
    assert found["highest close / first"] == pytest.approx(347.51 / 17.25)
    assert found["day of the highest close"] == 16
    assert found["4 days later / highest"] == pytest.approx(90.00 / 347.51)
    assert found["February 23 / highest"] == pytest.approx(44.97 / 347.51)
    assert found["yearly volatility in January"] == pytest.approx(5.2, abs=0.1)


def test_the_shape_of_a_tent():
    up, down = 1.1 ** np.arange(20), 1.1 ** (18 - np.arange(DAYS - 20))
    found = calibration.shape(np.concatenate([up, down])[None])
    assert found["day of the highest close"] == 19
    assert found["4 days later / highest"][0] == pytest.approx(1.1**-4)
    assert found["yearly volatility in January"][0] == pytest.approx(0, abs=1e-9)


def test_closes_are_the_last_prices_of_the_days():
    ticks = np.arange(DAYS * 13)[None] * 100
    np.testing.assert_array_equal(calibration.daily_closes(ticks)[0], np.arange(12, DAYS * 13, 13))


def test_the_frozen_world_fits_better_than_its_neighbours():
    """On a seed that the search never saw, against rates 30 % off.

    The other rates are not told apart from their neighbours by one seed.
    """
    frozen = calibration.misfit(January(), seed=99)
    for name in ("pain", "patience", "supply", "depth", "spark"):
        for factor in (0.7, 1.3):
            neighbour = January().but(**{name: factor * getattr(January(), name)})
            assert frozen < calibration.misfit(neighbour, seed=99), (name, factor)


def test_rates_found_by_prices_alone_fit_prices_better():
    """On a seed that neither search saw."""
    alone, frozen = (
        calibration.misfit(world, seed=99, makers=False)
        for world in (calibration.PRICES_ALONE, January())
    )
    assert alone < frozen - 0.2


def test_gaps_in_prices_are_refused():
    closes = np.ones((1, DAYS))
    closes[0, 3] = np.nan
    with pytest.raises(ValueError, match="positive numbers"):
        calibration.shape(closes)
