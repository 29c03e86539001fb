"""Airflow's own pages in a headless Chromium: the graph, the documentation, the log of a gate that is shut.

`FPC_UPDATE_PICTURES=1` writes what is seen to docs/airflow/.
"""

from __future__ import annotations

import os
import shutil
import urllib.parse
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.airflow.conftest import Shut
from tests.airflow.launch import ROOT
from tests.airflow.server import Airflow
from tests.missing import missing

DAG = "till_takings"
TASKS = ("source_is_fresh", "build", "gate", "publish", "record", "fill_history")
PATIENCE_MS = 60_000
SIZE = {"width": 1500, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        missing("install Chromium to look at Airflow's pages")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def page(airflow: Airflow, shut: Shut, browser: Browser) -> Page:
    """A page of somebody who has logged in by the form, and of whom no script of a spec asks anything.

    Opened only when there is something to see: a page of Airflow's asks its server again and again.
    """
    opened = browser.new_page(viewport={"width": SIZE["width"], "height": SIZE["height"]})
    opened.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    opened.on("dialog", lambda dialog: pytest.fail(f"the page ran a script: {dialog.message}"))
    opened.goto(airflow.login.url)
    opened.locator("input[name=username]").fill(airflow.login.user)
    opened.locator("input[name=password]").fill(airflow.login.password)
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("button", name="User")).to_be_visible()
    return opened


def keep(page: Page, name: str) -> None:
    """Keep what is seen as a picture, when asked to."""
    if os.environ.get("FPC_UPDATE_PICTURES"):
        page.screenshot(path=str(ROOT / "docs" / "airflow" / f"{name}.png"))


def test_the_graph_shows_the_shape_of_a_refresh(airflow: Airflow, page: Page, shut: Shut) -> None:
    page.goto(f"{airflow.login.url}/dags/{DAG}/runs/{urllib.parse.quote(shut.run)}")
    page.get_by_role("button", name="Show Graph").click()
    for task in TASKS:
        expect(page.get_by_text(task, exact=True).first).to_be_visible()
    keep(page, "dag")


def test_the_documentation_is_text_whatever_the_spec_says(airflow: Airflow, page: Page, shut: Shut) -> None:
    """The description holds a script, a template and code; they are read as they were written."""
    page.goto(f"{airflow.login.url}/dags/{DAG}")
    page.get_by_role("button", name="Dag Docs").click()
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text('What a till takes. <script>alert("not code")</script> {{ 6 * 7 }} `neither`')
    expect(panel).to_contain_text("Owner team:feature-platform")
    assert panel.locator("script").count() == 0
    keep(page, "documentation")


def test_the_log_of_a_shut_gate_says_what_was_found(airflow: Airflow, page: Page, shut: Shut) -> None:
    page.goto(f"{airflow.login.url}/dags/{DAG}/runs/{urllib.parse.quote(shut.run)}/tasks/gate?try_number=1")
    expect(page.get_by_text("till_takings__range_takings_7d").first).to_be_visible()
    for words in ("keys (hashed): ", "kept: what was served before", "page: .fpc/data_docs/"):
        expect(page.get_by_text(words).first).to_be_visible()
    keep(page, "gate")
