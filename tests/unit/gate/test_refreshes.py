"""The gate in whole refreshes: real dbt, real Great Expectations, a real server."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from tests.servers import Server
from tests.unit.cli.command_line import CommandLine
from tests.unit.run.repository import CONFIG, Repository, make_repository

from fpc.contract.registry_json import dump, load
from fpc.runtime.online import connect, read
from fpc.runtime.run import ViewOutcome

MIDNIGHT = 1_709_856_000_000_000  # 2024-03-08T00:00:00Z
GOOD = "(1, '2024-03-07T00:00:00Z', 1.5), (2, '2024-03-07T01:00:00Z', 2)"
# Six orders of user 2 fail the test `orders_7d <= 5`.
BAD = f"{GOOD}, " + ", ".join(f"(2, '2024-03-07T0{hour}:30:00Z', 1)" for hour in range(5))
UPON = """
source:
  name: counts
  description: What the view user_orders came to.
  dbt_model: order_counts
  event_time: as_of
  columns: {user_id: bigint, orders_7d: bigint, as_of: timestamptz}
---
feature_view:
  name: user_counts
  description: Of another view's table.
  entity: user
  source: counts
  freshness: 1h
  closed: right
  features:
    - {name: most_orders, sql: MAX(orders_7d), window: 7d}
"""
SERVICE = """
feature_service:
  name: activity
  description: What users did.
  features: [user_orders.orders_7d, user_counts.most_orders]
"""
# What happens in the gate: measured, and then the program is gone.
KILLED = """
import os, signal, sys
from fpc.cli.main import run
from fpc.runtime.gate.examine import examine
sys.modules["fpc.runtime.gate.examine"].ask = lambda question: os.kill(os.getpid(), signal.SIGKILL)
run(sys.argv[1:])
"""


@pytest.fixture
def repository(tmp_path: Path, redis_server: Server) -> Repository:
    made = make_repository(tmp_path / "repository")
    (made.root / "fpc.yml").write_text(CONFIG.replace("embedded", f'{{redis: "{redis_server.url}"}}'))
    made.store = connect(redis_server.url)
    made.add("orders", GOOD)
    (made.root / "features" / "upon.yml").write_text(UPON + "---" + SERVICE)
    own = made.root / "dbt_project" / "models" / "own" / "order_counts.sql"
    own.parent.mkdir(parents=True)
    # By a name that only dbt knows: the compiler refuses a model that it sees read a table which is overwritten.
    own.write_text("{% set counts = 'user_orders' %}select user_id, orders_7d, as_of from {{ ref(counts) }}\n")
    made.compile()
    return made


def salt_of_warehouse(connection: duckdb.DuckDBPyConnection) -> str:
    """As docs/gate.md has it."""
    ((salt,),) = connection.execute("select salt from fpc_state.key_salt").fetchall()
    return str(salt)


def served(repository: Repository, user: int) -> list[object]:
    answers = read(repository.store, repository.registry, "activity", {"user_id": user}, MIDNIGHT + 1)
    return [answer.value for answer in answers.features]


def metrics(fpc: CommandLine) -> dict[str, float]:
    lines = [line for line in fpc("status", "--format", "prometheus").out.splitlines() if "user_orders" in line]
    return {line.partition("{")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_a_bad_batch_is_stopped_a_killed_gate_too_and_the_next_good_one_heals(
    repository: Repository, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fpc = CommandLine(repository.root, capsys, monkeypatch)
    assert fpc("run").code == 0
    assert served(repository, 2) == [1, 1]
    assert fpc("status").code == 0
    before = metrics(fpc)
    assert before["fpc_view_in_error"] == 0
    assert before["fpc_complete_up_to_timestamp_seconds"] == MIDNIGHT / 1_000_000
    assert before["fpc_last_publication_timestamp_seconds"] > MIDNIGHT / 1_000_000

    repository.data("orders", BAD)
    stopped = fpc("run")
    assert stopped.code == 1
    page = ".fpc/data_docs/dev/user_orders/20240308T000000Z.html"
    with duckdb.connect(str(repository.root / ".fpc" / "warehouse.duckdb"), read_only=True) as connection:
        salt = salt_of_warehouse(connection)
    key = hashlib.sha256(f"{salt}i2".encode()).hexdigest()[:12]
    assert "view `user_orders` is not published: test user_orders__range_orders_7d found 1 row\n" in stopped.err
    for said in (f"keys (hashed): {key}\n", "kept: what was served before", f"page: {page}"):
        assert said in stopped.err
    assert "range_orders_7d: failing rows" in (repository.root / page).read_text()
    # What is made of its table is not published either.
    assert "view `user_counts` is not published: test user_orders_passes" in stopped.err
    assert served(repository, 2) == [1, 1]
    status = fpc("status")
    assert status.code == 1
    assert "the last refresh did not pass the gate" in status.out
    assert f"page: {page}" in status.err
    assert metrics(fpc)["fpc_view_in_error"] == 1
    assert metrics(fpc)["fpc_last_publication_timestamp_seconds"] == before["fpc_last_publication_timestamp_seconds"]
    (wrong,) = [v for v in json.loads(fpc("status", "--json").out)["views"] if v["view"] == "user_orders"]
    assert (wrong["in_error"], wrong["last_refresh"]["page"]) == (True, page)

    repository.data("orders", f"{GOOD}, (2, '2024-03-07T02:00:00Z', 1)")
    command = [sys.executable, "-c", KILLED, "run", "--repo", str(repository.root)]
    killed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert served(repository, 2) == [1, 1]

    healed = repository.run()
    assert [view.outcome for view in healed.views] == [ViewOutcome.PUBLISHED] * 2
    assert served(repository, 2) == [2, 2]
    is_late_from_the_second_refresh_that_is_due(repository, fpc)


def is_late_from_the_second_refresh_that_is_due(repository: Repository, fpc: CommandLine) -> None:
    path = repository.root / "registry" / "repository.json"
    text = path.read_text()
    for clock, code in (("01:59:59", 0), ("02:00:00", 1)):
        path.write_text(text.replace("2024-03-08T00:30:00Z", f"2024-03-08T{clock}Z"))
        status = fpc("status")
        assert (status.code, status.out.count("late: two refreshes are due")) == (code, 2 * code)
    # Where values are published an hour after their instant, they are due an hour later.
    registry = load(repository.root)
    later = {name: replace(view, delay_us=3_600_000_000) for name, view in registry.views.items()}
    for name, text in dump(replace(registry, views=later)).items():
        (repository.root / "registry" / name).write_text(text)
    assert fpc("status").code == 0
