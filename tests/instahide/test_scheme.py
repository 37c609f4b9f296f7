"""InstaHide's encryption against its published law, and the challenge's files."""

import numpy as np
import pytest

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
    for draws in (weights, plain):
        assert len(draws) > 10_000
    error = plain.std(0) / 100 + weights.std(0) / 140
    assert (np.abs(weights.mean(0) - plain.mean(0)) < 4 * error).all()


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
    equal = np.full((1, 4), 0.1)  # the least possible for four
    assert (equal**2).sum() / equal.sum() ** 2 == pytest.approx(1 / 4)


def test_rows_are_shuffled(rng):
    _, secret = encrypted(rng, n=8, epochs=20)
    assert not (secret.parents[:, 0] == np.tile(np.arange(8), 20)).all()


def test_shift_moves_and_mirror_mirrors(rng):
    images = rng.uniform(0.1, 1, (200, 32, 32, 3)).astype(np.float32)
    moved = scheme.shift_and_mirror(images, rng, 4, mirror=False)
    unmoved = (moved == images)[:, 4:-4, 4:-4].all((1, 2, 3))
    assert unmoved.mean() < 0.05
    still = scheme.shift_and_mirror(images, rng, 0, mirror=True)
    same = (still == images).all((1, 2, 3))
    mirrored = (still == images[:, :, ::-1]).all((1, 2, 3))
    assert (same ^ mirrored).all()
    assert 0.35 < same.mean() < 0.65
    np.testing.assert_array_equal(scheme.shift_and_mirror(images, rng, 0, mirror=False), images)


def test_normalisations():
    images = np.random.default_rng(0).integers(0, 256, (9, 32, 32, 3)).astype(np.uint8)
    signed = scheme.normalise(images)
    assert signed.min() >= -1
    assert signed.max() <= 1
    plain = scheme.normalise(images, "standardised")
    np.testing.assert_allclose(plain.mean((0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(plain.std((0, 1, 2)), 1, atol=1e-5)
    with pytest.raises(ValueError, match="unknown normalisation 'cosy'"):
        scheme.normalise(images, "cosy")


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
    ],
)
def test_what_is_no_challenge_is_one_sentence(encodings, labels, images, message):
    with pytest.raises(ValueError, match=message) as caught:
        challenge.check(encodings, labels, images)
    assert "\n" not in str(caught.value)


def test_a_challenge_without_labels_is_one():
    challenge.check(GOOD, None, 3)
