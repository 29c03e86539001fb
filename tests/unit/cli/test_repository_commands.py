import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from tests.unit.cli.command_line import CommandLine

from fpc.cli import editor_schema
from fpc.spec import entity, service, source, training_set, view


def test_init_keeps_what_is_there(tmp_path: Path, fpc: CommandLine) -> None:
    fpc.folder = tmp_path
    (tmp_path / "My Features").mkdir()
    (tmp_path / "My Features" / "README.md").write_text("mine")
    done = fpc("init", "My Features")
    assert done.code == 0
    assert (tmp_path / "My Features" / "README.md").read_text() == "mine"
    assert "name: my_features" in (tmp_path / "My Features" / "fpc.yml").read_text()
    assert "kept     README.md" in done.err


def test_init_again_changes_nothing(fpc: CommandLine, shop: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in shop.rglob("*")}
    assert fpc("init").code == 0
    assert {path: path.stat().st_mtime_ns for path in shop.rglob("*")} == before


def test_init_refuses_a_file(fpc: CommandLine) -> None:
    assert fpc("init", "fpc.yml").code == 2


def test_the_editor_schema_accepts_the_new_repositorys_specs(shop: Path) -> None:
    schema = json.loads((shop / ".fpc" / "schema.json").read_text())
    for path in (shop / "features").rglob("*.yml"):
        for document in yaml.safe_load_all(path.read_text().replace(": 2024", ": !!str 2024")):
            jsonschema.validate(document, schema)


@pytest.mark.parametrize(
    ("schema", "keys"),
    [
        (editor_schema.SOURCE, source.KEYS),
        (editor_schema.ENTITY, entity.KEYS),
        (editor_schema.VIEW, view.KEYS),
        (editor_schema.SERVICE, service.KEYS),
        (editor_schema.TRAINING_SET, training_set.KEYS),
    ],
)
def test_the_editor_schema_has_the_keys_that_the_loader_reads(schema: dict[str, object], keys: tuple[str, ...]) -> None:
    properties = schema["properties"]
    assert isinstance(properties, dict)
    assert set(properties) == set(keys)


def test_new_source_reads_the_columns_of_a_file(fpc: CommandLine, shop: Path) -> None:
    assert fpc("new", "source", "labels", "--path", "data/labels.csv").code == 0
    written = yaml.safe_load((shop / "features" / "labels.yml").read_text())["source"]
    assert written["columns"] == {"user_id": "bigint", "label_time": "timestamptz", "churned": "boolean"}
    assert written["event_time"] == "label_time"
    assert fpc("new", "view", "label_counts", "--entity", "user", "--source", "labels").code == 0
    assert fpc("check").code == 0


def test_new_never_overwrites(fpc: CommandLine, shop: Path) -> None:
    (shop / "features" / "mine.yml").write_text("# mine\n")
    assert fpc("new", "view", "mine", "--entity", "user", "--source", "orders").code == 0
    assert (shop / "features" / "mine.yml").read_text() == "# mine\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("new", "source", "x", "--path", "data/nope.csv"), 1),
        (("new", "source", "x", "--path", "fpc.yml"), 2),
        (("new", "source", "x", "--path", "../x.csv"), 2),
        (("new", "source", "x", "--path", "/etc/x.csv"), 2),
        (("new", "source", "Bad Name", "--path", "data/labels.csv"), 2),
        (("new", "source", "x", "--path", "data/labels.csv", "--event-time", "nope"), 2),
        (("new", "view", "x", "--entity", "{{ x }}", "--source", "orders"), 2),
    ],
)
def test_new_refuses_what_it_cannot_do(arguments: tuple[str, ...], code: int, fpc: CommandLine) -> None:
    done = fpc(*arguments)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("error: ")


def test_new_source_refuses_a_broken_file(fpc: CommandLine, shop: Path) -> None:
    (shop / "data" / "broken.parquet").write_bytes(b"PAR1 not really")
    assert fpc("new", "source", "x", "--path", "data/broken.parquet").code == 1


def test_compile_writes_then_has_nothing_to_do(fpc: CommandLine) -> None:
    first, second = fpc("compile"), fpc("compile")
    assert (first.code, second.code) == (0, 0)
    assert "added    dbt_project/dbt_project.yml" in first.out
    assert second.out == ""


def test_compile_check_names_what_differs_and_writes_nothing(fpc: CommandLine, shop: Path) -> None:
    done = fpc("compile", "--check")
    assert done.code == 1
    assert "added    registry/repository.json" in done.out
    assert not (shop / "registry").exists()
    fpc("compile")
    assert fpc("compile", "--check").code == 0


def test_compile_keeps_a_file_that_was_edited(fpc: CommandLine, shop: Path) -> None:
    fpc("compile")
    model = shop / "dbt_project" / "models" / "features" / "user_orders.sql"
    model.write_text("select 1\n")
    done = fpc("compile")
    assert done.code == 1
    assert "edited   dbt_project/models/features/user_orders.sql" in done.out
    assert model.read_text() == "select 1\n"
    assert fpc("compile", "--overwrite").code == 0
    assert model.read_text() != "select 1\n"


