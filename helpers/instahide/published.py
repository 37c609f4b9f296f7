"""The published last step: gradient descent on absolute values, restated in our own code.

After the description of Carlini et al. and their code (privacy/research, 2020). Chapter 4.
"""

import numpy as np
import torch
from torch import Tensor

PULL = 0.05  # weight of the term that pushes pixels towards -1 and 1
RATE = 0.01


def objective(images: Tensor, size: Tensor, design: Tensor) -> Tensor:
    """Mean squared distance of A x to the nearer of ±|e|, plus the pull.

    `images` (n, d), `size` = |e| (N, d), `design` A (N, n). Public images
    are left out: they count as noise.
    """
    mixed = design @ images
    # At zero the plus side is taken, or nothing would ever move.
    nearer = torch.where(mixed >= 0, size, -size)
    pull = PULL * (1 - images.abs()).mean()
    return (mixed - nearer).square().mean() + pull


def descend(
    encodings: np.ndarray, design: np.ndarray, steps: int = 400
) -> tuple[np.ndarray, list[float]]:
    """Adam from zeros; the images, each stretched to [-1, 1], and the objective's course."""
    size = torch.from_numpy(np.abs(encodings).reshape(len(encodings), -1))
    matrix = torch.from_numpy(design).to(size.dtype)
    images = torch.zeros(design.shape[1], size.shape[1], dtype=size.dtype, requires_grad=True)
    optimiser = torch.optim.Adam([images], lr=RATE)
    course = []
    for _ in range(steps):
        optimiser.zero_grad()
        loss = objective(images, size, matrix)
        loss.backward()
        optimiser.step()
        course.append(loss.item())
    found = images.detach()
    low, high = found.amin(1, keepdim=True), found.amax(1, keepdim=True)
    stretched = 2 * (found - low) / (high - low) - 1
    return stretched.numpy().reshape(-1, *encodings.shape[1:]), course
