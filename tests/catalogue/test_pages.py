"""The catalogue's files, without a browser: what every page must have, and must not have."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest
from tests.catalogue.npm import modules
from tests.catalogue.shop import make_model, make_records, write

from fpc.emit.catalogue import catalogue, static_files
from fpc.emit.catalogue.pages import owner_page
from fpc.emit.catalogue.writer import MARK, ForeignFolderError, write_site
from fpc.model import Model

#: What HTML has that would run, load or send something, if it were not for the policy; none of it is to be there.
BARRED = re.compile(r"\son\w+=|\sstyle=|javascript:|<style|<iframe|<object|<embed|<base|<form|@import|https?://|data:")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return make_model(tmp_path_factory.mktemp("shop") / "repository")


@pytest.fixture(scope="module")
def pages(model: Model) -> Mapping[str, str]:
    return {page.path: page.text for page in catalogue(model, make_records(model))}


class Reader(HTMLParser):
    """Collects where a page points to, its identifiers, and the scripts that stand in it."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.ids: list[str] = []
        self.inline_scripts: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.targets += [str(found[name]) for name in ("href", "src") if name in found]
        if "id" in found:
            self.ids.append(str(found["id"]))
        if tag == "script" and "src" not in found:
            self.inline_scripts.append(found.get("type"))


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    return reader


def html(pages: Mapping[str, str]) -> Mapping[str, str]:
    return {path: text for path, text in pages.items() if path.endswith(".html")}


def test_everything_has_a_page(pages: Mapping[str, str]) -> None:
    wanted = {
        "index.html", "features.html", "sources.html", "services.html", "entities.html", "owners.html",
        "training_sets.html", "models.html", "training_sets/churn_training.html", "models/churn-classifier.html",
        "views/user_orders.html", "views/user_visits.html", "sources/orders.html", "sources/visits.html",
        "services/churn.html", "entities/user.html", "owners/team.shop.html", "owners/team.web.html",
        "features/user_orders.orders_7d.html", "features/user_orders.orders_30d.html",
        "features/user_orders.orders_prev_7d.html", "features/user_orders.spent.html",
        "features/user_orders.last_status.html", "features/user_orders.order_trend.html",
        "features/user_visits.visits_1d.html", "features/user_visits.visits_7d.html",
        "assets/data/search.js", "assets/data/lineage.js",
    }  # fmt: skip
    assert set(pages) == wanted


def test_the_same_model_makes_the_same_bytes(model: Model, pages: Mapping[str, str]) -> None:
    assert {page.path: page.text for page in catalogue(model, make_records(model))} == pages


def test_every_link_leads_to_a_file_of_the_site(pages: Mapping[str, str]) -> None:
    there = {*pages, *(path for path, _ in static_files())}
    for path, text in html(pages).items():
        reader = read(text)
        for target in reader.targets:
            page, _, anchor = target.partition("#")
            folder = Path("/", path).parent
            found = str((folder / page).resolve() if page else Path("/", path))[1:]
            assert found in there, f"{path} points to {target}"
            if anchor and not page:
                assert anchor in reader.ids
        assert len(reader.ids) == len(set(reader.ids)), f"{path} has an id twice"


def test_every_page_has_the_policy_and_nothing_that_it_bars(pages: Mapping[str, str]) -> None:
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; "
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types fpc"
    )
    for path, text in html(pages).items():
        assert text.count(f'<meta http-equiv="Content-Security-Policy" content="{policy}">') == 1
        assert text.index("Content-Security-Policy") < text.index("<link")
        assert BARRED.search(text) is None, f"{path}: {BARRED.search(text)}"
        assert set(read(text).inline_scripts) <= {"application/json"}


