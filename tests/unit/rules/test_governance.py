"""Owners by folder, dates of deprecations, severities: what fpc.yml says, and what comes of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fpc.diagnostics.diagnostic import Diagnostic
from fpc.pipeline import check_repository

TARGETS = 'targets: {dev: {engine: duckdb, as_of: "2024-01-01T00:00:00Z"}}\n'
OWNER = 'defaults: {owner: "team:shop"}\n'
SOURCE = """\
source:
  name: orders
  description: Orders.
  path: data/orders.parquet
  event_time: at
  columns: {user_id: bigint, at: timestamptz, amount: double}
"""
USER = "entity: {name: user, description: A person., keys: {user_id: bigint}}\n"
VIEW = """\
feature_view:
  name: NAME
  description: Orders.
  entity: user
  source: SOURCE
  freshness: 1h
  features:
    - {name: orders_7d, sql: AGGREGATE, window: 7d}
"""
COPY = """\
source:
  name: copied
  description: Another view's rows.
  dbt_model: old
  event_time: as_of
  columns: {user_id: bigint, orders_7d: bigint, as_of: timestamptz}
"""
SERVICE = "feature_service: {name: churn, description: Churn., features: [VIEW.orders_7d]}\n"


class Repo:
    """A repository in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config("")
        self.spec("shop/orders.yml", SOURCE)
        self.spec("shop/user.yml", USER)

    def config(self, text: str) -> None:
        (self.root / "fpc.yml").write_text("name: shop\n" + TARGETS + text)

    def spec(self, path: str, text: str) -> None:
        (self.root / "features" / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / "features" / path).write_text(text)

    def view(self, name: str, more: str = "", *, source: str = "orders", aggregate: str = "COUNT(*)") -> None:
        text = VIEW.replace("NAME", name).replace("SOURCE", source).replace("AGGREGATE", aggregate)
        self.spec(f"shop/{name}.yml", text + more)

    def found(self, code: str) -> list[Diagnostic]:
        return [one for one in check_repository(self.root).diagnostics if one.code == code]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    monkeypatch.delenv("FPC_TODAY", raising=False)
    return Repo(tmp_path)


# -- owners -----------------------------------------------------------------------------------------------------------


def test_the_nearest_folder_says_who_owns_a_document(repo: Repo) -> None:
    repo.config(
        'defaults: {owner: "team:all"}\n'
        'folders: {features: {owner: "team:features"}, features/shop: {owner: "team:shop"}, '
        "features/shop/deep: {delay: 10m}}\n"
    )
    repo.view("own")
    text = VIEW.replace("NAME", "deep").replace("SOURCE", "orders").replace("AGGREGATE", "SUM(amount)")
    repo.spec("shop/deep/deep.yml", text)
    repo.spec("other.yml", USER.replace("user", "guest", 1))
    repo.spec("shopping/third.yml", USER.replace("user", "third", 1))  # a neighbour whose name begins alike
    model = check_repository(repo.root).value
    assert model.views["own"].owner == model.sources["orders"].owner == model.entities["user"].owner == "team:shop"
    assert model.entities["guest"].owner == model.entities["third"].owner == "team:features"
    # What a deeper folder does not say comes from the one above it.
    assert (model.views["deep"].owner, str(model.views["deep"].delay)) == ("team:shop", "10m")
    assert repo.found("FPC0230") == []


def test_a_document_says_more_than_its_folder(repo: Repo) -> None:
    repo.config('folders: {features/shop: {owner: "team:shop"}}\n')
    repo.spec("shop/user.yml", USER.replace("keys", "owner: team:people, keys"))
    assert check_repository(repo.root).value.entities["user"].owner == "team:people"


def test_without_a_folder_of_its_own_nobody_owns_it(repo: Repo) -> None:
    repo.config('folders: {features/elsewhere: {owner: "team:shop"}}\n')
    assert len(repo.found("FPC0230")) == 2
    (empty,) = repo.found("FPC0607")
    assert empty.message == "there are no specs in `features/elsewhere`"


@pytest.mark.parametrize("path", ["shop", "features/", "features/../x", "/features", "features//a", '"features/a b"'])
def test_a_folder_that_cannot_hold_specs_is_refused(repo: Repo, path: str) -> None:
    repo.config(f'folders: {{{path}: {{owner: "team:shop"}}}}\n')
    (error,) = repo.found("FPC0114")
    assert error.label is not None and error.label.span.path == "fpc.yml"


# -- severities -------------------------------------------------------------------------------------------------------


