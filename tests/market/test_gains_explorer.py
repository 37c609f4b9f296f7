import itertools
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import DESKTOP, PHONE, Visit

from helpers.market.gains_explorer import BOUNDS, gains_explorer, number, sentence

GROUPS = ("retail", "incumbents", "short funds", "AI", "<b>R&D</b></script>")
SETTINGS = {
    "short interest": ["71 million shares", "5 million shares"],  # not in alphabetical order
    "hype": ["× 0", "× 0.5", "× 1"],
    "age of the AI's information": ["3 hours", "1 day"],
}
START = ("71 million shares", "× 0.5", "1 day")  # row 3
AI_LOW = 3 * GROUPS.index("AI") + 1  # a column


@pytest.fixture
def gains() -> pd.DataFrame:
    """A number for each cell and group, from tens to ten thousands of millions."""
    rng = np.random.default_rng(8)
    cells = pd.MultiIndex.from_product(SETTINGS.values(), names=SETTINGS)
    shape = (len(cells), len(GROUPS))
    mean = rng.normal(size=shape) * 10 ** rng.uniform(0, 4, size=shape)
    half = rng.exponential(0.5 * np.abs(mean))
    values = np.stack([mean, mean - half, mean + half], axis=2).reshape(len(cells), -1)
    columns = pd.MultiIndex.from_product([GROUPS, BOUNDS])
    return pd.DataFrame(values, index=cells, columns=columns)


def said(gains: pd.DataFrame, *cell: str) -> str:
    """What the status must say about one combination."""
    row = gains.loc[cell]
    return sentence({group: tuple(row[group][list(BOUNDS)]) for group in GROUPS}, "retail")


def test_the_figure_carries_every_number_and_loads_nothing(gains):
    html = gains_explorer(gains, start=START).data
    cells = json.loads(re.search(r" cells = (\[.*\]);", html).group(1))
    assert [cell["gains"] for cell in cells] == gains.to_numpy().reshape(12, 5, 3).tolist()
    assert cells[3]["sentence"] == said(gains, *START)
    assert "http" not in html
    assert "src=" not in html
    assert "id=" not in html  # so that two figures on a page cannot share one


def test_labels_show_as_first_met_and_numbers_are_found_by_name(gains):
    html = gains_explorer(gains, start=START).data
    assert f"labels = {json.dumps([*SETTINGS.values()])}" in html
    swapped = gains.iloc[[*range(10), 11, 10]]
    backwards = pd.MultiIndex.from_product([GROUPS, BOUNDS[::-1]])
    assert gains_explorer(swapped[backwards], start=START).data == html


def test_names_are_escaped(gains):
    html = gains_explorer(gains, start=START).data
    assert "&lt;b&gt;R&amp;D" in html
    assert "<b>R" not in html
    assert html.count("</script>") == 1


@pytest.mark.parametrize(
    ("gain", "text"),
    [
        ((206.2, 190.8, 222.9), "+206 [191, 223]"),
        ((-12_003.4, -12_400, -11_600), "−12,003 [−12,400, −11,600]"),
        ((1.94, -0.26, 4.14), "+1.9 [−0.3, 4.1]"),
        ((0, 0, 0), "0 [0, 0]"),
    ],
)
def test_a_number_shows_its_sign_and_interval(gain, text):
    assert number(*gain) == text


def test_a_sentence_counts_only_what_can_be_told_from_zero():
    cell = {
        "retail": (5, -1, 11),
        "AI": (2, 1, 3),
        "makers": (-40, -90, 10),
        "funds": (-9, -12, -6),
    }
    assert sentence(cell, "retail") == (
        "Most is gained by AI: +2.0 [1.0, 3.0] million dollars. "
        "Most is lost by funds: −9 [−12, −6] million dollars. "
        "Retail as a whole cannot be told apart from zero."
    )
    assert sentence(cell, "AI").endswith("AI as a whole gains.")
    assert sentence(cell, "funds").endswith("Funds as a whole loses.")
    assert sentence({"retail": (0, 0, 0)}, "retail").startswith(
        "No gain can be told apart from zero. No loss can be told apart from zero."
    )


def test_nothing_gained_anywhere_is_drawn_as_zero(gains):
    html = gains_explorer(gains * -0.0, start=START).data
    assert "\\u2212" not in html  # no minus sign
    assert "/ 1.1)" in html  # a scale all the same, of one million


def test_a_hole_is_refused_by_name(gains):
    place = "short interest 71 million shares, hype × 0.5, age of the AI's information 1 day"
    with pytest.raises(ValueError, match=f"no number for the mean of retail at {place}$"):
        gains_explorer(gains.drop(index=START), start=("5 million shares", *START[1:]))
    for wrong in (np.nan, np.inf):
        broken = gains.copy()
        broken.iloc[3, AI_LOW] = wrong
        with pytest.raises(ValueError, match=f"no number for the low of AI at {place}$"):
            gains_explorer(broken, start=START)
    with pytest.raises(ValueError, match="no number for the high of AI at short interest 71"):
        gains_explorer(gains.drop(columns=("AI", "high")), start=START)


