"""The two solvers where the answer is known, and the attack in a process of its own."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import foldnorm
from support import on_each_processor

from helpers.instahide import (
    attack,
    challenge,
    parents,
    published,
    scheme,
    scores,
    similarity,
    trials,
    unmix,
)
from helpers.instahide.similarity import Statistics, pixels

RATIO = 0.37
PLATEAU = [0.0557, 0.0449, 0.0426, 0.0425, 0.0425]  # recorded at steps 50, 100, 200, 400, 599


@pytest.fixture(scope="module")
def law():
    """A made-up law of images: smooth, with a mean far from zero."""
    waves = np.arange(32)
    decay = 20 / (1 + waves[:, None] ** 2 + waves**2)
    power = (np.array([0.05, 0.2, 1.0])[:, None, None] * decay).astype(np.float32)
    return Statistics(np.array([-0.2, -0.3, -0.4], np.float32), np.eye(3, dtype=np.float32), power)


def draw(law, count, rng):
    waves = rng.standard_normal((count, 3, 32, 32)) * np.sqrt(law.power)
    return (pixels(waves, law.axes) + law.mean).astype(np.float32)


@pytest.fixture(scope="module")
def problem(law):
    """Encodings that obey the model exactly: 300 of 10 images."""
    rng = np.random.default_rng(4)
    images = draw(law, 10, rng)
    pairs = np.argsort(rng.random((300, 10)), 1)[:, :2]
    weights = rng.uniform(0.2, 0.4, (300, 2)).astype(np.float32)
    matrix = parents.design(pairs, weights, 10)
    public = 1 - weights.sum(1)
    noise = np.sqrt(RATIO) * (draw(law, 300, rng) - law.mean) + law.mean
    mixed = (matrix @ images.reshape(10, -1)).reshape(300, 32, 32, 3)
    mixed = (mixed + public[:, None, None, None] * noise).astype(np.float32)
    signs = rng.choice([-1, 1], mixed.shape).astype(np.float32)
    return images, mixed, mixed * signs, matrix, public


def test_waves_are_those_of_the_statistics(law, problem):
    images, _, encodings, matrix, public = problem
    solver = unmix.Unmixer(encodings, matrix, public, law, RATIO)
    batch = torch.from_numpy(images)
    waves = solver.to_waves(batch)
    torch.testing.assert_close(solver.to_pixels(waves), batch, atol=1e-5, rtol=0)
    wanted = similarity.waves(images, law.axes).reshape(10, -1)[:, solver.order.numpy()]
    np.testing.assert_allclose(waves.numpy(), wanted, atol=1e-4)


def test_with_signs_the_solution_is_ridge_regression(law, problem):
    """Group by group, against the closed form on one group."""
    _, mixed, encodings, matrix, public = problem
    solver = unmix.Unmixer(encodings, matrix, public, law, RATIO)
    solver.with_signs(mixed)
    k = 5
    group, level = solver.groups[k], float(solver.level[k])
    full = np.column_stack([matrix, public]).astype(float)
    noise = RATIO * public.astype(float) ** 2 * level + 1e-6
    prior = np.diag(1 / (level * solver.prior.numpy().astype(float)))
    normal = full.T / noise @ full + prior
    wanted = np.linalg.solve(normal, full.T / noise @ solver.sites[:, group].numpy())
    np.testing.assert_allclose(solver.images_waves[:, group].numpy(), wanted, atol=2e-3)


def test_predictions_leave_out_the_encoding_itself(law, problem):
    """Against solving again without it."""
    _, mixed, encodings, matrix, public = problem
    solver = unmix.Unmixer(encodings, matrix, public, law, RATIO)
    solver.with_signs(mixed)
    fit, variance = solver.predict(slice(0, 3))
    without = unmix.Unmixer(encodings[1:], matrix[1:], public[1:], law, RATIO)
    without.with_signs(mixed[1:])
    wanted = solver.design[0] @ without.images_waves
    torch.testing.assert_close(fit[0], wanted, atol=5e-3, rtol=1e-2)
    k = 5
    spread = solver.design[0] @ without.covariance[k] @ solver.design[0]
    noise = solver.spread[0] * solver.level[k]
    torch.testing.assert_close(variance[0, k], spread + noise, rtol=1e-2, atol=1e-6)


def test_images_come_back_without_signs(law, problem):
    images, mixed, encodings, matrix, public = problem
    solver = unmix.Unmixer(encodings, matrix, public, law, RATIO)
    solver.begin()
    solver.finish(2, torch.Generator().manual_seed(0))
    found = solver.images.numpy()
    solver.with_signs(mixed)
    best = scores.psnr(solver.images.numpy(), images).mean()
    assert scores.psnr(found, images).mean() > best - 3
    assert np.abs(solver.public_mean.numpy() - law.mean).mean() < 0.15


def test_logarithm_is_torchs():
    x = torch.linspace(0, 1, 1_001)
    torch.testing.assert_close(unmix.log_one_plus(x), torch.log1p(x), atol=2e-5, rtol=0)


def test_density_is_that_of_a_folded_normal():
    """Up to a constant: differences against scipy."""
    size, mean, variance = torch.tensor(0.4), torch.linspace(-2, 2, 41), torch.tensor(0.3)
    ours = unmix.log_density(size, mean, variance)
    scale = 0.3**0.5
    theirs = foldnorm.logpdf(0.4, mean.abs().numpy() / scale, scale=scale)
    np.testing.assert_allclose(ours - ours[20], theirs - theirs[20], atol=5e-5)


def test_a_wrong_pixel_is_turned_back(law, problem):
    _, mixed, encodings, matrix, public = problem
    solver = unmix.Unmixer(encodings, matrix, public, law, RATIO)
    solver.with_signs(mixed)
    solver.sweep(1)
    right = solver.images
    strong = right.abs() > 0.5
    wrong = strong & (torch.rand(right.shape, generator=torch.Generator().manual_seed(1)) < 0.02)
    solver.restart(torch.where(wrong, -right, right))
    solver.flip_pixels(8, torch.Generator().manual_seed(2))
    assert (solver.images * right > 0)[wrong].float().mean() > 0.9


def test_the_objective_and_its_slope():
    """Against differences, away from kinks."""
    rng = np.random.default_rng(6)
    images = torch.from_numpy(rng.uniform(0.3, 0.9, (3, 8))).requires_grad_()
    matrix = torch.from_numpy(rng.uniform(0.2, 0.5, (6, 3)))
    size = torch.from_numpy(rng.uniform(0.1, 0.9, (6, 8)))
    assert torch.autograd.gradcheck(lambda x: published.objective(x, size, matrix), images)
    by_hand = ((matrix @ images - size) ** 2).mean() + 0.05 * (1 - images).mean()
    torch.testing.assert_close(published.objective(images, size, matrix), by_hand)


def test_descent_leaves_zero_and_reaches_its_plateau():
    """The objective has settled long before the 1,000 steps of the published code."""
    released, secret = trials.fresh(trials.Trial(20, 20, seed=71))
    matrix = parents.design(secret.parents, secret.weights[:, :2].astype(np.float32), 20)
    found, course = published.descend(released.encodings, matrix, 600)
    assert course[0] == pytest.approx((released.encodings**2).mean() + published.PULL, rel=1e-4)
    assert [course[i] for i in (50, 100, 200, 400, 599)] == pytest.approx(PLATEAU, rel=0.01)
    np.testing.assert_allclose(found.min((1, 2, 3)), -1, atol=1e-6)
    np.testing.assert_allclose(found.max((1, 2, 3)), 1, atol=1e-6)
    aligned = scores.ssim(scores.align(found, secret.images), secret.images)
    assert aligned.mean() > 0.3


BLIND = """
import sys
import numpy as np
from helpers.instahide import attack, challenge, scheme, trials
from pathlib import Path
folder = Path(sys.argv[1])
released = challenge.read(folder)
found = attack.recover(released.encodings, released.labels, 20, trials.natural(scheme.SIGNED))
np.savez(folder / "found.npz", images=found.images, parents=found.equations.parents)
"""


def test_the_attack_needs_nothing_but_the_released_files(tmp_path):
    """In another process, which is given the two files and nothing else."""
    trial = trials.Trial(20, 30, seed=72)
    released, secret = trials.fresh(trial)
    challenge.write(released, tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["encryption.npy", "label.npy"]
    subprocess.run([sys.executable, "-c", BLIND, tmp_path], check=True, timeout=300)
    found = np.load(tmp_path / "found.npz")
    assert scores.membership(found["parents"], secret.parents, 20).mean() > 0.7
    order = np.argsort(scores.match(found["parents"], secret.parents, 20))
    likeness = scores.ssim(scores.align(found["images"][order], secret.images), secret.images)
    assert np.median(likeness) > 0.5


LOST = """
import sys
import numpy as np
import torch
from helpers.instahide import trials
torch.set_num_threads(1)
outcome = trials.run(
    trials.Trial(
        8, 12, 3000, k=4, kind="standardised", common=True, shift=4, mirror=True, dtype="float64"
    )
)
found = [outcome.aligned, outcome.auc, *vars(outcome.official).values()]
np.savez(sys.argv[1], found=found)
"""


def test_in_double_precision_even_a_lost_attack_ends_alike_on_every_processor(tmp_path):
    """In single precision it ends anywhere: its scores differ by several per cent."""
    native, *others = on_each_processor(LOST, tmp_path)
    for other in others:
        np.testing.assert_allclose(other["found"], native["found"], rtol=1e-4)


@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_attack_computes_in_the_precision_of_the_encodings(dtype, labels):
    trial = trials.Trial(6, 10, seed=77, kind="standardised", labels=labels, dtype=dtype)
    released, secret = trials.fresh(trial)
    natural = trials.known(trial, secret)
    shown = released.labels if labels else None
    found = attack.recover(released.encodings, shown, 6, natural)
    computed = (natural.mean, natural.axes, natural.power, found.points, found.images)
    assert {values.dtype for values in computed} == {np.dtype(dtype)}
    single, _ = trials.fresh(replace(trial, dtype="float32"))
    np.testing.assert_array_equal(released.encodings, single.encodings)


def test_bad_input_is_refused_before_any_work():
    with pytest.raises(ValueError, match="must have the shape"):
        attack.recover(np.zeros((4, 3, 32, 32)), None, 2, trials.natural(scheme.SIGNED))


def test_a_perfect_recovery_of_standardised_images_is_scored_as_perfect():
    """Standardised values leave [-1, 1]; scores must not clip them there."""
    trial = trials.Trial(10, 5, seed=75, kind="standardised")
    _, secret = trials.fresh(trial)
    assert np.abs(secret.images).max() > 2
    pair = secret.weights[:, :2]
    truth = attack.Equations(np.zeros((10, 1), int), secret.parents, pair, np.ones(len(pair)))
    outcome = trials.judge(
        trial, attack.Recovered(secret.images, truth, np.eye(50, dtype=np.float32)), secret, 0.0
    )
    assert outcome.official.max_ssim == pytest.approx(1, abs=1e-4)
    assert (outcome.alike, outcome.named, outcome.membership) == (1, 1, 1)


def test_constants_common_to_all_groups_leave_the_public_mean_a_sign():
    common = trials.Trial(10, 2, seed=76, kind="standardised", common=True)
    own = trials.Trial(10, 2, seed=76, kind="standardised")
    means = [np.abs(trials.known(trial, trials.fresh(trial)[1]).mean) for trial in (own, common)]
    np.testing.assert_allclose(means[0], 0, atol=1e-4)
    assert means[1].max() > 0.05


@pytest.mark.parametrize("labels", [True, False])
def test_the_smallest_challenges_do_not_break_it(labels):
    outcome = trials.run(trials.Trial(3, 2, seed=73, labels=labels))
    assert np.isfinite([outcome.aligned, outcome.official.max_ssim, outcome.seconds]).all()


def test_the_mask_costs_what_the_known_signs_gain():
    """The cost is a difference of two scores, and most pictures are better with signs."""
    trial = trials.Trial(12, 30, seed=74)
    released, secret = trials.fresh(trial)
    told = trials.tell(released, secret, trial)
    both = [
        scores.ssim(scores.align(images, secret.images), secret.images).mean()
        for images in (told.signed, told.masked)
    ]
    assert trials.mask_cost(trial) == pytest.approx(both[0] - both[1], abs=1e-3)
    assert both[0] > 0.8
    nearer = ((told.signed - secret.images) ** 2).mean((1, 2, 3))
    assert (nearer < ((told.masked - secret.images) ** 2).mean((1, 2, 3))).mean() > 0.8
