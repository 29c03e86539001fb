"""One `fpc` command over a generated repository of many views, as a process of its own, its start included.

It has run once before, on one view, so that Python's bytecode is there as it is for an installed program.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks import data, many
from benchmarks.measure import timed


def main(views: str, alike: str, *command: str) -> None:
    with tempfile.TemporaryDirectory(dir=data.ROOT) as folder:
        large, small = Path(folder) / "large", Path(folder) / "small"
        many.make(int(views), large, alike=alike == "alike")
        many.make(1, small)
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "bytecode")

        def run(root: Path) -> Mapping[str, object]:
            arguments = [sys.executable, "-m", "fpc.cli.main", *command]
            quiet = subprocess.DEVNULL
            subprocess.run(arguments, cwd=root, check=True, stdout=quiet, stderr=quiet, env=environment)
            return {}

        run(small)
        timed(lambda: run(large))


if __name__ == "__main__":
    main(*sys.argv[1:])
