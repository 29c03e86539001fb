"""Everything under `dags/`."""

from __future__ import annotations

from collections.abc import Iterator

from fpc.emit.airflow.dag_file import dag_file
from fpc.emit.airflow.monitoring import monitoring
from fpc.emit.airflow.pools import pools
from fpc.emit.artefact import Artefact
from fpc.model.nodes import Model, Target


def dags(model: Model, target: Target) -> Iterator[Artefact]:
    """A DAG for every feature view, one for what belongs to none, and the pools that they need."""
    for view in model.views.values():
        yield dag_file(model, view, target)
    if model.views:
        yield monitoring(model.config, target)
        yield from pools(model.config, target)
