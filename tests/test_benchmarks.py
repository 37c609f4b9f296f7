"""What benchmarks share, and that each runs: on small sizes, since speed is not tested."""

import json

import numpy as np
import pytest
import torch

from benchmarks import __main__ as run_all
from benchmarks import knee, language, market, report
from benchmarks.report import Row, Spread, spread
from helpers.knee import training
from helpers.language.gpt_neo import Config


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(report, "PAGE", tmp_path / "README.md")
    report.PAGE.write_text("# Head\n\nWords.\n\n## Other chapter\n\nIts table.\n", "utf-8")
    return tmp_path


def test_a_spread_is_the_median_and_the_range():
    assert spread([3.0, 1.0, 2.0, 9.0]) == Spread(median=2.5, low=1.0, high=9.0)
    assert str(Spread(1_234_567, 0.012345, 100)) == "1,230,000 (0.0123 to 100)"


def test_contestants_take_turns_and_keep_their_names():
    order = []
    contestants = {name: lambda name=name: order.append(name) or name * 2 for name in "abc"}
    laps = list(report.race(contestants, 4))
    assert "".join(order) == "abcbcacababc"
    assert all(list(lap) == ["a", "b", "c"] for lap in laps)
    assert all(lap[name][1] == name * 2 for lap in laps for name in lap)


def test_seconds_are_those_of_the_one_who_spent_them():
    (lap,) = report.race({"busy": lambda: sum(range(2_000_000)), "idle": lambda: None}, 1)
    assert lap["busy"][0] > 10 * lap["idle"][0] >= 0


def test_a_result_is_written_whole_and_reaches_the_page(folder, capsys):
    rows = [
        Row("ours", Spread(2, 1, 3), "events / CPU s"),
        Row("theirs", Spread(4, 2, 6), "events / CPU s", Spread(2, 1.5, 2.5), "ours"),
    ]
    report.publish("topic", "Chapter 9: topic", "What is compared.", rows)
    result = json.loads((folder / "results/topic.json").read_text("utf-8"))
    assert result["rows"][0]["ratio"] is None
    assert result["rows"][1] == {
        "name": "theirs",
        "value": {"median": 4, "low": 2, "high": 6},
        "unit": "events / CPU s",
        "ratio": {"median": 2, "low": 1.5, "high": 2.5},
        "ratio_to": "ours",
    }
    line = "| theirs | 4 (2 to 6) | events / CPU s | 2 (1.5 to 2.5) | ours |"
    assert line in capsys.readouterr().out
    report.main()
    page = report.PAGE.read_text("utf-8")
    assert page.startswith("# Head\n\nWords.\n\n## Chapter 9: topic\n\nWhat is compared.\n\n|")
    assert line in page
    assert result["machine"] in page
    assert page.endswith("\n\n## Other chapter\n\nIts table.\n")


def test_a_section_replaces_its_own_earlier_one_only():
    page = "# Head\n\n## A\n\nold\n\n## B\n\nkept\n"
    once = report.with_section(page, "## A\n\nnew\n")
    assert once == "# Head\n\n## A\n\nnew\n\n## B\n\nkept\n"
    assert report.with_section(once, "## A\n\nnew\n") == once


def test_nothing_measured_is_one_sentence(folder):
    with pytest.raises(SystemExit, match="^error: no result in .*: run `make bench` first$"):
        report.main()


