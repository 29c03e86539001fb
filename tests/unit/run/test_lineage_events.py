"""Lineage events of refreshes, received by a real HTTP server; and refreshes whose server is down, slow or refuses."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.unit.run.repository import Repository, make_repository

from fpc.contract.view_versions import read_versions
from fpc.runtime.lineage import sender, teller
from fpc.runtime.refresh.job import Job, plan_job
from fpc.runtime.refresh.report import ViewOutcome, ViewRun

#: The kinds of transformation that OpenLineage knows.
SUBTYPES = {
    "DIRECT": {"IDENTITY", "TRANSFORMATION", "AGGREGATION"},
    "INDIRECT": {"JOIN", "GROUP_BY", "FILTER", "SORT", "WINDOW", "CONDITIONAL"},
}
MIDNIGHT = 1_709_856_000_000_000
DERIVED = """
  derived:
    - {name: mean_amount, sql: orders_amount_7d / orders_7d}
  where: amount > 0
"""


@dataclass
class Received:
    """What a server was told, in order."""

    url: str
    events: list[dict[str, Any]] = field(default_factory=list)

    def of(self, view: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["job"]["name"] == f"dev.{view}"]


@contextmanager
def serving(status: int = 200, seconds: float = 0.0) -> Iterator[Received]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.events.append(json.loads(body))
            time.sleep(seconds)
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received = Received(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def _nothing_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENLINEAGE_URL", "OPENLINEAGE_CONFIG", "OPENLINEAGE_DISABLED"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = make_repository(tmp_path / "repository")
    made.add("orders")
    path = made.root / "features" / "orders.yml"
    path.write_text(path.read_text().rstrip() + DERIVED)
    made.compile()
    return made


def job_of(repository: Repository, said: list[str]) -> Job:
    registry = repository.registry
    return plan_job(repository.root, registry, registry.targets["dev"], as_of_us=MIDNIGHT, say=said.append)


def check_event(event: dict[str, Any]) -> None:
    """What OpenLineage's schema asks of a run event and its facets, and that lineage speaks of columns that exist."""
    assert set(event) >= {"eventTime", "eventType", "producer", "schemaURL", "run", "job", "inputs", "outputs"}
    assert uuid.UUID(event["run"]["runId"]) and datetime.fromisoformat(event["eventTime"]).tzinfo
    datasets = [*event["inputs"], *event["outputs"]]
    assert all(one["namespace"] and one["name"] for one in (event["job"], *datasets))
    holders = [event["run"], event["job"], *datasets]
    facets = [facet for one in holders for kind in one if kind.endswith("acets") for facet in one[kind].values()]
    assert len(facets) >= 7
    for facet in facets:
        assert urlsplit(facet["_producer"]).scheme and urlsplit(facet["_schemaURL"]).netloc == "openlineage.io"
        assert None not in facet.values()
    (read,), (written,) = event["inputs"], event["outputs"]
    lineage = written["facets"]["columnLineage"]["fields"]
    assert set(lineage) == {one["name"] for one in written["facets"]["schema"]["fields"]}
    known = {one["name"] for one in read["facets"]["schema"]["fields"]}
    for one in (item for made in lineage.values() for item in made["inputFields"]):
        assert (one["namespace"], one["name"]) == (read["namespace"], read["name"]) and one["field"] in known
        assert all(way["subtype"] in SUBTYPES[way["type"]] for way in one["transformations"])


