"""A running Airflow, asked through its REST API."""

from __future__ import annotations

import contextlib
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tests.airflow.launch import Launch, Login

Found = TypeVar("Found")
POLL_SECONDS = 0.3
RUN_SECONDS = 600.0


@dataclass(slots=True)
class Airflow:
    """A running Airflow."""

    launch: Launch
    login: Login
    _token: str = field(default="", init=False)

    @property
    def home(self) -> Path:
        """The folder of its state."""
        return self.launch.home

    @property
    def repository(self) -> Path:
        """The repository whose DAGs it runs."""
        return self.launch.repository

    def get(self, path: str, **query: str) -> Any:
        """The answer of the REST API; `path` is below `/api/v2/`."""
        return self._ask("GET", path, None, query)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The answer to a request that changes something."""
        return self._ask("POST", path, body, {})

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """The answer to a request that changes one thing."""
        return self._ask("PATCH", path, body, {})

    def runs(self, dag: str) -> list[dict[str, Any]]:
        """The DAG's runs, the newest first; none while the DAG is not known yet."""
        try:
            return list(self.get(f"dags/{dag}/dagRuns", order_by="-run_after")["dag_runs"])
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return []
            raise

    def trigger(self, dag: str, at: str | None = None) -> str:
        """Start a run by hand, with a logical date if `at` is one; its id."""
        return str(self.post(f"dags/{dag}/dagRuns", {"logical_date": at})["dag_run_id"])

    def ended(self, dag: str, run: str = "", kind: str = "") -> dict[str, Any]:
        """The run of this id, or the first of this kind, once it has ended."""

        def look() -> dict[str, Any] | None:
            for found in reversed(self.runs(dag)):
                fits = found["dag_run_id"] == run if run else found["run_type"] == kind
                if fits and found["state"] in ("success", "failed"):
                    return dict(found)
            return None

        return self.until(look, f"the run {run or kind} of {dag} ends")

    def task(self, dag: str, run: str, name: str) -> dict[str, Any]:
        """A task of a run: its state, its try, its process."""
        return dict(self.get(f"dags/{dag}/dagRuns/{urllib.parse.quote(run)}/taskInstances/{name}"))

    def log(self, dag: str, run: str, name: str, number: int) -> str:
        """What a task said in one of its tries."""
        where = f"dags/{dag}/dagRuns/{urllib.parse.quote(run)}/taskInstances/{name}/logs/{number}"
        return "\n".join(str(line.get("event", line)) for line in self.get(where, full_content="true")["content"])

    def component(self, name: str) -> int:
        """The process of one of Airflow's components."""
        return int((self.home / "logs" / f"{name}.pid").read_text())

    def until(self, look: Callable[[], Found | None], what: str, seconds: float = RUN_SECONDS) -> Found:
        """What `look` finds; fails with Airflow's own words when that takes too long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                found = look()
                if found is not None:
                    return found
            time.sleep(POLL_SECONDS)
        raise AssertionError(f"waited {seconds:.0f} s in vain until {what}\n{self.words()}")

    def words(self) -> str:
        """The last lines of every component's log."""
        tails = [
            f"== {path.name}\n" + path.read_text(errors="replace")[-3000:] for path in self.home.glob("logs/*.log")
        ]
        return "\n".join(tails)

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None, query: Mapping[str, str]) -> Any:
        if not self._token:
            login = json.dumps({"username": self.login.user, "password": self.login.password}).encode()
            self._token = str(self._open("POST", f"{self.login.url}/auth/token", login)["access_token"])
        asked = f"{self.login.url}/api/v2/{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        return self._open(method, asked, None if body is None else json.dumps(body).encode())

    def _open(self, method: str, url: str, body: bytes | None) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(url, body, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
