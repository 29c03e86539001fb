"""The DAGs under a real Airflow: by schedule, by asset, by hand, and with what goes wrong.

The tests share one Airflow and follow each other: each leaves all runs ended.
"""

from __future__ import annotations

import datetime
import json
import urllib.error
import urllib.request

import pyarrow as pa
import pytest
from tests.airflow.repository import BAD, BETTER, batch
from tests.airflow.server import Airflow

from fpc import Repository
from fpc.contract.registry_json import load
from fpc.runtime.online import read
from fpc.runtime.online.target import open_store
from fpc.runtime.program.settings import METRICS
from fpc.runtime.refresh.record import read_record

SCHEDULED = ("carrier_departures", "user_profile", "till_takings")
TASKS = ("source_is_fresh", "build", "gate", "publish", "record")
CLOCK = datetime.datetime(2013, 12, 31, tzinfo=datetime.UTC)


def served(airflow: Airflow, service: str, keys: dict[str, object]) -> dict[str, object]:
    """What the online store answers for an entity."""
    registry = load(airflow.repository)
    store = open_store("embedded", airflow.repository)
    try:
        answer = read(store, registry, service, keys, int(CLOCK.timestamp()) * 1_000_000)
        return {feature.name: feature.value for feature in answer.features}
    finally:
        store.close()


def test_every_dag_is_read_and_nothing_else_is_wrong(airflow: Airflow) -> None:
    names = {"carrier_departures", "carrier_board", "user_profile", "till_takings", "airfield.monitoring"}
    airflow.until(lambda: names <= {dag["dag_id"] for dag in airflow.get("dags")["dags"]} or None, "all DAGs are read")
    assert airflow.get("importErrors")["import_errors"] == []
    pool = airflow.get("pools/airfield_warehouse")
    assert (pool["slots"], pool["include_deferred"]) == (1, False)
    dag = airflow.get("dags/till_takings/details")
    assert dag["owners"] == ["team:feature-platform"]
    assert {tag["name"] for tag in dag["tags"]} == {"fpc", "till"}
    # Markup of the description is escaped; what Markdown makes of it is shown in `test_markdown`.
    assert r"\<script\>alert(" in dag["doc_md"]
    assert r"{{ 6 \* 7 }} \`neither\`" in dag["doc_md"]


@pytest.mark.parametrize("dag", SCHEDULED)
def test_the_schedule_runs_a_dag_end_to_end(airflow: Airflow, dag: str) -> None:
    run = airflow.ended(dag, kind="scheduled")
    assert run["state"] == "success", airflow.words()
    assert [airflow.task(dag, run["dag_run_id"], task)["state"] for task in TASKS] == ["success"] * 5
    build = airflow.task(dag, run["dag_run_id"], "build")
    assert build["pool"] == "airfield_warehouse"
    log = airflow.log(dag, run["dag_run_id"], "build", build["try_number"])
    assert "Running with dbt" in log
    assert "OK created sql" in log
    registry = load(airflow.repository)
    record = read_record(airflow.repository, registry.targets["dev"], dag)
    assert record is not None
    assert record.last.outcome == "published"
    assert record.last.rows > 0


def test_a_publication_runs_the_view_that_reads_it(airflow: Airflow) -> None:
    run = airflow.ended("carrier_board", kind="asset_triggered")
    assert run["state"] == "success", airflow.words()
    assert all(found["run_type"] == "asset_triggered" for found in airflow.runs("carrier_board"))
    events = airflow.get("assets/events")["asset_events"]
    assert {event["source_dag_id"] for event in events} >= {"carrier_departures", "carrier_board"}


@pytest.mark.parametrize(
    ("service", "key", "minutes"), [("carriers", "carrier", 5), ("users", "user_id", 60), ("tills", "till", 0)]
)
def test_what_is_read_online_equals_as_served(airflow: Airflow, service: str, key: str, minutes: int) -> None:
    """`minutes` after the clock the refresh as of the clock can be read, by the delays of the views."""
    keys: dict[str, list[object]] = {
        "carrier": ["UA", "B6", "EV", "HA", "??"],
        "user_id": [*range(1, 200), 10_000_000],
        "till": [1, 2, 3],
    }
    spine = pa.table({key: keys[key], "at": [CLOCK + datetime.timedelta(minutes=minutes)] * len(keys[key])})
    expected = Repository(airflow.repository).training_set(spine, service=service, mode="as_served", time="at")
    rows = expected.to_arrow().to_pylist()
    assert len(rows) == len(keys[key])
    for row in rows:
        found = served(airflow, service, {key: row[key]})
        assert found == {name: row[name] for name in found}, row[key]
        assert len(found) == len(row) - 2