def test_a_warning_becomes_an_error_or_is_left_out(repo: Repo) -> None:
    repo.config(OWNER)
    assert {one.severity.value for one in repo.found("FPC0228")} == {"warning"}
    repo.config(OWNER + "rules: {severity: {FPC0228: error}}\n")
    assert {one.severity.value for one in repo.found("FPC0228")} == {"error"}
    assert check_repository(repo.root).has_errors
    repo.config(OWNER + 'rules: {severity: {FPC0228: "off"}}\n')
    assert repo.found("FPC0228") == []


def test_what_all_files_together_come_to_is_graded_too(repo: Repo) -> None:
    repo.view("one")
    repo.view("two")
    assert len(repo.found("FPC0229")) == 1
    repo.config("rules: {severity: {FPC0229: off}}\n")
    assert repo.found("FPC0229") == []


@pytest.mark.parametrize(("word", "severities"), [("error", {"error"}), ("warning", {"warning"}), ("off", set())])
def test_a_missing_owner_is_an_error_that_may_be_less(repo: Repo, word: str, severities: set[str]) -> None:
    repo.view("one")
    assert check_repository(repo.root).has_errors
    repo.config(f'rules: {{severity: {{FPC0230: "{word}"}}}}\n')
    assert {one.severity.value for one in repo.found("FPC0230")} == severities
    assert check_repository(repo.root).has_errors == (word == "error")


def test_each_way_that_the_help_of_a_missing_owner_names_is_one(repo: Repo) -> None:
    repo.view("one")
    repo.view("two")
    (missing,) = [one for one in repo.found("FPC0230") if "`one`" in one.message]
    assert missing.help is not None
    in_file, in_config = re.findall(r"`([^`]+)`", missing.help)[0], re.findall(r"`(folders: [^`]+)`", missing.help)[0]
    repo.view("one", more=f"  {in_file.replace('team:NAME', 'team:shop')}\n")
    assert "`one`" not in " ".join(one.message for one in repo.found("FPC0230"))
    repo.config(in_config + "\n")
    assert repo.found("FPC0230") == []


