"""Layer 5: every page in a real browser, with the network cut.

The pages are those that `make test` has just built at quick scale.
"""

import functools
import http.server
import threading
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import PHONE, Visit
from support import ROOT

from helpers.build.publish import chapters, documents, html_folder
from helpers.scale import Scale

HTML = html_folder(ROOT, Scale.QUICK)
DOCUMENTS = documents(ROOT)
PAGES = [*DOCUMENTS, "search", "genindex"]


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Requests are judged in the browser, not logged here."""


@pytest.fixture(scope="module")
def site():
    """The book served on this machine only; its address."""
    handler = functools.partial(QuietHandler, directory=HTML)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_without_error_and_asks_no_other_host(browser, site, name):
    with Visit(browser) as visit:
        visit.page.goto(f"{site}/{name}.html", wait_until="networkidle")
        assert visit.problems == []
        assert [url for url in visit.requests if not url.startswith((site, "data:"))] == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_overflows_a_phone(browser, site, name):
    with Visit(browser, PHONE) as visit:
        visit.page.goto(f"{site}/{name}.html", wait_until="networkidle")
        wide, screen = visit.page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= screen


# Findings in the theme's own parts, which a page cannot change, with the reason.
THEME = {
    # The button's visible text, "Ctrl + K", is a hint; its name is "Search".
    ("label-content-name-mismatch", "search-button"),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_axe_finds_nothing_serious(browser, site, name, scheme):
    with Visit(browser, scheme=scheme) as visit:
        visit.page.goto(f"{site}/{name}.html", wait_until="networkidle")
        assert visit.page.evaluate("document.documentElement.dataset.theme") == scheme
        findings = [
            (violation["id"], node["html"][:200])
            for violation in Axe().run(visit.page).response["violations"]
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]
        ours = [
            finding
            for finding in findings
            if not any(rule == finding[0] and part in finding[1] for rule, part in THEME)
        ]
        assert ours == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_picture_has_alternative_text(browser, site, name):
    with Visit(browser) as visit:
        visit.page.goto(f"{site}/{name}.html")
        pictures = visit.page.evaluate(
            "[...document.querySelectorAll('.bd-article img')].map(i => [i.src, i.alt])"
        )
        for source, alt in pictures:
            assert len(alt) > 20, source
            assert Path(source).stem not in alt, source
        unnamed = visit.page.locator(".bd-article svg[role=img]:not([aria-labelledby])")
        assert unnamed.count() == 0


@pytest.mark.parametrize("name", chapters(ROOT))
def test_search_finds_a_chapter_by_its_title(browser, site, name):
    title = (HTML / "notebooks" / f"{name}.html").read_text(encoding="utf-8")
    word = max(title.split("<title>")[1].split("&#8212;")[0].split("—")[0].split(), key=len)
    with Visit(browser) as visit:
        visit.page.goto(f"{site}/search.html?q={word.strip(':?,.')}")
        visit.page.wait_for_selector(f"#search-results a[href*='{name}']", timeout=10_000)


@pytest.mark.parametrize("name", chapters(ROOT))
def test_a_chapter_says_how_fresh_it_is_and_shows_its_verdicts(browser, site, name):
    with Visit(browser) as visit:
        visit.page.goto(f"{site}/notebooks/{name}.html")
        assert "at scale quick" in visit.page.locator(".freshness").inner_text()
        assert visit.page.locator("table.claims .verdict").count() >= 3


def test_formulas_are_set_from_the_file_system_too(browser):
    page_file = (HTML / "notebooks" / "01_trading_vs_investing.html").as_uri()
    with Visit(browser) as visit:
        visit.page.goto(page_file)
        visit.page.wait_for_selector("mjx-container", timeout=20_000)
        assert visit.problems == []


def test_the_slider_answers_to_the_keyboard(browser, site):
    with Visit(browser) as visit:
        visit.page.goto(f"{site}/notebooks/01_trading_vs_investing.html")
        result = visit.page.locator(".holding-slider .result")
        # Recorded closes: 347.51 on January 27, 92.41 five trading days later.
        assert "$265.92" in result.inner_text()
        visit.page.locator(".holding-slider .days").focus()
        for _ in range(4):
            visit.page.keyboard.press("ArrowLeft")
        assert "193.60" in result.inner_text()  # one day later
        visit.page.locator(".holding-slider .entry").focus()
        visit.page.keyboard.press("Home")
        assert "Jan 4" in result.inner_text()
        assert "$17.25" in result.inner_text()


def test_launch_buttons_are_links_that_only_a_click_follows(browser, site):
    with Visit(browser) as visit:
        visit.page.goto(f"{site}/notebooks/01_trading_vs_investing.html")
        links = visit.page.evaluate("[...document.querySelectorAll('a')].map(a => a.href)")
        binder = [link for link in links if "mybinder.org" in link]
        assert binder
        assert all(link.endswith("01_trading_vs_investing.ipynb") for link in binder)
        assert "thebe" not in visit.page.content().lower()
