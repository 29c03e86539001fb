"""Sources, entities and configurations: what is resolved, and what is refused where."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.model.repositories import CONFIG, ENTITY, analysed

from fpc.model.nodes import DbtModelLocation, FileLocation, TableLocation, TimeColumn
from fpc.types.duration import Duration

HEAD = "source:\n  name: s\n"
COLUMNS = "  columns: {id: bigint, t: timestamptz, k: timestamptz, n: bigint, d: date, v: varchar, f: double}\n"


def test_a_source_is_resolved_whole(tmp_path: Path) -> None:
    found = analysed(
        tmp_path,
        HEAD + "  description: |\n    Two\n    lines.\n  table: raw.events\n  event_time: {column: N, unit: ms}\n"
        "  known_time: k\n  unique_key: [id, v]\n  timezone: America/New_York\n  max_lateness: 2h\n"
        "  partition_by: {column: ds, grain: day}\n" + COLUMNS,
    )
    assert not found.diagnostics
    source = found.model.sources["s"]
    assert source.description == "Two\nlines."
    assert source.location == TableLocation("raw", "events")
    assert source.event_time == TimeColumn("n", "ms") and source.known_time == TimeColumn("k")
    assert source.unique_key == ("id", "v")
    assert source.timezone == "America/New_York" and source.max_lateness == Duration.parse("2h")
    assert source.partition_by is not None and source.partition_by.column == "ds"


def test_where_rows_may_come_from(tmp_path: Path) -> None:
    for location, expected in (
        ("path: data/*.parquet", FileLocation("data/*.parquet")),
        ("table: events", TableLocation(None, "events")),
        ("dbt_model: stg_events", DbtModelLocation("stg_events")),
    ):
        found = analysed(tmp_path, HEAD + f"  {location}\n  event_time: t\n" + COLUMNS)
        assert not found.diagnostics
        assert found.model.sources["s"].location == expected


SOURCES = [
    ("  event_time: t\n", "FPC0111", "s"),
    ("  path: x.csv\n  table: y\n  event_time: t\n", "FPC0115", "y"),
    ("  path: /x.csv\n  event_time: t\n", "FPC0504", "/x.csv"),
    ("  path: s3://b/x.csv\n  event_time: t\n", "FPC0504", "s3://b/x.csv"),
    ("  path: 'C:\\x.csv'\n  event_time: t\n", "FPC0504", "'C:\\x.csv'"),
    ("  path: a/../../x.csv\n  event_time: t\n", "FPC0504", "a/../../x.csv"),
    ("  path: 'x{{y}}.csv'\n  event_time: t\n", "FPC0501", "'x{{y}}.csv'"),
    ("  path: x.xlsx\n  event_time: t\n", "FPC0114", "x.xlsx"),
    ("  path: '${HOME}.csv'\n  event_time: t\n", "FPC0502", "${HOME}"),
    ("  table: a.b.c\n  event_time: t\n", "FPC0114", "a.b.c"),
    ("  table: 'x; DROP'\n  event_time: t\n", "FPC0114", "'x; DROP'"),
    ("  path: x.csv\n", "FPC0111", "name"),
    ("  path: x.csv\n  event_time: tt\n", "FPC0203", "tt"),
    ("  path: x.csv\n  event_time: v\n", "FPC0309", "v"),
    ("  path: x.csv\n  event_time: d\n", "FPC0309", "d"),
    ("  path: x.csv\n  event_time: n\n", "FPC0309", "n"),
    ("  path: x.csv\n  event_time: {column: t, unit: ms}\n", "FPC0309", "t"),
    ("  path: x.csv\n  event_time: {column: n, unit: hours}\n", "FPC0114", "hours"),
    ("  path: x.csv\n  event_time: t\n  known_time: kk\n", "FPC0203", "kk"),
    ("  path: x.csv\n  event_time: t\n  unique_key: [id, idd]\n", "FPC0203", "idd"),
    ("  path: x.csv\n  event_time: t\n  timezone: Mars/Base\n", "FPC0308", "Mars/Base"),
    ("  path: x.csv\n  event_time: t\n  timezone: ../../etc/passwd\n", "FPC0308", "../../etc/passwd"),
    ("  path: x.csv\n  event_time: t\n  max_lateness: 2 hours\n", "FPC0301", "2 hours"),
    ("  path: x.csv\n  event_time: t\n  partition_by: {column: f, grain: day}\n", "FPC0313", "f"),
    ("  path: x.csv\n  event_time: t\n  partition_by: {column: ds, grain: week}\n", "FPC0114", "week"),
    ("  path: x.csv\n  event_time: t\n  stream: {kafka: {format: json}}\n", "FPC0111", "format"),
]


@pytest.mark.parametrize(("keys", "code", "underlined"), SOURCES, ids=[keys for keys, _, _ in SOURCES])
def test_a_source_is_refused_at_its_place(tmp_path: Path, keys: str, code: str, underlined: str) -> None:
    assert analysed(tmp_path, HEAD + keys + COLUMNS).errors == [(code, underlined)]


@pytest.mark.parametrize(
    ("columns", "code", "underlined"),
    [
        ("{t: timestamptz, event_at: bigint}", "FPC0222", "event_at"),
        ("{t: timestamptz, __x: bigint}", "FPC0222", "__x"),
        ("{t: timestamptz, T: bigint}", "FPC0201", "T"),
        ("{t: timestamptz, 'a b': bigint}", "FPC0113", "'a b'"),
        ("{t: timestamptz, a: bigintt}", "FPC0217", "bigintt"),
        ("{t: timestamptz, a: {description: x}}", "FPC0111", "description"),
    ],
)
def test_a_column_is_refused_at_its_place(tmp_path: Path, columns: str, code: str, underlined: str) -> None:
    found = analysed(tmp_path, HEAD + f"  path: x.csv\n  event_time: t\n  columns: {columns}\n")
    assert found.errors == [(code, underlined)]


def test_columns_may_have_descriptions(tmp_path: Path) -> None:
    columns = "  columns: {t: timestamptz, a: {type: bigint, description: How many.}}\n"
    found = analysed(tmp_path, HEAD + "  path: x.csv\n  event_time: t\n" + columns)
    assert not found.diagnostics
    assert found.model.sources["s"].columns[1].description == "How many."


def test_a_stream_is_checked_and_left_aside(tmp_path: Path) -> None:
    stream = "  path: x.csv\n  event_time: t\n  stream: {kafka: {topic: events, format: json}}\n"
    found = analysed(tmp_path, HEAD + stream + COLUMNS)
    assert found.warnings == [("FPC0803", "{kafka: {topic: events, format: json}}")]
    source = found.model.sources["s"]
    assert source.stream is not None and source.stream.topic == "events"


@pytest.mark.parametrize("type", ["double", "real", "timestamptz", "bigint[]"])
def test_a_key_must_compare_alike_everywhere(tmp_path: Path, type: str) -> None:
    found = analysed(tmp_path, f"entity:\n  name: e\n  keys: {{k: '{type}'}}\n")
    assert found.errors == [("FPC0225", "k")]


def test_composite_keys_keep_their_order(tmp_path: Path) -> None:
    found = analysed(tmp_path, "entity:\n  name: e\n  keys: {z: varchar, a: bigint}\n")
    assert [key.name for key in found.model.entities["e"].keys] == ["z", "a"]


def test_the_configuration_is_resolved(tmp_path: Path) -> None:
    config = """\
