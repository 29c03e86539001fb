"""The catalogue in Chromium, opened from its files with the network switched off."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.catalogue.conftest import Open
from tests.catalogue.npm import modules
from tests.catalogue.shop import make_site

FEATURE = "features/user_orders.orders_7d.html"
EVERY_KIND = [
    "index.html", "features.html", "owners.html", FEATURE, "features/user_orders.last_status.html",
    "features/user_orders.order_trend.html", "views/user_orders.html", "views/user_visits.html", "sources/orders.html",
    "services/churn.html", "entities/user.html", "owners/team.shop.html", "training_sets.html", "models.html",
    "training_sets/churn_training.html", "models/churn-classifier.html",
]  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_site(tmp_path_factory.mktemp("shop"))


def search(page: Page, text: str) -> None:
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.locator("#search").press_sequentially(text)
    expect(page.locator(".found")).to_be_visible()


def graph(page: Page) -> Any:
    expect(page.locator(".graph svg.lineage")).to_be_visible()
    return page.locator(".graph")


@pytest.mark.parametrize("path", EVERY_KIND)
def test_a_page_opens_without_a_word_in_the_console(site: Path, open_page: Open, path: str) -> None:
    opened = open_page(site, path)
    expect(opened.page.locator("h1")).to_be_visible()
    if opened.page.locator(".graph").count():
        graph(opened.page)
    opened.page.wait_for_load_state("networkidle")
    assert opened.problems == []
    assert all(url.startswith(site.as_uri()) for url in opened.requests)
    for width in (1280, 768, 390):
        opened.page.set_viewport_size({"width": width, "height": 860})
        # Nothing but what scrolls by itself is wider than the window.
        assert opened.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, width
    assert opened.problems == []


def test_search_finds_as_one_types_and_enter_opens_what_is_found(site: Path, open_page: Open) -> None:
    opened = open_page(site, "views/user_visits.html")
    search(opened.page, "order tre")
    first = opened.page.locator("#found [role=option]").first
    expect(first).to_contain_text("order_trend")
    expect(opened.page.locator("#found-count")).to_have_text("1 found")
    opened.page.keyboard.press("Enter")
    expect(opened.page.locator("h1")).to_have_text("order_trend")
    assert opened.page.url == (site / "features/user_orders.order_trend.html").as_uri()
    assert opened.problems == []


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("user_orders", "user_orders"),  # by its whole name, the thing itself is first
        ("churn-class", "churn-classifier"),  # a model
        ("amount", "orders"),  # a source by a column
        ("not cancelled", "orders_7d"),  # a feature by its description
        ("money", "orders"),  # by a tag
        ("team:web", "team:web"),  # an owner
        ("ordrs_prev", "orders_prev_7d"),  # with a letter left out
    ],
)
def test_search_finds_by_name_description_tag_column_model_and_owner(
    site: Path, open_page: Open, typed: str, found: str
) -> None:
    opened = open_page(site, "index.html")
    search(opened.page, typed)
    expect(opened.page.locator("#found [role=option] .name").first).to_have_text(found)


def test_search_says_when_nothing_is_found(site: Path, open_page: Open) -> None:
    page = open_page(site, "index.html").page
    search(page, "zebra")
    expect(page.locator(".found .none")).to_be_visible()
    expect(page.locator("#found-count")).to_have_text("0 found")
    page.keyboard.press("Escape")
    expect(page.locator(".found")).to_be_hidden()
    expect(page.locator("#search")).to_have_attribute("aria-expanded", "false")


def test_search_is_a_combobox_that_arrow_keys_walk(site: Path, open_page: Open) -> None:
    page = open_page(site, "index.html").page
    search(page, "visits")
    box, options = page.locator("#search"), page.locator("#found [role=option]")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    for key, at in (("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("ArrowUp", 0), ("ArrowUp", -1)):
        page.keyboard.press(key)
        chosen = options.nth(at if at >= 0 else options.count() - 1)
        expect(chosen).to_have_attribute("aria-selected", "true")
        expect(box).to_have_attribute("aria-activedescendant", str(chosen.get_attribute("id")))
        assert page.locator("#found [aria-selected=true]").count() == 1


def test_a_mouse_opens_what_is_found(site: Path, open_page: Open) -> None:
    page = open_page(site, "index.html").page
    search(page, "spent")
    page.locator("#found [role=option]").first.click()
    expect(page.locator("h1")).to_have_text("spent")


def test_links_lead_from_the_list_to_a_feature_its_source_and_its_owner(site: Path, open_page: Open) -> None:
    opened = open_page(site, "index.html")
    page = opened.page
    for link, title in (
        ("user_orders", "user_orders"), ("orders_30d", "orders_30d"), ("orders", "orders"), ("team:shop", "team:shop"),
    ):  # fmt: skip
        page.get_by_role("main").get_by_role("link", name=link, exact=True).first.click()
        expect(page.locator("h1")).to_have_text(title)
    page.get_by_role("navigation", name="Kinds").get_by_role("link", name="Views").click()
    expect(page.locator("h1")).to_have_text("shop")
    assert opened.problems == []


def test_lineage_is_walked_by_column_from_a_feature_to_its_model(site: Path, open_page: Open) -> None:
    opened = open_page(site, FEATURE)
    place = graph(opened.page)
    labels = set(place.locator("a.node").evaluate_all("nodes => nodes.map(node => node.getAttribute('aria-label'))"))
    assert {
        "column orders order_id, value, unique key", "column orders status, filter, where",
        "feature user_orders orders_7d, in the middle", "feature user_orders order_trend, input",
        "service churn, member", "model churn-classifier", "training set churn_training",
    } == labels  # fmt: skip
    trail = place.locator(".trail")
    expect(trail).to_contain_text("user_orders.orders_7d: made of 5, used by 2")

    place.get_by_role("link", name="service churn").click()
    expect(trail).to_contain_text("churn: made of 7, used by 2")
    expect(place.locator("a.middle")).to_be_focused()
    place.get_by_role("link", name="feature user_visits visits_7d").click()
    expect(trail).to_contain_text("user_visits.visits_7d")
    expect(place.locator(".open")).to_have_text("Open user_visits.visits_7d")
    place.locator(".back").click()
    expect(trail).to_contain_text("churn: made of 7")
    place.locator(".back").click()
    expect(trail).to_contain_text("user_orders.orders_7d")
    expect(place.locator(".back")).to_be_disabled()
    assert opened.problems == []


def test_keys_and_times_are_added_to_the_graph_when_asked_for(site: Path, open_page: Open) -> None:
    place = graph(open_page(site, FEATURE).page)
    assert place.get_by_role("link", name="column orders user_id, key").count() == 0
    place.get_by_label("Keys and times").check()
    expect(place.get_by_role("link", name="column orders user_id, key")).to_be_visible()
    expect(place.get_by_role("link", name="column orders updated_at, known time")).to_be_visible()


def test_the_graph_of_a_view_is_by_whole_things(site: Path, open_page: Open) -> None:
    place = graph(open_page(site, "views/user_orders.html").page)
    names = set(place.locator("a.node text").all_text_contents())
    assert names == {"orders", "user_orders", "churn", "churn-classifier", "churn_training"}


def test_what_the_graph_shows_at_first_hand_stands_in_tables_too(site: Path, open_page: Open) -> None:
    page = open_page(site, FEATURE).page
    made = page.get_by_role("table", name="Made of").get_by_role("rowheader").all_inner_texts()
    used = page.get_by_role("table", name="Used by").get_by_role("rowheader").all_inner_texts()
    assert set(made) == {f"orders.{name}" for name in ("order_id", "status", "user_id", "placed_at", "updated_at")}
    assert set(used) == {"user_orders.order_trend", "churn"}


def test_the_whole_way_goes_by_keyboard_alone(site: Path, open_page: Open) -> None:
    opened = open_page(site, "index.html")
    page = opened.page
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    search(page, "orders_7d")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("orders_7d")
    graph(page)
    summary = page.get_by_text("As compiled, within the view")
    for _ in range(60):
        page.keyboard.press("Tab")
        if summary.evaluate("node => node === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Compiled SQL", exact=True)).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        label = page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''")
        if label.startswith("service churn"):
            break
    page.keyboard.press("Enter")
    expect(page.locator(".trail")).to_contain_text("churn: made of")
    expect(page.locator("a.middle")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("churn")
    assert opened.problems == []


def test_colours_are_the_systems_until_they_are_chosen_and_then_stay(site: Path, open_page: Open) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    opened = open_page(site, "index.html", colours="dark")
    page = opened.page
    dark = page.evaluate(paper)
    switch = page.get_by_role("button", name="Dark colours")
    expect(switch).to_have_attribute("aria-pressed", "true")
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "false")
    light = page.evaluate(paper)
    assert light != dark
    page.goto((site / FEATURE).as_uri())
    assert page.evaluate(paper) == light
    assert opened.problems == []


def test_plots_are_drawn_and_drawn_anew_in_other_colours(site: Path, open_page: Open) -> None:
    opened = open_page(site, FEATURE)
    page = opened.page
    expect(page.locator("figure.plot canvas")).to_have_count(3)
    inked = """() => [...document.querySelectorAll('figure.plot canvas')].map(canvas => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const colours = new Set();
        for (let at = 0; at < data.length; at += 4)
            if (data[at + 3] === 255) colours.add(data.slice(at, at + 3).join());
        return [...colours];
    })"""
    accent = "rgb(15, 111, 104)"
    light = page.evaluate(inked)
    assert accent[4:-1].replace(" ", "") in light[0]
    page.get_by_role("button", name="Dark colours").click()
    expect(page.locator("figure.plot canvas")).to_have_count(3)
    assert accent[4:-1].replace(" ", "") not in page.evaluate(inked)[0]
    assert opened.problems == []


def test_the_drawing_says_in_words_why_each_event_counts(site: Path, open_page: Open) -> None:
    page = open_page(site, FEATURE).page
    moments = page.locator(".moments li")
    events = page.locator("svg.window circle.event")
    assert moments.count() == events.count() == 6
    counts = [text.startswith("Counts:") for text in moments.all_text_contents()]
    drawn = events.evaluate_all("circles => circles.map(circle => circle.classList.contains('in'))")
    assert counts == drawn == [False, True, False, True, False, False]
    edges = page.locator("svg.window circle.edge")
    assert edges.evaluate_all("all => all.map(edge => edge.classList.contains('closed'))") == [True, False]


@pytest.mark.parametrize("path", EVERY_KIND)
def test_axe_finds_nothing_in_light_and_in_dark(site: Path, open_page: Open, path: str) -> None:
    page = open_page(site, path).page
    if page.locator(".graph").count():
        graph(page)
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true; })")
    assert axe(page) == []
    page.emulate_media(color_scheme="dark")
    assert axe(page, '{"runOnly": ["color-contrast"]}') == []


def test_axe_finds_nothing_in_the_list_of_what_was_found(site: Path, open_page: Open) -> None:
    page = open_page(site, "index.html").page
    search(page, "orders")
    assert axe(page) == []


def axe(page: Page, options: str = "{}") -> list[str]:
    """What axe-core has against a page, by WCAG and its own best practices; nothing for no objection."""
    script = (modules() / "axe-core" / "axe.min.js").read_text()
    # Run in a world of its own, which the page's policy does not reach.
    session = page.context.new_cdp_session(page)
    frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    world = session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})["executionContextId"]
    for expression in (script, f"axe.run({options}).then(found => JSON.stringify(found.violations))"):
        answer = session.send(
            "Runtime.evaluate",
            {"expression": expression, "contextId": world, "awaitPromise": True, "returnByValue": True},
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
    return [
        f"{found['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for found in json.loads(answer["result"]["value"])
        for node in found["nodes"]
    ]
