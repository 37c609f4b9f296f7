"""A trained similarity, in the manner of the published attack but far smaller.

A Wide ResNet looks at one encoding; the inner product of what it sees in two of them is
their similarity. It is trained on encodings that the attacker makes from photographs of
his own, where he knows who shares what. Chapter 4.
"""

import numpy as np
import torch
from torch import nn

from helpers.instahide import scheme
from helpers.instahide.similarity import Whitener, pixels, shares_parent


class Block(nn.Module):
    """Two 3 × 3 convolutions, each after normalisation and relu, around a shortcut.

    Zagoruyko and Komodakis (2016).
    """

    def __init__(self, inside: int, outside: int, stride: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList([nn.BatchNorm2d(inside), nn.BatchNorm2d(outside)])
        self.first = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.shortcut = nn.Conv2d(inside, outside, 1, stride, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        active = self.norms[0](x).relu()
        return self.shortcut(active) + self.second(self.norms[1](self.first(active)).relu())


def wide_resnet(width: int, features: int) -> nn.Sequential:
    """A Wide ResNet of depth 10, from 6 channels to `features` numbers."""
    sizes = [16 * width, 32 * width, 64 * width]
    blocks = [
        Block(a, b, stride) for a, b, stride in zip([16, *sizes[:2]], sizes, (1, 2, 2), strict=True)
    ]
    head = [nn.BatchNorm2d(sizes[-1]), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten()]
    return nn.Sequential(
        nn.Conv2d(6, 16, 3, 1, 1, bias=False), *blocks, *head, nn.Linear(16 * sizes[-1], features)
    )


def network_input(encodings: np.ndarray, whitener: Whitener) -> torch.Tensor:
    """Absolute values and prints as images of 6 channels, (N, 6, 32, 32)."""
    size = np.abs(encodings)
    prints = whitener.prints(encodings).reshape(-1, 3, 32, 32)
    drawn = pixels(prints, whitener.axes)
    both = np.concatenate([(size - size.mean()) / size.std(), drawn / drawn.std()], 3)
    return torch.from_numpy(np.ascontiguousarray(both.transpose(0, 3, 1, 2), np.float32))


def train(
    photos: np.ndarray, k: int, steps: int, seed: int, *, batch: int = 64, shared: int = 16
) -> tuple[nn.Sequential, list[float]]:
    """The network and its losses, after `steps` batches of fresh encodings.

    In each batch, `shared` of the attacker's `photos` (count, 32, 32, 3) play the private
    images of all `batch` encodings; the loss is logistic, over all pairs.
    """
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    network = wide_resnet(width=1, features=64)
    scale = nn.Parameter(torch.tensor([1.0, -1.0]))
    optimiser = torch.optim.AdamW([*network.parameters(), scale], lr=2e-3)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    off_diagonal = ~torch.eye(batch, dtype=torch.bool)
    whitener, losses = None, []
    for _ in range(steps):
        chosen = rng.choice(len(photos), shared, replace=False)
        epochs = -(-batch // shared)
        released, secret = scheme.encrypt(
            photos[chosen], np.zeros(shared, int), photos, epochs=epochs, k=k, rng=rng
        )
        whitener = whitener or _own_whitener(photos, k, rng)
        points = network(network_input(released.encodings[:batch], whitener))
        points = nn.functional.normalize(points)
        logits = scale[0].exp() * 4 * points @ points.T + scale[1]
        truth = torch.from_numpy(shares_parent(secret.parents[:batch])).float()
        loss = nn.functional.binary_cross_entropy_with_logits(
            logits[off_diagonal], truth[off_diagonal]
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        pace.step()
        losses.append(loss.item())
    return network.eval(), losses


def _own_whitener(photos: np.ndarray, k: int, rng: np.random.Generator) -> Whitener:
    """From encodings that the attacker makes of 150 of his own photographs."""
    private, classes = photos[:150], np.zeros(150, int)
    released, _ = scheme.encrypt(private, classes, photos, epochs=2, k=k, rng=rng)
    return Whitener(released.encodings)


@torch.no_grad()
def look(network: nn.Sequential, encodings: np.ndarray, whitener: Whitener) -> np.ndarray:
    """Points of length 1, (N, features), whose inner products are similarities."""
    rows = range(0, len(encodings), 500)
    parts = [network(network_input(encodings[i : i + 500], whitener)) for i in rows]
    return nn.functional.normalize(torch.cat(parts)).numpy()