def test_own_scripts_ask_for_nothing_but_the_sites_files() -> None:
    for path, content in static_files():
        if path.endswith((".js", ".css")) and "vendor" not in path:
            text = content.decode().replace("http://www.w3.org/2000/svg", "")
            assert "http" not in text, path
            assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|fetch\(", text), path


def test_a_feature_says_what_its_sql_becomes(pages: Mapping[str, str]) -> None:
    text = re.sub(r"<[^>]+>", "", pages["features/user_orders.order_trend.html"])
    compiled = text[text.index("As compiled, within the view") :]
    assert "as orders_7d" in compiled and "as orders_30d" in compiled
    assert "orders_prev_7d" not in compiled
    assert "orders_7d / nullif(orders_30d, 0)" in compiled


def test_without_records_no_page_speaks_of_refreshes(model: Model) -> None:
    for page in catalogue(model, {}):
        assert "Complete up to" not in page.text
        assert 'id="values"' not in page.text and 'id="runs"' not in page.text


def test_owners_that_look_alike_have_pages_of_their_own() -> None:
    owners = ["team:a b", "team:a-b", "team:A-b", "team:a_b", "a b", "../../a b", "team:" + "x" * 200, "", "\u202e"]
    assert len({owner_page(owner) for owner in owners}) == len(owners)
    assert all(re.fullmatch(r"owners/[a-z0-9.-]{1,80}\.html", owner_page(owner)) for owner in owners)


def test_an_earlier_catalogue_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert write_site(site, [("a.html", b"1"), ("b/c.html", b"2")]).changed == 2
    (site / "notes.txt").write_text("mine")
    written = write_site(site, [("a.html", b"1"), ("d.html", b"3")])
    assert (written.files, written.changed, written.removed) == (2, 1, 1)
    assert sorted(p.name for p in site.rglob("*") if p.is_file()) == [MARK, "a.html", "d.html", "notes.txt"]


def test_a_folder_of_somebody_elses_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "thesis.html").write_text("mine")
    with pytest.raises(ForeignFolderError):
        write_site(tmp_path, [("index.html", b"")])
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.html"]


def test_a_mark_that_names_other_folders_removes_nothing_there(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    site = tmp_path / "site"
    site.mkdir()
    (site / MARK).write_text(f"../kept.txt\n{tmp_path}/kept.txt\nold.html\n")
    (site / "old.html").write_text("old")
    write_site(site, [("index.html", b"")])
    assert (tmp_path / "kept.txt").exists() and not (site / "old.html").exists()


VENDOR = Path(str(files("fpc.emit.catalogue"))) / "vendor"
PACKAGES = json.loads((VENDOR / "manifest.json").read_text())["packages"]


def test_vendored_files_are_those_of_the_manifest_each_package_with_its_licence() -> None:
    listed = {each["path"]: each["sha256"] for package in PACKAGES for each in package["files"]}
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert found == listed
    for package in PACKAGES:
        (licence,) = [each["path"] for each in package["files"] if "LICENSE" in each["path"]]
        word = {"MIT": "Permission is hereby granted, free of charge", "OFL-1.1": "SIL OPEN FONT LICENSE Version 1.1"}
        assert word[package["licence"]] in (VENDOR / licence).read_text()


def test_vendored_files_are_byte_for_byte_those_of_npm() -> None:
    folder = modules()
    for package in PACKAGES:
        about = json.loads((folder / package["name"] / "package.json").read_text())
        assert (about["version"], about["license"]) == (package["version"], package["licence"])
        for each in package["files"]:
            assert (folder / package["name"] / each["in_package"]).read_bytes() == (VENDOR / each["path"]).read_bytes()


def test_the_site_is_whole_on_disk(tmp_path: Path, model: Model) -> None:
    site = write(tmp_path / "site", catalogue(model, {}))
    assert (site / "index.html").is_file()
    assert (site / "assets/vendor/minisearch/LICENSE.txt").is_file()


def test_the_history_of_a_view_reaches_back_before_its_statistics(pages: Mapping[str, str]) -> None:
    table = pages["views/user_orders.html"].partition("<h3>Definitions published</h3>")[2].partition("</table>")[0]
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in table.split("<tr>")[2:]]
    assert [row[:4] for row in rows] == [
        ["2", "ffff000011112222", "team:shop", "2024-02-29"],
        ["1", "0000111122223333", "team:web", "2024-01-08"],
    ]
