"""Chapter 6: training a coin network against a plain LSTM cell and against JAX's scan."""

import math
from collections.abc import Callable, Iterator
from importlib.metadata import version
from importlib.util import find_spec

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.report import Row, publish, race, spread
from helpers.bayes.conjugate import Bernoulli
from helpers.bayes.networks import Network
from helpers.bayes.prediction import EPISODE, predictions

COIN, RATE, SEED = Bernoulli(), 4e-3, 2021
BATCHES, UPDATES, RACES = (128, 512), 60, 7

TEXT = """\
Training the coin network of chapter 6 (fully connected, LSTM of width 32, fully connected;
episodes of 20 flips): drawing flips, forward, backward, clipping and Adam, on one thread.
Ours is PyTorch's fused LSTM over whole episodes. The plain loop has the same weights and
calls a cell written out in four gates, flip by flip, with autograd. JAX runs a compiled scan
over the same equations with an Adam of its own; compiling it is not counted. All start
from the same weights and see the same flips; the run stops if after three updates their
losses differ by more than 1 in 1,000. Numbers are medians, with smallest and largest, of {races}
races of {updates} updates each; a ratio compares two in the same race."""


def flips(batch: int, updates: int) -> Iterator[Tensor]:
    """The same episodes for everybody, drawn while training."""
    rng = np.random.default_rng(SEED)
    for _ in range(updates):
        yield COIN.observe(COIN.parameters(batch, rng), EPISODE, rng).float()


def new_network() -> Network:
    torch.manual_seed(SEED)
    return Network(COIN.inputs, COIN.outputs)


def train(
    net: Network, predict: Callable[[Network, Tensor], Tensor], batch: int, updates: int
) -> float:
    """The last loss of so many updates."""
    adam = torch.optim.Adam(net.parameters(), lr=RATE, foreach=True)
    for x in flips(batch, updates):
        loss = COIN.log_loss(predict(net, x), x).mean()
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step()
    return loss.item()


def fused(net: Network, x: Tensor) -> Tensor:
    return predictions(net, COIN, x)


def plain_loop(net: Network, x: Tensor) -> Tensor:
    """An LSTM cell written out, one flip after the other (Hochreiter and Schmidhuber)."""
    cell = net.remember
    h = c = torch.zeros(len(x), cell.hidden_size)
    seen = nn.functional.pad(COIN.encode(x[:, :-1]), (0, 0, 1, 0))
    hidden = []
    for features in torch.relu(net.read(seen)).unbind(dim=1):
        gates = features @ cell.weight_ih_l0.T + cell.bias_ih_l0
        gates = gates + h @ cell.weight_hh_l0.T + cell.bias_hh_l0
        enter, forget, new, leave = gates.chunk(4, dim=1)
        c = torch.sigmoid(forget) * c + torch.sigmoid(enter) * torch.tanh(new)
        h = torch.sigmoid(leave) * torch.tanh(c)
        hidden.append(h)
    return net.say(torch.stack(hidden, dim=1))


def jax_trainer() -> Callable[[int, int], float]:
    """The same training in JAX: compiled update, scan over the flips."""
    import jax  # noqa: PLC0415  (not among the book's packages: left out if missing)
    import jax.numpy as jnp  # noqa: PLC0415

    def predict(p, x):
        seen = jnp.stack([x, 1 - x], axis=-1)[:, :-1]
        seen = jnp.pad(seen, ((0, 0), (1, 0), (0, 0))).transpose(1, 0, 2)

        def cell(state, step):
            h, c = state
            features = jax.nn.relu(step @ p["read.weight"].T + p["read.bias"])
            gates = features @ p["remember.weight_ih_l0"].T + p["remember.bias_ih_l0"]
            gates = gates + h @ p["remember.weight_hh_l0"].T + p["remember.bias_hh_l0"]
            enter, forget, new, leave = jnp.split(gates, 4, axis=1)
            c = jax.nn.sigmoid(forget) * c + jax.nn.sigmoid(enter) * jnp.tanh(new)
            h = jax.nn.sigmoid(leave) * jnp.tanh(c)
            return (h, c), h

        start = jnp.zeros((x.shape[0], p["say.weight"].shape[1]))
        _, hidden = jax.lax.scan(cell, (start, start), seen)
        return (hidden @ p["say.weight"].T + p["say.bias"])[..., 0].T

    def loss_of(p, x):
        odds = predict(p, x)
        return -(x * jax.nn.log_sigmoid(odds) + (1 - x) * jax.nn.log_sigmoid(-odds)).mean()

    @jax.jit
    def update(p, first, second, count, x):
        loss, slope = jax.value_and_grad(loss_of)(p, x)
        norm = jnp.sqrt(sum((g**2).sum() for g in slope.values()))
        slope = {k: g * jnp.minimum(1.0, 1.0 / (norm + 1e-6)) for k, g in slope.items()}
        first = {k: 0.9 * first[k] + 0.1 * g for k, g in slope.items()}
        second = {k: 0.999 * second[k] + 0.001 * g**2 for k, g in slope.items()}
        fix1, fix2 = 1 - 0.9**count, 1 - 0.999**count
        p = {
            k: v - RATE * (first[k] / fix1) / (jnp.sqrt(second[k] / fix2) + 1e-8)
            for k, v in p.items()
        }
        return p, first, second, loss

    def run(batch: int, updates: int) -> float:
        p = {k: jnp.asarray(v.numpy()) for k, v in new_network().state_dict().items()}
        first = second = {k: jnp.zeros_like(v) for k, v in p.items()}
        for count, x in enumerate(flips(batch, updates), 1):
            p, first, second, loss = update(p, first, second, float(count), x.numpy())
        return float(loss)

    return run


def contestants_for(batch: int) -> dict[str, Callable[[], float]]:
    runners = {
        "ours": lambda updates: train(new_network(), fused, batch, updates),
        "plain loop": lambda updates: train(new_network(), plain_loop, batch, updates),
    }
    if find_spec("jax"):
        in_jax = jax_trainer()
        runners[f"JAX {version('jax')} scan"] = lambda updates: in_jax(batch, updates)
    losses = {name: run(3) for name, run in runners.items()}  # compiles, too
    for name, loss in losses.items():
        if not math.isclose(loss, losses["ours"], rel_tol=1e-3):
            raise ValueError(f"{name} trains differently: {loss} against {losses['ours']}")
    return {name: lambda run=run: run(UPDATES) for name, run in runners.items()}


def main() -> None:
    torch.set_num_threads(1)
    rows = []
    for batch in BATCHES:
        contestants = contestants_for(batch)
        laps = list(race(contestants, RACES))
        rates = {
            name: np.array([batch * EPISODE * UPDATES / lap[name][0] for lap in laps])
            for name in contestants
        }
        for name, rate in rates.items():
            ratio = None if name == "ours" else spread(rates["ours"] / rate)
            rows.append(
                Row(
                    f"{name}, {batch} episodes an update",
                    spread(rate),
                    "trained time steps / CPU s",
                    ratio,
                    "speed of ours to it" if ratio else "",
                )
            )
    publish(
        "bayes",
        "Chapter 6: training a small LSTM",
        TEXT.format(races=RACES, updates=UPDATES),
        rows,
    )


if __name__ == "__main__":
    main()
