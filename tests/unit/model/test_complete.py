"""A repository with one of everything that the spec language has."""

from __future__ import annotations

from pathlib import Path

from tests.unit.model.repositories import analysed

COMPLETE = Path(__file__).with_name("complete.yml")
CONFIG = """\
name: marketplace
defaults: {owner: "team:growth-ml"}
tiers: {streaming_below: 5m}
default_target: dev
targets:
  dev: {engine: duckdb, database: .fpc/warehouse.duckdb, online: embedded}
  prod: {engine: spark, profile: marketplace_spark, online: {redis: "${FPC_REDIS_URL}"}}
"""


def test_everything_is_read_and_only_what_is_not_built_is_refused(tmp_path: Path) -> None:
    found = analysed(tmp_path, COMPLETE.read_text(), config=CONFIG)
    assert found.errors == [("FPC0802", "request")]
    assert sorted(code for code, _ in found.warnings) == [
        "FPC0602",  # the successor is not declared
        "FPC0705",
        "FPC0803",
        "FPC0804",
        "FPC0805",
        "FPC0806",
    ]
    view = found.view
    assert len(view.features) == 18 and len(view.derived) == 1
    assert len(view.tests) == 6 and len(view.examples) == 1
    assert [str(f.type) for f in view.features[-4:]] == ["double", "bigint", "varchar", "bigint"]
    assert len(found.model.services["churn"].features) == 10
    assert found.model.training_sets["churn_training"].spine.labels == ("churned",)
