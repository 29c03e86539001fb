"""Airflow's settings for this machine alone: SQLite, LocalExecutor, loopback, DAGs unpaused. Standard library only."""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path
from typing import Final

USER: Final = "admin"
#: What the environment may say otherwise.
DEFAULTS: Final = {"AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30"}


def environment(home: Path, repository: Path, port: int) -> dict[str, str]:
    """Airflow's settings, as environment variables.

    Secrets are made once and kept in a file that only the owner may read.
    """
    known = kept_secrets(home)
    settings = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(repository / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords(home)),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        # Tasks talk to the server by this address; without it they would try the default port.
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__SECRET_KEY": known["api"],
        "AIRFLOW__API_AUTH__JWT_SECRET": known["jwt"],
        # SQLite has one writer: the others wait for it instead of failing.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{database(home)}?timeout=60",
        # And so does a task, whose server waits.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "FPC_REPO": str(repository),
    }
    binaries = Path(sys.executable).parent
    return {**DEFAULTS, **os.environ, **settings, "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"}


def database(home: Path) -> Path:
    """The file of Airflow's database."""
    return home / "airflow.db"


def passwords(home: Path) -> Path:
    """The file of the users' passwords."""
    return home / "passwords.json"


def kept_secrets(home: Path) -> dict[str, str]:
    """The secrets of this installation, made at the first call."""
    path = home / "secrets.json"
    if not path.exists():
        write_private(path, json.dumps({"api": secrets.token_hex(32), "jwt": secrets.token_hex(64)}))
    known: dict[str, str] = json.loads(path.read_text())
    return known


def kept_password(home: Path) -> str:
    """The password of the one user, made at the first call."""
    path = passwords(home)
    if not path.exists():
        write_private(path, json.dumps({USER: secrets.token_urlsafe(12)}))
    return str(json.loads(path.read_text())[USER])


def write_private(path: Path, text: str) -> None:
    """Write a file that only the owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
