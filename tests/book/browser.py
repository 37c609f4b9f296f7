"""Find a Chromium for layer 5, or install one where that can be done."""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import Browser, Error, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Offline but for our own server, and quiet: no look-ups of the browser's own.
FLAGS = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


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
