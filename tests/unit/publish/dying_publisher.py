"""A publisher in a process of its own that kills itself at a chosen step: python -m ... URL WAREHOUSE AS_OF STEP."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from tests.unit.publish.crashes import CrashingStore, CrashingWarehouse, Fuse
from tests.unit.publish.world import VIEW, open_warehouse

from fpc.runtime.online import connect
from fpc.runtime.publish import publish


class DeadlyFuse(Fuse):
    """Ends the process without a chance to tidy up."""

    def step(self) -> None:
        if self.steps == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.steps += 1


def main(url: str, warehouse: str, fingerprint: str, as_of_us: str, step: str) -> None:
    fuse = DeadlyFuse(int(step))
    connection = open_warehouse(Path(warehouse))
    publish(
        cast(Any, CrashingWarehouse(connection, fuse)),
        replace(VIEW, fingerprint=fingerprint),
        CrashingStore(connect(url), fuse),
        int(as_of_us),
        repository="shop",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
