"""Run by Airflow's Python: read a folder of DAGs as Airflow does, and tell how long that took."""

from __future__ import annotations

import json
import sys
import time

# What a DAG processor has imported long before it reads a file.
import airflow.sdk
from airflow.dag_processing.dagbag import DagBag


def main(folder: str) -> None:
    """Print what was found, as JSON; times are seconds of this process's CPU."""
    assert airflow.sdk
    started = time.process_time()
    bag = DagBag(folder)
    seconds = time.process_time() - started
    heavy = {"duckdb", "dbt", "sqlglot", "redis", "numpy", "pyarrow", "click", "yaml"} & set(sys.modules)
    documents = {name: dag.doc_md for name, dag in bag.dags.items()}
    tasks = {name: [task.task_id for task in dag.topological_sort()] for name, dag in bag.dags.items()}
    schedules = {name: str(dag.timetable) for name, dag in bag.dags.items()}
    found = {
        "seconds": seconds,
        "errors": bag.import_errors,
        "imported_by_dags": sorted(heavy - _IMPORTED_BY_AIRFLOW),
        "documents": documents,
        "tasks": tasks,
        "schedules": schedules,
    }
    json.dump(found, sys.stdout)


_IMPORTED_BY_AIRFLOW = {name for name in ("yaml", "click", "numpy") if name in sys.modules}

if __name__ == "__main__":
    main(sys.argv[1])
