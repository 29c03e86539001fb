"""Where `fpc` and the repository are, by the environment of Airflow's processes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: Where the monitoring writes its metrics, relative to the repository.
METRICS: Final = ".fpc/metrics/fpc.prom"


@dataclass(frozen=True, slots=True)
class Settings:
    """How to call `fpc`: its executable, the repository, and the target (None: the repository's default)."""

    command: str
    repository: Path
    target: str | None

    def call(self, *arguments: str) -> list[str]:
        """The command line of one of fpc's commands for the repository and the target."""
        target = ["--target", self.target] if self.target else []
        return [self.command, *arguments, "--repo", str(self.repository), *target]


def read_settings(dag_file: str, environment: Mapping[str, str] = os.environ) -> Settings:
    """`FPC_COMMAND`, `FPC_REPO` and `FPC_TARGET`, which all have defaults.

    The repository is the one that holds the DAG's file, and `fpc` that of its `.venv`, else the one on the path.
    """
    repository = Path(environment.get("FPC_REPO") or Path(dag_file).resolve().parent.parent)
    own = repository / ".venv" / "bin" / "fpc"
    command = environment.get("FPC_COMMAND") or (str(own) if own.exists() else "fpc")
    return Settings(command, repository, environment.get("FPC_TARGET") or None)