def test_an_error_stays_one(repo: Repo) -> None:
    repo.view("one", aggregate="SUM(amuont)")
    repo.config("rules: {severity: {FPC0203: off}}\n")
    assert [one.severity.value for one in repo.found("FPC0203")] == ["error"]


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ("severity: {FPC0999: error}", "FPC0606"),
        ("severity: {FPC0229: fatal}", "FPC0114"),
        ("names: {feature_vue: a}", "FPC0110"),
        ('names: {feature: "("}', "FPC0114"),
        ("describe_features: perhaps", "FPC0114"),
        ("least_description: -1", "FPC0114"),
        ("nmaes: {feature: a}", "FPC0110"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused_where_they_stand(repo: Repo, rules: str, code: str) -> None:
    repo.config(f"rules: {{{rules}}}\n")
    (error,) = repo.found(code)
    assert error.severity.value == "error"
    assert error.label is not None and error.label.span.path == "fpc.yml"


def test_patterns_of_names_hold_for_every_feature_of_a_matrix(repo: Repo) -> None:
    repo.config('rules: {names: {feature: "[a-z_]+_(7|30)d"}}\n')
    item = "    - {aggregate: {amount: [sum]}, windows: [7d, 1h]}\n"
    repo.view("one", item)
    assert [one.message.split("`")[1] for one in repo.found("FPC0234")] == ["amount_sum_1h"]


# -- deprecations -----------------------------------------------------------------------------------------------------

GONE = "  deprecated: {since: 2023-06-01, remove_after: 2023-12-31, use: new, reason: counts tests}\n"


def deprecated(repo: Repo, service: str = "old") -> None:
    repo.view("old", GONE)
    repo.view("new", aggregate="SUM(amount)")
    repo.spec("shop/churn.yml", SERVICE.replace("VIEW", service))


def test_the_day_after_its_date_a_view_may_not_be_read(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    deprecated(repo)
    (error,) = repo.found("FPC0603")  # by the frozen clock, the first of January
    assert error.severity.value == "error"
    assert error.help == "read `new` instead"
    assert "counts tests" in error.notes[0]
    monkeypatch.setenv("FPC_TODAY", "2023-12-31")
    assert repo.found("FPC0603") == []
    assert len(repo.found("FPC0705")) == 1
    monkeypatch.setenv("FPC_TODAY", "2024-01-01")
    assert len(repo.found("FPC0603")) == 1


def test_without_a_frozen_clock_it_is_today(repo: Repo) -> None:
    (repo.root / "fpc.yml").write_text("name: shop\ntargets: {dev: {engine: duckdb}}\n")
    deprecated(repo)
    assert len(repo.found("FPC0603")) == 1
    repo.view("old", GONE.replace("2023-12-31", "2999-12-31"))
    assert repo.found("FPC0603") == []


def test_a_source_that_reads_the_views_table_uses_it(repo: Repo) -> None:
    deprecated(repo, service="new")
    assert repo.found("FPC0603") == []
    assert len(repo.found("FPC0604")) == 1
    repo.spec("shop/copy.yml", COPY)
    repo.view("again", source="copied", aggregate="MAX(orders_7d)")
    (error,) = repo.found("FPC0603")
    assert error.message.startswith("source `copied` reads view `old`")
    assert repo.found("FPC0604") == []


def test_a_view_past_its_date_that_nobody_reads_should_go(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    deprecated(repo, service="new")
    assert [one.severity.value for one in repo.found("FPC0604")] == ["warning"]
    monkeypatch.setenv("FPC_TODAY", "2023-12-31")
    assert repo.found("FPC0604") == []


# -- features on their way out ----------------------------------------------------------------------------------------

LEAVING = "    - {name: paid, sql: SUM(amount), window: 7d, deprecated: {since: 2023-06-01, remove_after: 2023-12-31"


def leaving(repo: Repo, use: str = "orders_7d", feature: str = "old.paid", more: str = "") -> None:
    repo.view("old", f"{LEAVING}, use: {use}, reason: counts tests}}}}\n{more}")
    repo.spec("shop/churn.yml", SERVICE.replace("VIEW.orders_7d", feature))


def test_the_day_after_its_date_a_feature_may_not_be_read(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    leaving(repo)
    (error,) = repo.found("FPC0603")
    assert error.severity.value == "error" and error.help == "read `orders_7d` instead"
    assert "reads feature `old.paid`, which was to go after 2023-12-31" in error.message
    monkeypatch.setenv("FPC_TODAY", "2023-12-31")
    assert repo.found("FPC0603") == []
    (warning,) = repo.found("FPC0705")
    assert warning.message == "feature `old.paid` is deprecated since 2023-06-01"


@pytest.mark.parametrize("pattern", ["old.*", "old.pa*"])
def test_a_pattern_reads_the_feature_too(repo: Repo, pattern: str) -> None:
    leaving(repo, feature=pattern)
    assert [len(repo.found(code)) for code in ("FPC0603", "FPC0604", "FPC0705")] == [1, 0, 1]


def test_a_feature_past_its_date_that_nobody_reads_should_go(repo: Repo) -> None:
    leaving(repo, feature="old.orders_7d")
    assert [len(repo.found(code)) for code in ("FPC0603", "FPC0604", "FPC0705")] == [0, 1, 0]


def test_a_derived_feature_reads_its_inputs(repo: Repo) -> None:
    leaving(repo, feature="old.orders_7d", more="  derived: [{name: half, sql: paid / 2}]\n")
    (error,) = repo.found("FPC0603")
    assert error.message.startswith("derived feature `old.half` reads feature `old.paid`")


@pytest.mark.parametrize(("use", "found"), [("new.orders_7d", 0), ("orders_7d", 0), ("new.orders_7", 1), ("gone.x", 1)])
def test_what_replaces_a_feature_exists(repo: Repo, use: str, found: int) -> None:
    repo.view("new", aggregate="SUM(amount)")
    leaving(repo, use=use)
    assert len(repo.found("FPC0602")) == found


@pytest.mark.parametrize("owner", ["''", "' '", '"a\\n* @mallory"'])
def test_an_owner_is_a_name_on_one_line(repo: Repo, owner: str) -> None:
    repo.spec("shop/user.yml", USER.replace("name: user", f"name: user, owner: {owner}"))
    repo.config(OWNER)
    assert [one.code for one in repo.found("FPC0114")] == ["FPC0114"]
    repo.spec("shop/user.yml", USER)
    repo.config(f"folders: {{features/shop: {{owner: {owner}}}}}\n")
    assert [one.code for one in repo.found("FPC0114")] == ["FPC0114"]


def test_a_team_of_nobody_is_no_team(repo: Repo) -> None:
    repo.config(OWNER + 'codeowners: {teams: {"team:shop": []}}\n')
    assert len(repo.found("FPC0605")) == 2
    repo.config(OWNER + 'codeowners: {teams: {"team:shop": "@shop"}}\n')
    assert repo.found("FPC0605") == []


def test_nothing_replaces_itself(repo: Repo) -> None:
    repo.view("old", "  deprecated: {since: 2023-01-01, use: old}\n")
    assert "in its own place" in repo.found("FPC0602")[0].message
