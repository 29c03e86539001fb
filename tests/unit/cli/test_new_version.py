"""`fpc new version`: what a view meant is kept for those who read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.cli.command_line import CommandLine
from tests.unit.cli.test_plan import committed, edit, git, other_values

from fpc.cli.kept_version import edited, kept_text, moved, raised
from fpc.pipeline import check_repository
from fpc.spec import load

__all__ = ("committed",)  # the fixture

KEPT = "features/shop/user_orders_v1.yml"


def bytes_of(fpc: CommandLine) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted((fpc.folder / "features").rglob("*.yml"))}


def test_what_a_view_meant_is_kept_for_its_readers_and_the_plan_agrees(committed: CommandLine) -> None:
    old = check_repository(committed.folder).value.views["user_orders"]
    nothing = committed("new", "version", "user_orders")
    assert nothing.code == 1 and nothing.err.count("error:") == 1 and "there is nothing to keep" in nothing.err
    other_values(committed)
    refused = committed("plan", "--no-data")
    assert refused.code == 1 and "`fpc new version user_orders`" in refused.err
    done = committed("new", "version", "user_orders", "--until", "2024-09-30")
    assert done.code == 0 and "\nnext: fpc plan " in done.err
    model = check_repository(committed.folder).value
    kept = model.views["user_orders_v1"]
    assert kept.fingerprint == old.fingerprint and kept.deprecated is not None
    assert (kept.deprecated.since, kept.deprecated.remove_after) == ("2024-06-01", "2024-09-30")
    assert (kept.deprecated.use, model.views["user_orders"].version) == ("user_orders", 2)
    assert "# and can be read ten minutes later" in (committed.folder / KEPT).read_text()
    assert {reference.view for reference in model.services["churn"].features} == {"user_orders_v1"}
    for words in (["check"], ["fmt", "--check"], ["test", "user_orders_v1"], ["plan", "--no-data"]):
        assert committed(*words).code == 0, words
    before = bytes_of(committed)
    again = committed("new", "version", "user_orders", "--until", "2025-01-01")
    assert again.code == 0 and "kept already" in again.err and bytes_of(committed) == before


def test_whoever_agreed_reads_the_new_version(committed: CommandLine) -> None:
    ads = "feature_service: {name: ads, description: Ads., owner: team:ads, features: [user_orders.orders_7d]}\n"
    (committed.folder / "features/shop/ads.yml").write_text(ads)
    git(committed.folder, "add", "features")
    git(committed.folder, "commit", "-qam", "ads")
    other_values(committed)
    agreed = "  version: 2\n  changes: [{version: 2, reason: More orders., agreed_by: [team:ads]}]\n"
    edit(committed, "  version: 1\n", agreed)
    assert "FPC0641" in committed("plan", "--no-data").err
    assert committed("new", "version", "user_orders").code == 0
    services = check_repository(committed.folder).value.services
    assert {reference.view for reference in services["ads"].features} == {"user_orders"}
    assert {reference.view for reference in services["churn"].features} == {"user_orders_v1"}
    assert committed("plan", "--no-data").code == 0


def test_a_change_of_the_source_cannot_be_kept_and_nothing_is_written(committed: CommandLine) -> None:
    edit(committed, "  unique_key: order_id", "  # unique_key: order_id", "features/shop/sources.yml")
    before = bytes_of(committed)
    done = committed("new", "version", "user_orders")
    assert done.code == 1 and "because of source `orders`" in done.err and bytes_of(committed) == before


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["user_ordres"], 2, "did you mean `user_orders`?"),
        (["user_orders", "--until", "2024-06-01"], 2, "is not after 2024-06-01"),
        (["user_orders", "--name", "Old!"], 2, "cannot be a name"),
        (["user_orders", "--name", "services"], 1, "there is a file `features/shop/services.yml` already"),
        (["user_orders", "--against", "nowhere"], 2, "git knows no commit"),
    ],
)
def test_what_cannot_be_done_is_refused(committed: CommandLine, words: list[str], code: int, message: str) -> None:
    other_values(committed)
    before = bytes_of(committed)
    done = committed("new", "version", *words)
    assert done.code == code and message in done.err and bytes_of(committed) == before


BLOCK = "# of all\n---\nfeature_view:\n  name: spent  # whose\n  entity: user\n  source: orders\n---\n# of the next\n"
FLOW = "feature_view: {name: 'spent', version: 3, entity: user, source: orders}\n"


@pytest.mark.parametrize(
    ("text", "kept", "new"),
    [
        (
            BLOCK,
            "feature_view:\n  name: spent_v1  # whose\n  deprecated: {}\n  entity: user\n  source: orders\n",
            BLOCK.replace("# whose\n", "# whose\n  version: 2\n"),
        ),
        (FLOW, FLOW.replace("spent", "spent_v1").replace("3,", "3, deprecated: {},"), FLOW.replace("3", "2")),
        (
            BLOCK.replace("\n", "\r\n"),
            "feature_view:\r\n  name: spent_v1  # whose\r\n  deprecated: {}\r\n  entity: user\r\n  source: orders\n",
            BLOCK.replace("# whose\n", "# whose\n  version: 2\n").replace("\n", "\r\n"),
        ),
    ],
    ids=["block", "flow", "crlf"],
)
def test_the_rest_of_a_file_stays_as_it_is(text: str, kept: str, new: str, tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    (tmp_path / "fpc.yml").write_text("name: x\ntargets: {dev: {engine: duckdb}}\n")
    (tmp_path / "features/a.yml").write_bytes(text.encode())
    (view,) = load(tmp_path).value.views
    line, _, alone = kept_text(view, "spent_v1", "{}", "features/b.yml").partition("\n")
    assert line == "# yaml-language-server: $schema=../.fpc/schema.json" and alone == kept
    assert edited(text, [raised(view, 2)]) == new


def test_a_service_reads_the_kept_view_but_for_what_that_lacks(tmp_path: Path) -> None:
    text = "feature_service: {name: s, features: [spent.a, 'spent.b_*', spent.new, spender.a, \"*.a\"]}\n"
    (tmp_path / "features").mkdir()
    (tmp_path / "fpc.yml").write_text("name: x\ntargets: {dev: {engine: duckdb}}\n")
    (tmp_path / "features/a.yml").write_text(text)
    (service,) = load(tmp_path).value.services
    edits = moved(service, "spent", "spent_v1", {"new"})
    assert edited(text, edits) == text.replace("spent.a", "spent_v1.a").replace("spent.b", "spent_v1.b")
