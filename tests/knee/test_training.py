"""The network against torchvision's, its loss and weights against their definitions."""

import dataclasses

import numpy as np
import pytest
import torch
from support import on_each_processor
from torchvision import models

from helpers.knee import training
from helpers.knee.cohort import sample
from helpers.knee.disparity import auc
from helpers.knee.observations import Observations
from helpers.knee.training import Lesson, Recipe, Scaler
from helpers.knee.worlds import WORLDS, Darkroom


@pytest.fixture(scope="module")
def seen() -> Observations:
    return Darkroom(sample(150, 1, seed=1), 32).study(WORLDS["A"], seed=1).seen


def test_the_network_at_full_width_is_torchvisions():
    """Same weights, and grey copied to three channels: same output."""
    peer = models.resnet18(num_classes=5).eval()
    ours = training.resnet18(64, 5).eval()
    state = peer.state_dict()
    state["conv1.weight"] = state["conv1.weight"].sum(1, keepdim=True)
    ours.load_state_dict(state)
    films = torch.randn(3, 1, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(ours(films), peer(films.expand(-1, 3, -1, -1)), atol=1e-4)


def test_half_the_width_has_a_quarter_of_the_weights():
    sizes = [sum(p.numel() for p in training.resnet18(width, 1).parameters()) for width in (64, 32)]
    assert sizes[0] / sizes[1] == pytest.approx(4, rel=0.02)


def test_imagenet_weights_come_from_the_cache_or_not_at_all(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="no ImageNet weights: put torchvision's resnet18"):
        training.imagenet(3)
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    peer = models.resnet18().eval()
    torch.save(
        peer.state_dict(), folder / models.ResNet18_Weights.IMAGENET1K_V1.url[-22:].split("/")[-1]
    )
    net = training.imagenet(3).eval()
    peer.fc, net.fc = torch.nn.Identity(), torch.nn.Identity()
    films = torch.randn(2, 1, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(net(films), peer(films.expand(-1, 3, -1, -1)), atol=1e-3)


def test_unread_features_are_left_out_of_the_loss():
    said = torch.tensor([[1.0, 5.0], [2.0, 5.0], [3.0, 5.0]])
    targets = torch.tensor([[0.0, torch.nan], [0.0, 3.0], [torch.nan, 3.0]])
    assert training.graded_loss(said, targets).item() == pytest.approx((1 + 4) / 2 + 4)


def test_under_the_repairs_weights_pain_says_nothing_about_the_group():
    rng = np.random.default_rng(0)
    group = (rng.random(8000) < 0.17).astype(int)
    koos = np.clip(85 - 10 * group + 16 * rng.standard_normal(8000), 0, 100)
    weights = training.decorrelated(group, koos, seed=1)
    assert abs(auc(group, -koos) - 0.5) > 0.1
    assert auc(group, -koos, weights) == pytest.approx(0.5, abs=0.01)
    assert weights[group == 1].sum() == pytest.approx((group == 1).sum())
    assert weights.sum() == pytest.approx(len(group))
    with pytest.raises(ValueError, match="a group is missing from a tenth"):
        training.decorrelated(np.zeros(100, int), koos[:100], seed=1)


def test_errors_without_their_groups_means_are_residuals_of_an_intercept_for_each():
    rng = np.random.default_rng(3)
    wrong = torch.from_numpy(rng.standard_normal(50))
    member = torch.from_numpy(rng.integers(0, 2, 50))
    dummies = torch.stack([member == 0, member == 1], 1).double()
    fitted = dummies @ torch.linalg.lstsq(dummies, wrong[:, None]).solution
    expected = wrong - fitted[:, 0] + wrong.mean()
    assert torch.allclose(training.levelled(wrong, member), expected)


def test_a_shortcut_to_the_group_earns_nothing_within_groups(seen):
    """A loss that compares within groups is the same whatever is added to one of them."""
    lesson = Lesson(seen, seen, Recipe(1), seed=1, within=seen.group)
    rows = np.arange(60)
    out, targets = torch.randn(60, 10), Scaler.of(seen).targets(seen.graded)[rows]
    koos = torch.from_numpy(seen.koos[rows]).float()
    group = torch.from_numpy(seen.group[rows]).float()
    tilted = out.clone()
    tilted[:, 0] += 7 * (group - group.mean())
    assert torch.allclose(
        lesson.loss(out, rows, koos, targets), lesson.loss(tilted, rows, koos, targets)
    )


def test_a_moved_film_is_the_film_elsewhere():
    films = np.random.default_rng(0).integers(0, 255, (6, 40, 40), dtype=np.uint8)
    for film, new in zip(films, training.moved(films, np.random.default_rng(1)), strict=True):
        matches = [
            (dy, dx)
            for dy in range(-2, 3)
            for dx in range(-2, 3)
            if np.array_equal(new[2:-2, 2:-2], film[2 + dy : 38 + dy, 2 + dx : 38 + dx])
        ]
        assert len(matches) == 1


def test_batches_show_every_row_once_before_any_comes_again():
    batches = list(training.batches(10, 4, 5, np.random.default_rng(0)))
    assert all(len(batch) == 4 for batch in batches)
    assert np.array_equal(np.bincount(np.concatenate(batches)), [2] * 10)


def test_it_learns_what_is_graded_and_keeps_the_frozen_layers(seen):
    """On the films it has seen, where predicting the mean errs by 1 for each of 9 features."""
    recipe = Recipe(25, width=8, rate=6e-3, batch=16)
    first = training.fit(Lesson(seen, seen, recipe, seed=1, pain=False))
    said, targets = first.outputs(seen.images), first.scaler.targets(seen.graded)
    assert training.graded_loss(torch.from_numpy(said[:, 1:]), targets) < 0.8 * 9
    then = training.fit(Lesson(seen, seen, Recipe(1, width=8), seed=1, start=first.net))
    before, after = first.net.state_dict(), then.net.state_dict()
    assert torch.equal(before["layer1.0.conv1.weight"], after["layer1.0.conv1.weight"])
    assert not torch.equal(before["layer2.0.conv1.weight"], after["layer2.0.conv1.weight"])
    assert 60 < then(seen.images).mean() < 100


def test_units_come_from_the_training_people_alone(seen):
    part = seen.take(np.arange(100))
    scaler = Scaler.of(part)
    z = scaler.targets(part.graded).numpy()
    assert z.shape == (100, 9)
    assert np.allclose(z.mean(0), 0, atol=1e-5)
    assert np.allclose(z.std(0), 1, atol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_is_computed_in_the_recipes_precision(seen, dtype):
    few = seen.take(np.arange(64))
    recipe = Recipe(1, width=8, dtype=dtype)
    lesson = Lesson(few, few, recipe, 1, weights=np.ones(64), within=few.group)
    first = training.fit(lesson)
    then = training.fit(dataclasses.replace(lesson, start=training.resnet18(8, 10)))
    for reader in (first, then):
        computed = [reader.scaler.films(few.images), reader.scaler.targets(few.graded)]
        computed += reader.net.parameters()
        assert {part.dtype for part in computed} == {getattr(torch, dtype)}


TRAIN = """
import sys
import numpy as np
import torch
from helpers.knee.observations import Observations
from helpers.knee.training import Lesson, Recipe, fit, resnet18
torch.set_num_threads(1)
with np.load(sys.argv[1]) as stored:
    seen = Observations(**stored)
reader = fit(Lesson(seen, seen, Recipe(4, width=8, batch=32, dtype="float64"), seed=1))
torch.manual_seed(1)
nets = [resnet18(width, 10) for width in (4, 8, 32)]
first = torch.cat([p.detach().flatten() for net in nets for p in net.parameters()])
np.savez(sys.argv[2], first=first, said=reader.outputs(seen.images))
"""


def test_a_training_in_double_precision_does_not_depend_on_the_processor(seen, tmp_path):
    """In single precision the same training ends with quite another network."""
    np.savez(tmp_path / "seen.npz", **vars(seen))
    native, *others = on_each_processor(TRAIN, tmp_path, "seen.npz")
    for other in others:
        np.testing.assert_array_equal(other["first"], native["first"])
        np.testing.assert_allclose(other["said"], native["said"], rtol=0, atol=1e-9)
