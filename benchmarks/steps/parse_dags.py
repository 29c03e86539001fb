"""Reads a folder of DAGs as Airflow's DAG processor does; run by the Python of Airflow's environment."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping

from benchmarks.measure import timed


def main(folder: str) -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"AIRFLOW_HOME": home, "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
        # Airflow reads its settings when it is imported. What a DAG processor has imported long before counts for none.
        import airflow.sdk
        from airflow.dag_processing.dagbag import DagBag

        assert airflow.sdk

        def work() -> Mapping[str, object]:
            bag = DagBag(folder)
            if bag.import_errors:
                raise SystemExit(str(bag.import_errors))
            return {"dags": len(bag.dags)}

        timed(work)


if __name__ == "__main__":
    main(*sys.argv[1:])
