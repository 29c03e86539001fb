import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.cli.command_line import CommandLine

from fpc.cli.main import run

BAD = "feature_view:\n  name: bad\n  entity: usr\n  source: orders\n  freshness: 1h\n  features: []\n"


def test_a_new_repository_has_no_problems(fpc: CommandLine) -> None:
    done = fpc("check")
    assert (done.code, done.out) == (0, "")
    assert "no problems" in done.err
    assert done.err.splitlines()[-1].startswith("next: fpc test")


def test_errors_are_printed_to_stdout_with_code_one(fpc: CommandLine, shop: Path) -> None:
    (shop / "features" / "bad.yml").write_text(BAD)
    done = fpc("check")
    assert done.code == 1
    assert "error[FPC0202]" in done.out
    assert "did you mean `user`?" in done.out
    assert done.err.splitlines()[-1].startswith("next: fpc explain FPC0")


def test_warnings_alone_are_no_failure(fpc: CommandLine, shop: Path) -> None:
    (shop / "features" / "unused.yml").write_text("entity: {name: guest, description: A guest., keys: {id: bigint}}\n")
    done = fpc("check")
    assert done.code == 0
    assert "warning[FPC0228]" in done.out


def test_json_is_all_that_stdout_has(fpc: CommandLine, shop: Path) -> None:
    (shop / "features" / "bad.yml").write_text(BAD)
    assert json.loads(fpc("check", "--format", "json").out)["errors"] >= 1


def test_sarif_carries_the_rules_pages(fpc: CommandLine, shop: Path) -> None:
    (shop / "features" / "bad.yml").write_text(BAD)
    run_ = json.loads(fpc("check", "--format", "sarif").out)["runs"][0]
    unknown = next(rule for rule in run_["tool"]["driver"]["rules"] if rule["id"] == "FPC0202")
    assert "## Why" in unknown["help"]["markdown"]


def test_github_prints_workflow_commands_alone(fpc: CommandLine, shop: Path) -> None:
    (shop / "features" / "bad.yml").write_text(BAD)
    lines = fpc("check", "--format", "github").out.splitlines()
    assert lines
    assert all(line.startswith(("::error file=", "::warning file=")) for line in lines)


def test_paths_choose_what_is_reported(fpc: CommandLine, shop: Path) -> None:
    (shop / "features" / "bad.yml").write_text(BAD)
    assert fpc("check", "features/shop").code == 0
    assert fpc("check", "features/bad.yml").code == 1
    assert fpc("check", ".").code == 1


def test_a_path_that_is_not_there_is_wrong_usage(fpc: CommandLine) -> None:
    assert fpc("check", "features/nope.yml").code == 2
    assert fpc("check", "/").code == 2


def test_a_spec_that_cannot_be_read_is_an_error_not_a_crash(fpc: CommandLine, shop: Path) -> None:
    (shop / "features" / "dangling.yml").symlink_to("nowhere.yml")
    done = fpc("check")
    assert done.code == 1
    assert "error[FPC0102]" in done.out


def test_terminal_codes_in_specs_and_names_are_shown_not_sent(fpc: CommandLine, shop: Path) -> None:
    (shop / "features" / "evil\x1b[2J.yml").write_bytes(b"entity: {name: \x1b[31m}\n##[error]x: \xe2\x80\xae\n")
    for output_format in ("text", "json", "github", "sarif"):
        done = fpc("check", "--format", output_format)
        assert done.code == 1
        assert all(character.isprintable() or character == "\n" for character in done.out + done.err)
        assert "##[" not in done.out


def check_silently(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["check", "--repo", str(root)])
    printed = capsys.readouterr()
    assert code in (0, 1, 2)
    assert "fpc has a fault" not in printed.err
    assert code == 0 or printed.out or printed.err


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_no_bytes_crash_it(content: bytes, shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / "features" / "fuzz.yml").write_bytes(content)
    check_silently(shop, capsys)


WORDS = (
    *("source", "entity", "feature_view", "feature_service", "training_set", "name", "path", "table", "event_time"),
    *("known_time", "keys", "columns", "features", "sql", "window", "windows", "aggregate", "latest", "default"),
    *("offset", "where", "tests", "examples", "at", "given", "expect", "spine", "service", "freshness", "derived"),
    *("description", "owner", "user", "orders", "amount", "7d", "lifetime", "COUNT(*)", "SUM(amount)", "{{x}}", "${X}"),
)
NAMES = st.sampled_from(WORDS)
VALUES = st.recursive(
    NAMES | st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    documents=st.lists(st.dictionaries(NAMES, VALUES, min_size=1, max_size=2), min_size=1, max_size=3),
    as_config=st.booleans(),
)
def test_no_yaml_crashes_it(
    documents: list[object], as_config: bool, shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "\n---\n".join(json.dumps(document) for document in documents)
    (shop / ("fpc.yml" if as_config else "features/fuzz.yml")).write_text(text)
    check_silently(shop, capsys)
    (shop / "fpc.yml").write_text("name: shop\ntargets: {dev: {engine: duckdb}}\n")


TOKENS = (
    *("SUM", "COUNT", "(", ")", "*", "amount", "status", ",", "'", "+", "/", "CASE", "WHEN", "THEN", "END", "FILTER"),
    *("WHERE", "OVER", "->", "::", "SELECT", "FROM", "AS_OF()", "[", "]", "NULL", "1"),
)
CHARACTERS = "abcSUMCOUNT()*,.'\"7 +-/<>=;$?:[]{}\n\t\\日é_%"
SQL = st.text(alphabet=CHARACTERS, max_size=40) | st.lists(st.sampled_from(TOKENS), max_size=12).map(" ".join)


@settings(max_examples=70, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sql=SQL)
def test_no_sql_crashes_it(sql: str, shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    feature = {"name": "x", "sql": sql, "window": "7d"}
    view = {
        "name": "fuzz",
        "entity": "user",
        "source": "orders",
        "freshness": "1h",
        "where": sql,
        "features": [feature],
    }
    (shop / "features" / "fuzz.yml").write_text(json.dumps({"feature_view": view}))
    check_silently(shop, capsys)
