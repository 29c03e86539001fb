"""`fpc plan` as it is typed: against commits, over data, in its three formats."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.cli.command_line import CommandLine

ORDERS = "features/shop/user_orders.yml"
DOCS = Path(__file__).parents[3] / "docs"


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def committed(fpc: CommandLine) -> CommandLine:
    """A new repository whose files are committed."""
    git(fpc.folder, "init", "-q", "-b", "main")
    git(fpc.folder, "add", "-A")
    git(fpc.folder, "commit", "-q", "-m", "base")
    return fpc


def edit(fpc: CommandLine, old: str, new: str, path: str = ORDERS) -> None:
    file = fpc.folder / path
    text = file.read_text()
    assert old in text, old
    file.write_text(text.replace(old, new))


def other_values(fpc: CommandLine) -> None:
    """Make a feature that the service reads count something else."""
    edit(fpc, "COUNT(*) FILTER (WHERE status <> 'cancelled')", "COUNT(*) FILTER (WHERE amount > 20)")


def test_nothing_changed(committed: CommandLine) -> None:
    done = committed("plan")
    assert (done.code, done.out) == (0, "No changes: both states mean the same.\n")
    assert committed("plan", "--detailed-exitcode").code == 0


def test_the_effect_is_told_on_the_data_that_is_there(committed: CommandLine) -> None:
    other_values(committed)
    done = committed("plan", "--json")
    told = json.loads(done.out)
    assert done.code == 1 and [problem["code"] for problem in told["problems"]] == ["FPC0640"]
    (effect,) = told["effects"]
    assert effect["note"] is None and effect["compared"] == effect["entities"] > 0
    feature = max(effect["features"], key=lambda each: each["changed"])
    assert 0 < feature["changed"] <= effect["compared"]
    assert 0 < len(feature["rows"]) <= 5
    assert all(row["before"] != row["after"] and row["keys"] for row in feature["rows"])
    assert committed("plan", "--json").out == done.out


def test_a_sample_is_of_the_same_entities_before_and_after(committed: CommandLine) -> None:
    other_values(committed)
    whole = json.loads(committed("plan", "--json").out)["effects"][0]
    some = json.loads(committed("plan", "--json", "--sample", "2").out)["effects"][0]
    assert some["compared"] == 2 < some["entities"] == whole["entities"]


def test_without_data_nothing_is_measured(committed: CommandLine) -> None:
    other_values(committed)
    told = json.loads(committed("plan", "--json", "--no-data").out)
    assert told["effects"] == [] and told["backfills"] == []
    (committed.folder / "data/orders.csv").unlink()
    done = committed("plan")
    assert done.code == 1 and "not sampled: " in done.out


def test_time_is_bounded(committed: CommandLine) -> None:
    other_values(committed)
    (effect,) = json.loads(committed("plan", "--json", "--seconds", "0").out)["effects"]
    assert effect["features"] == [] and "0 s were over" in effect["note"]


def test_the_json_is_as_its_schema_says(committed: CommandLine) -> None:
    schema = DOCS / "plan.schema.json"
    other_values(committed)
    edit(committed, "name: last_status\n", "name: newest_status\n")
    edit(committed, "feature: last_status", "feature: newest_status")
    edit(committed, "last_status:", "newest_status:")
    (committed.folder / "plan.json").write_text(committed("plan", "--json").out)
    program = Path(sys.executable).with_name("check-jsonschema")
    check = [str(each) for each in (program, "--schemafile", schema, committed.folder / "plan.json")]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_markdown_names_no_entity_unless_asked(committed: CommandLine) -> None:
    other_values(committed)
    told = json.loads(committed("plan", "--json").out)
    keys = {key for each in told["effects"][0]["features"] for row in each["rows"] for key in row["keys"]}
    hidden, named = (committed("plan", "--format", "markdown", *more).out for more in ((), ("--show-keys",)))
    assert hidden.startswith("<!-- fpc plan -->\n") and "for example" in hidden
    assert not [key for key in keys if f"for example `{key}`:" in hidden]
    assert [key for key in keys if f"for example `{key}`:" in named]


def test_exit_codes_for_ci(committed: CommandLine) -> None:
    edit(committed, "description:", "description: Well,")
    assert committed("plan").code == 0
    assert committed("plan", "--detailed-exitcode").code == 2
    other_values(committed)
    assert committed("plan", "--detailed-exitcode").code == 1
    assert committed("plan", "--against", "nowhere").code == 2
    assert committed("plan", "--against", "nowhere", "--detailed-exitcode").code == 1


def test_the_work_tree_is_left_as_it_is(committed: CommandLine) -> None:
    other_values(committed)
    before = git(committed.folder, "status", "--porcelain"), (committed.folder / ".git/index").read_bytes()
    committed("plan")
    assert (git(committed.folder, "status", "--porcelain"), (committed.folder / ".git/index").read_bytes()) == before


def test_a_branch_is_compared_with_where_it_left(committed: CommandLine) -> None:
    git(committed.folder, "checkout", "-q", "-b", "work")
    git(committed.folder, "checkout", "-q", "main")
    edit(committed, "description:", "description: Meanwhile,")
    git(committed.folder, "commit", "-q", "-a", "-m", "meanwhile")
    git(committed.folder, "checkout", "-q", "work")
    assert "Meanwhile" in committed("plan", "--against", "main", "--no-data").out
    assert "No changes" in committed("plan", "--against", "main", "--merge-base", "--no-data").out


def test_the_repository_may_be_a_folder_of_a_larger_one(committed: CommandLine, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    (whole / "team").mkdir(parents=True)
    (committed.folder / ".git").rename(tmp_path / "old")
    committed.folder.rename(whole / "team" / "shop")
    git(whole, "init", "-q")
    git(whole, "add", "-A")
    git(whole, "commit", "-q", "-m", "base")
    moved = CommandLine(whole / "team" / "shop", committed._capture, committed._monkeypatch)
    assert "No changes" in moved("plan").out
    edit(moved, "description:", "description: Well,")
    assert "description:" in moved("plan", "--no-data").out


def test_files_of_any_name_are_read(committed: CommandLine) -> None:
    (committed.folder / ORDERS).rename(committed.folder / "features/shop/sch\u00f6n \t'x'.yml")
    git(committed.folder, "add", "-A")
    git(committed.folder, "commit", "-q", "-m", "moved")
    assert "No changes" in committed("plan", "--against", "HEAD~1").out
    assert "No changes" in committed("plan").out


def test_a_link_is_what_it_points_at_and_never_leaves_the_repository(committed: CommandLine, tmp_path: Path) -> None:
    (committed.folder / "shared").mkdir()
    (committed.folder / ORDERS).rename(committed.folder / "shared/orders.yml")
    (committed.folder / ORDERS).symlink_to("../../shared/orders.yml")
    outside = tmp_path / "secret.yml"
    outside.write_text("password: hunter2\n")
    (committed.folder / "features/outside.yml").symlink_to(outside)
    git(committed.folder, "add", "-A")
    git(committed.folder, "commit", "-q", "-m", "links")
    (committed.folder / "features/outside.yml").unlink()
    done = committed("plan")
    assert "No changes" in done.out and "hunter2" not in done.out + done.err


@pytest.mark.parametrize("ref", ["nowhere", "--output=x", "-h", "HEAD:fpc.yml", "", "a b\x1b[31m"])
def test_what_is_no_commit_is_said_to_be_none(committed: CommandLine, ref: str) -> None:
    done = committed("plan", f"--against={ref}")
    assert done.code == 2 and "git knows no commit" in done.err and "\x1b[31m" not in done.err
    assert not (committed.folder / "x").exists()


def test_specs_that_were_wrong_are_nothing_to_compare_with(committed: CommandLine) -> None:
    right = (committed.folder / ORDERS).read_text()
    edit(committed, "COUNT(", "COUNTT(")
    git(committed.folder, "commit", "-q", "-a", "-m", "wrong")
    (committed.folder / ORDERS).write_text(right)
    done = committed("plan")
    assert done.code == 1 and "FPC02" in done.err and "nothing to compare with" in done.err


def test_before_the_first_commit_and_without_git(fpc: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    done = fpc("plan")
    assert done.code == 2 and "not in a git repository" in done.err
    git(fpc.folder, "init", "-q")
    done = fpc("plan")
    assert done.code == 2 and "nothing is committed yet" in done.err
    monkeypatch.setenv("PATH", "")
    done = fpc("plan")
    assert done.code == 2 and "git is not installed" in done.err


def test_only_changed_lines_are_annotated_and_other_errors_still_fail(committed: CommandLine) -> None:
    edit(committed, "COUNT(", "COUNTT(")
    git(committed.folder, "commit", "-q", "-a", "-m", "wrong")
    edit(committed, "name: churn\n", "name: churn\n  max_staleness: never\n", "features/shop/services.yml")
    done = committed("check", "--format", "github", "--changed-since", "HEAD")
    assert done.code == 1
    assert {line.split("file=")[1].split(",")[0] for line in done.out.splitlines()} == {"features/shop/services.yml"}
    assert ORDERS in done.err
