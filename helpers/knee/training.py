"""A ResNet-18 that learns reported pain from films, in the paper's way where it matters.

Chapter 2. As published by Pierson et al.: one output for pain and one for each graded
feature, a loss that adds both, layers before layer2 frozen in fine-tuning, a random shift
of up to 5 % of the film, validation for choosing the epoch, a mean over several networks.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.models import ResNet18_Weights
from torchvision.models.resnet import BasicBlock, ResNet

from helpers.knee.observations import Observations

AUXILIARY = 50.0  # as published
NO_PAIN = 90.0  # where the pain output starts, as published
SHIFT = 0.05  # of the film's side, the furthest an image is moved
FROZEN = ("conv1", "bn1", "layer1")


def resnet18(width: int, outputs: int) -> ResNet:
    """torchvision's ResNet-18 for grey films; `width` 64 is the original, 32 half of it."""
    net = ResNet(BasicBlock, [2, 2, 2, 2], num_classes=outputs)
    net.conv1 = nn.Conv2d(1, width, 7, stride=2, padding=3, bias=False)
    net.bn1 = nn.BatchNorm2d(width)
    net.inplanes = width
    for stage in range(4):
        layer = net._make_layer(BasicBlock, width << stage, 2, stride=1 if stage == 0 else 2)
        setattr(net, f"layer{stage + 1}", layer)
    net.fc = nn.Linear(width << 3, outputs)
    net.double()  # what is drawn in single precision differs between processors
    for module in net.modules():
        if isinstance(module, nn.Conv2d):  # as torchvision does, for the layers made anew
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    net.fc.reset_parameters()
    return net.float().to(memory_format=torch.channels_last)


@dataclass(frozen=True)
class Recipe:
    """How large a network is and how it is trained."""

    epochs: float
    width: int = 32  # channels of the first layer; 64 is torchvision's
    rate: float = 2e-3  # the highest learning rate
    batch: int = 64
    auxiliary: float = AUXILIARY  # weight of the graded features' squared error
    dtype: str = "float32"  # of all that the network computes


