"""An Airflow DAG with one task per dbt model of the project, by astronomer-cosmos.

Copy this file and `profiles.yml` beside it into `dags/`, and set the constants. It builds and tests the tables;
`fpc run`, or the DAGs that fpc writes, judge and publish them.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from airflow.sdk import CronTriggerTimetable
from cosmos import DbtDag, ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import InvocationMode, LoadMode, TestBehavior

#: The `name` of fpc.yml, the target, and what is built: a view with its version, and all that it is made of.
NAME = "fpc_examples"
TARGET = "dev"
SELECT = ["+carrier_departures.v1"]
#: As of when. Nothing: the frozen clock of the target, as the examples have one. Elsewhere the run's own instant, so
#: that all its tasks mean the same: "{{ (dag_run.logical_date or dag_run.run_after).isoformat() }}".
AS_OF = ""

REPOSITORY = Path(os.environ.get("FPC_REPO") or Path(__file__).resolve().parent.parent)
PROJECT = REPOSITORY / "dbt_project"
DBT = os.environ.get("FPC_DBT") or str(REPOSITORY / ".venv" / "bin" / "dbt")

dag = DbtDag(
    dag_id="one_task_per_model",
    schedule=CronTriggerTimetable("0 * * * *", timezone="UTC"),
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["fpc", "cosmos"],
    project_config=ProjectConfig(
        dbt_project_path=PROJECT,
        # Of any dbt command before: reading the project anew for each parse of this file would take seconds.
        manifest_path=PROJECT / "target" / "manifest.json",
        project_name=NAME,
        install_dbt_deps=False,
    ),
    profile_config=ProfileConfig(
        profile_name=NAME, target_name=TARGET, profiles_yml_filepath=Path(__file__).parent / "profiles.yml"
    ),
    # dbt lives in fpc's environment, not in Airflow's.
    execution_config=ExecutionConfig(dbt_executable_path=DBT, invocation_mode=InvocationMode.SUBPROCESS),
    render_config=RenderConfig(load_method=LoadMode.DBT_MANIFEST, select=SELECT, test_behavior=TestBehavior.AFTER_EACH),
    operator_args={
        "pool": f"{NAME}_warehouse",  # DuckDB takes one writer
        "append_env": True,
        "env": {"FPC_REPO": str(REPOSITORY), "FPC_AS_OF": AS_OF},
    },
    default_args={"retries": 2},
)
