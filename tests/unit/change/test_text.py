"""What a reviewer reads of a plan, in a terminal and in a pull request."""

from __future__ import annotations

from tests.unit.change.states import edited

from fpc.change.nodes import Plan
from fpc.cli.git_state import Commit
from fpc.cli.plan_markdown import plan_markdown
from fpc.cli.plan_text import plan_text
from fpc.cli.plan_words import summary
from fpc.effect.nodes import FeatureEffect, Measured, ViewEffect

ALL = "last_status, mean_7d, orders_7d, spent_30d, spent_7d"
WHERE = ("freshness: 1h\n", "freshness: 1h\n  where: gift\n")


def _text(plan: Plan, measured: Measured | None = None) -> list[str]:
    return plan_text(plan, measured or Measured({}, {})).splitlines()


def test_features_that_follow_their_view_are_told_in_one_line() -> None:
    found = edited(*WHERE)
    text = _text(found)
    assert "    ~ 5 features: value-changing by the above" in text and f"        {ALL}" in text
    assert "\n".join(text).count("where: gift") == 1
    listed = ", ".join(f"`{name}`" for name in ALL.split(", "))
    markdown = plan_markdown(found, Commit("main", "0" * 40), Measured({}, {}))
    assert f"* **✏️ 5 features** value-changing by the above: {listed}" in markdown


def test_what_changes_by_itself_too_is_told_by_itself() -> None:
    text = _text(edited(*WHERE, more=(("SUM(amount), window: 30d", "SUM(amount), window: 31d"),)))
    assert "    ~ 4 features: value-changing by the above" in text
    at = text.index("    ~ spent_30d: value-changing")
    assert text[at + 1] == "        window: 30d -> 31d"


def test_a_feature_whose_values_were_seen_to_change_is_told_by_itself() -> None:
    seen = FeatureEffect("spent_7d", "spent_7d", 5, 0, 0, None, None, ())
    still = FeatureEffect("spent_30d", "spent_30d", 0, 0, 0, None, None, ())
    text = _text(edited(*WHERE), Measured({"user_orders": ViewEffect("user_orders", 0, 10, 10, (seen, still), "")}, {}))
    assert "    ~ 4 features: value-changing by the above, though no value changes here" in text
    at = text.index("    ~ spent_7d: value-changing")
    assert text[at + 1] == "        50.0% of values change"


def test_what_a_new_service_reads_is_told() -> None:
    new = "feature_service:\n  name: second\n  owner: team:crm\n  model: winback\n  features: [user_orders.spent_7d]\n"
    found = edited("name: orders_7d", "name: orders_7d", add=(new,))
    assert _text(found)[1:] == [
        "    owner: team:crm (new)",
        "    model: winback (new)",
        "    features: user_orders.spent_7d (new)",
    ]
    assert summary(found) == "1 feature service added"


def test_a_source_that_changed_and_a_default_are_told_in_plain_words() -> None:
    text = _text(edited("data/orders.parquet", "data/others.parquet"))
    assert "    its source changed: orders" in text
    assert "        default: 0 (new)" in _text(
        edited("SUM(amount), window: 30d", "SUM(amount), window: 30d, default: 0")
    )
