"""What services read keeps its meaning until its version is raised, or its readers' owners agree."""

from __future__ import annotations

from tests.unit.change.states import BASE, SERVICE, VIEW, edited, plan
from tests.unit.model.repositories import ENTITY, SOURCE

from fpc.change.nodes import Bump, Plan

OTHER = ("sql: COUNT(*)", "sql: COUNT(amount)")
BUMPED = ("  version: 1\n", "  version: 2\n")
KEPT = VIEW.replace("name: user_orders\n", "name: user_orders_v1\n").replace(
    "  freshness: 1h\n",
    "  freshness: 1h\n  deprecated: {since: 2026-11-22, remove_after: 2027-02-01, use: user_orders}\n",
)


def _codes(found: Plan) -> list[str]:
    return [problem.code for problem in found.problems]


def _agree(version: int, owner: str = "team:growth") -> tuple[str, str]:
    entry = f"{{version: {version}, reason: Counts what was paid., agreed_by: [{owner}]}}"
    return ("  freshness: 1h\n", f"  freshness: 1h\n  changes:\n    - {entry}\n")


def test_a_change_of_a_version_that_a_service_reads_is_an_error() -> None:
    found = edited(*OTHER)
    assert _codes(found) == ["FPC0640"]
    assert "team:growth" in (found.problems[0].help or "") and "`churn`" in found.problems[0].notes[0]


def test_what_no_service_reads_may_change() -> None:
    found = edited("SUM(amount), window: 30d", "SUM(amount), window: 31d")
    assert _codes(found) == [] and found.impacts[0].bump is Bump.DUE


def test_metadata_and_availability_need_no_version() -> None:
    assert _codes(edited("description: Orders.", "description: All orders.")) == []
    assert _codes(edited("freshness: 1h", "freshness: 2h")) == []


def test_removing_renaming_or_retyping_what_is_read_is_one_too() -> None:
    others = (("[user_orders.orders_7d, ", "["), ("spent_7d / NULLIF(orders_7d, 0)", "spent_7d"))
    gone = edited("    - {name: orders_7d, sql: COUNT(*), window: 7d, description: Orders.}\n", "", more=others)
    assert _codes(gone) == ["FPC0640"]
    assert _codes(edited("orders_7d", "bought_7d")) == ["FPC0640"]
    assert _codes(edited("sql: COUNT(*)", "sql: CAST(COUNT(*) AS DOUBLE)")) == ["FPC0640"]


def test_the_owner_of_the_service_may_agree() -> None:
    found = edited(*OTHER, more=(_agree(1),))
    assert _codes(found) == [] and found.impacts[0].bump is Bump.AGREED


def test_another_owner_may_not() -> None:
    assert _codes(edited(*OTHER, more=(_agree(1, "team:orders"),))) == ["FPC0640"]
    assert _codes(edited(*OTHER, more=(_agree(2),))) == ["FPC0640"]


def test_an_agreement_is_to_one_change_only() -> None:
    agreed = VIEW.replace(*_agree(1))
    before = tuple(agreed if text is VIEW else text for text in BASE)
    after = tuple(text.replace(*OTHER) for text in before)
    assert _codes(plan(before, after)) == ["FPC0640"]


def test_a_service_without_an_owner_cannot_agree() -> None:
    nameless = tuple(text.replace("  owner: team:growth\n", "") for text in BASE)
    after = tuple(text.replace(*OTHER) for text in nameless)
    assert _codes(plan(nameless, after)) == ["FPC0640"]


def test_a_new_version_moves_nobody_unasked() -> None:
    assert _codes(edited(*OTHER, more=(BUMPED,))) == ["FPC0641"]
    assert _codes(edited(*OTHER, more=(BUMPED, _agree(2)))) == []


def test_a_new_version_beside_the_old_one_that_is_still_read() -> None:
    stays = (SERVICE, SERVICE.replace("user_orders.", "user_orders_v1."))
    found = edited(*OTHER, more=(BUMPED, stays), add=(KEPT,))
    assert _codes(found) == [] and found.impacts[0].bump is Bump.DONE
    assert found.impact("user_orders_v1") is not None


def test_a_kept_version_that_nobody_is_left_with_is_pointed_at() -> None:
    found = edited(*OTHER, more=(BUMPED,), add=(KEPT,))
    assert _codes(found) == ["FPC0641"] and "`user_orders_v1`" in (found.problems[0].help or "")


def test_a_kept_version_stays_until_its_date() -> None:
    there = (*BASE[:2], VIEW.replace(*BUMPED), SERVICE.replace("user_orders.", "user_orders_v1."), KEPT)
    gone = (*BASE[:2], VIEW.replace(*BUMPED), SERVICE)
    assert _codes(plan(there, gone, "2027-02-01")) == ["FPC0642"]
    assert _codes(plan(there, gone, "2027-02-02")) == []
    agreed = (*BASE[:2], VIEW.replace(*BUMPED).replace(*_agree(2)), SERVICE)
    assert _codes(plan(there, agreed, "2027-01-01")) == []


def test_a_deprecated_feature_is_served_until_its_date() -> None:
    end = ", deprecated: {since: 2026-11-01, remove_after: 2026-12-31}"
    leaving = VIEW.replace("description: Orders.}", f"description: Orders.{end}}}").replace(
        "/ NULLIF(orders_7d, 0)", ""
    )
    gone = "".join(line for line in leaving.splitlines(keepends=True) if "orders_7d, sql" not in line)
    after = gone.replace(*BUMPED)
    others = SERVICE.replace("user_orders.orders_7d, user_orders.mean_7d", "second.n")
    second = VIEW[: VIEW.index("  features")].replace("user_orders", "second") + (
        "  features:\n    - {name: n, sql: MAX(amount), window: 1d}\n"
    )
    before = (SOURCE, ENTITY, leaving, second, SERVICE)
    assert _codes(plan(before, (SOURCE, ENTITY, after, second, others))) == ["FPC0642"]
    assert _codes(plan(before, (SOURCE, ENTITY, after, second, others), today="2027-01-01")) == []
    assert _codes(plan(before, (SOURCE, ENTITY, after.replace(*_agree(2)), second, others))) == []


def test_whoever_reads_what_is_to_go_is_named() -> None:
    end = ", deprecated: {since: 2026-11-01, remove_after: 2027-02-01}"
    found = edited("description: Orders.}", f"description: Orders.{end}}}")
    assert _codes(found) == [] and found.impacts[0].bump is Bump.NOT_NEEDED
    assert [(reader.service, reader.features) for reader in found.impacts[0].readers] == [("churn", ("orders_7d",))]
    whole = edited("  freshness: 1h\n", "  freshness: 1h\n  deprecated: {since: 2026-11-01}\n")
    assert [reader.features for reader in whole.impacts[0].readers] == [("mean_7d", "orders_7d")]
