from dataclasses import replace
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.emit.models import orders, type_of

from fpc.emit.dbt.staged_rows import NotPlayableError, microseconds_of, raw_value, stage, with_partition
from fpc.examples import raw_rows
from fpc.model.nodes import Partition, Source, TimeColumn
from fpc.sql.staging import lower_staging
from fpc.sql.text import render

hours = st.integers(0, 5).map(lambda hour: f"2024-03-07T{hour:02}:00:00Z")
rows = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": st.integers(1, 3) | st.none(),
            "ordered_at": hours | st.none(),
            "loaded_at": hours | st.none(),
        },
        optional={
            "user_id": st.integers(9, 11) | st.none(),
            "status": st.sampled_from(["a", "B", "é", ""]) | st.none(),
            "amount": st.sampled_from(["9", "10.5"]) | st.none(),
        },
    ),
    max_size=6,
)


def staged_by_duckdb(source: Source, given: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    query = lower_staging(source, raw_rows(source, given))
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    columns = "order_id, user_id, status, amount, epoch_us(event_at), epoch_us(known_at), epoch_us(superseded_at)"
    connection.execute(f"CREATE TABLE staged AS {render(query)}")
    found = connection.execute(f"SELECT {columns} FROM staged").fetchall()
    return sorted(((*map(str, row[:4]), *row[4:]) for row in found), key=repr)


def staged_by_python(source: Source, given: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    found = []
    for row in stage(source, tuple(given)):
        value = row.values.get
        amount = None if value("amount") is None else f"{float(str(value('amount'))):.2f}"
        texts = (str(value("order_id")), str(value("user_id")), str(value("status")), str(amount))
        found.append((*texts, row.event_at, row.known_at, row.superseded_at))
    return sorted(found, key=repr)


@settings(max_examples=60, deadline=None)
@given(rows, st.booleans())
def test_versions_and_refusals_are_those_of_the_engine(given: list[dict[str, Any]], shared: bool) -> None:
    """Where rows of one key differ in what is declared immutable, too."""
    source = orders(immutable=("ordered_at",) if shared else ())
    assert staged_by_python(source, given) == staged_by_duckdb(source, given)


@settings(max_examples=20, deadline=None)
@given(rows)
def test_without_a_unique_key_every_row_is_an_event(given: list[dict[str, Any]]) -> None:
    source = orders(unique_key=())
    assert staged_by_python(source, given) == staged_by_duckdb(source, given)


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Australia/Lord_Howe", "UTC"])
@pytest.mark.parametrize(
    "local", ["2013-03-10 02:30:00", "2013-11-03 01:15:00", "2013-10-27 01:30:00", "2013-04-07 01:45:00"]
)
def test_local_times_are_read_as_the_engine_reads_them(zone: str, local: str) -> None:
    connection = duckdb.connect()
    expected = connection.execute(f"SELECT epoch_us(TIMESTAMP '{local}' AT TIME ZONE '{zone}')").fetchall()
    assert [(microseconds_of(local, zone),)] == expected


def test_a_naive_timestamp_with_an_offset_is_its_instant() -> None:
    source = replace(orders(), timezone="America/New_York")
    assert raw_value(source, "2024-03-07T12:00:00Z", type_of("timestamp")) == "2024-03-07 07:00:00"


def test_epoch_times_are_whole_numbers() -> None:
    source = replace(orders(unique_key=()), event_time=TimeColumn("user_id", "ms"), known_time=None)
    (row,) = stage(source, ({"user_id": 1_500},))
    assert row.event_at == 1_500_000
    with pytest.raises(NotPlayableError):
        stage(source, ({"user_id": "1"},))


def test_a_partition_that_is_not_given_is_the_events_own() -> None:
    source = replace(orders(), partition_by=Partition("status", "day"))
    row = {"ordered_at": "2024-03-07T12:00:00Z"}
    assert with_partition(source, row)["status"] == "2024-03-07"
    assert with_partition(source, {**row, "status": "x"})["status"] == "x"
