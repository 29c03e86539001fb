"""What an editor offers in a spec: the real language server, fpc's schemas, forty cursor positions."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest
from tests.editor.language_server import LanguageServer

from fpc.cli.editor_files import CONFIG, SPECS, editor_files
from fpc.cli.main import run

MODELINE = "# yaml-language-server: $schema=../.fpc/schema.json\n"
VIEW = """\
feature_view:
  name: a
  entity: user
  source: orders
"""
SOURCE = "source:\n  name: orders\n"
#: A text with `|` where the cursor is, keys that must be offered there, and keys that must not.
POSITIONS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        MODELINE + "|",
        ("source", "entity", "feature_view", "feature_service", "training_set"),
        ("name", "windows"),
    ),
    ("fea|", ("feature_view", "feature_service"), ("name",)),
    ("source:\n  |", ("name", "path", "table", "dbt_model", "event_time", "columns"), ("features", "keys")),
    (f"{SOURCE}  |", ("path", "known_time", "unique_key", "max_lateness", "partition_by"), ("name", "window")),
    (f"{SOURCE}  event_time:\n    |", ("column", "unit"), ("grain",)),
    (f"{SOURCE}  event_time: {{column: ts, unit: |}}", ("s", "ms", "us", "ns"), ("day",)),
    (f"{SOURCE}  event_time:\n    column: ts\n    unit: |", ("s", "ms", "us", "ns"), ("day",)),
    (f"{SOURCE}  partition_by:\n    |", ("column", "grain"), ("unit",)),
    (f"{SOURCE}  partition_by:\n    column: ds\n    grain: |", ("hour", "day", "month"), ("ms",)),
    (f"{SOURCE}  columns:\n    order_id:\n      |", ("type", "description"), ("name",)),
    (f"{SOURCE}  stream:\n    |", ("kafka",), ("topic",)),
    (f"{SOURCE}  stream:\n    kafka:\n      |", ("topic", "format"), ("kafka",)),
    (f"{SOURCE}  stream:\n    kafka:\n      topic: x\n      format: |", ("json", "avro", "protobuf"), ("ms",)),
    ("entity:\n  |", ("name", "description", "owner", "keys"), ("source", "path")),
    ("entity:\n  name: user\n  keys:\n    user_id:\n      |", ("type", "description"), ("name",)),
    ("feature_view:\n  |", ("name", "entity", "source", "features", "freshness", "tests"), ("path", "keys_")),
    (f"{VIEW}  |", ("keys", "where", "closed", "delay", "online_ttl", "derived", "examples"), ("name", "entity")),
    (f"{VIEW}  closed: |", ("left", "right", "both"), ("exact",)),
    (f"{VIEW}  features:\n    - |", ("name", "aggregate", "sql", "latest", "window", "windows"), ("entity",)),
    (f"{VIEW}  features:\n    - name: x\n      |", ("sql", "latest", "offset", "default"), ("name", "entity")),
    (f"{VIEW}  features:\n    - {{name: x, s|}}", ("sql", "latest", "window"), ("name", "entity")),
    (f"{VIEW}  features:\n    - name: x\n      sql: y\n    - |", ("name", "aggregate", "window"), ("entity",)),
    (f"{VIEW}  derived:\n    - |", ("name", "sql", "default", "description"), ("window", "latest")),
    (f"{VIEW}  derived:\n    - name: x\n      |", ("sql", "tags"), ("windows", "name")),
    (f"{VIEW}  tests:\n    - |", ("not_null", "range", "one_of", "rows", "null_share", "no_rows"), ("sql",)),
    (f"{VIEW}  tests:\n    - range:\n        |", ("feature", "min", "max"), ("values", "max_change")),
    (f"{VIEW}  tests:\n    - one_of:\n        |", ("feature", "values"), ("min",)),
    (f"{VIEW}  tests:\n    - rows:\n        |", ("min", "max", "max_change"), ("feature",)),
    (f"{VIEW}  tests:\n    - null_share:\n        |", ("feature", "max", "max_rise"), ("min",)),
    (f"{VIEW}  tests:\n    - drift:\n        |", ("feature", "metric", "baseline"), ("min",)),
    (f"{VIEW}  tests:\n    - not_null: [x]\n      |", ("severity",), ("feature",)),
    (f"{VIEW}  tests:\n    - not_null: [x]\n      severity: |", ("error", "warn"), ("warning",)),
    (f"{VIEW}  examples:\n    - |", ("name", "at", "given", "expect"), ("sql",)),
    (f"{VIEW}  examples:\n    - name: x\n      |", ("at", "given", "expect"), ("name", "sql")),
    (f"{VIEW}  deprecated:\n    |", ("since", "remove_after", "use", "reason"), ("name",)),
    (f"{VIEW}  changes:\n    - |", ("version", "reason", "agreed_by"), ("name",)),
    ("feature_service:\n  |", ("name", "model", "features", "max_staleness", "on_missing"), ("entity",)),
    ("feature_service:\n  name: x\n  on_missing: |", ("default", '"null"', "error"), ("left",)),
    ("training_set:\n  |", ("name", "service", "spine", "mode"), ("features",)),
    ("training_set:\n  name: x\n  spine:\n    |", ("path", "table", "sql", "time", "label"), ("mode",)),
    ("training_set:\n  name: x\n  mode: |", ("as_served", "exact"), ("left",)),
    ("entity:\n  name: user\n  keys: {user_id: bigint}\n---\nf|", ("source", "feature_view"), ("name",)),
)
CONFIG_POSITIONS = (
    ("|", ("name", "defaults", "targets", "default_target", "tiers"), ("source",)),
    ("name: x\ndefaults:\n  |", ("owner", "freshness", "online_ttl", "closed"), ("engine",)),
    ("name: x\ntargets:\n  dev:\n    |", ("engine", "database", "online", "as_of"), ("owner",)),
)
#: A text with `|` in a word, and what is shown over it.
HOVERS = (
    (f"{VIEW}  fresh|ness: 1h", "grid of refreshes"),
    (f"{VIEW}  features:\n    - name: x\n      off|set: 1d", "into the past"),
    (f"{SOURCE}  known_|time: t", "could first have known"),
    ("training_set:\n  name: x\n  mo|de: exact", "online store would have answered"),
    ("feature_serv|ice:\n  name: x", "What one model reads"),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("editor") / "shop"
    assert run(["init", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[LanguageServer]:
    schemas = {(root / SPECS).as_uri(): "features/**/*.yml", (root / CONFIG).as_uri(): "fpc.yml"}
    with LanguageServer(root, schemas) as running:
        yield running


def cursor(text: str) -> tuple[str, int, int]:
    """The text without its `|`, and the line and column where that stood."""
    before = text[: text.index("|")]
    return text.replace("|", "", 1), before.count("\n"), len(before) - before.rfind("\n") - 1


def offered(server: LanguageServer, path: Path, text: str) -> set[str]:
    shown, line, column = cursor(text)
    server.open(path.as_uri(), shown)
    try:
        return server.completions(path.as_uri(), line, column)
    finally:
        server.close(path.as_uri())


def test_there_are_forty_positions() -> None:
    assert len(POSITIONS) >= 40


@pytest.mark.parametrize(("text", "keys", "others"), POSITIONS)
def test_the_right_keys_are_offered(
    server: LanguageServer, root: Path, text: str, keys: tuple[str, ...], others: tuple[str, ...]
) -> None:
    # A file of its own: the server may take the closing of one after the opening of the next by that name.
    found = offered(server, root / "features" / f"open_{crc32(text.encode())}.yml", text)
    assert set(keys) <= found
    assert not set(others) & found


@pytest.mark.parametrize(("text", "keys", "others"), CONFIG_POSITIONS)
def test_the_right_keys_are_offered_in_fpc_yml(
    server: LanguageServer, root: Path, text: str, keys: tuple[str, ...], others: tuple[str, ...]
) -> None:
    found = offered(server, root / "fpc.yml", text)
    assert set(keys) <= found
    assert not set(others) & found


@pytest.mark.parametrize(("text", "about"), HOVERS)
def test_hovering_shows_what_a_key_is_for(server: LanguageServer, root: Path, text: str, about: str) -> None:
    shown, line, column = cursor(text)
    path = root / "features" / "open.yml"
    server.open(path.as_uri(), shown)
    try:
        assert about in server.hover(path.as_uri(), line, column)
    finally:
        server.close(path.as_uri())


def test_the_new_repositorys_own_specs_have_no_problem(server: LanguageServer, root: Path) -> None:
    for path in [root / "fpc.yml", *sorted((root / "features").rglob("*.yml"))]:
        server.open(path.as_uri(), path.read_text())
        assert server.problems(path.as_uri()) == [], path.name
        server.close(path.as_uri())


def test_a_misspelt_key_is_underlined(server: LanguageServer, root: Path) -> None:
    uri = (root / "features" / "wrong.yml").as_uri()
    server.open(uri, f"{VIEW}  freshnes: 1h\n  features: []\n")
    assert any("freshnes" in message for message in server.problems(uri))
    server.close(uri)


def test_the_modeline_alone_finds_the_schema(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    shutil.copytree(root, folder)
    with LanguageServer(folder, {}) as server:
        path = folder / "features" / "shop" / "new.yml"
        text = "# yaml-language-server: $schema=../../.fpc/schema.json\nentity:\n  |"
        assert {"name", "keys"} <= offered(server, path, text)


def test_the_schemas_that_init_writes_are_those_of_this_fpc(root: Path) -> None:
    for path, text in editor_files().items():
        assert (root / path).read_text() == text
