"""Make `.venv` with fpc in it from a hashed lock: `python3 requirements/install.py base` or `dev` or `airflow`.

Runs under the machine's own Python with nothing but the standard library. `base` is what the demo needs; `dev` adds
what the tests, the checks and the notebook need, and stays installed once it is. `airflow` makes `.venv-airflow`, an
environment of Airflow's own that holds fpc without what it needs, beside `.venv`, which must be there. Everything is
pinned by hash, the installer (uv) and the build backend (setuptools) included; nothing is built but fpc itself.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
AIRFLOW = ROOT / ".venv-airflow"
LOCKS = ROOT / "requirements"

NO_VENV = """\
This Python cannot make a virtual environment: it has neither ensurepip nor pip, and there is no uv.
On Debian and Ubuntu:   sudo apt-get install python3-venv
Then run the same command again."""


def main(wanted: str) -> None:
    """Install `base`, `dev` or `airflow`; leaves a stamp per finished set, by which make knows what there is to do."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        sys.exit(f"fpc needs Python 3.11, 3.12 or 3.13; this is {sys.version.split()[0]} ({sys.executable}).")
    if wanted == "airflow":
        install_airflow()
        return
    stamps = {name: VENV / f"installed-{name}" for name in ("base", "dev")}
    names = ["base", "dev"] if wanted == "dev" or stamps["dev"].exists() else ["base"]
    if not UV.exists():
        make_venv()
    for name in stamps:
        stamps[name].unlink(missing_ok=True)
    lock = LOCKS / f"{names[-1]}.lock"
    say(f"installing {lock.relative_to(ROOT)} into .venv")
    fill(PYTHON, lock)
    for name in names:
        stamps[name].touch()
    say("ready: .venv/bin/fpc")


def install_airflow() -> None:
    """Make `.venv-airflow`, by the uv of `.venv` and with its Python."""
    lock, stamp = LOCKS / "airflow.lock", AIRFLOW / "installed"
    stamp.unlink(missing_ok=True)
    say(f"installing {lock.relative_to(ROOT)} into .venv-airflow")
    if not (AIRFLOW / "bin" / "python").exists():
        run(str(UV), "venv", "--quiet", "--python", str(PYTHON), str(AIRFLOW))
    fill(AIRFLOW / "bin" / "python", lock)
    stamp.touch()
    say("ready: .venv-airflow/bin/airflow")


def fill(python: Path, lock: Path) -> None:
    """Bring an environment to what a lock says, and put fpc into it, to be edited in place."""
    uv(python, "sync", "--require-hashes", str(lock))
    uv(python, "install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))


def make_venv() -> None:
    """Make `.venv` with uv in it, by ensurepip, else by a pip outside of it, else by a uv on the path."""
    say(f"making .venv with Python {sys.version.split()[0]}")
    bootstrap = ("install", "--quiet", "--require-hashes", "-r", str(LOCKS / "bootstrap.lock"))
    if has_module("ensurepip"):
        run(sys.executable, "-m", "venv", str(VENV))
        run(str(PYTHON), "-m", "pip", "--disable-pip-version-check", *bootstrap)
    elif has_module("pip"):
        run(sys.executable, "-m", "venv", "--without-pip", str(VENV))
        run(sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(PYTHON), *bootstrap)
    elif path := shutil.which("uv"):
        run(sys.executable, "-m", "venv", "--without-pip", str(VENV))
        run(path, "pip", *bootstrap, "--python", str(PYTHON))
    else:
        sys.exit(NO_VENV)


def has_module(name: str) -> bool:
    """Whether `python -m name` starts: Debian ships an ensurepip that only says what to install."""
    return subprocess.run([sys.executable, "-m", name, "--version"], capture_output=True, check=False).returncode == 0


def uv(python: Path, command: str, *arguments: str) -> None:
    """Run `uv pip COMMAND` for an environment, with the package index that pip is set up for."""
    environment = dict(os.environ)
    environment.pop("VIRTUAL_ENV", None)
    index = "" if "UV_DEFAULT_INDEX" in environment else pip_index()
    if index:
        environment["UV_DEFAULT_INDEX"] = index
    run(str(UV), "pip", command, "--quiet", "--python", str(python), *arguments, environment=environment)


def pip_index() -> str:
    """The index that pip is configured with, or nothing: uv does not read pip's configuration."""
    if "PIP_INDEX_URL" in os.environ:
        return os.environ["PIP_INDEX_URL"]
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def run(*command: str, environment: dict[str, str] | None = None) -> None:
    """Run a command; ends the installation with its exit code when it fails."""
    code = subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode
    if code:
        sys.exit(f"failed with exit code {code}: {' '.join(Path(part).name for part in command[:4])} ...")


def say(text: str) -> None:
    """Talk goes to standard error."""
    print(f"[install] {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "base")
