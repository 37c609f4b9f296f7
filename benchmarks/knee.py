"""Chapter 2: training on knee films against a plain loop, and the renderer's speed."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torchvision import models

from benchmarks.report import Row, publish, race, spread
from helpers.knee import radiograph, training
from helpers.knee.cohort import sample
from helpers.knee.observations import Observations
from helpers.knee.training import Recipe, Scaler
from helpers.knee.worlds import WORLDS, Darkroom

PX, WIDTHS = 64, (64, 32)
SEEN, HELD, EPOCHS, RACES = 1_280, 2_000, 2, 5
DRAWN, ROUNDS = {64: 2_000, 128: 500, 256: 125}, 5
SEED = 2021

TEXT = """\
**Training.** Both loops teach a ResNet-18 pain and graded features from the same {seen:,} films of
{px} by {px} pixels for {epochs} epochs: same first weights, batches, random shifts, loss, learning
rates, one look at {held:,} other films at the end; one thread. The plain loop computes in
float32 with PyTorch's defaults. At width 64 its network is torchvision's own, which the grey
film enters three times, as in the paper, and which begins as the same function; at width 32,
half of it, the two networks are the same.
Ours (`helpers/knee/training.py`) computes in bfloat16 where that is safe, keeps channels last
and fuses the optimiser's step, and takes grey films as they are. Target: 1.5 times as fast.
Numbers are medians, with smallest and largest, of {races} races, each from other first weights.

**Equal loss.** Mean squared error of pain on the other films, each network read in float32:
{losses}

**Rendering.** New knees of the chapter's cohort as films (`helpers/knee/radiograph.py`), drawing
their noise included. Target: 1,500 images a CPU second at 64 pixels."""


def batches(
    seen: Observations, batch: int, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows and their films, moved at random, as `training.fit` draws them."""
    for _ in range(EPOCHS):
        order = rng.permutation(len(seen))
        for start in range(0, len(seen), batch):
            rows = order[start : start + batch]
            yield rows, training.moved(seen.images[rows], rng)


def ours(seen: Observations, held: Observations, start: nn.Module, seed: int) -> nn.Module:
    recipe = Recipe(EPOCHS, frozen=())
    return training.fit(seen, held, recipe, seed, start=start).net


def plain(seen: Observations, held: Observations, start: nn.Module, seed: int) -> nn.Module:
    """The same training as most people write it, in float32."""
    recipe, scaler = Recipe(EPOCHS), Scaler.of(seen)
    rng = np.random.default_rng(seed)
    net = torchvisions(start)
    net.fc.bias.data[0] = training.NO_PAIN
    koos, targets = torch.tensor(seen.koos).float(), scaler.targets(seen.graded)
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=0.05)
    steps = EPOCHS * len(seen) // recipe.batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, steps)
    net.train()
    for rows, films in batches(seen, recipe.batch, rng):
        out = net(channels(net, scaler.films(films)))
        loss = (out[:, 0] - koos[rows]).square().mean()
        loss = loss + training.AUXILIARY * training.graded_loss(out[:, 1:], targets[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    error(net, scaler, held)
    return net


def torchvisions(start: nn.Module) -> nn.Module:
    """The network with the same weights in PyTorch's usual layout; torchvision's at width 64."""
    state = {key: value.contiguous() for key, value in start.state_dict().items()}
    outputs, width = len(state["fc.bias"]), len(state["conv1.weight"])
    if width == 64:
        net = models.resnet18(num_classes=outputs)
        state["conv1.weight"] = state["conv1.weight"].expand(-1, 3, -1, -1) / 3
    else:
        net = training.resnet18(width, outputs).to(memory_format=torch.contiguous_format)
    net.load_state_dict(state)
    return net


def channels(net: nn.Module, films: Tensor) -> Tensor:
    """Grey films (n, 1, px, px) in as many channels as the network takes."""
    return films.expand(-1, net.conv1.in_channels, -1, -1)


def error(net: nn.Module, scaler: Scaler, held: Observations) -> float:
    """Mean squared error of pain in float32."""
    net.eval()
    with torch.inference_mode():
        films = scaler.films(held.images).split(256)
        found = torch.cat([net(channels(net, part))[:, 0] for part in films])
    return float(np.mean((found.numpy() - held.koos) ** 2))


def race_loops(width: int) -> tuple[list[Row], str]:
    """Rows of both loops, and a sentence on their losses.

    Raises ValueError when ours loses more than first weights matter.
    """
    seen = study(SEEN, SEED)
    held, scaler = study(HELD, SEED + 1), Scaler.of(seen)
    loops = {"plain": plain, "ours": ours}
    seconds, errors = ({name: np.empty(RACES) for name in loops} for _ in range(2))
    for k in range(RACES):
        torch.manual_seed(SEED + k)
        start = training.resnet18(width, 1 + len(scaler.features))
        names = sorted(loops, reverse=bool(k % 2))  # they take turns at being first
        runs = {name: partial(loops[name], seen, held, start, SEED + k) for name in names}
        (lap,) = race(runs, 1)
        for name, (spent, net) in lap.items():
            seconds[name][k], errors[name][k] = spent, error(net, scaler, held)
    worse, noise = np.mean(errors["ours"] - errors["plain"]), np.std(errors["plain"], ddof=1)
    if worse > noise:
        raise ValueError(
            f"at width {width} ours loses {worse:.1f} more; first weights: {noise:.1f}"
        )
    done = SEEN * EPOCHS
    rate = {name: spread(done / seconds[name]) for name in loops}
    ratio = spread(seconds["plain"] / seconds["ours"])
    rows = [
        Row(f"training, width {width}, plain", rate["plain"], "images / CPU s"),
        Row(f"training, width {width}, ours", rate["ours"], "images / CPU s", ratio, "plain"),
    ]
    return rows, (
        f"at width {width} it is {errors['ours'].mean():.0f} for ours and "
        f"{errors['plain'].mean():.0f} for the plain loop in the mean; other first weights move "
        f"it by {noise:.0f} (standard deviation)"
    )


def study(knees: int, seed: int) -> Observations:
    """So many knees of world A."""
    return Darkroom(sample(knees // 2, 1, seed), PX).study(WORLDS["A"], seed).seen


def measure_renderer(px: int, knees: int) -> Row:
    drawn = sample(knees // 2, 1, SEED).knees
    radiograph.render(drawn.take(slice(0, 8)), px)  # the pattern of bone is made once
    draw: Callable[[], np.ndarray] = partial(radiograph.render, drawn, px)
    seconds = [lap["render"][0] for lap in race({"render": draw}, ROUNDS)]
    rate = spread([len(drawn) / spent for spent in seconds])
    return Row(f"rendering, {px} × {px} pixels", rate, "images / CPU s")


def main() -> None:
    torch.set_num_threads(1)
    measured = [race_loops(width) for width in WIDTHS]
    rows = [row for found, _ in measured for row in found]
    rows += [measure_renderer(px, knees) for px, knees in DRAWN.items()]
    text = TEXT.format(
        px=PX,
        seen=SEEN,
        held=HELD,
        epochs=EPOCHS,
        races=RACES,
        losses=";\n".join(sentence for _, sentence in measured) + ".",
    )
    publish("knee", "Chapter 2: training on knee films, and rendering them", text, rows)


if __name__ == "__main__":
    main()
