"""A backfill in a process of its own that kills itself at a chosen step: python -m ... ROOT VIEW STEP."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.unit.backfill.shop import HALF_A_YEAR, Shop

from fpc.runtime.backfill import run, write

#: Around each of these the process can die: before it, and after it. The last writes are within the transaction.
STEPS: tuple[tuple[ModuleType, str], ...] = (
    (run, "compute"),
    (write, "make_tables"),
    (write, "replace_chunks"),
    (write, "log_chunk"),
    (run, "write"),
)


def main(root: str, view: str, step: str) -> None:
    left = int(step)

    def tick() -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    def dying(inner: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            tick()
            done = inner(*arguments, **named)
            tick()
            return done

        return wrapped

    for module, name in STEPS:
        setattr(module, name, dying(getattr(module, name)))
    Shop(Path(root)).fill(view, HALF_A_YEAR)


if __name__ == "__main__":
    main(*sys.argv[1:])
