"""A browser for each module, and pages that tell of whatever goes wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.missing import missing

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@dataclass
class Opened:
    """A page of a site that was opened from its files; `problems` is what console, policy and network had to say."""

    page: Page
    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window, one for the module."""
    if not CHROMIUM.exists():
        missing("chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One window's worth of pages, without a network."""
    made = browser.new_context(offline=True)
    made.set_default_timeout(20_000)
    yield made
    made.close()


@pytest.fixture
def open_page(context: BrowserContext) -> Iterator[Open]:
    """Opens a file of a site: `open_page(site, "index.html", width=390, colours="dark")`."""
    pages = []

    def opened(site: Path, path: str, *, width: int = 1280, colours: Literal["light", "dark"] = "light") -> Opened:
        found = Opened(context.new_page())
        pages.append(found.page)
        found.page.set_viewport_size({"width": width, "height": 860})
        found.page.emulate_media(color_scheme=colours)
        found.page.on("console", lambda message: found.problems.append(f"{message.type}: {message.text}"))
        found.page.on("pageerror", lambda error: found.problems.append(f"error: {error}"))
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.on("requestfailed", lambda request: found.problems.append(f"failed: {request.url}"))
        found.page.goto((site / path).as_uri())
        return found

    yield opened
    for page in pages:
        if not page.is_closed():
            page.evaluate("localStorage.clear()")
            page.close()