def test_a_bad_batch_is_stopped_at_the_gate_and_the_next_good_one_heals(airflow: Airflow) -> None:
    airflow.ended("till_takings", kind="scheduled")
    before = served(airflow, "tills", {"till": 1})
    batch(airflow.repository, BAD)
    run = airflow.trigger("till_takings")
    assert airflow.ended("till_takings", run)["state"] == "failed"
    states = {task: airflow.task("till_takings", run, task)["state"] for task in TASKS}
    assert states == {
        "source_is_fresh": "success",
        "build": "success",
        "gate": "failed",
        "publish": "upstream_failed",
        "record": "upstream_failed",
    }
    assert airflow.task("till_takings", run, "gate")["try_number"] == 1
    log = airflow.log("till_takings", run, "gate", 1)
    assert "till_takings__range_takings_7d" in log
    assert "1 row" in log
    assert "keys (hashed): " in log
    assert "kept: what was served before" in log
    assert served(airflow, "tills", {"till": 1}) == before
    record = read_record(airflow.repository, load(airflow.repository).targets["dev"], "till_takings")
    assert record is not None
    assert record.last.outcome == "gated"

    # The same run, cleared from its build on, as one does from the UI once the batch is mended.
    batch(airflow.repository, BETTER)
    cleared = {"dag_run_id": run, "task_ids": ["build"], "include_downstream": True, "dry_run": False}
    airflow.post("dags/till_takings/clearTaskInstances", {**cleared, "only_failed": False})
    airflow.until(
        lambda: airflow.task("till_takings", run, "record")["state"] == "success" or None, "the cleared run succeeds"
    )
    assert served(airflow, "tills", {"till": 1}) == {"takings_7d": 20.0} != before


def test_the_tasks_of_an_old_run_can_be_cleared(airflow: Airflow) -> None:
    (run,) = [found for found in airflow.runs("till_takings") if found["run_type"] == "scheduled"][:1]
    name = run["dag_run_id"]
    before = served(airflow, "tills", {"till": 1})
    tries = airflow.task("till_takings", name, "record")["try_number"]
    cleared = {"dag_run_id": name, "task_ids": list(TASKS), "dry_run": False, "only_failed": False}
    airflow.post("dags/till_takings/clearTaskInstances", cleared)

    def again() -> bool | None:
        task = airflow.task("till_takings", name, "record")
        return (task["try_number"] > tries and task["state"] == "success") or None

    airflow.until(again, "the cleared tasks succeed again")
    assert served(airflow, "tills", {"till": 1}) == before


def test_the_monitoring_says_what_is_wrong_and_writes_metrics(airflow: Airflow) -> None:
    for dag in (*SCHEDULED, "till_tariff"):
        airflow.ended(dag, kind="scheduled")
    airflow.ended("carrier_board", kind="asset_triggered")
    run = airflow.trigger("airfield.monitoring")
    ended = airflow.ended("airfield.monitoring", run)
    tasks = ("write_metrics", "views_are_served", "installation_is_sound")
    assert {airflow.task("airfield.monitoring", run, task)["state"] for task in tasks} == {"success"}
    assert ended["state"] == "success"
    metrics = (airflow.repository / METRICS).read_text()
    for view in ("carrier_departures", "carrier_board", "user_profile", "till_takings"):
        assert f'view="{view}"' in metrics


def test_the_server_listens_on_the_loopback_alone_and_asks_who_is_there(airflow: Airflow) -> None:
    assert airflow.url.startswith("http://127.0.0.1:")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{airflow.url}/api/v2/dags", timeout=10)
    assert caught.value.code == 401
    secrets = [airflow.home / name for name in ("secrets.json", "passwords.json")]
    assert {path.stat().st_mode & 0o077 for path in secrets} == {0}
    assert json.loads(secrets[1].read_text()) == {airflow.user: airflow.password}
