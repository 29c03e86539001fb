"""What the tests take from npm, installed by its lock into a folder that git ignores."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

from tests.missing import missing

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"


def modules() -> Path:
    """The folder `node_modules`, as the lock says. Without npm: a failure in CI, else the test is left out."""
    lock = HERE / "package-lock.json"
    done = MODULES / ".installed"
    with (HERE / ".npmrc").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # test processes side by side install once
        if done.exists() and done.read_bytes() == lock.read_bytes():
            return MODULES
        if shutil.which("npm") is None:
            missing("npm is not installed")
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        ran = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=300, check=False)
        if ran.returncode:
            missing(f"npm could not install: {ran.stderr[-500:]}")
        done.write_bytes(lock.read_bytes())
    return MODULES
