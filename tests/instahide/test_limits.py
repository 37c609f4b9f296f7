"""The two extremes, and guessed coins."""

import numpy as np

from helpers.instahide import limits, scheme

rng = np.random.default_rng(12)


def test_noiseless_equations_give_the_images():
    images = rng.uniform(-1, 1, (5, 32, 32, 3)).astype(np.float32)
    released, secret = scheme.encrypt(
        images, np.arange(5), images, epochs=30, k=2, rng=np.random.default_rng(1)
    )
    matrix = np.zeros((150, 5))
    np.add.at(matrix, (np.arange(150)[:, None], secret.parents), secret.weights)
    signs = np.sign(released.encodings * secret.mixed)
    found = limits.noiseless(released.encodings, signs, matrix)
    np.testing.assert_allclose(found, images, atol=1e-5)


def test_enumeration_finds_the_truth_and_only_solutions():
    matrix, truth = rng.standard_normal((8, 3)), rng.standard_normal(3)
    found = limits.exact_solutions(np.abs(matrix @ truth), matrix)
    assert min(np.abs(found - truth).max(1).min(), np.abs(found + truth).max(1).min()) < 1e-9
    for solution in found:
        np.testing.assert_allclose(np.abs(matrix @ solution), np.abs(matrix @ truth), atol=1e-8)


def test_too_few_equations_have_many_solutions():
    matrix, truth = rng.standard_normal((3, 3)), rng.standard_normal(3)
    assert len(limits.exact_solutions(np.abs(matrix @ truth), matrix)) == 4


def test_the_seed_is_guessed_and_its_first_row_decides():
    ramp = np.linspace(-1, 1, 32)
    image = np.stack([np.add.outer(ramp, ramp)] * 3, -1) / 2 + 0.3
    masked = limits.masked(image, 321)
    assert limits.guess_seed(masked, range(600)) == 321
    np.testing.assert_array_equal(limits.masked(masked, 321), image)
