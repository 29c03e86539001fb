"""One refresh of one small view: by `fpc run`, by its five stages, or by Airflow's tasks, which call these.

The last is run by the Python of Airflow's environment, in one process (`dag.test()`): what it takes above the stages
is Airflow's own work for five tasks, without its scheduler and server.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import timed

AS_OF = "2023-12-31T00:00:00+00:00"
STAGES = ("source", "build", "gate", "publish", "record")


def main(how: str, fpc: str, root: str, view: str) -> None:
    command = [fpc, "run", "--no-compile", "--select", view, "--repo", root, "--scheduled-at"]

    def call(at: str, *more: str) -> None:
        subprocess.run([*command, at, *more], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    # Two instants a day apart: the first is for bytecode, dbt's own cache and the server of the online store.
    call("2023-12-30T00:00:00+00:00")
    if how == "run":
        timed(lambda: _nothing(lambda: call(AS_OF)))
    elif how == "stages":
        timed(lambda: _nothing(lambda: [call(AS_OF, "--stage", stage) for stage in STAGES]))
    else:
        _by_airflow(fpc, Path(root), view)


def _nothing(work: Callable[[], object]) -> Mapping[str, object]:
    work()
    return {}


def _by_airflow(fpc: str, root: Path, view: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {
            "AIRFLOW_HOME": home,
            "AIRFLOW__CORE__DAGS_FOLDER": str(root / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "FPC_COMMAND": fpc,
        }
        airflow = str(Path(sys.executable).with_name("airflow"))
        subprocess.run([airflow, "db", "migrate"], check=True, capture_output=True)
        # Airflow reads its settings when it is imported.
        from airflow.dag_processing.bundles.manager import DagBundlesManager
        from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db

        bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
        DagBundlesManager().sync_bundles_to_db()
        sync_bag_to_db(bag, "dags-folder", None)
        dag = bag.dags[view]
        dag.deadline = None  # Airflow 3.3 does not find the deadlines of a DAG under test

        def work() -> None:
            run = dag.test(logical_date=datetime(2023, 12, 31, tzinfo=UTC))
            if str(run.state) != "success":
                raise SystemExit(f"the run ended as {run.state}")

        timed(lambda: _nothing(work))


if __name__ == "__main__":
    main(*sys.argv[1:])
