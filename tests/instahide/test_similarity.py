"""Waves, prints and scores against scipy-free formulas, scikit-image and known parents."""

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from helpers.instahide import scores, similarity, trials

rng = np.random.default_rng(3)
PAIR = rng.uniform(-1, 1, (2, 32, 32, 3))


def test_waves_come_back_and_keep_lengths():
    axes = similarity.colour_axes(PAIR)
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-5)
    waves = similarity.waves(PAIR, axes)
    np.testing.assert_allclose((waves**2).sum(), (PAIR**2).sum(), rtol=1e-5)
    np.testing.assert_allclose(similarity.pixels(waves, axes), PAIR, atol=1e-5)


def test_statistics_recover_a_known_law():
    """Images drawn with a given mean and power have, on average, that mean and power."""
    power = np.exp(-np.arange(3 * 32 * 32) / 300).reshape(3, 32, 32)[::-1]
    axes = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    drawn = rng.standard_normal((4_000, 3, 32, 32)) * np.sqrt(power)
    found = similarity.Statistics.of(similarity.pixels(drawn, axes) + np.array([0.1, 0.2, 0.3]))
    np.testing.assert_allclose(found.mean, [0.1, 0.2, 0.3], atol=0.01)
    np.testing.assert_allclose(found.power[2], power[2], rtol=0.25)
    np.testing.assert_allclose(found.power.sum(), power.sum(), rtol=0.02)


def test_prints_forget_signs_and_are_white():
    encodings = rng.standard_normal((300, 32, 32, 3)).astype(np.float32)
    whitener = similarity.Whitener(encodings)
    flipped = encodings * rng.choice([-1, 1], encodings.shape)
    np.testing.assert_allclose(whitener.prints(flipped), whitener.prints(encodings), atol=1e-5)
    plain = whitener(encodings**2 - whitener.mean)
    np.testing.assert_allclose(plain.std(0), 1, atol=1e-3)
    np.testing.assert_allclose(plain.mean(0), 0, atol=1e-3)


def test_embedding_keeps_inner_products_of_low_rank():
    low = rng.standard_normal((200, 6)) @ rng.standard_normal((6, 500))
    points = similarity.embed(low, 4, 0)
    assert points.shape == (200, 6)
    np.testing.assert_allclose(points @ points.T, low @ low.T, rtol=1e-3, atol=1e-2)


def test_who_shares_a_parent():
    shares = similarity.shares_parent(np.array([[0, 1], [1, 2], [3, 3], [2, 0]]))
    wanted = [[1, 1, 0, 1], [1, 1, 0, 1], [0, 0, 1, 0], [1, 1, 0, 1]]
    np.testing.assert_array_equal(shares, np.array(wanted, bool))


@pytest.mark.parametrize("noise", [0.0, 0.1, 1.0])
def test_ssim_is_scikit_images(noise):
    first, second = PAIR[0], np.clip(PAIR[0] + noise * PAIR[1], -1, 1)
    wanted = structural_similarity(first, second, data_range=2, channel_axis=-1)
    np.testing.assert_allclose(scores.ssim(first, second), wanted, rtol=1e-10)
    both = scores.ssim(np.stack([first, second]), second)
    np.testing.assert_allclose(both, [wanted, 1.0], rtol=1e-10)


def test_psnr_is_scikit_images():
    wanted = peak_signal_noise_ratio(PAIR[0], PAIR[1], data_range=2)
    np.testing.assert_allclose(scores.psnr(PAIR[:1], PAIR[1:]), [wanted])


def test_alignment_undoes_a_stretch_and_a_negative():
    changed = -0.3 * PAIR + np.array([0.1, 0.0, -0.2])
    np.testing.assert_allclose(scores.align(changed, PAIR), PAIR, atol=1e-9)


def test_official_scores_of_a_perfect_and_of_a_named_answer():
    truth = rng.uniform(-1, 1, (3, 32, 32, 3))
    parents = np.array([[0, 1], [2, 1], [1, 1]])
    best = scores.official(truth, np.array([0, 1, 1]), truth, parents)
    assert best.max_ssim == pytest.approx(1)
    assert best.min_l2 == pytest.approx(0)
    cross = [scores.ssim(truth[0], truth[1]), scores.ssim(truth[1], truth[2])]
    assert best.mean_ssim == pytest.approx((0.5 + cross[0] / 2 + 0.5 + cross[1] / 2 + 1) / 3)
    gaps = ((truth[1] - truth[[0, 2]]) ** 2).mean((1, 2, 3))
    assert best.mean_l2 == pytest.approx(gaps.sum() / 2 / 3)


def test_matching_undoes_a_renaming():
    parents = rng.integers(20, size=(500, 2))
    renaming = rng.permutation(20)
    guessed = np.argsort(renaming)[parents[:, ::-1]]
    assert (scores.match(guessed, parents, 20) == renaming).all()
    assert scores.membership(guessed, parents, 20).all()
    guessed[:100, 0] = (guessed[:100, 0] + 1) % 20
    assert scores.membership(guessed, parents, 20).mean() == pytest.approx(0.9, abs=0.02)


def test_one_parent_named_twice_is_half_right():
    parents = np.array([[0, 1], [1, 2], [2, 0], [1, 1]])
    assert scores.membership(parents, parents, 3).tolist() == [1, 1, 1, 1]
    guessed = np.array([[0, 0], [1, 2], [2, 0], [1, 1]])
    assert scores.membership(guessed, parents, 3).tolist() == [0.5, 1, 1, 1]


def test_edges_are_those_of_the_nearest():
    """Five encodings of each pair of images, far from the others, and one stray."""
    pairs = np.repeat(np.arange(8).reshape(4, 2), 5, 0)
    points = np.repeat(10 * np.eye(4, dtype=np.float32), 5, 0)
    assert trials.edge_share(points, pairs) == 1
    stray = pairs.copy()
    stray[0] = 8, 9  # its four edges are wrong, and one edge of each of its four neighbours
    assert trials.edge_share(points, stray) == pytest.approx(72 / 80)
