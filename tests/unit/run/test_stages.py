"""The stages of a refresh, one at a time, again, out of order, and cut off; with real dbt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.unit.run.repository import Repository, make_repository

from fpc.contract.addresses import version_of
from fpc.contract.view_versions import read_versions
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.online import status
from fpc.runtime.publish import Outcome
from fpc.runtime.refresh.job import plan_job
from fpc.runtime.refresh.record import read_record
from fpc.runtime.refresh.turn import BusyError, turn
from fpc.runtime.run import Stage, ViewOutcome, ViewRun, run_stage

MIDNIGHT = 1_709_856_000_000_000  # 2024-03-08T00:00:00Z
HOUR = 3_600_000_000


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = make_repository(tmp_path / "repository")
    made.add("orders")
    made.compile()
    return made


def stage(repository: Repository, which: Stage, at_us: int = MIDNIGHT, *, scheduled_us: int | None = None) -> ViewRun:
    registry = repository.registry
    job = plan_job(
        repository.root,
        registry,
        registry.targets["dev"],
        select=["user_orders"],
        as_of_us=None if scheduled_us is not None else at_us,
        scheduled_us=scheduled_us,
        wait_seconds=30,
    )
    (found,) = run_stage(job, which, repository.store).views
    return found


def noted(steps: list[str], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which says in `steps` when it is called."""

    def call(*arguments: Any) -> Any:
        steps.append(name)
        return function(*arguments)

    return call


