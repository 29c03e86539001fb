"""`make demo`, twice, and `make clean-demo`: in a copy of the checkout, with the environment and the data it has."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.missing import missing

ROOT = Path(__file__).parents[2]
COPIED = ("Makefile", "fpc.yml", "demo", "features", "requirements", "compiler")


def make(folder: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "FPC_", "MFLAGS"))}
    done = subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def server_of(folder: Path) -> int:
    """The process of the folder's embedded server."""
    status = [str(folder / ".venv/bin/fpc"), "redis", "status"]
    done = subprocess.run(status, cwd=folder, capture_output=True, text=True, check=True)
    found = re.search(r"process (\d+)", done.stderr)
    assert found is not None, done.stderr
    return int(found[1])


def runs(process: int) -> bool:
    listed = subprocess.run(["ps", "-o", "args=", "-p", str(process)], capture_output=True, text=True, check=False)
    return "-server" in listed.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if not (ROOT / ".venv" / "installed-base").exists() or not (ROOT / "data" / "flights" / ".prepared").exists():
        missing("run `make install data`")
    folder = tmp_path_factory.mktemp("demo") / "with a space"
    folder.mkdir()
    for name in (*COPIED, "data"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".fpc").mkdir()
    shutil.copy2(ROOT / ".fpc" / ".gitignore", folder / ".fpc" / ".gitignore")
    (folder / ".venv").symlink_to(ROOT / ".venv")
    yield folder
    subprocess.run([str(folder / ".venv/bin/fpc"), "redis", "stop"], cwd=folder, capture_output=True, check=False)


def test_the_demo_goes_the_whole_way_and_leaves_nothing_behind(checkout: Path) -> None:
    first = make(checkout, "demo")
    assert "last_arrival_delay" in first
    assert "The first of 327,346 rows" in first
    server = server_of(checkout)

    second = make(checkout, "demo")
    assert second.count("left out") == 2
    assert "The first of 327,346 rows" in second

    make(checkout, "clean-demo")
    assert not (checkout / "data").exists()
    assert [path.name for path in (checkout / ".fpc").iterdir()] == [".gitignore"]
    assert not runs(server)
    assert {path.name for path in checkout.iterdir()} <= {*COPIED, ".venv", ".fpc", "dags", "dbt_project", "registry"}