def test_compile_writes_nothing_with_errors(fpc: CommandLine, shop: Path) -> None:
    (shop / "features" / "bad.yml").write_text("entity: {nam: x}\n")
    done = fpc("compile")
    assert (done.code, done.out) == (1, "")
    assert "error[FPC0110]" in done.err
    assert not (shop / "registry").exists()


def test_compile_prints_diagnostics_for_programs(fpc: CommandLine, shop: Path) -> None:
    (shop / "features" / "bad.yml").write_text("entity: {nam: x}\n")
    assert json.loads(fpc("compile", "--format", "json").out)["errors"] == 3


def test_an_unknown_target_is_wrong_usage(fpc: CommandLine) -> None:
    done = fpc("compile", "--target", "prod")
    assert (done.code, done.out) == (2, "")
    assert "fpc.yml has: dev" in done.err


def test_examples_pass(fpc: CommandLine) -> None:
    done = fpc("test")
    assert (done.code, done.out) == (0, "")
    assert "2 examples of 1 view" in done.err


def test_a_failed_example_is_a_diagnostic(fpc: CommandLine, shop: Path) -> None:
    path = shop / "features" / "shop" / "user_orders.yml"
    path.write_text(
        path.read_text().replace("orders_7d: 1, last_status: cancelled", "orders_7d: 2, last_status: cancelled")
    )
    done = fpc("test", "user_orders")
    assert done.code == 1
    assert "error[FPC0405]" in done.out
    assert "user_id=7: `orders_7d` is 1, expected 2" in done.out
    assert json.loads(fpc("test", "--format", "json").out)["errors"] == 1


def test_an_unknown_view_is_wrong_usage(fpc: CommandLine) -> None:
    for arguments in (("test", "user_order"), ("preview", "user_order")):
        done = fpc(*arguments)
        assert (done.code, done.out) == (2, "")
        assert "did you mean `user_orders`?" in done.err


def test_preview_shows_one_entity_or_several(fpc: CommandLine) -> None:
    assert len(fpc("preview", "user_orders", "--limit", "3").out.splitlines()) == 4
    one = fpc("preview", "user_orders", "user_id=9", "--at", "2024-05-01")
    assert one.code == 0
    assert "orders_7d               1" in one.out
    nobody = fpc("preview", "user_orders", "user_id=99")
    assert "no event of this entity" in nobody.err
    assert "orders_7d               0" in nobody.out


@pytest.mark.parametrize("arguments", [("uid=1",), ("user_id",), ("--at", "yesterday"), ("user_id=1", "user_id=2")])
def test_preview_refuses_wrong_keys_and_instants(arguments: tuple[str, ...], fpc: CommandLine) -> None:
    done = fpc("preview", "user_orders", *arguments)
    assert done.code in (1, 2)
    assert done.out == ""


def test_preview_without_the_data_says_so(fpc: CommandLine, shop: Path) -> None:
    (shop / "data" / "orders.csv").unlink()
    done = fpc("preview", "user_orders")
    assert (done.code, done.out) == (1, "")
    assert "data/orders.csv" in done.err


def test_a_training_set_is_made_and_verified(fpc: CommandLine, shop: Path) -> None:
    made = fpc("training-set", "churn", "--spine", "data/labels.csv", "-o", "t.csv")
    assert (made.code, made.out) == (0, "t.csv\n")
    lines = (shop / "t.csv").read_text().splitlines()
    assert lines[0].startswith("user_id,label_time,churned,orders_7d,orders_30d,amount_sum_7d")
    assert len(lines) == len((shop / "data" / "labels.csv").read_text().splitlines())
    assert fpc("training-set", "--verify", "t.csv.manifest.json").code == 0
    orders = (shop / "data" / "orders.csv").read_text().splitlines()
    (shop / "data" / "orders.csv").write_text("\n".join(orders[:-200]) + "\n")
    changed = fpc("training-set", "--verify", "t.csv.manifest.json")
    assert changed.code == 1
    assert "not the same" in changed.err


def test_a_training_set_of_named_features(fpc: CommandLine, shop: Path) -> None:
    features = "user_orders.orders_7d,user_orders.amount_*"
    spine = ("--spine", "data/labels.csv", "--time", "label_time", "--key", "user_id=user_id", "--mode", "exact")
    limits = ("--memory-limit", "500MB", "--threads", "1")
    assert fpc("training-set", features, *spine, *limits, "-o", "t.parquet").code == 0
    assert (shop / "t.parquet").read_bytes()[:4] == b"PAR1"


