"""DAGs: reading many of them, and a refresh by Airflow's tasks against the same by `fpc run`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import data, repository
from benchmarks.measure import ROOT, interleaved, step
from benchmarks.outcome import Finding, Outcome, rows_of
from benchmarks.settings import Settings
from fpc.emit.writer import write
from fpc.pipeline import compile_repository

#: Made by `make install-airflow`.
PYTHON = ROOT / ".venv-airflow" / "bin" / "python"
GOALS = {20: None, 200: 2.0, 2_000: None}


def run(settings: Settings) -> Outcome | None:
    """Measure, and judge; None without Airflow's environment."""
    if not PYTHON.exists():
        return None
    counts = [count for count in GOALS if settings.size != "tiny" or count <= 20]
    with tempfile.TemporaryDirectory(dir=data.ROOT) as folder:
        folders = {count: str(Path(folder) / f"dags-{count}") for count in counts}
        for count, to in folders.items():
            interleaved({f"making {count} DAGs": step("make_dags", count, to)}, 1)
        root = repository.make("tiny", "days", Path(folder) / "repository")
        compiled = compile_repository(root)
        write(root, compiled.value)
        (view,) = (path.stem for path in (root / "registry" / "views").glob("*.json"))
        fpc = str(Path(sys.executable).with_name("fpc"))
        reading = {count: f"reading {count:,} DAGs" for count in counts}
        ways = {"run": "fpc run", "stages": "the five stages, one by one", "airflow": "the five tasks of the DAG"}
        try:
            spreads = interleaved(
                {reading[count]: step("parse_dags", folders[count], python=str(PYTHON)) for count in counts}
                | {
                    name: step("refresh_by", how, fpc, root, view, rounds=settings.heavy_rounds,
                               python=str(PYTHON) if how == "airflow" else sys.executable)
                    for how, name in ways.items()
                },
                settings.rounds,
            )  # fmt: skip
        finally:
            subprocess.run([fpc, "redis", "stop", "--repo", str(root)], check=False, capture_output=True)
    whole, staged, by_airflow = (spreads[name].median("cpu_seconds") for name in ways.values())
    findings = (
        *(
            Finding("DAG", f"{name}, CPU", spreads[name].median("cpu_seconds"), "s", GOALS[count])
            for count, name in reading.items()
        ),
        Finding("DAG", "a refresh of one small view by fpc run, CPU", whole, "s"),
        Finding("DAG", "what five processes instead of one add, CPU", staged - whole, "s"),
        Finding("DAG", "what Airflow adds to these, without its scheduler and server, CPU", by_airflow - staged, "s"),
    )
    return Outcome("airflow", "Airflow", settings.size, rows_of(spreads), findings)
