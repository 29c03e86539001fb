"""The DAG of the checks that belong to no view."""

from __future__ import annotations

from fpc.emit.airflow.dag_file import OPENING
from fpc.emit.airflow.pools import pool_name
from fpc.emit.artefact import Artefact
from fpc.emit.dbt.names import checked
from fpc.model.nodes import Config, Target

# No view can have this name, nor a DAG of its own.
_PATH = "dags/fpc-monitoring.py"


def monitoring(config: Config, target: Target) -> Artefact:
    """Every quarter of an hour: are all views served and fresh, and is the installation sound?"""
    name = checked(config.name)
    pool = pool_name(config, target)
    in_pool = f'pool="{checked(pool)}"' if pool else ""
    lines = [
        OPENING,
        '"""Are all views of the repository served and fresh, and is its installation sound?',
        "",
        "* **write_metrics** writes what is served, and since when, for Prometheus",
        "* **views_are_served** fails when a view is not published, late, expired, or failed its last refresh",
        "* **installation_is_sound** fails when `fpc doctor` finds something broken",
        '"""',
        "",
        "from datetime import timedelta",
        "",
        "from airflow.sdk import DAG, CronTriggerTimetable",
        "",
        "from fpc.runtime.airflow import installation_is_sound, task_defaults, views_are_served, write_metrics",
        "",
        "with DAG(",
        f'    dag_id="{name}.monitoring",',
        "    doc_md=__doc__,",
        # With no start, so that the first run is not of the past: in a new installation nothing would be served yet.
        '    schedule=CronTriggerTimetable("*/15 * * * *", timezone="UTC", run_immediately=timedelta()),',
        "    catchup=False,",
        "    max_active_runs=1,",
        '    tags=["fpc", "monitoring"],',
        '    default_args=task_defaults(owner="fpc", timeout=timedelta(minutes=10)),',
        "):",
        "    write_metrics()",
        "    views_are_served()",
        f"    installation_is_sound({in_pool})",
    ]
    return Artefact(_PATH, "\n".join(lines) + "\n")