@pytest.mark.parametrize(
    "arguments",
    [
        ("training-set",),
        ("training-set", "churn"),
        ("training-set", "churn", "-o", "t.csv"),
        ("training-set", "nope", "--spine", "data/labels.csv", "-o", "t.csv"),
        ("training-set", "churn", "--spine", "nope.csv", "-o", "t.csv"),
        ("training-set", "churn", "--spine", "data/labels.csv", "-o", "t.docx"),
        ("training-set", "churn", "--spine", "data/labels.csv", "--key", "user_id", "-o", "t.csv"),
        ("training-set", "churn", "--spine", "data/labels.csv", "--memory-limit", "lots", "-o", "t.csv"),
        ("training-set", "user_orders.nope", "--spine", "data/labels.csv", "-o", "t.csv"),
        ("training-set", "--verify", "nope.json"),
        ("training-set", "--verify", "data/labels.csv"),
    ],
)
def test_training_sets_that_cannot_be_made_leave_nothing(
    arguments: tuple[str, ...], fpc: CommandLine, shop: Path
) -> None:
    before = set(shop.iterdir())
    done = fpc(*arguments)
    assert done.code in (1, 2), done.err
    assert done.out == ""
    assert done.err.startswith("error: ")
    assert set(shop.iterdir()) == before


def test_explain_prints_a_codes_page(fpc: CommandLine, tmp_path: Path) -> None:
    fpc.folder = tmp_path
    by_code, by_name = fpc("explain", "fpc0203"), fpc("explain", "unknown-column")
    assert by_code.code == 0
    assert by_code.out == by_name.out
    assert by_code.out.startswith("# FPC0203 unknown-column\n")


@pytest.mark.parametrize(
    "name", ["user_orders", "user_orders.orders_7d", "user_orders.orders_trend", "churn", "orders", "user"]
)
def test_explain_tells_every_kind_in_words(name: str, fpc: CommandLine) -> None:
    done = fpc("explain", name)
    assert done.code == 0
    assert name.partition(".")[0] in done.out


@pytest.mark.parametrize("step", ["words", "spec", "model", "staging", "sql", "files"])
def test_explain_shows_a_view_at_every_step(step: str, fpc: CommandLine) -> None:
    done = fpc("explain", "user_orders", "--show", step)
    assert done.code == 0
    assert "orders" in done.out


def test_explain_tells_the_boundary_rule(fpc: CommandLine) -> None:
    assert "t - 7d <= event_at < t" in fpc("explain", "user_orders").out


def test_explain_shows_how_a_training_set_is_computed(fpc: CommandLine) -> None:
    assert "-- events:" in fpc("explain", "churn", "--show", "training").out


@pytest.mark.parametrize("arguments", [("nope",), ("user_orders.nope",), ("orders", "--show", "sql"), ("FPC9999",)])
def test_explain_refuses_what_it_does_not_know(arguments: tuple[str, ...], fpc: CommandLine) -> None:
    done = fpc("explain", *arguments)
    assert (done.code, done.out) == (2, "")


@pytest.mark.parametrize("command", ["get churn user_id=1", "status", "rollback user_orders", "run --no-compile"])
def test_without_a_registry_commands_point_to_compile(command: str, fpc: CommandLine) -> None:
    done = fpc(*command.split())
    assert (done.code, done.out) == (1, "")
    assert "fpc compile" in done.err


@pytest.mark.parametrize("blocked", ["dbt_project", "registry"])
def test_a_folder_that_cannot_be_made_is_named(blocked: str, fpc: CommandLine, shop: Path) -> None:
    (shop / blocked).write_text("a file stands in the way")
    done = fpc("compile")
    assert done.code == 3
    assert blocked in done.err
    assert "Traceback" not in done.err
    assert "has a fault" not in done.err


def test_init_below_a_file_is_refused(fpc: CommandLine) -> None:
    done = fpc("init", "fpc.yml/below")
    assert done.code in (2, 3)
    assert "has a fault" not in done.err


def test_doctor_without_a_repository_looks_at_the_installation(fpc: CommandLine, tmp_path: Path) -> None:
    fpc.folder = tmp_path
    done = fpc("doctor")
    assert done.code == 0
    assert "✓ python" in done.out
    assert "not in a feature repository" in done.out


def test_doctor_before_the_first_run_starts_nothing(fpc: CommandLine, shop: Path) -> None:
    fpc("compile")
    done = fpc("doctor")
    assert done.code == 0
    assert "! online store" in done.out
    assert "! warehouse" in done.out
    made = {path.name for path in (shop / ".fpc").iterdir()}
    assert made == {".gitignore", "config.schema.json", "schema.json"}


def test_doctor_names_a_package_that_is_too_old(fpc: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fpc.cli.health.version", lambda name: "0.0.1" if name == "duckdb" else "999")
    done = fpc("doctor")
    assert done.code == 3
    assert "✗ duckdb" in done.out


def test_doctor_names_a_warehouse_that_is_no_database(fpc: CommandLine, shop: Path) -> None:
    fpc("compile")
    (shop / ".fpc" / "warehouse.duckdb").write_bytes(b"not a database" * 100)
    done = fpc("doctor")
    assert done.code == 3
    assert "✗ warehouse" in done.out
