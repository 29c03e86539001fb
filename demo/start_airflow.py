"""Start Airflow for this repository, on this machine alone: SQLite, LocalExecutor, loopback, DAGs unpaused.

Run by the Python of Airflow's own environment (`make airflow`). Its state lies in one folder, which can be removed at
any time. A component that dies is started again, as a supervisor would. Ctrl-C ends all of it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
COMPONENTS: Final = ("api-server", "scheduler", "dag-processor")
USER: Final = "admin"
SECONDS_TO_START: Final = 600
SECONDS_TO_END: Final = 30


def main() -> None:
    """Prepare what is missing, start the components, tell the address and the login, and stay until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--home", type=Path, default=ROOT / ".fpc" / "airflow", help="where Airflow keeps its state")
    parser.add_argument("--repo", type=Path, default=ROOT, help="the repository whose DAGs are run")
    parser.add_argument("--port", type=int, default=8080)
    arguments = parser.parse_args()
    home, repository = arguments.home.resolve(), arguments.repo.resolve()
    if not is_free(arguments.port):
        sys.exit(f"port {arguments.port} is taken: give another, as in `make airflow AIRFLOW_PORT=8081`")
    variables = environment(home, repository, arguments.port)
    password = prepare(home, repository, variables)
    components = Components(home / "logs", variables)
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, stop)
    try:
        components.keep_running()
        wait_until_healthy(variables["AIRFLOW__API__BASE_URL"], components)
        say(f"Airflow is at {variables['AIRFLOW__API__BASE_URL']}   login: {USER}   password: {password}")
        say(f"logs: {home / 'logs'}   stop: Ctrl-C")
        while True:
            time.sleep(1)
            components.keep_running()
    except KeyboardInterrupt:
        say("stopping")
    finally:
        components.end()


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
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        # Tasks talk to the server by this address; without it they would try the default port.
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__SECRET_KEY": known["api"],
        "AIRFLOW__API_AUTH__JWT_SECRET": known["jwt"],
        # SQLite has one writer: the others wait for it instead of failing.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}?timeout=60",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "FPC_REPO": str(repository),
    }
    binaries = Path(sys.executable).parent
    return {**os.environ, **settings, "PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', '')}"}


def kept_secrets(home: Path) -> dict[str, str]:
    """The secrets of this installation, made at the first call."""
    path = home / "secrets.json"
    if not path.exists():
        write_private(path, json.dumps({"api": secrets.token_hex(32), "jwt": secrets.token_hex(64)}))
    known: dict[str, str] = json.loads(path.read_text())
    return known


def prepare(home: Path, repository: Path, variables: Mapping[str, str]) -> str:
    """Make the database, the pools and a password; returns the password."""
    passwords = home / "passwords.json"
    if not passwords.exists():
        write_private(passwords, json.dumps({USER: secrets.token_urlsafe(12)}))
    (home / "logs").mkdir(exist_ok=True)
    say("preparing Airflow's database")
    airflow(variables, "db", "migrate")
    pools = repository / "dags" / "pools.json"
    if pools.exists():
        airflow(variables, "pools", "import", str(pools))
    return str(json.loads(passwords.read_text())[USER])


def airflow(variables: Mapping[str, str], *arguments: str) -> None:
    """Run one command of Airflow's to its end; shows what it said only when it fails."""
    command = ["airflow", *arguments]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        sys.exit(f"`{' '.join(command)}` failed:\n{done.stdout}{done.stderr}")


class Components:
    """Airflow's processes, each in a session of its own, with a log file each."""

    def __init__(self, logs: Path, variables: Mapping[str, str]) -> None:
        """Nothing is started yet."""
        self._logs, self._variables = logs, variables
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def keep_running(self) -> None:
        """Start every component that does not run."""
        for name in COMPONENTS:
            process = self._running.get(name)
            if process is not None and process.poll() is None:
                continue
            if process is not None:
                say(f"{name} ended with exit code {process.returncode}, and is started again")
                end_session(process)
            with (self._logs / f"{name}.log").open("ab") as log:
                self._running[name] = subprocess.Popen(
                    ["airflow", name],
                    env=self._variables,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            (self._logs / f"{name}.pid").write_text(str(self._running[name].pid))

    def end(self) -> None:
        """Ask every component to end, and make those that do not."""
        for process in self._running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        deadline = time.monotonic() + SECONDS_TO_END
        for process in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            end_session(process)


def end_session(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever a component left behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until_healthy(url: str, components: Components) -> None:
    """Return when the server answers and says that the scheduler and the DAG processor live."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        components.keep_running()
        with contextlib.suppress(OSError, ValueError, KeyError, urllib.error.URLError):
            with urllib.request.urlopen(f"{url}/api/v2/monitor/health", timeout=5) as answer:
                health = json.load(answer)
            if all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor")):
                return
        time.sleep(1)
    raise TimeoutError(f"Airflow was not ready after {SECONDS_TO_START} s: see its logs")


def is_free(port: int) -> bool:
    """Whether nothing listens on the port of the loopback."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def write_private(path: Path, text: str) -> None:
    """Write a file that only the owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def stop(_signum: int, _frame: FrameType | None) -> None:
    """End as Ctrl-C does."""
    raise KeyboardInterrupt


def say(text: str) -> None:
    """Talk goes to standard error."""
    print(f"[airflow] {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
