"""Runs with real dbt; each costs seconds, so that a test holds a whole story."""

from __future__ import annotations

from pathlib import Path

from tests.unit.run.repository import Repository, make_repository

from fpc.runtime.online import read
from fpc.runtime.publish import Outcome, PublishReport
from fpc.runtime.run import RefusedRows, RunReport, ViewOutcome, ViewRun

MIDNIGHT = 1_709_856_000_000_000  # 2024-03-08T00:00:00Z
HOUR = 3_600_000_000
SERVICE = """
feature_service:
  name: activity
  description: What users did.
  features: [user_orders.orders_7d, user_visits.visits_7d]
"""


def by_view(report: RunReport) -> dict[str, ViewRun]:
    return {view.view: view for view in report.views}


def published(view: ViewRun) -> PublishReport:
    assert view.publication is not None
    return view.publication


def served(repository: Repository, user: int) -> list[object]:
    answers = read(repository.store, repository.registry, "activity", {"user_id": user}, MIDNIGHT + HOUR // 2)
    return [answer.value for answer in answers.features]


def test_a_refresh_publishes_what_passes_the_gate_and_nothing_else(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "it's {a} repository")
    repository.add("orders", "(1, '2024-03-07T00:00:00Z', 1.5), (1, '2024-03-08T00:15:00Z', 1), (2, NULL, 1)")
    repository.add("visits")
    (repository.root / "features" / "services.yml").write_text(SERVICE)
    repository.compile()

    first = repository.run()
    assert first.exit_code == 0
    assert {view.as_of_us for view in first.views} == {MIDNIGHT}
    assert {published(view).pushed for view in first.views} == {1}
    assert first.refused == (RefusedRows("orders", 1),)
    assert served(repository, 1) == [1, 1]

    again = repository.run()
    assert {published(view).outcome for view in again.views} == {Outcome.UNCHANGED}
    assert not any(view.built for view in again.views)
    assert "unchanged since the last run: 2 views" in repository.steps

    # Six orders fail the test `orders_7d <= 5`; visits go on.
    repository.data("orders", ", ".join(f"(1, '2024-03-07T0{hour}:00:00Z', 1)" for hour in range(6)))
    repository.data("visits", "(1, '2024-03-07T00:00:00Z', 1), (1, '2024-03-07T01:00:00Z', 1)")
    gated = repository.run()
    assert gated.exit_code == 1
    orders, visits = by_view(gated)["user_orders"], by_view(gated)["user_visits"]
    assert (orders.outcome, orders.publication) == (ViewOutcome.GATED, None)
    assert [(test.name, test.rows) for test in orders.failed_tests] == [("user_orders__range_orders_7d", 1)]
    assert (visits.outcome, published(visits).pushed) == (ViewOutcome.PUBLISHED, 1)
    assert served(repository, 1) == [1, 2]

    # Mended data are published; the other view is left as it is.
    repository.data("orders", "(1, '2024-03-07T00:00:00Z', 1), (1, '2024-03-07T01:00:00Z', 1)")
    mended = repository.run()
    assert mended.exit_code == 0
    assert [view.built for view in mended.views] == [True, False]
    assert served(repository, 1) == [2, 2]


def test_every_fault_of_the_data_is_told_by_view_and_stops_no_other(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "repository")
    repository.add("good")
    repository.add("missing", data=False)
    repository.add("torn")
    (repository.root / "data" / "torn.parquet").write_bytes(b"PAR1 and then nothing")
    repository.add("gone", columns="user_id, CAST(happened_at AS TIMESTAMPTZ) AS happened_at")
    repository.add("typed", columns="user_id, CAST(happened_at AS TIMESTAMPTZ) AS happened_at, 'secret' AS amount")
    repository.add("empty", "(1, '2024-03-07T00:00:00Z', 1)")
    repository.data("empty", "(1, NULL, 1)")
    repository.compile()
    report = repository.run()
    found = by_view(report)
    assert found["user_good"].outcome is ViewOutcome.PUBLISHED
    messages = {name: view.error.message for name, view in found.items() if view.error is not None}
    assert messages == {
        "user_missing": "view `user_missing` was not computed: source `missing` has no file that matches "
        "`data/missing.parquet`",
        "user_torn": "view `user_torn` was not computed: file `torn.parquet` of source `torn` is not a readable "
        "Parquet file",
        "user_gone": "view `user_gone` was not computed: source `gone` has no column `amount`",
        "user_typed": "view `user_typed` was not computed: column `amount` of source `typed` holds a value that is "
        "not of its declared type",
    }
    assert {view.error.exit_code for view in found.values() if view.error is not None} == {1}
    assert all("still served" in view.error.kept for view in found.values() if view.error is not None)
    # An empty source is no fault, but this view promises at least one row.
    assert found["user_empty"].outcome is ViewOutcome.GATED
    assert report.exit_code == 1