@dataclass
class Scaler:
    """Units of the data that a network was trained on; nothing of other people enters."""

    grey: tuple[float, float]  # mean and standard deviation of the films
    features: np.ndarray  # which of the graded features are read
    mean: np.ndarray  # of those
    spread: np.ndarray
    dtype: torch.dtype  # of the network

    @classmethod
    def of(cls, seen: Observations, dtype: torch.dtype = torch.float32) -> "Scaler":
        some = seen.images[:: max(1, len(seen) // 2000)]
        features = np.flatnonzero(np.isfinite(seen.graded).any(0))
        read = seen.graded[:, features]
        spread = np.nanstd(read, 0)
        return cls(
            (float(some.mean()), float(some.std())),
            features,
            np.nanmean(read, 0),
            np.where(spread > 0, spread, 1),
            dtype,
        )

    def films(self, images: np.ndarray) -> Tensor:
        """(n, 1, px, px) in units of the training films."""
        x = torch.from_numpy(images)[:, None].to(self.dtype)
        return x.sub_(self.grey[0]).div_(self.grey[1])

    def targets(self, graded: np.ndarray) -> Tensor:
        """z-scores (n, features), NaN where not read."""
        z = (graded[:, self.features] - self.mean) / self.spread
        return torch.from_numpy(z).to(self.dtype)


class Reader:
    """A trained network with its units: films in, KOOS out."""

    def __init__(self, net: ResNet, scaler: Scaler) -> None:
        self.net, self.scaler = net, scaler

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Predicted KOOS, (n,)."""
        return self.outputs(images)[:, 0]

    def outputs(self, images: np.ndarray) -> np.ndarray:
        """KOOS and the z-scores of the graded features, (n, 1 + features)."""
        return self._run(self.net, images)

    def layer(self, images: np.ndarray) -> np.ndarray:
        """What the last layer is given, (n, 8 width): all that the network kept of a film."""
        headless = copy.deepcopy(self.net)
        headless.fc = nn.Identity()
        return self._run(headless, images)

    def _run(self, net: ResNet, images: np.ndarray, batch: int = 256) -> np.ndarray:
        net.eval()
        with torch.inference_mode():
            parts = [
                forward(net, self.scaler.films(images[i : i + batch]))
                for i in range(0, len(images), batch)
            ]
        return torch.cat(parts).numpy().astype(float)


@dataclass(frozen=True)
class Lesson:
    """One network to be trained; `seen` and `held` are different people of the training set.

    `weights` says how much a row's pain counts (see `decorrelated`). With groups `within`, a
    difference between their means does not count (see `levelled`).
    """

    seen: Observations
    held: Observations  # chooses the epoch
    recipe: Recipe
    seed: int
    start: ResNet | None = None  # weights to begin with; its first layers then stay as they are
    pain: bool = True  # False: the graded features alone
    weights: np.ndarray | None = None  # (n,)
    within: np.ndarray | None = None  # (n,)

    def loss(self, out: Tensor, rows: np.ndarray, koos: Tensor, targets: Tensor) -> Tensor:
        """Mean squared error of pain plus weight times that of the graded features, summed."""
        loss = self.recipe.auxiliary * graded_loss(out[:, 1:], targets)
        if not self.pain:
            return loss
        wrong = out[:, 0] - koos
        if self.within is not None:
            wrong = levelled(wrong, torch.from_numpy(self.within[rows]))
        squared = wrong.square()
        if self.weights is not None:
            squared = squared * torch.from_numpy(self.weights[rows]).to(squared)
        return loss + squared.mean()


def fit(lesson: Lesson) -> Reader:
    """Train a network, and keep it as it was after the epoch with the least error on `held`."""
    seen, held, recipe = lesson.seen, lesson.held, lesson.recipe
    torch.manual_seed(lesson.seed)
    rng = np.random.default_rng(lesson.seed)
    dtype = getattr(torch, recipe.dtype)
    scaler, koos = Scaler.of(seen, dtype), torch.from_numpy(seen.koos).to(dtype)
    targets, held_targets = scaler.targets(seen.graded), scaler.targets(held.graded)
    if lesson.start is None:
        net = resnet18(recipe.width, 1 + len(scaler.features))
    else:
        net = copy.deepcopy(lesson.start)
        for name in FROZEN:
            getattr(net, name).requires_grad_(False)
    net.to(dtype)
    net.fc.bias.data[0] = NO_PAIN
    per_epoch = max(1, len(seen) // recipe.batch)
    steps = max(1, round(recipe.epochs * per_epoch))
    chosen = [p for p in net.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(chosen, lr=recipe.rate, weight_decay=0.05, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, steps)
    reader, least, best = Reader(net, scaler), np.inf, {}
    for step, rows in enumerate(batches(len(seen), recipe.batch, steps, rng), start=1):
        net.train()
        out = forward(net, scaler.films(moved(seen.images[rows], rng)))
        optimiser.zero_grad(set_to_none=True)
        lesson.loss(out, rows, koos[rows], targets[rows]).backward()
        optimiser.step()
        schedule.step()
        if step == steps or (step % per_epoch == 0 and step > steps / 2):
            out = reader.outputs(held.images)
            error = (
                np.mean((out[:, 0] - held.koos) ** 2)
                if lesson.pain
                else graded_loss(torch.from_numpy(out[:, 1:]), held_targets)
            )
            if error < least:
                least, best = error, copy.deepcopy(net.state_dict())
    net.load_state_dict(best)
    return reader


def levelled(wrong: Tensor, member: Tensor) -> Tensor:
    """Errors (n,) less the mean error of their group in the batch, plus everybody's.

    Least squares of what is left is least squares with an intercept for each group: what
    tells the groups apart, and no more, has nothing to gain.
    """
    everybody = wrong.mean()
    for group in member.unique():
        wrong = torch.where(member == group, wrong - wrong[member == group].mean(), wrong)
    return wrong + everybody


def graded_loss(said: Tensor, targets: Tensor) -> Tensor:
    """Squared error of the graded features, summed over features, mean over their readings.

    What was not read (NaN) is left out of both the sum and the count.
    """
    read = torch.isfinite(targets)
    wrong = torch.where(read, said - targets.nan_to_num(), 0.0)
    return (wrong.square().sum(0) / read.sum(0).clamp(min=1)).sum()


def decorrelated(group: np.ndarray, koos: np.ndarray, seed: int, bins: int = 10) -> np.ndarray:
    """Weights (n,) under which both groups report the same pain: the authors' own repair.

    Within each tenth of reported pain, ties broken at random, both groups are weighted to
    their share of everybody. So knowing a knee's group no longer helps to guess its pain.
    Raises ValueError when a group is missing from a tenth.
    """
    order = np.lexsort((np.random.default_rng(seed).random(len(koos)), koos))
    tenth = np.empty(len(koos), int)
    tenth[order] = np.arange(len(koos)) * bins // len(koos)
    counts = np.zeros((bins, 2))
    np.add.at(counts, (tenth, group), 1)
    if (counts == 0).any():
        raise ValueError("a group is missing from a tenth of pain: use more people")
    wanted = counts.sum(1, keepdims=True) * counts.sum(0) / len(koos)
    return (wanted / counts)[tenth, group]


def moved(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Films, each moved at random by up to 5 % of its side; its edge fills what opens up."""
    px = images.shape[-1]
    most = round(SHIFT * px)
    padded = np.pad(images, [(0, 0), (most, most), (most, most)], mode="edge")
    corners = rng.integers(0, 2 * most + 1, (len(images), 2))
    return np.stack([p[y : y + px, x : x + px] for p, (y, x) in zip(padded, corners, strict=True)])


def batches(rows: int, batch: int, steps: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Indices of `steps` batches: every row once before any comes again."""
    left = np.array([], int)
    for _ in range(steps):
        while len(left) < batch:
            left = np.concatenate((left, rng.permutation(rows)))
        yield left[:batch]
        left = left[batch:]


def forward(net: ResNet, films: Tensor) -> Tensor:
    """Outputs (n, 1 + features), computed in the layout that is faster on processors."""
    return net(films.to(memory_format=torch.channels_last))


def imagenet(outputs: int) -> ResNet:
    """torchvision's ResNet-18 with its ImageNet weights, for grey films.

    A grey film copied to three channels gives the same as the first layer's weights summed
    over colours. The weights must lie in torch's cache; they are never downloaded here.
    Raises FileNotFoundError when they are not there.
    """
    name = Path(ResNet18_Weights.IMAGENET1K_V1.url).name
    path = Path(torch.hub.get_dir()) / "checkpoints" / name
    if not path.is_file():
        raise FileNotFoundError(
            f"no ImageNet weights: put torchvision's {name} into {path.parent}, "
            'or train with weights="self"'
        )
    state = torch.load(path, weights_only=True)
    state["conv1.weight"] = state["conv1.weight"].sum(1, keepdim=True)
    net = resnet18(64, outputs)
    kept = {key: value for key, value in state.items() if not key.startswith("fc.")}
    net.load_state_dict(net.state_dict() | kept)
    return net
