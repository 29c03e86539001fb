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
from tests.airflow.conftest import Shut
from tests.airflow.online import CLOCK, served, takings
from tests.airflow.server import Airflow

from fpc import Repository
from fpc.contract.registry_json import load
from fpc.runtime.program.settings import METRICS
from fpc.runtime.refresh.record import read_record

SCHEDULED = ("carrier_departures", "user_profile", "till_takings")
TASKS = ("source_is_fresh", "build", "gate", "publish", "record")


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
    # Further on goes first: a view is published before the next one is begun.
    weights = [airflow.task(dag, run["dag_run_id"], task)["priority_weight"] for task in TASKS]
    assert weights == sorted(set(weights))
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


def test_a_bad_batch_is_stopped_at_the_gate(airflow: Airflow, shut: Shut) -> None:
    states = {task: airflow.task("till_takings", shut.run, task)["state"] for task in TASKS}
    assert states == {
        "source_is_fresh": "success",
        "build": "success",
        "gate": "failed",
        "publish": "upstream_failed",
        "record": "upstream_failed",
    }
    assert airflow.task("till_takings", shut.run, "gate")["try_number"] == 1
    log = airflow.log("till_takings", shut.run, "gate", 1)
    assert "till_takings__range_takings_7d" in log
    assert "1 row" in log
    assert "keys (hashed): " in log
    assert "kept: what was served before" in log
    assert takings(airflow) == shut.before
    record = read_record(airflow.repository, load(airflow.repository).targets["dev"], "till_takings")
    assert record is not None
    assert record.last.outcome == "gated"


def test_the_next_good_batch_heals(airflow: Airflow, shut: Shut) -> None:
    """The same run, cleared from its build on, as one does from the UI once the batch is mended."""
    cleared = {"dag_run_id": shut.run, "task_ids": ["build"], "include_downstream": True, "dry_run": False}
    airflow.post("dags/till_takings/clearTaskInstances", {**cleared, "only_failed": False})
    airflow.until(
        lambda: airflow.task("till_takings", shut.run, "record")["state"] == "success" or None,
        "the cleared run succeeds",
    )
    assert takings(airflow) == [20.0, 3.0] != shut.before


def test_the_tasks_of_an_old_run_can_be_cleared(airflow: Airflow) -> None:
    (run,) = [found for found in airflow.runs("till_takings") if found["run_type"] == "scheduled"][:1]
    name = run["dag_run_id"]
    before = takings(airflow)
    tries = airflow.task("till_takings", name, "record")["try_number"]
    cleared = {"dag_run_id": name, "task_ids": list(TASKS), "dry_run": False, "only_failed": False}
    airflow.post("dags/till_takings/clearTaskInstances", cleared)

    def again() -> bool | None:
        task = airflow.task("till_takings", name, "record")
        return (task["try_number"] > tries and task["state"] == "success") or None

    airflow.until(again, "the cleared tasks succeed again")
    assert takings(airflow) == before


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
    assert airflow.login.url.startswith("http://127.0.0.1:")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{airflow.login.url}/api/v2/dags", timeout=10)
    assert caught.value.code == 401
    secrets = [airflow.home / name for name in ("secrets.json", "passwords.json")]
    assert {path.stat().st_mode & 0o077 for path in secrets} == {0}
    assert json.loads(secrets[1].read_text()) == {airflow.login.user: airflow.login.password}
