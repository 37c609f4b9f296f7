"""A Chromium, found or installed where that can be done, and visits with it."""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import Browser, Error, Page, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Offline but for our own server, and quiet: no look-ups of the browser's own.
FLAGS = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


def launch(playwright: Playwright) -> Browser | None:
    """A headless browser: one that is there, else Playwright's own, else Debian's."""
    for attempt in (_present, _bundled, _debian, _download):
        browser = attempt(playwright)
        if browser:
            return browser
    return None


def _start(playwright: Playwright, path: str | None = None) -> Browser | None:
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    sandbox = ["--no-sandbox"] if root else []  # Chromium refuses its sandbox to root
    try:
        return playwright.chromium.launch(executable_path=path, args=FLAGS + sandbox)
    except Error:
        return None  # not there, or a stub that does not start: try the next way


def _present(playwright: Playwright) -> Browser | None:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    return _start(playwright, path) if path else None


def _bundled(playwright: Playwright) -> Browser | None:
    """Playwright's own Chromium, if it was downloaded before."""
    return _start(playwright)


def _debian(playwright: Playwright) -> Browser | None:
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return None
    install = ["install", "-y", "--no-install-recommends", "chromium", "fonts-liberation"]
    for arguments in (["update"], install):
        subprocess.run(["apt-get", *arguments], check=False, capture_output=True)
    return _present(playwright)


def _download(playwright: Playwright) -> Browser | None:
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=300)
    except subprocess.TimeoutExpired:
        return None
    return _bundled(playwright) if done.returncode == 0 else None


class Visit:
    """A page that remembers what went wrong on it."""

    def __init__(self, browser, viewport=DESKTOP, scheme="light"):
        self.context = browser.new_context(viewport=viewport, color_scheme=scheme)
        self.page: Page = self.context.new_page()
        self.requests: list[str] = []
        self.problems: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on(
            "requestfailed", lambda request: self.problems.append(f"failed: {request.url}")
        )
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("console", self._console)
        self.page.on("response", self._response)

    def _console(self, message) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text}")

    def _response(self, response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()
