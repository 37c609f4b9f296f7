"""Chapter 2: training on knee films against a plain loop, and the renderer's speed."""

import copy
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torchvision import models

from benchmarks.report import Row, publish, race, spread
from helpers.knee import radiograph, training
from helpers.knee.cohort import sample
from helpers.knee.observations import Observations
from helpers.knee.training import Lesson, Recipe, Scaler
from helpers.knee.worlds import WORLDS, Darkroom

PX, HELD, RACES = 64, 2_000, 4
WORK = {64: (1_280, 2), 32: (2_560, 4)}  # films and epochs by width
DRAWN, ROUNDS = {64: 2_000, 128: 500, 256: 125}, 5
SEED = 2021

TEXT = """\
**Training.** Both loops teach a ResNet-18 pain and graded features from the same films of {px} by
{px} pixels: same first weights, batches, random shifts, loss, learning rates, and looks at
{held:,} other films; one thread, float32. The plain loop leaves PyTorch's defaults.
At width 64 its network is torchvision's own, which the grey film enters three times, as in
the paper, and which begins as the same function; at width 32, half of it, the two networks
are the same. Ours (`helpers/knee/training.py`) keeps channels last, fuses the optimiser's step,
and takes grey films as they are. Target: 1.5 times as fast. Numbers are medians, with
smallest and largest, of {races} races, each from
other first weights.

**Equal loss.** Mean squared error of pain on the other films after the best epoch.
{losses}

**Rendering.** New knees of the chapter's cohort as films (`helpers/knee/radiograph.py`), drawing
their noise included. Target: 1,500 images a CPU second at 64 pixels."""


def ours(seen: Observations, held: Observations, recipe: Recipe, seed: int) -> nn.Module:
    return training.fit(Lesson(seen, held, recipe, seed)).net


def plain(seen: Observations, held: Observations, recipe: Recipe, seed: int) -> nn.Module:
    """The same training as most people write it."""
    scaler, rng = Scaler.of(seen), np.random.default_rng(seed)
    net = torchvisions(untrained(scaler, recipe, seed))
    net.fc.bias.data[0] = training.NO_PAIN
    koos, targets = torch.tensor(seen.koos).float(), scaler.targets(seen.graded)
    steps = round(recipe.epochs * len(seen) / recipe.batch)
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, steps)
    best = (np.inf, net.state_dict())
    for step, rows in enumerate(training.batches(len(seen), recipe.batch, steps, rng), start=1):
        net.train()
        films = scaler.films(training.moved(seen.images[rows], rng))
        out = net(channels(net, films))
        loss = (out[:, 0] - koos[rows]).square().mean()
        loss = loss + recipe.auxiliary * training.graded_loss(out[:, 1:], targets[rows])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step == steps or (step % (len(seen) // recipe.batch) == 0 and step > steps / 2):
            now = (error(net, scaler, held), copy.deepcopy(net.state_dict()))
            best = min(best, now, key=lambda found: found[0])
    net.load_state_dict(best[1])
    return net


def untrained(scaler: Scaler, recipe: Recipe, seed: int) -> nn.Module:
    """The network with which ours begins."""
    torch.manual_seed(seed)
    return training.resnet18(recipe.width, 1 + len(scaler.features))


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
    """Mean squared error of pain."""
    net.eval()
    with torch.inference_mode():
        films = scaler.films(held.images).split(256)
        found = torch.cat([net(channels(net, part))[:, 0] for part in films])
    return float(np.mean((found.numpy() - held.koos) ** 2))


def race_loops(width: int, films: int, epochs: int) -> tuple[list[Row], str]:
    """Rows of both loops, and a sentence on their losses.

    Raises ValueError when ours loses more than first weights matter.
    """
    seen, held, recipe = study(films, SEED), study(HELD, SEED + 1), Recipe(epochs, width)
    loops = {"plain": plain, "ours": ours}
    seconds, errors = ({name: np.empty(RACES) for name in loops} for _ in range(2))
    for k in range(RACES):
        names = sorted(loops, reverse=bool(k % 2))  # they take turns at being first
        runs = {name: partial(loops[name], seen, held, recipe, SEED + k) for name in names}
        (lap,) = race(runs, 1)
        for name, (spent, net) in lap.items():
            seconds[name][k], errors[name][k] = spent, error(net, Scaler.of(seen), held)
    worse, noise = np.mean(errors["ours"] - errors["plain"]), np.std(errors["plain"], ddof=1)
    if worse > noise:
        raise ValueError(
            f"at width {width} ours loses {worse:.1f} more; first weights: {noise:.1f}"
        )
    rate = {name: spread(films * epochs / seconds[name]) for name in loops}
    ratio = spread(seconds["plain"] / seconds["ours"])
    rows = [
        Row(f"training, width {width}, plain", rate["plain"], "images / CPU s"),
        Row(f"training, width {width}, ours", rate["ours"], "images / CPU s", ratio, "plain"),
    ]
    return rows, (
        f"At width {width}, {films:,} films and {epochs} epochs it is "
        f"{errors['plain'].mean():.0f} for the plain loop and {errors['ours'].mean():.0f} for "
        f"ours in the mean; guessing the mean would give {np.var(held.koos):.0f}, and other "
        f"first weights move it by {noise:.0f} (standard deviation)."
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
    measured = [race_loops(width, *work) for width, work in WORK.items()]
    rows = [row for found, _ in measured for row in found]
    rows += [measure_renderer(px, knees) for px, knees in DRAWN.items()]
    losses = "\n".join(sentence for _, sentence in measured)
    text = TEXT.format(px=PX, held=HELD, races=RACES, losses=losses)
    publish("knee", "Chapter 2: training on knee films, and rendering them", text, rows)


if __name__ == "__main__":
    main()
