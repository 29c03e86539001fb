"""The generated dbt project in a fresh clone, built by stock dbt, where fpc never ran."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
from tests.unit.cli.command_line import CommandLine

ROOT = Path(__file__).parents[3]


def git(folder: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *settings, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def test_stock_dbt_builds_a_fresh_clone(fpc: CommandLine, shop: Path, tmp_path: Path) -> None:
    assert fpc("compile").code == 0
    (shop / ".fpc" / "warehouse.duckdb").write_text("left by a run, and never committed")
    git(shop, "init", "-q")
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "All")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(shop), str(clone))
    kept = {path.name for path in (clone / ".fpc").iterdir()}
    assert kept == {".gitignore", "config.schema.json", "schema.json"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("FPC_", "DBT_"))}
    done = subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), "build", "--profiles-dir", "."],
        cwd=clone / "dbt_project",
        env=environment | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    with duckdb.connect(str(clone / ".fpc" / "warehouse.duckdb"), read_only=True) as warehouse:
        assert warehouse.execute("SELECT COUNT(*) FROM main.user_orders").fetchone() == (12,)


def test_this_repository_commits_the_folder_and_nothing_in_it() -> None:
    assert git(ROOT, "ls-files", ".fpc").split() == [".fpc/.gitignore"]
    ignored = git(ROOT, "check-ignore", ".fpc/warehouse.duckdb", ".fpc/redis/x", ".fpc/refreshes/dev/v.json").split()
    assert len(ignored) == 3
