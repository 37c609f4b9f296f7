"""What did the network look at? Maps, and interventions, beside the known causes. Chapter 2.

A network takes images (n, channels, height, width) and gives (n, 1 + others); column 0 is
pain. A map says for every pixel how much it matters, (n, height, width); it may have signs,
but only its size is scored. The truth is what changes on the film when a cause is moved.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import TypeVar

import numpy as np
import torch
from captum.attr import IntegratedGradients, LayerAttribution, LayerGradCam, Occlusion
from scipy.stats import rankdata
from torch import Tensor, nn

from helpers.knee.disparity import auc

PAIN = 0  # the output that is explained
AT_ONCE = 512  # images in a forward pass

Images = TypeVar("Images")


# Maps


def blob_occlusion(model: nn.Module, images: Tensor, grid: int) -> np.ndarray:
    """The paper's maps: how far the prediction moves when a soft blob hides a place.

    Blobs sit on a grid by grid lattice and fall off as exp(-d²) in units of its spacing; what
    they hide turns into the mean of its image. The paper has 32 by 32 on 1024 pixels.
    """
    check(model, images)
    count, _, height, width = images.shape
    masks = blobs(height, grid)[:, None, :, None] * blobs(width, grid)[None, :, None, :]
    masks = masks.reshape(grid * grid, 1, height, width).to(images.dtype)
    moved = torch.empty(count, grid * grid, dtype=images.dtype)
    with torch.no_grad():
        plain = model(images)[:, PAIN]
        for row, image in enumerate(images):
            fill = image.mean((1, 2), keepdim=True)
            for start in range(0, len(masks), AT_ONCE):
                part = masks[start : start + AT_ONCE]
                hidden = image + part * (fill - image)
                moved[row, start : start + AT_ONCE] = model(hidden)[:, PAIN] - plain[row]
    return spread(moved.abs().view(count, 1, grid, grid), images)


def blobs(side: int, grid: int) -> Tensor:
    """Profiles of the blobs along one side of the image, float64 (grid, side)."""
    spacing = side / grid
    centres = (torch.arange(grid).double() + 0.5) * spacing
    return torch.exp(-(((torch.arange(side) + 0.5 - centres[:, None]) / spacing) ** 2))


def square_occlusion(model: nn.Module, images: Tensor, size: int, stride: int) -> np.ndarray:
    """captum's Occlusion: squares of `size` pixels, turned into their image's mean."""
    check(model, images)
    maps = Occlusion(model).attribute(
        images,
        (images.shape[1], size, size),
        strides=(images.shape[1], stride, stride),
        baselines=images.mean((2, 3), keepdim=True).expand_as(images),
        target=PAIN,
        perturbations_per_eval=max(1, AT_ONCE // len(images)),
    )
    return maps.detach().sum(1).numpy()


def integrated_gradients(
    model: nn.Module, images: Tensor, baseline: Tensor, steps: int
) -> np.ndarray:
    """captum's Integrated Gradients; each map sums to the prediction less the baseline's.

    `baseline` is one image, (channels, height, width): the mean image, say.
    """
    check(model, images)
    maps = IntegratedGradients(model).attribute(
        images,
        baseline.expand_as(images),
        target=PAIN,
        n_steps=steps,
        internal_batch_size=AT_ONCE,
    )
    return maps.detach().sum(1).numpy()


def grad_cam(model: nn.Module, images: Tensor, layer: nn.Module) -> np.ndarray:
    """captum's Grad-CAM at a layer, spread over the image; pain may rise or fall, so no ReLU."""
    check(model, images)
    maps = LayerGradCam(model, layer).attribute(images, target=PAIN)
    return spread(maps.detach(), images)


def spread(coarse: Tensor, images: Tensor) -> np.ndarray:
    """A coarse map (n, 1, rows, columns) in the images' size, float32.

    Between equal values it is level. There rounding would rank the pixels, on each processor
    in its own way, so what is computed in double precision is rounded to single.
    """
    fine = LayerAttribution.interpolate(coarse.double(), images.shape[2:], "bilinear")
    return fine[:, 0].float().numpy()


def check(model: nn.Module, images: Tensor) -> None:
    """Raises ValueError for a network that is still training and for images of another shape."""
    if model.training:
        raise ValueError(
            "the network is in training mode, where images influence each other: "
            "call model.eval() before asking it what it looks at"
        )
    if images.ndim != 4:
        raise ValueError(
            f"images must be (n, channels, height, width), not of shape {tuple(images.shape)}"
        )


# Adebayo's test


def cascade(model: nn.Module, untrained: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Copies of a network that lose what they learned, layer by layer from the output on.

    `untrained` has the same layers with fresh weights; the last copy has all of them. A map
    that hardly changes does not show what was learned (Adebayo et al. 2018).
    """
    mixed = deepcopy(model)
    for name, layer in reversed(list(mixed.named_children())):
        if layer.state_dict():
            layer.load_state_dict(untrained.get_submodule(name).state_dict())
            yield name, deepcopy(mixed)


def rank_correlation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Spearman's correlation of the sizes of two maps (n, …), image by image, (n,)."""
    ranks = [rankdata(np.abs(maps).reshape(len(maps), -1), axis=1) for maps in (first, second)]
    a, b = (rank - rank.mean(1, keepdims=True) for rank in ranks)
    return (a * b).sum(1) / np.sqrt((a * a).sum(1) * (b * b).sum(1))


# Maps beside the truth


def strongest(change: np.ndarray, share: float) -> np.ndarray:
    """The pixels where a film changes most, bool (n, height, width): a share of each image."""
    size = np.abs(change).reshape(len(change), -1)
    kept = round(share * size.shape[1])
    mask = np.zeros(size.shape, bool)
    np.put_along_axis(mask, np.argsort(-size, axis=1, kind="stable")[:, :kept], True, axis=1)
    return mask.reshape(change.shape)


def pixel_auc(maps: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The chance that a pixel inside the true mask outranks one outside, image by image, (n,)."""
    return np.array([auc(t.ravel(), np.abs(m).ravel()) for m, t in zip(maps, truth, strict=True)])


def energy_inside(maps: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """How much of a map lies inside the true mask, (n,); by chance, the mask's share."""
    size = np.abs(maps)
    return (size * truth).sum((1, 2)) / size.sum((1, 2))


# Interventions


def effect(
    predict: Callable[[Images], np.ndarray],
    render: Callable[[float], Images],
    low: float,
    high: float,
) -> np.ndarray:
    """How much predictions (n,) change per unit of one cause when that alone is moved.

    `render(shift)` draws the same n knees, with the same noise, with the cause shifted.
    """
    if low >= high:
        raise ValueError(f"the shifts must rise, but go from {low} to {high}")
    return (predict(render(high)) - predict(render(low))) / (high - low)
