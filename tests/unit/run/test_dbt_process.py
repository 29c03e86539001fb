"""dbt as a process of fpc's: it is ended with whoever waits for it."""

import os
import time
from pathlib import Path

import pytest

from fpc.runtime import dbt

FAKE = """
import os, time
print(os.getpid(), os.getpgid(0), flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit])
def test_an_interruption_ends_dbt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interruption: type[BaseException]
) -> None:
    monkeypatch.setattr(dbt, "_check_installed", lambda: None)
    fake = tmp_path / dbt.PROJECT / "dbt" / "cli"
    fake.mkdir(parents=True)
    (fake.parent / "__init__.py").touch()
    (fake / "__init__.py").touch()
    (fake / "main.py").write_text(FAKE)
    told: list[list[int]] = []

    def interrupt(line: str) -> None:
        told.append(list(map(int, line.split())))
        raise interruption

    started = time.monotonic()
    with pytest.raises(interruption):
        dbt.build(tmp_path, "dev", ["x"], "2024-01-01 00:00:00", full_refresh=False, echo=interrupt)
    ((pid, group),) = told
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert group == os.getpgid(0), "what ends fpc's group must end dbt too"
    assert time.monotonic() - started < 60