def test_stages_one_by_one_do_what_a_run_does_and_each_can_be_repeated(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = stage(repository, Stage.BUILD)
    assert (built.outcome, built.built) == (ViewOutcome.READY, True)
    steps: list[str] = []
    for name, module in (("warm", "fpc.runtime.refresh.gate"), ("measure", "fpc.runtime.gate.examine")):
        monkeypatch.setattr(f"{module}.{name}", noted(steps, name, getattr(sys.modules[module], name)))
    for _ in range(2):
        assert stage(repository, Stage.GATE).outcome is ViewOutcome.READY
    # Great Expectations is imported while the warehouse measures, and not at all where nothing is to be judged.
    assert steps == ["warm", "measure"]
    published = [stage(repository, Stage.PUBLISH) for _ in range(2)]
    assert [run.publication and run.publication.outcome for run in published] == [Outcome.PUBLISHED, Outcome.UNCHANGED]
    for _ in range(2):
        assert stage(repository, Stage.RECORD).outcome is ViewOutcome.PUBLISHED
    assert stage(repository, Stage.BUILD).built is False

    registry = repository.registry
    found = read_record(repository.root, registry.targets["dev"], "user_orders")
    assert found is not None
    assert (found.last.outcome, found.last.as_of_us, found.last.rows) == ("published", MIDNIGHT, 1)
    assert [entry.as_of_us for entry in found.published] == [MIDNIGHT]

    # A whole run finds nothing left to do.
    report = repository.run()
    assert [view.built for view in report.views] == [False]
    assert [view.publication and view.publication.outcome for view in report.views] == [Outcome.UNCHANGED]


def test_a_stage_without_the_one_before_says_which_to_run(repository: Repository) -> None:
    for which, missing in ((Stage.GATE, "build"), (Stage.PUBLISH, "build"), (Stage.RECORD, "build")):
        found = stage(repository, which)
        assert found.error is not None
        assert found.error.exit_code == 3
        assert f"--stage {missing}" in found.error.help
    stage(repository, Stage.BUILD)
    for which, missing in ((Stage.PUBLISH, "gate"), (Stage.RECORD, "publish")):
        found = stage(repository, which)
        assert found.error is not None
        assert f"--stage {missing}" in found.error.help


def test_what_is_compiled_between_two_stages_waits_for_its_own_build(repository: Repository) -> None:
    stage(repository, Stage.BUILD)
    built = repository.registry.views["user_orders"]
    spec = repository.root / "features" / "orders.yml"
    spec.write_text(
        spec.read_text()
        .replace("COUNT(*)", "COUNT(amount)")
        .replace("  entity: user", "  owner: team:new\n  entity: user")
    )
    repository.compile()
    assert repository.registry.views["user_orders"].fingerprint != built.fingerprint
    for which in (Stage.GATE, Stage.PUBLISH, Stage.RECORD):
        assert stage(repository, which).error is None
    (version,) = read_versions(repository.root, "dev", "user_orders")
    assert (version.owner, version.read()) == ("team:shop", built)
    (state,) = status(repository.store, repository.registry, MIDNIGHT)
    assert (state.version, state.is_current) == (version_of(built), False)


def test_a_gate_that_failed_stays_so_until_the_tables_are_built_anew(repository: Repository) -> None:
    repository.data("orders", ", ".join(f"(1, '2024-03-07T0{hour}:00:00Z', 1)" for hour in range(6)))
    assert stage(repository, Stage.BUILD).outcome is ViewOutcome.READY
    for _ in range(2):
        gated = stage(repository, Stage.GATE)
        assert gated.outcome is ViewOutcome.GATED
        assert [(test.name, test.rows) for test in gated.failed_tests] == [("user_orders__range_orders_7d", 1)]
    assert stage(repository, Stage.PUBLISH).outcome is ViewOutcome.GATED
    found = read_record(repository.root, repository.registry.targets["dev"], "user_orders")
    assert found is not None
    assert (found.last.outcome, found.published) == ("gated", ())

    repository.data("orders", "(1, '2024-03-07T00:00:00Z', 1)")
    assert stage(repository, Stage.BUILD).built is True
    assert stage(repository, Stage.GATE).outcome is ViewOutcome.READY


def test_a_stage_of_an_instant_that_a_newer_refresh_has_passed_does_nothing(repository: Repository) -> None:
    stage(repository, Stage.BUILD, MIDNIGHT)
    stage(repository, Stage.BUILD, MIDNIGHT + HOUR)
    for which in (Stage.GATE, Stage.PUBLISH, Stage.RECORD):
        assert stage(repository, which, MIDNIGHT).outcome is ViewOutcome.OVERTAKEN
    assert stage(repository, Stage.GATE, MIDNIGHT + HOUR).outcome is ViewOutcome.READY


def test_a_source_that_is_not_there_or_not_readable_is_told_before_anything_is_built(repository: Repository) -> None:
    assert stage(repository, Stage.SOURCE).outcome is ViewOutcome.READY
    file = repository.root / "data" / "orders.parquet"
    file.write_bytes(b"PAR1 and then nothing")
    torn = stage(repository, Stage.SOURCE)
    file.unlink()
    missing = stage(repository, Stage.SOURCE)
    for found, words in ((torn, "can't be read"), (missing, "has no file: nothing matches `data/orders.parquet`")):
        assert found.outcome is ViewOutcome.FAILED
        assert found.error is not None
        assert words in found.error.message
        assert found.error.exit_code == 1
        assert found.error.kept == "what was served of view `user_orders` is still served"
    assert not (repository.root / ".fpc").exists()


def test_how_new_a_source_is_is_told_and_stops_nothing(repository: Repository) -> None:
    def told(at_us: int) -> str:
        said: list[str] = []
        registry = repository.registry
        target = registry.targets["dev"]
        job = plan_job(repository.root, registry, target, as_of_us=at_us, say=said.append)
        assert [run.outcome for run in run_stage(job, Stage.SOURCE).views] == [ViewOutcome.READY]
        return said[0]

    day = 24 * HOUR
    assert told(MIDNIGHT - day) == "source `orders` is known up to 2024-03-07T00:00:00+00:00"
    assert told(MIDNIGHT) == (
        "source `orders` has nothing newer than 2024-03-07T00:00:00+00:00, which is before the last refresh"
    )
    repository.data("orders", "(1, NULL, 1.5)")
    assert told(MIDNIGHT) == "source `orders` holds no row yet"


def test_a_source_that_breaks_its_promise_stops_the_view(repository: Repository) -> None:
    """Three hours late by its word, and seen each hour: at three hours and an hour it is stale, not before."""
    spec = repository.root / "features" / "orders.yml"
    spec.write_text(spec.read_text().replace("  event_time:", "  max_lateness: 3h\n  event_time:", 1))
    repository.compile()
    newest = MIDNIGHT - 24 * HOUR
    assert stage(repository, Stage.SOURCE, newest + 4 * HOUR).outcome is ViewOutcome.READY
    late = stage(repository, Stage.SOURCE, newest + 5 * HOUR)
    assert late.outcome is ViewOutcome.FAILED
    assert late.error is not None
    assert "has nothing newer than 2024-03-07T00:00:00+00:00" in late.error.message
    assert "later than it promises" in late.error.message
    assert late.error.kept == "what was served of view `user_orders` is still served"
    repository.data("orders", "(1, NULL, 1.5)")
    assert stage(repository, Stage.SOURCE, newest).outcome is ViewOutcome.FAILED


def test_a_schedulers_time_never_passes_the_frozen_clock(repository: Repository) -> None:
    # The target's clock stands at 00:30, and the schedule is hourly.
    assert stage(repository, Stage.BUILD, scheduled_us=MIDNIGHT + 100 * HOUR).as_of_us == MIDNIGHT
    assert stage(repository, Stage.BUILD, scheduled_us=MIDNIGHT - HOUR).as_of_us == MIDNIGHT - HOUR
    assert stage(repository, Stage.BUILD, MIDNIGHT + HOUR).as_of_us == MIDNIGHT + HOUR


def test_another_refresh_is_waited_for_and_named(tmp_path: Path) -> None:
    told: list[str] = []
    with turn(tmp_path, told.append, 0), pytest.raises(BusyError, match=f"process {os.getpid()}") as caught:  # noqa: SIM117
        with turn(tmp_path, told.append, 0.3):
            raise AssertionError("two at once")
    assert caught.value.exit_code == 3
    assert told == [f"waiting: another refresh (process {os.getpid()}) is at work"]
    with turn(tmp_path, told.append, 0):
        pass


def test_dbt_that_outlives_fpc_is_waited_for_and_the_build_begun_anew(repository: Repository) -> None:
    """SIGKILL of fpc leaves dbt as an orphan that still writes."""
    command = [
        sys.executable,
        "-m",
        "fpc.cli.main",
        "run",
        "--repo",
        str(repository.root),
        "--stage",
        "build",
        "--dbt-log",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "Running with dbt" in line:
                break
        process.send_signal(signal.SIGKILL)
        process.wait()
    with (
        pytest.raises(FpcRuntimeError, match="the dbt of a refresh that was ended"),
        turn(repository.root, lambda _: None, 0),
    ):
        raise AssertionError("dbt lives, and its refresh was not waited for")
    started = time.monotonic()
    again = stage(repository, Stage.BUILD)
    assert (again.outcome, again.built) == (ViewOutcome.READY, True)
    assert time.monotonic() > started
    assert stage(repository, Stage.GATE).outcome is ViewOutcome.READY