def test_refreshes_are_told_and_a_server_that_is_down_stops_none(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.add("clicks", ", ".join(f"(1, '2024-03-07T0{hour}:00:00Z', 1)" for hour in range(7)))  # the gate: <= 5
    repository.compile()
    with serving() as received:
        monkeypatch.setenv("OPENLINEAGE_URL", received.url)
        report = repository.run()
    assert {run.view: run.outcome for run in report.views} == {
        "user_orders": ViewOutcome.PUBLISHED,
        "user_clicks": ViewOutcome.GATED,
    }
    for event in received.events:
        check_event(event)
    start, complete = received.of("user_orders")
    assert (start["eventType"], complete["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == complete["run"]["runId"]
    assert complete["run"]["facets"]["nominalTime"]["nominalStartTime"] == "2024-03-08T00:00:00Z"
    assert complete["job"]["facets"]["ownership"]["owners"][0]["name"] == "team:shop"
    (output,) = complete["outputs"]
    assert output["outputFacets"]["outputStatistics"]["rowCount"] == 1
    _, failed = received.of("user_clicks")
    assert failed["eventType"] == "FAIL"
    assert "clicks_7d" in failed["run"]["facets"]["errorMessage"]["message"]
    assert "outputStatistics" not in failed["outputs"][0].get("outputFacets", {})

    # What was published is written down with all that it was; what the gate stopped is not.
    (known,) = read_versions(repository.root, "dev", "user_orders")
    assert known.read() == repository.registry.views["user_orders"]
    assert known.first_as_of_us == known.last_as_of_us == MIDNIGHT
    assert read_versions(repository.root, "dev", "user_clicks") == ()

    # The server is gone: a refresh is published all the same, and says once that nothing was told.
    report = repository.run("user_orders", full_refresh=True)
    assert [run.outcome for run in report.views] == [ViewOutcome.PUBLISHED]
    assert [step for step in repository.steps if "lineage was not sent" in step]


def test_columns_are_told_with_the_way_in_which_they_count(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as received:
        monkeypatch.setenv("OPENLINEAGE_URL", received.url)
        with teller(job_of(repository, [])) as tell:
            tell.start()
    (start,) = received.of("user_orders")
    (read,) = start["inputs"]
    assert (read["namespace"], read["name"]) == ("file", "data/orders.parquet")
    (output,) = start["outputs"]
    assert output["name"] == "main.user_orders"
    fields = output["facets"]["columnLineage"]["fields"]
    assert set(fields) == {"user_id", "orders_7d", "orders_amount_7d", "mean_amount"}

    def ways(name: str) -> dict[str, set[tuple[str, str]]]:
        return {
            one["field"]: {(way["type"], way["subtype"]) for way in one["transformations"]}
            for one in fields[name]["inputFields"]
        }

    rows = {
        "user_id": {("INDIRECT", "GROUP_BY")},
        "happened_at": {("INDIRECT", "WINDOW")},
        "amount": {("INDIRECT", "FILTER")},
    }
    assert ways("orders_7d") == rows
    summed = {**rows, "amount": {("DIRECT", "AGGREGATION"), ("INDIRECT", "FILTER")}}
    assert ways("orders_amount_7d") == ways("mean_amount") == summed
    assert ways("user_id") == {"user_id": {("DIRECT", "IDENTITY")}}


def test_stages_of_one_refresh_tell_of_one_run(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    done = ViewRun("user_orders", MIDNIGHT, ViewOutcome.PUBLISHED, rows=3)
    ready = ViewRun("user_orders", MIDNIGHT, ViewOutcome.READY)
    with serving() as received:
        monkeypatch.setenv("OPENLINEAGE_URL", received.url)
        with teller(job_of(repository, []), is_whole=False) as tell:
            tell.start()
            tell.end([ready])
        with teller(job_of(repository, []), is_whole=False) as tell:
            tell.end([done])
    assert [event["eventType"] for event in received.events] == ["START", "COMPLETE"]
    assert len({event["run"]["runId"] for event in received.events}) == 1


@pytest.mark.parametrize(("status", "seconds"), [(400, 0.0), (200, 30.0)], ids=["refuses", "hangs"])
def test_a_server_that_refuses_or_hangs_is_waited_for_shortly_and_told_of_once(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, status: int, seconds: float
) -> None:
    monkeypatch.setattr(sender, "WAIT_SECONDS", 1.0)
    said: list[str] = []
    with serving(status, seconds) as received:
        monkeypatch.setenv("OPENLINEAGE_URL", received.url)
        began = time.monotonic()
        with teller(job_of(repository, said)) as tell:
            tell.start()
            tell.end([ViewRun("user_orders", MIDNIGHT, ViewOutcome.PUBLISHED)])
        took = time.monotonic() - began
    assert took < 15
    (line,) = said
    assert line.startswith("lineage was not sent: ")


def test_without_a_server_no_client_is_made(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setenv("OPENLINEAGE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
    before = threading.active_count()
    with teller(job_of(repository, said)) as tell:
        tell.start()
        assert threading.active_count() == before
    assert said == []


def test_an_address_that_is_none_is_told_of(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setenv("OPENLINEAGE_URL", "not an address")
    with teller(job_of(repository, said)) as tell:
        tell.start()
    assert len(said) == 1
