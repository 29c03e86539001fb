"""Run by Airflow's Python: run one DAG by `dag.test()`, in this process, and write down what became of its tasks."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path

from airflow.dag_processing.bundles.manager import DagBundlesManager
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db


def main(told_to: str, dag_id: str, *instants: str) -> None:
    """Run the DAG once for each instant; write how each run and its tasks ended, as JSON, to the file `told_to`."""
    bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
    assert not bag.import_errors, bag.import_errors
    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(bag, "dags-folder", None)
    dag = bag.dags[dag_id]
    # Airflow 3.3 looks for the deadlines of a DAG under test in its database, where it has not put them.
    dag.deadline = None
    told = []
    for instant in instants:
        run = dag.test(logical_date=datetime.fromisoformat(instant))
        states = {task.task_id: str(task.state) for task in run.get_task_instances()}
        told.append({"run": str(run.state), "tasks": states})
    Path(told_to).write_text(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