def test_the_processor_is_named_where_linux_tells_it(tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Fast 9000\n\nmodel name\t: Fast 9000\n")
    assert report.processor(cpuinfo) == "Fast 9000"
    assert report.processor(tmp_path / "none")  # another system


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(market, "EVENTS", 2_000)
    monkeypatch.setattr(market, "RACES", 2)
    monkeypatch.setattr(market, "ACCOUNT_TICKS", 400)
    monkeypatch.setattr(market, "AUCTIONS", 2)
    monkeypatch.setattr(market, "CROWDS", ((1, 20), (4, 20), (1, 40), (1, 100), (1, 200)))


def test_the_market_s_benchmark_runs_and_its_section_is_on_the_stored_page(folder, small):
    stored = (report.ROOT / "benchmarks/README.md").read_text("utf-8")
    market.main()
    result = json.loads((folder / "results/market.json").read_text("utf-8"))
    names = [row["name"] for row in result["rows"]]
    assert names[0] == "our order book"
    assert names[-1] == "call auction, 1 × 200 accounts"
    assert all(0 < row["value"]["low"] <= row["value"]["high"] for row in result["rows"])
    assert f"\n## {result['title']}\n" in stored


def test_books_that_trade_differently_are_not_compared(small, monkeypatch):
    run, common = market.PEERS["pyorderbook"]
    monkeypatch.setitem(market.PEERS, "pyorderbook", (run, lambda record: common(record)[1:]))
    with pytest.raises(ValueError, match="pyorderbook and our order book trade differently"):
        market.race_order_books(2_000, 1)


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (
            [2.0, 1.5, 3.0],
            "slower than peer, which is 2 times as fast in the median; it won 0 of 3",
        ),
        ([0.25, 0.2, 1.1], "faster than peer, 4 times as fast in the median; it won 2 of 3"),
    ],
)
def test_the_page_says_who_is_faster(ratio, words):
    assert market.standing("peer", np.array(ratio)) == f"Ours is {words} repetitions."


def test_the_knees_two_loops_differ_in_layout_only(monkeypatch):
    """The same network ends with nearly the same weights."""
    monkeypatch.setattr(knee, "PX", 32)
    seen, held, recipe = knee.study(128, 1), knee.study(8, 2), training.Recipe(2, width=32)
    nets = [
        knee.untrained(training.Scaler.of(seen), recipe, 3),
        *(loop(seen, held, recipe, 3) for loop in (knee.ours, knee.plain)),
    ]
    first, ours, plain = (
        torch.cat([p.detach().flatten() for p in net.parameters()]) for net in nets
    )
    assert (ours - plain).norm() < 0.05 * (ours - first).norm()


def test_the_knees_two_networks_begin_alike():
    start, films = training.resnet18(64, 3).eval(), torch.randn(2, 1, 64, 64)
    theirs = knee.torchvisions(start).eval()
    assert theirs.conv1.in_channels == 3
    with torch.inference_mode():
        torch.testing.assert_close(theirs(knee.channels(theirs, films)), start(films))


def test_a_loop_that_learns_less_is_not_called_faster(monkeypatch):
    for name, value in {"PX": 32, "HELD": 8, "RACES": 2}.items():
        monkeypatch.setattr(knee, name, value)
    monkeypatch.setattr(knee, "ours", lambda seen, held, recipe, seed: training.resnet18(16, 10))
    with pytest.raises(ValueError, match="at width 16 ours loses .* more; first weights"):
        knee.race_loops(16, 64, 1)


def test_the_language_benchmark_runs_and_says_which_targets_were_met(folder, monkeypatch):
    small = (Config(50, 16, 8, 2, 2, 4), 2)
    for name, value in {"SHAPES": (small,) * 3, "RACES": 2, "WORK": 1, "SAMPLED": 8}.items():
        monkeypatch.setattr(language, name, value)
    language.main()
    result = json.loads((folder / "results/language.json").read_text("utf-8"))
    peers = [row["name"].split(",")[0] for row in result["rows"]]
    assert (
        peers
        == ["ours", "transformers", "plain GPT"] * 3 + ["sampling anew", "sampling cached"] * 2
    )
    assert "of 3 sizes. Against plain GPT" in result["text"]


def test_every_benchmark_is_run_and_failures_are_counted(monkeypatch):
    commands = []

    class Done:
        returncode = 3

    monkeypatch.setattr(
        run_all.subprocess, "run", lambda command, **_: commands.append(command) or Done
    )
    assert run_all.main() == len(commands) >= 1
    assert "benchmarks.market" in [command[-1] for command in commands]
    assert not {"benchmarks.report", "benchmarks.__main__"} & {c[-1] for c in commands}
