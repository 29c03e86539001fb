"""One refresh of a new repository with real dbt and a real server, and what can be asked of it then."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.cli.command_line import CommandLine

from fpc.cli.main import run


@pytest.fixture(scope="module")
def served(new_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A repository that was run once, with its own server."""
    root = tmp_path_factory.mktemp("served") / "shop"
    shutil.copytree(new_repository, root)
    assert run(["run", "--repo", str(root)]) == 0
    yield root
    run(["redis", "stop", "--repo", str(root)])


@pytest.fixture
def fpc(served: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    return CommandLine(served, capsys, monkeypatch)


def test_get_reads_what_was_published(fpc: CommandLine) -> None:
    table = fpc("get", "churn", "user_id=7")
    assert table.code == 0
    assert table.out.splitlines()[0].split() == ["feature", "value", "status", "as", "of"]
    answer = json.loads(fpc("get", "churn", "user_id=7", "--json").out)
    assert answer["features"]["amount_sum_7d"] == {
        "value": "44.76",
        "status": "present",
        "reason": None,
        "as_of": "2024-06-01 00:00:00Z",
    }


def test_get_answers_an_entity_without_events(fpc: CommandLine) -> None:
    features = json.loads(fpc("get", "churn", "user_id=999", "--json").out)["features"]
    assert (features["orders_7d"]["value"], features["amount_sum_7d"]["value"]) == (0, None)


def test_get_says_when_values_have_expired(fpc: CommandLine) -> None:
    features = json.loads(fpc("get", "churn", "user_id=7", "--at", "2024-06-10", "--json").out)["features"]
    assert features["orders_7d"]["reason"] == "expired"


def test_why_shows_the_online_value_beside_the_computed_one(fpc: CommandLine) -> None:
    answer = json.loads(fpc("why", "user_orders.amount_sum_7d", "user_id=7", "--at", "2024-06-01", "--json").out)
    assert answer["value"] == "44.76"
    assert answer["online"] == {
        "value": "44.76", "status": "present", "reason": None, "as_of": "2024-06-01 00:00:00Z",
    }  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [("nope", "user_id=7"), ("churn",), ("churn", "user_id=x"), ("churn", "uid=7"), ("churn", "user_id")],
)
def test_get_refuses_wrong_services_and_keys(arguments: tuple[str, ...], fpc: CommandLine) -> None:
    done = fpc("get", *arguments)
    assert (done.code, done.out) == (2, "")


def test_get_refuses_request_fields(fpc: CommandLine) -> None:
    done = fpc("get", "churn", "user_id=7", "--request", "cart=1")
    assert (done.code, done.out) == (1, "")
    assert "FPC0802" in done.err


def test_status_is_good(fpc: CommandLine) -> None:
    done = fpc("status")
    assert done.code == 0
    assert "user_orders  ok     2024-06-01 00:00:00Z" in done.out
    assert json.loads(fpc("status", "--json").out)["views"][0]["rows"] == 12


def test_status_of_a_view_shows_its_last_refreshes(fpc: CommandLine) -> None:
    done = fpc("status", "user_orders")
    header, *lines = done.out.splitlines()
    assert (done.code, header.split()[:2], len(lines)) == (0, ["started", "ended"], 1)
    assert "2024-06-01 00:00:00Z  published  12    12      0" in lines[0]
    (refresh,) = json.loads(fpc("status", "user_orders", "--json").out)["refreshes"]
    assert (refresh["outcome"], refresh["pushed"], refresh["why"]) == ("published", 12, None)
    assert fpc("status", "nope").code == 2


def test_a_view_that_left_the_specs_is_told_and_pruned(fpc: CommandLine, served: Path) -> None:
    spec = served / "features" / "shop" / "user_orders.yml"
    services = served / "features" / "shop" / "services.yml"
    texts = {path: path.read_text() for path in (spec, services)}
    try:
        spec.write_text(texts[spec].replace("name: user_orders\n", "name: user_purchases\n"))
        services.write_text(texts[services].replace("user_orders.", "user_purchases."))
        ran = fpc("run")
        assert ran.code == 0, ran.err
        assert "1 view in the online store that the specs no longer have: `user_orders`" in ran.err
        assert "`user_orders`" in fpc("status").err
        assert fpc("prune", "user_purchases").code == 2
        dry = fpc("prune")
        assert (dry.code, dry.out.split()) == (0, ["view", "rows", "user_orders", "12"])
        assert "user_orders" in fpc("prune").out
        removed = fpc("prune", "--yes")
        assert (removed.code, removed.out.split()[3:]) == (0, ["user_orders", "removed", "12"])
        assert fpc("prune").out == ""
        assert "user_orders" not in fpc("status").err
    finally:
        for path, text in texts.items():
            path.write_text(text)
        assert fpc("run").code == 0
        assert fpc("prune", "user_purchases", "--yes").code == 0


def test_rollback_without_an_older_version_keeps_what_is_served(fpc: CommandLine) -> None:
    done = fpc("rollback", "user_orders")
    assert done.code == 1
    assert "no version before" in done.err
    assert fpc("rollback", "user_orders", "--undo").code == 1
    assert fpc("rollback", "nope").code == 2


def test_the_server_can_be_asked_for(fpc: CommandLine) -> None:
    started, status = fpc("redis", "start"), fpc("redis", "status")
    assert (started.code, status.code) == (0, 0)
    assert started.out == status.out
    assert started.out.startswith("unix://")


def test_doctor_finds_nothing_broken(fpc: CommandLine) -> None:
    done = fpc("doctor")
    assert done.code == 0, done.out
    assert re.search(r"✓ online store .* is Valkey [0-9.]+ and takes writes", done.out)
    assert "✗" not in done.out


def test_a_missing_variable_in_the_stores_address_is_named(fpc: CommandLine, served: Path) -> None:
    registry = served / "registry" / "repository.json"
    text = registry.read_text()
    try:
        registry.write_text(text.replace('"online": "embedded"', '"online": "redis://${FPC_TEST_UNSET}/0"'))
        done = fpc("get", "churn", "user_id=7")
        assert (done.code, done.out) == (1, "")
        assert "FPC_TEST_UNSET is not set" in done.err
        assert "✗ online store" in fpc("doctor").out
    finally:
        registry.write_text(text)


def test_a_store_that_is_down_is_threes_fault(fpc: CommandLine, served: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = served / "registry" / "repository.json"
    text = registry.read_text()
    monkeypatch.setenv("FPC_TEST_REDIS", "redis://:secret-word@127.0.0.1:1/0")
    try:
        registry.write_text(text.replace('"online": "embedded"', '"online": "${FPC_TEST_REDIS}"'))
        done = fpc("get", "churn", "user_id=7")
        assert (done.code, done.out) == (3, "")
        assert "secret-word" not in done.err
        assert "Traceback" not in done.err
    finally:
        registry.write_text(text)


def test_a_stopped_server_starts_again_with_its_data(fpc: CommandLine) -> None:
    assert fpc("redis", "stop").code == 0
    assert fpc("redis", "status").code == 1
    assert fpc("redis", "stop").code == 0
    assert json.loads(fpc("get", "churn", "user_id=7", "--json").out)["features"]["orders_7d"]["value"] == 1
