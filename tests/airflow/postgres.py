"""A PostgreSQL of a test's own, as Debian installs it: on a port of the loopback, ended with the block."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.airflow.launch import free_port

PASSWORD = "letters1and2digits"


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL of this machine; None without one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parent.parent.name))
    return found[-1].parent if found else None


@contextlib.contextmanager
def running() -> Iterator[int]:
    """The port of a server with the database and the user `airflow`."""
    # It refuses to run as root, and its user must reach its folder: that of a test is closed to others.
    is_root = os.geteuid() == 0
    own = Path(tempfile.mkdtemp(prefix="fpc-postgres-"))
    become = ["runuser", "-u", "postgres", "--"] if is_root else []
    if is_root:
        shutil.chown(own, "postgres", "postgres")
    port = free_port()

    def run(*command: str) -> None:
        subprocess.run([*become, *command], cwd=own, check=True, capture_output=True)

    where = binaries()
    assert where is not None
    try:
        (own / "password").write_text(PASSWORD)
        (own / "password").chmod(0o644)
        data = str(own / "data")
        login = ["-U", "airflow", "--pwfile", str(own / "password"), "--auth", "scram-sha-256"]
        run(str(where / "initdb"), "-D", data, *login)
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {own} -c fsync=off"
        run(str(where / "pg_ctl"), "-D", data, "-w", "-l", str(own / "log"), "-o", options, "start")
        try:
            environment = {**os.environ, "PGPASSWORD": PASSWORD}
            create = [str(where / "createdb"), "-h", "127.0.0.1", "-p", str(port), "-U", "airflow", "airflow"]
            subprocess.run(create, env=environment, check=True, capture_output=True)
            yield port
        finally:
            run(str(where / "pg_ctl"), "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(own, ignore_errors=True)
