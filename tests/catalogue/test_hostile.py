"""Whatever a spec, an example, the data or a refresh say is shown as text: five hundred strings, in every field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.catalogue.conftest import Open
from tests.catalogue.hostile import hostile_strings
from tests.catalogue.shop import make_model, make_records, write

from fpc.contract.recorded import ViewRecords
from fpc.emit.catalogue import catalogue
from fpc.emit.catalogue.pages import model_page, owner_page
from fpc.emit.catalogue.plain_text import seen
from fpc.model import Model
from fpc.model.nodes import Column, Deprecation, Feature, FeatureView, FileLocation, Partition, TimeColumn

STRINGS = hostile_strings()
#: All of them in one text, as short as they can be told apart.
ALL = "\n".join(text[:60] for text in STRINGS)
PLAIN = "\n".join("words" for _ in STRINGS)


def with_text(model: Model, text: str) -> Model:
    """The model with the text in every field that a spec lets people write as they like."""
    sources = {}
    for name, source in model.sources.items():
        columns = tuple(Column(column.name, column.type, text) for column in source.columns)
        sources[name] = replace(
            source,
            description=text,
            owner=text,
            tags=(text,),
            location=FileLocation(text),
            columns=columns,
            timezone=text,
            partition_by=Partition("status", text),
            event_time=TimeColumn(source.event_time.column),
        )
    entities = {
        name: replace(
            entity, description=text, owner=text, keys=tuple(Column(k.name, k.type, text) for k in entity.keys)
        )
        for name, entity in model.entities.items()
    }
    views = {}
    for name, view in model.views.items():
        views[name] = replace(
            view,
            description=text,
            owner=text,
            tags=(text,),
            source=sources[view.source.name],
            entity=entities[view.entity.name],
            features=tuple(_feature(feature, text) for feature in view.features),
            derived=tuple(replace(d, description=text, sql=text, tags=(text,)) for d in view.derived),
            examples=tuple(
                replace(e, name=text, given=tuple({**row, "status": text} for row in e.given),
                        expect=tuple({**row, "last_status": (text, None)} for row in e.expect))
                for e in view.examples
            ),
            deprecated=Deprecation(text, text, text, text),
            span=replace(view.span, path=text),
        )  # fmt: skip
    services = {
        name: replace(service, description=text, owner=text, model=text) for name, service in model.services.items()
    }
    training_sets = {
        name: replace(
            each,
            description=text,
            owner=text,
            service=services[each.service.name],
            spine=replace(each.spine, path=text, labels=(text,)),
        )
        for name, each in model.training_sets.items()
    }
    return replace(
        model,
        config=replace(model.config, name=text),
        sources=sources,
        entities=entities,
        views=views,
        services=services,
        training_sets=training_sets,
    )


def _feature(feature: Feature, text: str) -> Feature:
    return replace(feature, description=text, sql=text, tags=(text,))


def records_with(model: Model, text: str) -> Mapping[str, ViewRecords]:
    found = {}
    for name, records in make_records(model).items():
        assert records.statistics is not None
        values = {
            feature: replace(each, values=((text, 300), ("b", 80))) if each.values else each
            for feature, each in records.statistics.features.items()
        }
        refreshes = tuple(replace(run, outcome=text, why=text) for run in records.refreshes)
        statistics = replace(records.statistics, features=values, fingerprint=text)
        past = tuple(replace(entry, fingerprint=f"{text}{entry.version}") for entry in records.past)
        definitions = tuple(replace(one, fingerprint=text, owners=(text, text)) for one in records.definitions)
        found[name] = ViewRecords(statistics, past, refreshes, definitions)
    return found


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("hostile")
    model = make_model(folder / "repository")
    return {
        name: write(folder / name, catalogue(with_text(model, text), records_with(model, text)))
        for name, text in (("hostile", ALL), ("plain", PLAIN))
    }


def pages_of(site: Path) -> list[str]:
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


#: The elements of a page by tag, but for those that colour words and let names break.
SHAPE = """() => [...document.querySelectorAll('body *:not(span, wbr)')].map(e => e.tagName).join()"""
#: A page of each kind, and of each kind of feature.
PAGES = (
    "index.html", "features.html", "sources.html", "services.html", "entities.html", "owners.html",
    "features/user_orders.last_status.html", "features/user_orders.order_trend.html", "views/user_orders.html",
    "sources/orders.html", "services/churn.html", "entities/user.html", "training_sets.html", "models.html",
    "training_sets/churn_training.html", owner_page(ALL), model_page(ALL),
)  # fmt: skip


def test_hostile_text_makes_the_elements_that_plain_text_makes(sites: Mapping[str, Path], open_page: Open) -> None:
    hostile, plain = sites["hostile"], sites["plain"]
    named = {page(ALL): page(PLAIN) for page in (owner_page, model_page)}
    assert sorted(named.get(path, path) for path in pages_of(hostile)) == pages_of(plain)
    for path in PAGES:
        first, second = open_page(hostile, path), open_page(plain, named.get(path, path))
        for opened in (first, second):
            if opened.page.locator(".graph").count():
                expect(opened.page.locator("svg.lineage")).to_be_visible()
        assert first.page.evaluate(SHAPE) == second.page.evaluate(SHAPE), path
        assert first.problems == [], path
        assert first.page.evaluate("globalThis.hacked") is None
        assert all(url.startswith(hostile.as_uri()) for url in first.requests)
        first.page.close()
        second.page.close()


@pytest.mark.parametrize(
    ("path", "places"),
    [
        ("features/user_orders.last_status.html", {
            "p.lead": 1, ".tags li": 1, ".notice code": 1, "pre code": 1, ".bars th": 1, "dd.path": 1, ".example h3": 1,
            ".facts dd a": 1, ".home span": 1,
        }),
        ("views/user_orders.html", {
            "p.lead": 1, ".tags li": 1, ".outcome": 2, "#runs ~ .scroll td .quiet": 1, "td[dir]": 6, ".facts dd a": 1,
            ".facts dd .quiet": 1,
        }),
        ("sources/orders.html", {"p.lead": 1, ".tags li": 1, "td[dir]": 7, "dd.path": 1, ".facts dd": 2}),
        ("training_sets/churn_training.html", {"p.lead": 1, ".facts dd": 2, ".facts dd a": 2, "td[dir]": 6}),
        (model_page(ALL), {"h1": 1, "td[dir]": 2, "td a": 2}),
        ("services/churn.html", {"p.lead": 1, ".facts dd": 1, "td[dir]": 8, "td.path": 1, "td code": 1}),
        ("entities/user.html", {"p.lead": 1, "td[dir]": 2, "td a": 2}),
        ("index.html", {"h1": 1, "td[dir]": 2, "td a": 2}),
    ],
)  # fmt: skip
def test_every_string_stands_in_every_field_as_it_was_written(
    sites: Mapping[str, Path], open_page: Open, path: str, places: Mapping[str, int]
) -> None:
    page = open_page(sites["hostile"], path).page
    wanted = seen(ALL)
    for selector, least in places.items():
        texts = page.locator(selector).evaluate_all("found => found.map(element => element.textContent)")
        assert sum(wanted in text for text in texts) >= least, f"{path}: {selector} has {len(texts)} texts"


def test_each_string_by_itself_is_found_and_shown(tmp_path: Path, open_page: Open) -> None:
    """A feature for each string, described by it: in the list, in the search's data, and on its page."""
    model = make_model(tmp_path / "repository")
    view = model.views["user_orders"]
    made = [replace(view.features[0], name=f"f{at}", description=text, sql=text) for at, text in enumerate(STRINGS)]
    many: FeatureView = replace(view, features=tuple(made), derived=(), examples=())
    site = write(
        tmp_path / "site", catalogue(replace(model, views={"user_orders": many}, services={}, training_sets={}), {})
    )

    opened = open_page(site, "features.html")
    shown: list[str] = opened.page.locator("td[dir]").evaluate_all("found => found.map(cell => cell.textContent)")
    assert shown == [seen(text) for text in STRINGS]
    data: list[list[Any]] = opened.page.evaluate("fpcCatalogue.data('search')")
    described = [document[4] for document in data if document[0] == "feature"]
    assert described == [seen(text[:300]) for text in STRINGS]
    assert opened.problems == []

    page = opened.page
    page.locator("#search").fill("script alert hacked")
    page.locator("#search").fill("onerror")
    expect(page.locator("#found [role=option] .text").first).to_contain_text("<img src=x onerror")
    assert page.locator("#found img, #found script").count() == 0
    assert page.evaluate("globalThis.hacked") is None
    assert opened.problems == []
    for at in range(0, 500, 25):
        text = (site / f"features/user_orders.f{at}.html").read_text()
        assert "<script>globalThis" not in text and "<img" not in text and "<iframe" not in text