def test_a_table_of_another_shape_is_refused(gains):
    layout = "three named index levels and columns"
    with pytest.raises(ValueError, match=layout):
        gains_explorer(gains.xs("× 0", level="hype"), start=START)
    with pytest.raises(ValueError, match=layout):
        gains_explorer(gains.rename_axis(index={"hype": None}), start=START)
    with pytest.raises(ValueError, match=layout):
        gains_explorer(gains["AI"], start=START)
    with pytest.raises(ValueError, match="× 0.*twice"):
        gains_explorer(pd.concat([gains, gains.iloc[:1]]), start=START)
    with pytest.raises(ValueError, match="mean of AI at .* outside its interval"):
        broken = gains.copy()
        broken.iloc[3, AI_LOW] = 1e6
        gains_explorer(broken, start=START)


def test_an_unknown_start_or_focus_is_refused(gains):
    for start in (("71 million shares", "× 3", "1 day"), START[:2]):
        with pytest.raises(ValueError, match="no row .* to start from"):
            gains_explorer(gains, start=start)
    with pytest.raises(ValueError, match="no group 'Wall Street': choose from retail, incumb"):
        gains_explorer(gains, start=START, focus="Wall Street")


@pytest.fixture
def address(gains, tmp_path: Path) -> str:
    """A page with two figures: as a page holds one, and as JupyterLab inserts one."""
    figure = gains_explorer(gains, start=START).data
    (tmp_path / "page.html").write_text(
        f"""<!doctype html><html lang="en"><head><title>Gains</title><meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <style>:root {{ color-scheme: light dark }}</style></head>
        <body><main><h1>Gains</h1>{figure}<h2>Inserted</h2><div id="late"></div></main><script>
        const late = document.getElementById("late");
        late.innerHTML = document.querySelector(".gains-explorer").outerHTML;
        for (const script of late.querySelectorAll("script")) {{
          const copy = document.createElement("script");
          copy.textContent = script.textContent;
          script.replaceWith(copy);
        }}</script></body></html>""",
        encoding="utf-8",
    )
    return (tmp_path / "page.html").as_uri()


def test_sliders_answer_to_the_keyboard(browser, address, gains):
    with Visit(browser) as visit:
        visit.page.goto(address)
        for figure in visit.page.locator(".gains-explorer").all():
            result = figure.get_by_role("status")
            assert result.inner_text() == said(gains, *START)
            moves = zip(SETTINGS, ("End", "ArrowRight", "Home"), strict=True)
            cell = list(START)
            for axis, (name, key) in enumerate(moves):
                slider = figure.get_by_role("slider", name=name)
                slider.press(key)
                cell[axis] = SETTINGS[name][0 if key == "Home" else -1]
                assert slider.get_attribute("aria-valuetext") == cell[axis]
                assert result.inner_text() == said(gains, *cell)
            row = gains.loc[tuple(cell)]
            shown = figure.locator(".number").all_inner_texts()
            assert shown == [number(*row[group][list(BOUNDS)]) for group in GROUPS]
        assert visit.problems == []
        assert visit.requests == [address]


def test_bars_are_drawn_to_one_square_root_scale(browser, address, gains):
    with Visit(browser) as visit:
        visit.page.goto(address)
        figure = visit.page.locator(".gains-explorer").first
        slider = figure.get_by_role("slider", name="hype")
        roots = []  # pixels for the square root of a million
        for key, hype in (("Home", "× 0"), ("End", "× 1")):
            slider.press(key)
            row = gains.loc[(START[0], hype, START[2])]
            for group, bar in zip(GROUPS, figure.locator("svg").all(), strict=True):
                mean, low, high = row[group][list(BOUNDS)]
                box, drawn, whisker = (
                    element.bounding_box()
                    for element in (bar, bar.locator("rect"), bar.locator("line").first)
                )
                zero = box["x"] + box["width"] / 2
                outer = drawn["x"] + (drawn["width"] if mean > 0 else 0)
                roots.append((outer - zero) / (np.sign(mean) * abs(mean) ** 0.5))
                ends = [(np.sign(end) * abs(end) ** 0.5) * roots[-1] + zero for end in (low, high)]
                assert [whisker["x"], whisker["x"] + whisker["width"]] == pytest.approx(ends, abs=2)
                fill = bar.locator("rect").get_attribute("fill")
                assert fill == ("#0072B2" if mean > 0 else "#D55E00")
        assert roots == pytest.approx([roots[0]] * len(roots), rel=0.03)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_part_stays_on_the_screen_and_can_be_read(browser, address, viewport):
    with Visit(browser, viewport) as visit:
        visit.page.goto(address)
        for cell in itertools.product(*(["Home", "End"] for _ in SETTINGS)):
            for slider, key in zip(visit.page.get_by_role("slider").all(), cell, strict=False):
                slider.press(key)
            left, right, smallest = visit.page.evaluate(
                """[...document.querySelectorAll(".gains-explorer *")].reduce((far, part) => {
                    const box = part.getBoundingClientRect();
                    const size = parseFloat(getComputedStyle(part).fontSize);
                    return [Math.min(far[0], box.left), Math.max(far[1], box.right),
                            Math.min(far[2], size)];
                }, [0, 0, 99])"""
            )
            assert left >= 0
            assert right <= viewport["width"]
            assert smallest >= 11


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing(browser, address, viewport, scheme):
    with Visit(browser, viewport, scheme) as visit:
        visit.page.goto(address)
        found = Axe().run(visit.page).response["violations"]
        assert [(violation["id"], violation["nodes"][0]["html"][:200]) for violation in found] == []
