"""Runs command lines in this process and gives what they printed."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from fpc.cli.main import run


@dataclass(frozen=True)
class Done:
    """A finished command line."""

    code: int
    out: str
    err: str


class CommandLine:
    """`fpc(...)` in a folder, with what it printed."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._capture = capture
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str) -> Done:
        self._monkeypatch.chdir(self.folder)
        self._capture.readouterr()
        code = run(arguments)
        out, err = self._capture.readouterr()
        return Done(code, out, err)
