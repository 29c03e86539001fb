"""Sends lineage events beside a refresh, and never in its way.

Events are sent where the environment names a server, as every OpenLineage client reads it: `OPENLINEAGE_URL`,
`OPENLINEAGE_CONFIG` or `OPENLINEAGE__TRANSPORT__...`, and not with `OPENLINEAGE_DISABLED=true`. A thread sends them; at
its end a refresh waits for it for a few seconds, and no more. What could not be sent is said once, and is lost.
"""

from __future__ import annotations

import os
import queue
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from fpc.contract.registry import ViewContract
from fpc.runtime.refresh.job import Job
from fpc.runtime.refresh.report import ViewOutcome, ViewRun

if TYPE_CHECKING:
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import RunEvent

_CONFIGURED: Final = ("OPENLINEAGE_URL", "OPENLINEAGE_CONFIG")
_TRANSPORT: Final = "OPENLINEAGE__TRANSPORT"
#: How long the end of a refresh waits for events that are still to be sent.
WAIT_SECONDS: Final = 5.0
#: Runs that stages tell of one by one have the same id, whichever process tells.
_RUNS: Final = uuid.UUID("7b0c2f1e-6f7d-5a5e-9d8a-3f4f0d1c9b52")
_ENDED: Final = frozenset((ViewOutcome.PUBLISHED, ViewOutcome.OVERTAKEN, ViewOutcome.GATED, ViewOutcome.FAILED))


class Teller(Protocol):
    """Is told that refreshes begin and how they end."""

    def start(self) -> None:
        """Every view of the job begins."""

    def end(self, runs: Sequence[ViewRun]) -> None:
        """These views came so far; those that are merely ready for their next stage have not ended."""


@contextmanager
def teller(job: Job, *, is_whole: bool = True) -> Iterator[Teller]:
    """Whoever tells of a job's refreshes: nobody, where no server is configured.

    A run that is not `is_whole` is told of by several processes, a stage each.
    """
    if not is_configured():
        yield _Nobody()
        return
    sender = _Sender(job, is_whole)
    try:
        yield sender
    finally:
        sender.close()


def is_configured() -> bool:
    """Whether the environment names where events go, and does not forbid it."""
    if os.environ.get("OPENLINEAGE_DISABLED", "").casefold() == "true":
        return False
    return any(os.environ.get(name) for name in _CONFIGURED) or any(name.startswith(_TRANSPORT) for name in os.environ)


class _Nobody:
    """Tells nobody."""

    def start(self) -> None:
        """Say nothing."""

    def end(self, runs: Sequence[ViewRun]) -> None:
        """Say nothing."""


class _Sender:
    """A thread with a queue of what is still to be made and sent; whatever goes wrong in it stays in it."""

    def __init__(self, job: Job, is_whole: bool) -> None:
        self._job = job
        self._ids = {view.name: _run_id(job, view, as_of_us, is_whole) for view, as_of_us in job.points}
        self._queue: queue.Queue[Callable[[], list[RunEvent]] | None] = queue.Queue()
        self._fault: str | None = None
        self._thread = threading.Thread(target=self._send, name="openlineage", daemon=True)
        self._thread.start()

    def start(self) -> None:
        self._queue.put(self._started)

    def end(self, runs: Sequence[ViewRun]) -> None:
        ended = tuple(run for run in runs if run.outcome in _ENDED)
        self._queue.put(lambda: self._finished(ended))

    def close(self) -> None:
        """Wait a little for what is still to be sent, and say what went wrong."""
        self._queue.put(None)
        self._thread.join(WAIT_SECONDS)
        if self._thread.is_alive():
            self._fault = f"the server took longer than {WAIT_SECONDS:.0f} s"
        if self._fault is not None:
            self._job.say(f"lineage was not sent: {self._fault}; the refresh is not affected")

    def _started(self) -> list[RunEvent]:
        from fpc.runtime.lineage.events import started  # brings the OpenLineage client

        return [started(self._job, view, as_of_us, self._ids[view.name]) for view, as_of_us in self._job.points]

    def _finished(self, runs: Sequence[ViewRun]) -> list[RunEvent]:
        from fpc.runtime.lineage.events import finished  # brings the OpenLineage client

        views = {view.name: view for view, _ in self._job.points}
        return [finished(self._job, views[run.view], run, self._ids[run.view]) for run in runs]

    def _send(self) -> None:
        client: OpenLineageClient | None = None
        while (events := self._queue.get()) is not None:
            if self._fault is not None:
                continue
            try:
                if client is None:
                    from openlineage.client import OpenLineageClient

                    client = OpenLineageClient()
                for event in events():
                    client.emit(event)
            except ImportError:
                self._fault = "openlineage-python is not installed (the extra `openlineage` of fpc)"
            except Exception as error:
                self._fault = f"{type(error).__name__} of the OpenLineage client"


def _run_id(job: Job, view: ViewContract, as_of_us: int, is_whole: bool) -> str:
    if is_whole:
        return str(uuid.uuid4())
    return str(uuid.uuid5(_RUNS, f"{job.registry.name} {job.target.name} {view.name} {as_of_us}"))
