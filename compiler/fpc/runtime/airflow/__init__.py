"""What the generated DAGs call: tasks that run `fpc`, in its own Python environment.

Needs Airflow's Task SDK and the standard library, nothing else of fpc or of what fpc needs: Airflow reads every DAG
file again and again, and its environment need not hold the warehouse's programs.
"""

from fpc.runtime.airflow.deadline import published_within
from fpc.runtime.airflow.monitoring import installation_is_sound, views_are_served, write_metrics
from fpc.runtime.airflow.tasks import build, fill_history, gate, publish, record, source_is_fresh, task_defaults

__all__ = [
    "build",
    "fill_history",
    "gate",
    "installation_is_sound",
    "publish",
    "published_within",
    "record",
    "source_is_fresh",
    "task_defaults",
    "views_are_served",
    "write_metrics",
]
