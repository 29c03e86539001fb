"""`fpc plan` over a generated repository of many views of which some were changed, as a process, its start included.

No two views have the same SQL. Python's bytecode is there, as it is for an installed program.
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

_QUIET = subprocess.DEVNULL


def main(views: str, changed: str) -> None:
    with tempfile.TemporaryDirectory(dir=data.ROOT) as folder:
        root = Path(folder) / "specs"
        many.make(int(views), root, alike=False)
        identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "commit.gpgsign=false")
        for command in (("init", "-q"), ("add", "-A"), (*identity, "commit", "-q", "-m", "base")):
            subprocess.run(["git", *command], cwd=root, check=True)
        for number in range(int(changed)):
            path = root / "features" / "views" / f"view_{number}.yml"
            path.write_text(path.read_text().replace("COUNT(DISTINCT status)", "COUNT(DISTINCT minutes)"))
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "bytecode")

        def run(*more: str) -> Mapping[str, object]:
            arguments = [sys.executable, "-m", "fpc.cli.main", "plan", "--no-data", *more]
            subprocess.run(arguments, cwd=root, check=True, stdout=_QUIET, stderr=_QUIET, env=environment)
            return {}

        run()
        timed(run)


if __name__ == "__main__":
    main(*sys.argv[1:])
