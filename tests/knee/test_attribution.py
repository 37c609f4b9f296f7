"""Maps and interventions against captum, scikit-learn, closed forms and a linear network."""

import numpy as np
import pytest
import torch
from captum.attr import FeatureAblation
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score
from torch import nn

from helpers.knee import attribution

SIDE = 16


class Small(nn.Module):
    """A convolutional network with two outputs."""

    def __init__(self, seed: int, channels: int = 1) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.early = nn.Sequential(nn.Conv2d(channels, 6, 3, padding=1), nn.BatchNorm2d(6))
        self.bend = nn.ReLU()
        self.late = nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.head = nn.Linear(8, 2)

    def forward(self, images):
        return self.head(self.bend(self.late(self.bend(self.early(images)))).mean((2, 3)))


class Linear(nn.Module):
    """Pain is a weighted sum of pixels; the second output is something else."""

    def __init__(self, weights: torch.Tensor) -> None:
        super().__init__()
        self.weights = nn.Parameter(weights)

    def forward(self, images):
        pain = (images[:, 0] * self.weights).sum((1, 2))
        return torch.stack([pain, pain**2], 1)


@pytest.fixture
def images():
    return torch.rand(5, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def model():
    return Small(1).eval()


@pytest.fixture
def weights():
    return torch.randn(SIDE, SIDE, generator=torch.Generator().manual_seed(2))


def test_blobs_equal_captums_ablation_with_the_same_masks(model, images):
    """captum ablates the strength of one mask at a time, from 1 to 0."""
    grid = 4
    profile = attribution.blobs(SIDE, grid).float()
    masks = torch.einsum("ih,jw->ijhw", profile, profile).reshape(-1, SIDE, SIDE)

    def hide(strength, image):
        fill = image.mean((2, 3), keepdim=True)
        mask = torch.einsum("nk,khw->nhw", 1 - strength, masks)[:, None]
        return model(image + mask * (fill - image))

    theirs = FeatureAblation(hide).attribute(
        torch.ones(len(images), len(masks)), target=0, additional_forward_args=images
    )
    coarse = theirs.abs().view(len(images), 1, grid, grid)
    wanted = nn.functional.interpolate(coarse, (SIDE, SIDE), mode="bilinear")[:, 0]
    found = attribution.blob_occlusion(model, images, grid)
    np.testing.assert_allclose(found, wanted.detach(), atol=1e-6)
    assert found.max() > 1e-3


def test_blobs_are_the_papers_on_the_papers_grid():
    """exp(-d²/32²) around the middles of 32 pixels on 1024."""
    profile = attribution.blobs(1024, 32)
    pixel = np.arange(1024) + 0.5
    np.testing.assert_allclose(profile[3], np.exp(-((pixel - 3.5 * 32) ** 2) / 32**2), atol=1e-6)


def test_batches_of_blobs_do_not_change_a_map(model, images, monkeypatch):
    whole = attribution.blob_occlusion(model, images, 5)
    monkeypatch.setattr(attribution, "AT_ONCE", 7)
    np.testing.assert_allclose(attribution.blob_occlusion(model, images, 5), whole, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_level_map_is_level(images, dtype):
    level = torch.full((5, 1, 3, 3), 1 / 3, dtype=dtype)
    assert np.ptp(attribution.spread(level, images)) == 0


def test_integrated_gradients_are_complete(model, images):
    baseline = images.mean(0)
    maps = attribution.integrated_gradients(model, images, baseline, steps=300)
    with torch.no_grad():
        difference = (model(images) - model(baseline[None]))[:, 0]
    np.testing.assert_allclose(maps.sum((1, 2)), difference, atol=2e-4)
    assert difference.abs().max() > 0.01


def test_integrated_gradients_of_a_linear_network_are_weight_times_difference(images, weights):
    baseline = images.mean(0)
    maps = attribution.integrated_gradients(Linear(weights).eval(), images, baseline, steps=3)
    np.testing.assert_allclose(maps, (images - baseline)[:, 0] * weights, atol=1e-5)


def test_squares_of_one_pixel_are_a_linear_networks_own_terms(images, weights):
    maps = attribution.square_occlusion(Linear(weights).eval(), images, 1, 1)
    fill = images.mean((2, 3), keepdim=True)
    np.testing.assert_allclose(maps, (images - fill)[:, 0] * weights, atol=2e-5)


def test_grad_cam_is_the_gradient_weighted_sum_of_a_layers_maps(model, images):
    """Selvaraju et al. (2017), without the final ReLU."""
    kept = {}
    handle = model.late.register_forward_hook(lambda *args: kept.update(late=args[2]))
    pain = model(images)[:, 0].sum()
    handle.remove()
    (gradient,) = torch.autograd.grad(pain, kept["late"])
    coarse = (gradient.mean((2, 3), keepdim=True) * kept["late"]).sum(1, keepdim=True)
    wanted = nn.functional.interpolate(coarse, (SIDE, SIDE), mode="bilinear")[:, 0].detach()
    found = attribution.grad_cam(model, images, model.late)
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_every_method_takes_three_channels():
    model, images = Small(1, 3).eval(), torch.rand(2, 3, SIDE, SIDE)
    for maps in (
        attribution.blob_occlusion(model, images, 4),
        attribution.square_occlusion(model, images, 4, 2),
        attribution.integrated_gradients(model, images, images.mean(0), 4),
        attribution.grad_cam(model, images, model.late),
    ):
        assert maps.shape == (2, SIDE, SIDE)


def test_a_network_in_training_and_images_without_channels_are_refused(model, images):
    with pytest.raises(ValueError, match="in training mode.*call model.eval"):
        attribution.blob_occlusion(Small(0).train(), images, 4)
    with pytest.raises(ValueError, match=r"must be \(n, channels, height, width\)"):
        attribution.grad_cam(model, images[:, 0], model.late)


def test_a_cascade_forgets_from_the_output_on_and_leaves_the_network_alone(model, images):
    fresh, before = Small(9).eval(), {k: v.clone() for k, v in model.state_dict().items()}
    copies = dict(attribution.cascade(model, fresh))
    assert list(copies) == ["head", "late", "early"]
    for name, value in copies["head"].state_dict().items():
        assert torch.equal(value, (fresh if "head" in name else model).state_dict()[name])
    for name, value in copies["early"].state_dict().items():
        assert torch.equal(value, fresh.state_dict()[name])
    with torch.no_grad():
        assert torch.equal(copies["early"](images), fresh(images))
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())


def test_rank_correlation_is_scipys_and_ignores_signs():
    first, second = np.random.default_rng(0).normal(size=(2, 3, 6, 7))
    found = attribution.rank_correlation(first, -second)
    wanted = [
        spearmanr(np.abs(a).ravel(), np.abs(b).ravel()).statistic
        for a, b in zip(first, second, strict=True)
    ]
    np.testing.assert_allclose(found, wanted)
    np.testing.assert_allclose(attribution.rank_correlation(first, -first), 1)


def test_pixel_auc_is_scikit_learns():
    rng = np.random.default_rng(0)
    maps, truth = rng.normal(size=(4, 9, 9)), rng.random((4, 9, 9)) < 0.2
    found = attribution.pixel_auc(maps, truth)
    wanted = [roc_auc_score(t.ravel(), np.abs(m).ravel()) for m, t in zip(maps, truth, strict=True)]
    np.testing.assert_allclose(found, wanted)
    np.testing.assert_allclose(attribution.pixel_auc(truth.astype(float), truth), 1)


def test_energy_by_chance_is_the_masks_share():
    change = np.random.default_rng(0).normal(size=(4, 10, 10))
    truth = attribution.strongest(change, 0.2)
    assert (truth.sum((1, 2)) == 20).all()
    assert all(
        np.abs(c[t]).min() >= np.abs(c[~t]).max() for c, t in zip(change, truth, strict=True)
    )
    np.testing.assert_allclose(attribution.energy_inside(np.ones_like(change), truth), 0.2)
    np.testing.assert_allclose(attribution.energy_inside(-change * truth, truth), 1)


def test_an_intervention_on_a_linear_network_is_exact(images, weights):
    """Each knee shows the cause in its own way; the noise stays the same."""
    model = Linear(weights).eval()
    footprint = torch.rand(5, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(3))

    def predict(shown):
        with torch.no_grad():
            return model(shown)[:, 0].numpy()

    found = attribution.effect(predict, lambda shift: images + shift * footprint, -0.5, 1.0)
    wanted = (footprint[:, 0] * weights).sum((1, 2))
    np.testing.assert_allclose(found, wanted, rtol=1e-4)
    with pytest.raises(ValueError, match="the shifts must rise"):
        attribution.effect(predict, lambda shift: images, 1, 1)
