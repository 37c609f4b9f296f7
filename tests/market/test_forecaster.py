"""The machine: it sees no future, learns what can be learnt, and keeps quiet without a signal."""

import dataclasses

import numpy as np
import pytest
import torch

from helpers.market import forecaster
from helpers.market.forecaster import GROUPS, Random, follow_momentum, lessons, look, scatter, train
from helpers.market.january import START_PRICE, TICKS, Arm, Experiment, January, Tape
from helpers.market.squeeze import simulate


def record(seed):
    worlds = scatter(January(), 24, 0.3, seed=seed)
    return simulate(Experiment([Arm(worlds)], 24, 150, seed)).tape.part(0)


@pytest.fixture(scope="module")
def tape():
    return record(seed=4)


@pytest.fixture(scope="module")
def other_tape():
    return record(seed=5)


def steps_up(rate=0.01):
    """One world whose price rises steadily; every other series counts ticks."""
    ticks = np.arange(TICKS, dtype=float)[None]
    price = START_PRICE * np.exp(rate * ticks)
    return Tape(price, 2e6 * np.ones_like(ticks), 1e6 * np.ones_like(ticks), 1e6 * ticks,
                ticks / TICKS, 1e7 * ticks)  # fmt: skip


def test_features_are_what_their_description_says():
    found = look(steps_up(), 100)[0]
    volume = 99 + 98 + 97 + 96 + 95 + 94
    expected = [0.01, 0.03, 0.06, 0.13, 0.39, 0.0, 0.99, 1, 6, 13, volume,
                99 / TICKS, 6 / TICKS, 13 / TICKS, 99, 13]  # fmt: skip
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert len(found) == sum(len(columns) for columns in GROUPS.values()) == 16


def test_returns_are_those_that_follow():
    features, returns = lessons(steps_up())
    assert features.shape == (TICKS - forecaster.HORIZON - forecaster.FIRST, 16)
    np.testing.assert_allclose(returns, 0.01 * forecaster.HORIZON)


def test_the_future_is_invisible(tape):
    """Whatever happens from a tick on changes nothing that is known before it trades."""
    spoilt = {f.name: getattr(tape, f.name).copy() for f in dataclasses.fields(Tape)}
    for series in spoilt.values():
        series[:, 200:] = 1e12
    np.testing.assert_array_equal(look(tape, 200), look(Tape(**spoilt), 200))
    assert (look(tape, 201) != look(Tape(**spoilt), 201)).any()


def test_old_features_are_those_of_then(tape):
    fresh, _ = lessons(tape)
    old, returns = lessons(tape, age=6)
    worlds = len(tape.price)
    np.testing.assert_array_equal(old, fresh[: len(old)])
    np.testing.assert_array_equal(returns, lessons(tape)[1][6 * worlds :])


def test_the_alarm_rings_when_features_peek(tape, other_tape):
    """R2 must rise with the peek, or the test of honest features would mean nothing."""
    r2 = []
    for peek in (0, 2, 6):
        machine = train(*lessons(tape, age=-peek), steps=150, seed=1)
        r2.append(machine.r2(*lessons(other_tape, age=-peek)))
    assert r2[0] + 0.1 < r2[1]
    assert r2[1] + 0.1 < r2[2]


def test_a_known_relation_is_learnt():
    """y = x0 + noise of the same size: no forecast explains more than half."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((20_000, 16))
    y = 0.03 * (x[:, 0] + rng.standard_normal(20_000))
    machine = train(x[:10_000], y[:10_000], steps=300, seed=1)
    assert machine.r2(x[10_000:], y[10_000:]) == pytest.approx(0.5, abs=0.03)


def test_shuffled_lessons_teach_nothing(tape, other_tape):
    features, returns = lessons(tape)
    shuffled = np.random.default_rng(1).permutation(returns)
    machine = train(features, shuffled, steps=150, seed=1)
    assert machine.r2(*lessons(other_tape)) < 0.01


def test_a_machine_sees_only_its_groups(tape):
    machine = train(*lessons(tape), steps=5, seed=1, groups=("price", "owed"))
    features, _ = lessons(tape)
    blind = features.copy()
    blind[:, 7:14] = 1e6
    np.testing.assert_array_equal(machine.forecast(features), machine.forecast(blind))
    blind[:, 14] = 1e6
    assert (machine.forecast(features) != machine.forecast(blind)).any()


def test_positions_follow_the_forecast(tape):
    machine = train(*lessons(tape), steps=50, seed=1)
    said = machine.forecast(look(tape, 250))
    wanted = machine(tape, 250)
    assert wanted.shape == (24,)
    np.testing.assert_array_equal(np.sign(wanted), np.sign(said))
    assert not machine(tape, 3).any()
    late = dataclasses.replace(machine, age=13)
    np.testing.assert_array_equal(late(tape, 250), machine(tape, 237))


def test_rules_without_a_forecast():
    assert follow_momentum(steps_up(), 100)[0] == pytest.approx(0.13 / 0.2 * forecaster.AI_LIMIT)
    a, b = Random(3), Random(4)
    np.testing.assert_array_equal(a(steps_up(), 60), a(steps_up(), 65))
    assert a(steps_up(), 60) != a(steps_up(), 66)
    assert a(steps_up(), 60) != b(steps_up(), 60)


def test_every_world_has_its_own_coin(tape):
    tosses = Random(3)(tape, 60)
    assert len(set(tosses)) == len(tosses)
    np.testing.assert_array_equal(tosses[5:7], Random(3)(tape.part(slice(5, 7)), 60))


def test_scattered_worlds_differ_and_keep_what_is_varied_on_purpose():
    worlds = scatter(January(hype=2, short_interest=5), 3, 0.3, seed=1)
    assert {world.hype for world in worlds} == {2}
    assert {world.short_interest for world in worlds} == {5}
    assert len({world.depth for world in worlds}) == 3
    assert scatter(January(), 3, 0.3, seed=1) == scatter(January(), 3, 0.3, seed=1)


def test_bad_input_is_one_sentence():
    features, returns = lessons(steps_up())
    with pytest.raises(ValueError, match="unknown features 'mood': choose from price, flow"):
        train(features, returns, steps=1, seed=1, groups=("mood",))
    returns[3] = np.nan
    with pytest.raises(ValueError, match="finite"):
        train(features, returns, steps=1, seed=1)


def test_the_forecast_is_the_trained_networks(tape, monkeypatch):
    """Numpy's forward pass against torch's own, on the network that `train` fitted."""
    nets = []
    sequential = torch.nn.Sequential

    def remember(*layers):
        nets.append(sequential(*layers))
        return nets[-1]

    monkeypatch.setattr(forecaster.nn, "Sequential", remember)
    features, returns = lessons(tape)
    machine = train(features, returns, steps=20, seed=1)
    seen = np.clip((features - machine.center) / machine.scale, -10, 10)
    with torch.no_grad():
        expected = nets[0](torch.from_numpy(seen))[:, 0].numpy()
    np.testing.assert_allclose(machine.forecast(features), machine.spread * expected, atol=1e-12)
