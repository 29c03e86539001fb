"""Whether Airflow has the pools that the DAGs need."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from fpc.cli.health import Finding, Health

_POOLS: Final = Path("dags") / "pools.json"
_IMPORT: Final = f"airflow pools import {_POOLS.as_posix()}"
_SECONDS: Final = 60


def airflow_health(root: Path) -> Iterator[Finding]:
    """Compare the pools that the compiler declares with Airflow's own, where there is an Airflow for the repository.

    That is the one of `AIRFLOW_HOME`, else the one that `make airflow` set up.
    """
    home = Path(os.environ.get("AIRFLOW_HOME") or root / ".fpc" / "airflow")
    own = root / ".venv-airflow" / "bin" / "airflow"
    program = str(own) if own.exists() else shutil.which("airflow")
    if not (root / _POOLS).exists() or not home.exists() or program is None:
        return
    try:
        declared: dict[str, dict[str, Any]] = json.loads((root / _POOLS).read_text(encoding="utf-8"))
        known = _known(program, home)
    except (OSError, ValueError, subprocess.SubprocessError):
        yield Finding(Health.NOTE, "airflow", "its pools cannot be asked for", f"`{program} pools list` says why")
        return
    for name, pool in declared.items():
        slots = known.get(name)
        if slots is None:
            yield Finding(Health.BROKEN, "airflow", f"there is no pool `{name}`: tasks wait for it for ever", _IMPORT)
        elif slots != pool["slots"]:
            what = f"pool `{name}` has {slots} slots, where the warehouse takes {pool['slots']} at a time"
            yield Finding(Health.BROKEN, "airflow", what, _IMPORT)
        else:
            yield Finding(Health.GOOD, "airflow", f"pool `{name}` lets one task at a time open the warehouse")


def _known(program: str, home: Path) -> dict[str, int]:
    """The slots of Airflow's pools by name."""
    done = subprocess.run(
        [program, "pools", "list", "--output", "json"],
        env={**os.environ, "AIRFLOW_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=True,
    )
    # Warnings of Airflow's may stand before the list.
    listed = json.loads(done.stdout[done.stdout.index("[{") :])
    return {str(pool["pool"]): int(pool["slots"]) for pool in listed}
