"""The two figures without a kernel, in a real browser where there is one."""

import json
import re

import numpy as np
import pytest
import torch

from helpers.bayes import prediction
from helpers.bayes.coin_widget import coin_widget
from helpers.bayes.conjugate import Bernoulli
from helpers.bayes.lattice import lattice
from helpers.bayes.networks import Network
from helpers.bayes.prediction import Training, meta_train, sample

COIN = Bernoulli(1, 3)


@pytest.fixture(scope="module")
def run():
    return meta_train(Training(COIN, 60_000, seed=1, keep=(20_000,)))


@pytest.fixture
def page(browser):
    opened = browser.new_page()
    yield opened
    opened.close()


def test_javascript_equals_torch(run, page):
    net = run[60_000]
    page.set_content(coin_widget(net, COIN).data)
    x = sample(COIN, 20, seed=2, steps=60)
    with torch.inference_mode():
        ours = prediction.predictions(net, COIN, x)[..., 0].numpy()
    for flips, odds in zip(x.int().tolist(), ours, strict=True):
        theirs = page.evaluate(
            "flips => document.getElementById('coin-widget').logOdds(flips)", flips
        )
        assert len(theirs) == 61
        np.testing.assert_allclose(theirs[:60], odds, rtol=0, atol=1e-5)


def test_flips_by_keyboard(run, page):
    page.set_content(coin_widget(run[60_000], COIN).data)
    result = page.locator(".result")
    assert result.inner_text().startswith("0 flips, 0 heads.")
    assert "Bayes (orange square) 0.2500" in result.inner_text()
    page.locator(".heads").focus()
    page.keyboard.press("Enter")
    assert "1 flip, 1 head." in result.inner_text()
    assert "Bayes (orange square) 0.4000" in result.inner_text()  # (1 + 1) / (4 + 1)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert "2 flips, 1 head." in result.inner_text()
    page.locator(".undo").click()
    assert "1 flip, 1 head." in result.inner_text()
    for _ in range(10):
        page.locator(".ten").click()
    assert "100 flips" in result.inner_text()
    assert page.locator(".heads").is_disabled()
    assert "Training ended at 20 flips" in result.inner_text()
    page.locator(".again").click()
    assert result.inner_text().startswith("0 flips")


def test_the_animation_steps_plays_and_pauses(run, page):
    page.set_content(lattice(run, COIN, seed=3).data)
    result, slider, play = (
        page.locator(f".lattice {part}") for part in (".result", ".frame", ".play")
    )
    assert result.inner_text() == "After 60,000 time steps."  # nothing moves unasked
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert result.inner_text() == "After 20,000 time steps."
    nodes = page.locator(".lattice .means circle").count()
    assert 40 < nodes <= 66  # of the 66 counts within 10 flips, those that came up
    play.click()
    assert play.inner_text() == "Pause"
    play.click()
    assert play.inner_text() == "Play"
    page.wait_for_timeout(1500)
    assert result.inner_text() == "After 20,000 time steps."


def test_the_animation_shows_every_dot(run):
    html = lattice(run, COIN, seed=3).data
    left, top, width, height = map(float, re.search(r'viewBox="([^"]+)"', html)[1].split())
    frames = json.loads(re.search(r"frames = (\[.*?\}\])", html)[1])
    for frame in frames:
        for right, up in frame["means"] + frame["dots"]:
            assert left + 5 <= right <= left + width - 5  # 5: the larger dots' radius
            assert top + 5 <= -up <= top + height - 5


def test_widgets_load_nothing(run):
    for html in (coin_widget(run[0], COIN).data, lattice(run, COIN, seed=3).data):
        assert "http" not in html
        assert "src=" not in html


def test_a_network_for_dice_is_refused():
    with pytest.raises(ValueError, match="reads and predicts coin flips"):
        coin_widget(Network(3, 3), COIN)
