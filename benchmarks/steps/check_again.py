"""`fpc check` from the last check on, as a process of its own: after an edit of one file's SQL, or of none."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks import data, many
from benchmarks.measure import timed

_COMMAND = [sys.executable, "-m", "fpc.cli.main", "check"]


def main(views: str, edited: str) -> None:
    with tempfile.TemporaryDirectory(dir=data.ROOT) as folder:
        root = Path(folder) / "repository"
        many.make(int(views), root, alike=False)
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "bytecode")

        def check() -> Mapping[str, object]:
            quiet = subprocess.DEVNULL
            subprocess.run(_COMMAND, cwd=root, check=True, stdout=quiet, stderr=quiet, env=environment)
            return {}

        check()
        if edited == "edited":
            path = root / "features" / "views" / "view_0.yml"
            path.write_text(path.read_text().replace("MAX(minutes) - MIN(minutes)", "MAX(minutes + 1)"))
        timed(check)


if __name__ == "__main__":
    main(*sys.argv[1:])
