"""The garbage collector, while a great many objects are made: paused where all stay, patient where most go."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Some ten megabytes of SQL trees, whose nodes know their parents and so are freed by the collector alone.
_PATIENCE: Final = 100_000


@contextmanager
def paused_collector() -> Iterator[None]:
    """No cyclic collection inside: it would walk ever more living trees, for 40% of the time, and free nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def patient_collector() -> Iterator[None]:
    """Collections are rare inside: each would walk trees that are still being made."""
    thresholds = gc.get_threshold()
    gc.set_threshold(_PATIENCE, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
