"""A real Chromium on a running board. Skips, with the reason, where there is none."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.board.conftest import Board, board, eventually

__all__ = ["board", "eventually"]

CHROMIUM = os.environ.get("HOLDFAST_TEST_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
SLOW_MS = 60_000
"""How long a page may take to show something on a busy machine."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield a browser; not for the session, because Playwright keeps an event loop running in this thread."""
    if not os.access(CHROMIUM, os.X_OK):
        pytest.skip(f"no Chromium at {CHROMIUM}: apt-get install chromium, or set HOLDFAST_TEST_CHROMIUM")
    expect.set_options(timeout=SLOW_MS)
    with sync_playwright() as playwright:
        # Containers have no user namespaces for Chromium's sandbox; the pages are our own.
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@dataclass
class Viewer:
    """A page on the board, and what went wrong on it."""

    page: Page
    board: Board
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> "Viewer":
        """Go to a path and wait until the page is live."""
        self.page.goto(self.board.url + path)
        self.page.wait_for_selector('[data-link][data-is="live"]')
        return self


@pytest.fixture
def viewer(browser: Browser, board: Board) -> Iterator[Viewer]:
    """Yield a fresh page; the test fails if the browser's console has an error or a refused script."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, timezone_id="Europe/Warsaw")
    context.set_default_timeout(SLOW_MS)
    page = context.new_page()
    seen = Viewer(page, board)
    page.on("console", lambda message: seen.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    yield seen
    context.close()
    assert seen.complaints == []
