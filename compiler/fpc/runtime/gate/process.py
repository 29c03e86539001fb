"""The process of this program that runs Great Expectations: started early, asked over pipes, ended with the program.

It reads no warehouse. Killed or hung, it costs the refresh that asked, and the next one starts another.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from typing import IO, Any, Final

from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.gate.question import Question

_KEPT: Final = "nothing was published; what was served is still served"
#: Longer than the import takes on a machine that is short of processors and has read none of the files before.
_DEADLINE_SECONDS: Final = 300.0


class GateError(FpcRuntimeError):
    """The gate itself cannot work, so that nothing passes it; exit code 3."""


def warm() -> None:
    """Start the process, so that what it imports is there when it is asked; raises `GateError` if it cannot be."""
    _WORKER.start()


def cool() -> None:
    """End the process, if there is one; the next question starts another."""
    _WORKER.stop()


def ask(question: Question) -> list[str]:
    """The labels of the expectations that are not met; raises `GateError` when there is no answer."""
    return _WORKER.ask(question)


class _Worker:
    """A running process, or none yet."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._is_ready = False

    def start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        try:
            metadata.version("great-expectations")
        except metadata.PackageNotFoundError:
            raise GateError(
                "Great Expectations is not installed: no refresh can be tested, and none is published",
                kept=_KEPT,
                help="install fpc's dependencies: make install",
            ) from None
        self.stop()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        self._is_ready = False
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "fpc.runtime.gate.worker"],  # nothing is imported from where it is called
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )

    def ask(self, question: Question) -> list[str]:
        line = question.line()
        self.start()
        assert self._process is not None
        try:
            if not self._is_ready:
                self._answer()
                self._is_ready = True
            assert self._process.stdin is not None
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
            return [str(label) for label in self._answer()["unmet"]]
        except (OSError, ValueError, KeyError, EOFError, TimeoutError) as error:
            raise GateError(
                f"view `{question.view}`: the gate's process gave no answer: {self._last_words(error)}",
                kept=_KEPT,
                help="run again; `python -c 'import great_expectations'` shows whether it is installed whole",
            ) from None

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout, self._errors):
                if stream is not None:
                    stream.close()
        self._process = None

    def _answer(self) -> dict[str, Any]:
        """The next line, within the deadline; raises `EOFError` where the process ended."""
        assert self._process is not None and self._process.stdout is not None
        deadline, read = time.monotonic() + _DEADLINE_SECONDS, b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not read.endswith(b"\n"):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError
                piece = os.read(self._process.stdout.fileno(), 1 << 16)
                if not piece:
                    raise EOFError
                read += piece
        answer: dict[str, Any] = json.loads(read)
        return answer

    def _last_words(self, error: Exception) -> str:
        """Why, in one line: how it ended, or the last that it said."""
        if isinstance(error, TimeoutError):
            self.stop()
            return f"it was silent for {_DEADLINE_SECONDS:.0f} s"
        assert self._process is not None and self._errors is not None
        code = self._process.wait()
        self._errors.seek(0)
        said = [line.strip() for line in self._errors.read().decode(errors="replace").splitlines() if line.strip()]
        self.stop()
        return f"it was ended by signal {-code}" if code < 0 else (said or ["it said nothing"])[-1]


_WORKER: Final = _Worker()
atexit.register(_WORKER.stop)
