"""InstaHide's encryption against its published law, and the challenge's files."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

from helpers.instahide import challenge, scheme


@pytest.fixture
def rng():
    return np.random.default_rng(7)


@pytest.mark.parametrize("k", [4, 6])
def test_weights_follow_the_published_law(rng, k):
    """Both rejections hold, and the draws are those of plain rejection, one by one."""
    weights = scheme.draw_weights(20_000, k, rng)
    assert weights.shape == (20_000, k)
    np.testing.assert_allclose(weights.sum(1), 1)
    assert weights.max() <= 0.65
    assert weights[:, :2].sum(1).min() >= 0.3
    plain = np.abs(np.random.default_rng(8).standard_normal((60_000, k)))
    plain /= plain.sum(1, keepdims=True)
    plain = plain[(plain.max(1) <= 0.65) & (plain[:, 0] + plain[:, 1] >= 0.3)]
    assert len(plain) > 10_000
    for j in (0, k - 1):  # a private and a public weight
        assert ks_2samp(weights[:, j], plain[:, j]).pvalue > 1e-3


def test_another_law_would_be_noticed(rng):
    """The uniform law on weights that add up to 1 has the same means, and fails the test."""
    other = rng.dirichlet(np.ones(4), 60_000)
    other = other[(other.max(1) <= 0.65) & (other[:, 0] + other[:, 1] >= 0.3)]
    assert ks_2samp(scheme.draw_weights(20_000, 4, rng)[:, 0], other[:, 0]).pvalue < 1e-6


def encrypted(rng, n=8, epochs=5, k=6, **rest):
    images = rng.uniform(-1, 1, (n, 32, 32, 3)).astype(np.float32)
    patches = rng.uniform(-1, 1, (50, 32, 32, 3)).astype(np.float32)
    return scheme.encrypt(images, np.arange(n) % 3, patches, epochs=epochs, k=k, rng=rng, **rest)


def test_every_image_is_a_parent_twice_an_epoch(rng):
    _, secret = encrypted(rng, n=8, epochs=5)
    assert (np.bincount(secret.parents.ravel()) == 2 * 5).all()


def test_the_mask_hides_signs_and_nothing_else(rng):
    released, secret = encrypted(rng)
    np.testing.assert_array_equal(np.abs(released.encodings), np.abs(secret.mixed))
    flipped = released.encodings * secret.mixed < 0
    assert abs(flipped.mean() - 0.5) < 0.01
    by_channel = flipped.reshape(-1, 3).astype(float)
    assert np.abs(np.corrcoef(by_channel.T) - np.eye(3)).max() < 0.02


def test_labels_hold_the_private_weights(rng):
    released, secret = encrypted(rng)
    for label, parents, weights in zip(
        released.labels, secret.parents, secret.weights, strict=True
    ):
        wanted = np.zeros(3)
        np.add.at(wanted, secret.classes[parents], weights[:2])
        np.testing.assert_allclose(label, wanted, atol=1e-6)


def test_two_images_without_public_ones_add_up(rng):
    _, secret = encrypted(rng, k=2)
    a, b = secret.parents.T
    weights = secret.weights[:, :, None, None, None]
    wanted = weights[:, 0] * secret.images[a] + weights[:, 1] * secret.images[b]
    np.testing.assert_allclose(secret.mixed, wanted, atol=1e-6)
    assert secret.weights.max() <= 0.65


def test_public_ratio_of_one_image_is_one_and_of_more_is_less():
    assert scheme.public_ratio(3) == pytest.approx(1)
    assert 1 / 4 < scheme.public_ratio(6) < scheme.public_ratio(4) < 1


def test_rows_are_shuffled(rng):
    """The order of rows must not say anything about the images."""
    _, secret = encrypted(rng, n=8, epochs=100)
    first = secret.parents[:, 0]
    for place in (np.arange(800) % 8, np.arange(800)):
        assert abs(np.corrcoef(place, first)[0, 1]) < 0.12  # 3.4 standard errors
    assert (np.arange(800) % 8 == first).mean() < 0.2  # by chance one in eight


def test_shift_moves_and_mirror_mirrors(rng):
    images = rng.uniform(0.1, 1, (200, 32, 32, 3)).astype(np.float32)
    black = np.array([-1.0, -2.0, -3.0])
    moved = scheme.shift_and_mirror(images, rng, 4, mirror=False, black=black)
    padded = np.broadcast_to(black, (200, 40, 40, 3)).astype(np.float32)
    padded[:, 4:36, 4:36] = images
    offsets = [(i, j) for i in range(9) for j in range(9)]
    windows = np.stack([padded[:, i : i + 32, j : j + 32] for i, j in offsets])
    same = (windows == moved).all((2, 3, 4))
    assert (same.sum(0) == 1).all()
    assert len(set(same.argmax(0))) > 60  # of 81
    still = scheme.shift_and_mirror(images, rng, 0, mirror=True, black=black)
    same = (still == images).all((1, 2, 3))
    mirrored = (still == images[:, :, ::-1]).all((1, 2, 3))
    assert (same ^ mirrored).all()
    assert 0.35 < same.mean() < 0.65
    unchanged = scheme.shift_and_mirror(images, rng, 0, mirror=False, black=black)
    np.testing.assert_array_equal(unchanged, images)


def test_edges_of_shifted_images_are_black(rng):
    """White images, k = 2: where both parents are shifted away, the mix is black."""
    levels = np.full((4, 32, 32, 3), 255, np.uint8)
    scaling = scheme.Scaling((100.0, 110.0, 120.0), (50.0, 60.0, 70.0))
    white, black = scaling(levels), scaling(np.zeros(3))
    _, secret = scheme.encrypt(
        white, np.arange(4), white, epochs=50, k=2, rng=rng, shift=4, scaling=scaling
    )
    np.testing.assert_allclose(secret.mixed.min((0, 1, 2)), black, rtol=1e-5)
    np.testing.assert_allclose(secret.mixed.max((0, 1, 2)), white[0, 0, 0], rtol=1e-5)


def test_normalisations():
    images = np.random.default_rng(0).integers(0, 256, (9, 32, 32, 3)).astype(np.uint8)
    signed = scheme.scaling_of("signed", images)(images)
    np.testing.assert_allclose(signed, images / 127.5 - 1, atol=1e-6)
    scaling = scheme.scaling_of("standardised", images)
    plain = scaling(images)
    np.testing.assert_allclose(plain.mean((0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(plain.std((0, 1, 2)), 1, atol=1e-5)
    np.testing.assert_allclose(scaling.signed(plain), signed, atol=1e-6)
    with pytest.raises(ValueError, match="unknown normalisation 'cosy'"):
        scheme.scaling_of("cosy", images)


def test_files_of_the_challenge_come_back_as_they_were(rng, tmp_path):
    released, _ = encrypted(rng)
    challenge.write(released, tmp_path / "new")
    again = challenge.read(tmp_path / "new")
    np.testing.assert_array_equal(again.encodings, released.encodings)
    np.testing.assert_array_equal(again.labels, released.labels)
    challenge.write_answer(released.encodings, tmp_path)
    assert np.load(tmp_path / "decryption.npy").shape == released.encodings.shape


def test_missing_and_broken_files_are_named(rng, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no encryption\.npy in"):
        challenge.read(tmp_path)
    (tmp_path / "encryption.npy").write_bytes(b"")
    with pytest.raises(ValueError, match="not an array of numbers"):
        challenge.read(tmp_path)


GOOD = np.full((10, 32, 32, 3), 0.5, np.float32)
LABELS = np.full((10, 2), 0.2, np.float32)


@pytest.mark.parametrize(
    ("encodings", "labels", "images", "message"),
    [
        (GOOD[0], LABELS, 3, "must have the shape"),
        (GOOD[:0], LABELS[:0], 3, "0 encodings cannot hold 3 images"),
        (GOOD.astype(str), LABELS, 3, "encodings must be an array of numbers"),
        (GOOD, LABELS.astype(str), 3, "labels must be an array of numbers"),
        (GOOD.transpose(0, 3, 1, 2), LABELS, 3, "must have the shape"),
        (GOOD * np.nan, LABELS, 3, "NaN"),
        (GOOD * 255, LABELS, 3, "encodings reach 128"),
        (GOOD, LABELS, 11, "10 encodings cannot hold 11 images"),
        (GOOD, LABELS, 2, "at least 3 images"),
        (GOOD, LABELS[:5], 3, r"labels of shape \(5, 2\) do not match 10 encodings"),
        (GOOD, LABELS[:, :1], 3, "labels of one class"),
        (GOOD, LABELS * 9, 3, "weights from 0 to 1"),
        (GOOD, LABELS - 1, 3, "weights from 0 to 1"),
        (GOOD, LABELS * np.nan, 3, "weights from 0 to 1"),
        (GOOD, np.full((10, 3), 0.2, np.float32), 3, "more than two classes"),
        (GOOD, LABELS * [1, 0], 3, "no label names two classes"),
    ],
)
def test_what_is_no_challenge_is_one_sentence(encodings, labels, images, message):
    with pytest.raises(ValueError, match=message) as caught:
        challenge.check(encodings, labels, images)
    assert "\n" not in str(caught.value)


def test_a_challenge_without_labels_is_one():
    challenge.check(GOOD, None, 3)
