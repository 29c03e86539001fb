"""Start Airflow for this repository, on this machine alone: SQLite, LocalExecutor, loopback, DAGs unpaused.

Run by the Python of Airflow's own environment, as `make airflow` does. Its state lies in one folder, which can be
removed at any time. A component that dies is started again, as a supervisor would. Ctrl-C ends all of it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Final

from demo.airflow_components import Components, alone
from demo.airflow_settings import USER, database, environment, kept_password

from fpc.runtime.program.settings import read_settings

ROOT: Final = Path(__file__).resolve().parent.parent
SECONDS_TO_START: Final = 600
_LAST_WORDS: Final = 2_000
_ENDING_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    """Prepare what is missing, start the components, tell the address and the login, and stay until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--home", type=Path, default=ROOT / ".fpc" / "airflow", help="where Airflow keeps its state")
    parser.add_argument("--repo", type=Path, default=ROOT, help="the repository whose DAGs are run")
    parser.add_argument("--port", type=port_number, default=8080)
    arguments = parser.parse_args()
    home, repository, port = arguments.home.resolve(), arguments.repo.resolve(), arguments.port
    logs = home / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    for signum in _ENDING_SIGNALS:
        signal.signal(signum, interrupt)
    try:
        with alone(home, logs) as lock:
            if not is_free(port):
                sys.exit(f"port {port} is taken: give another, as in `make airflow AIRFLOW_PORT=8081`")
            variables = environment(home, repository, port)
            with online_store_as_found(repository, variables):
                prepare(home, repository, variables)
                stay(home, variables, Components(logs, variables, lock))
    except BlockingIOError:
        sys.exit(f"the Airflow of {home} runs already: Ctrl-C ends it, where it was started")
    except KeyboardInterrupt:
        say("stopped")


def stay(home: Path, variables: Mapping[str, str], components: Components) -> None:
    """Keep the components running until interrupted; then end them, and wait until they have."""
    url = variables["AIRFLOW__API__BASE_URL"]
    try:
        say("starting")
        # A task that finds no server to talk to fails: the scheduler comes when there is one.
        components.start("api-server", "dag-processor")
        wait_until_healthy(url, components, "metadatabase", "dag_processor")
        components.start("scheduler")
        wait_until_healthy(url, components, "scheduler")
        say(f"Airflow is at {url}   login: {USER}   password: {kept_password(home)}")
        say(f"logs: {home / 'logs'}   stop: Ctrl-C")
        while True:
            time.sleep(1)
            components.keep_running(say)
    finally:
        # Interrupted once more, it would leave half of them behind.
        for signum in _ENDING_SIGNALS:
            signal.signal(signum, signal.SIG_IGN)
        with contextlib.suppress(OSError):  # the terminal may be gone
            say("stopping")
        components.end()


def prepare(home: Path, repository: Path, variables: Mapping[str, str]) -> None:
    """Make the database, the pools and a password, where they are not there yet."""
    kept_password(home)
    (home / "config").mkdir(exist_ok=True)
    shutil.copy(ROOT / "demo" / "airflow_local_settings.py", home / "config")
    known = database(home).exists()
    say("preparing Airflow's database" + ("" if known else ": the first time, this takes a minute"))
    airflow(variables, "db", "migrate")
    pools = repository / "dags" / "pools.json"
    if pools.exists():
        airflow(variables, "pools", "import", str(pools))


def airflow(variables: Mapping[str, str], *arguments: str) -> None:
    """Run one command of Airflow's to its end; shows what it said only when it fails."""
    command = ["airflow", *arguments]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        sys.exit(f"`{' '.join(command)}` failed:\n{done.stdout}{done.stderr}")


@contextlib.contextmanager
def online_store_as_found(repository: Path, variables: Mapping[str, str]) -> Iterator[None]:
    """Stop the repository's own Redis server after the block, unless it ran before: tasks start it. Its data stay."""
    settings = read_settings(str(repository / "dags" / "any.py"), variables)

    def redis(command: str) -> int:
        called = [settings.command, "redis", command, "--repo", str(repository)]
        return subprocess.run(called, capture_output=True, check=False).returncode

    ran_before = redis("status") == 0
    try:
        yield
    finally:
        if not ran_before:
            redis("stop")


def wait_until_healthy(url: str, components: Components, *parts: str) -> None:
    """Return when the server answers and says that these parts live; exits where they do not.

    A component that ends now would end again.
    """
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        for name, code in components.ended().items():
            words = components.log(name).read_text(errors="replace")[-_LAST_WORDS:]
            sys.exit(f"Airflow's {name} ended with exit code {code}, and said last:\n{words}")
        with contextlib.suppress(OSError, ValueError, KeyError, urllib.error.URLError):
            with urllib.request.urlopen(f"{url}/api/v2/monitor/health", timeout=5) as answer:
                health = json.load(answer)
            if all(health[part]["status"] == "healthy" for part in parts):
                return
        time.sleep(0.5)
    sys.exit(f"Airflow was not ready after {SECONDS_TO_START} s: see {components.log('api-server').parent}")


def port_number(text: str) -> int:
    """A port's number; raises `ValueError` for what is none."""
    number = int(text)
    if not 0 < number < 65_536:
        raise ValueError(text)
    return number


def is_free(port: int) -> bool:
    """Whether nothing listens on the port of the loopback."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def interrupt(_signum: int, _frame: FrameType | None) -> None:
    """End as Ctrl-C does."""
    raise KeyboardInterrupt


def say(text: str) -> None:
    """Talk goes to standard error."""
    print(f"[airflow] {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
