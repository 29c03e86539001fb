"""A backfill beside the schedule: a refresh in the middle of it, a warehouse that is busy, a second backfill."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import pytest
from tests.unit.backfill.shop import at, make_shop

from fpc.contract.registry_json import load
from fpc.emit.writer import write
from fpc.pipeline import compile_repository
from fpc.runtime.backfill import compute as engine
from fpc.runtime.backfill import run as backfill
from fpc.runtime.backfill.chunks import Range
from fpc.runtime.backfill.compute import Made, Task
from fpc.runtime.backfill.job import Job
from fpc.runtime.backfill.run import fill
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.online import OnlineReader, connect
from fpc.runtime.refresh.turn import turn
from fpc.runtime.run import ViewOutcome, run

QUARTER = Range(at("2013-10-01"), at("2014-01-01"))
SERVICE = """
---
feature_service:
  name: all
  description: All.
  owner: team:shop
  features: [user_ever.*]
"""


def test_a_refresh_in_the_middle_of_a_backfill_and_neither_spoils_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, shop = make_shop(tmp_path / "alone"), make_shop(tmp_path / "repository")
    alone.fill("user_ever", QUARTER)
    specs = shop.root / "features" / "shop.yml"
    specs.write_text(specs.read_text() + SERVICE)
    compiled = compile_repository(shop.root)
    assert not compiled.has_errors
    write(shop.root, compiled.value)
    registry, store = load(shop.root), connect("memory://")
    target = registry.targets["dev"]
    outcomes: list[ViewOutcome] = []
    compute = engine.compute

    def refresh(as_of_us: int) -> None:
        report = run(shop.root, registry, target, store, select=["user_ever"], as_of_us=as_of_us)
        outcomes.extend(view.outcome for view in report.views)

    def computing(*arguments: object, **named: object) -> Made:
        chunks.append(len(chunks))
        # While the second chunk is computed a whole refresh begins and ends: the warehouse is free.
        if chunks[-1] == 1:
            refresh(at("2013-12-31"))
        return compute(*arguments, **named)  # type: ignore[arg-type]

    chunks: list[int] = []
    monkeypatch.setattr(backfill, "compute", computing)
    shop.fill("user_ever", QUARTER)
    assert outcomes == [ViewOutcome.PUBLISHED]
    assert shop.digest("user_ever") == alone.digest("user_ever")
    # What is served is the refresh's, and its table is untouched by the backfill.
    with duckdb.connect(str(shop.root / ".fpc" / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        served = connection.execute("SELECT * EXCLUDE (as_of) FROM main.user_ever ORDER BY user_id").fetchall()
        served = [row[:3] for row in served]
        history = connection.execute(
            "SELECT user_id, visits, seconds FROM main.user_ever__history WHERE as_of <= '2013-12-31' "
            "QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY as_of DESC) = 1 ORDER BY user_id"
        ).fetchall()
    assert len(served) == 25
    assert [row[:2] for row in served] == [row[:2] for row in history]
    assert [row[2] for row in served] == pytest.approx([row[2] for row in history], rel=1e-9)
    (answer,) = OnlineReader(store, registry).read_many("all", [{"user_id": 1}], at("2013-12-31"))
    assert answer.values()["visits"] == served[1][1]


def test_a_backfill_waits_for_a_refresh_and_gives_up_with_nothing_changed(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "repository", events=50)
    said: list[str] = []
    job = shop.job()
    shop.fill("user_ever", Range(at("2013-10-01"), at("2013-11-01")))
    before = shop.digest("user_ever")
    hasty = Job(job.root, job.target, job.chunk, job.limits, wait_seconds=0.3, kernel=False, say=said.append)
    with turn(shop.root, said.append, 1), pytest.raises(FpcRuntimeError, match="another refresh") as error:
        fill(hasty, shop.program("user_ever"), QUARTER)
    assert error.value.exit_code == 3
    assert shop.digest("user_ever") == before
    assert any("waiting" in line for line in said)


def test_two_backfills_of_one_view_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone, shop = make_shop(tmp_path / "alone", events=200), make_shop(tmp_path / "repository", events=200)
    alone.fill("user_ever", QUARTER)
    compute, begun, go_on = engine.compute, threading.Event(), threading.Event()

    def computing(scratch: object, program: object, task: Task, *arguments: object, **named: object) -> Made:
        begun.set()
        assert go_on.wait(60)
        return compute(scratch, program, task, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(backfill, "compute", computing)
    first = threading.Thread(target=shop.fill, args=("user_ever", QUARTER))
    first.start()
    assert begun.wait(60)
    job = shop.job()
    hasty = Job(job.root, job.target, job.chunk, job.limits, wait_seconds=0.3, kernel=False)
    with pytest.raises(FpcRuntimeError, match="another backfill of view `user_ever`") as error:
        fill(hasty, shop.program("user_ever"), QUARTER)
    assert error.value.exit_code == 3
    go_on.set()
    shop.fill("user_ever", QUARTER)
    first.join()
    assert shop.digest("user_ever") == alone.digest("user_ever")
    assert shop.left("user_ever", QUARTER) == []