name: shop
tiers: {streaming_below: 1m}
default_target: prod
targets:
  dev: {engine: duckdb, as_of: "2013-12-31T00:00:00Z"}
  prod: {engine: spark, profile: shop_spark, online: {redis: "${URL}"}}
"""
    found = analysed(tmp_path, ENTITY, config=config)
    assert found.warnings == [("FPC0806", "spark")]
    resolved = found.model.config
    assert (resolved.name, resolved.default_target) == ("shop", "prod")
    assert resolved.targets["dev"].database == ".fpc/warehouse.duckdb"
    assert resolved.targets["dev"].online == "embedded"
    assert resolved.targets["prod"].online == "${URL}"
    assert resolved.streaming_below == Duration.parse("1m")


@pytest.mark.parametrize(
    ("line", "code", "underlined"),
    [
        ("default_target: live\n", "FPC0202", "live"),
        ("targets: {dev: {engine: duckbd}}\n", "FPC0114", "duckbd"),
        ("targets: {dev: {engine: duckdb, as_of: now}}\n", "FPC0306", "now"),
    ],
)
def test_the_configuration_is_refused_at_its_place(tmp_path: Path, line: str, code: str, underlined: str) -> None:
    base = "name: test\n" if line.startswith("targets") else CONFIG
    assert analysed(tmp_path, ENTITY, config=base + line).errors == [(code, underlined)]
