"""One `fpc` command over a generated repository of many views, as a process of its own, its start included."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks import data, many
from benchmarks.measure import timed


def main(views: str, *command: str) -> None:
    with tempfile.TemporaryDirectory(dir=data.ROOT) as folder:
        many.make(int(views), Path(folder))

        def work() -> Mapping[str, object]:
            run = [sys.executable, "-m", "fpc.cli.main", *command]
            subprocess.run(run, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            return {}

        timed(work)


if __name__ == "__main__":
    main(*sys.argv[1:])
