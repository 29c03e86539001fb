"""A check from the last one on finds what a check of everything finds, whatever was edited in between."""

import json
import random
import re
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fpc.checking import again, around, inputs
from fpc.checking.again import Answer, check_again
from fpc.checking.kept import KEPT, STAMP
from fpc.diagnostics import codes
from fpc.diagnostics.diagnostic import Diagnostic
from fpc.diagnostics.findings import Findings
from fpc.model.nodes import Model
from fpc.pipeline import check_repository

ROOT = Path(__file__).parents[3]
#: What the working specs lack: a source that nothing uses, twins, and a view whose dbt model could clash.
MORE = """\
source:
  name: spare
  path: data/spare/*.parquet
  event_time: seen_at
  max_lateness: 1h
  columns: {user_id: bigint, seen_at: timestamptz, loaded_at: timestamptz, cost: double, kind: varchar}
---
feature_view:
  name: twin
  entity: user
  source: orders
  freshness: 1d
  where: status <> 'x'
  features:
    - {name: orders_{window}, windows: [1d, 7d], sql: "COUNT(*)"}
    - {name: orders_week, window: 7d, sql: "COUNT(*)"}
  derived:
    - {name: growth, sql: "orders_1d / NULLIF(orders_7d, 0)", default: 0}
---
feature_view:
  name: stg_twin
  entity: user
  source: orders
  freshness: 1d
  features:
    - {name: orders_7d, window: 7d, sql: "COUNT(*) FILTER (WHERE status <> 'x')"}
  deprecated: {since: 2024-01-01, use: twin}
"""
SERVICE = """\
feature_service:
  name: small
  features: [twin.*, stg_twin.orders_7d]
---
training_set:
  name: small_set
  service: small
  spine: {table: spine, time: at, label: [status]}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Working specs, and a few more, checked by one version of fpc."""
    shutil.copy(ROOT / "fpc.yml", tmp_path)
    shutil.copytree(ROOT / "features" / "marketplace", tmp_path / "features" / "marketplace")
    (tmp_path / "features" / "more.yml").write_text(
        MORE.replace("{name: orders_{window},", '{name: "orders_{window}",')
    )
    (tmp_path / "features" / "small.yml").write_text(SERVICE)
    world = inputs._world()
    monkeypatch.setattr(inputs, "_world", lambda: world)
    return tmp_path


def nothing(_model: Model) -> Iterable[Diagnostic]:
    return ()


def whole(root: Path) -> Answer:
    """What a check of everything finds."""
    checked = check_repository(root)
    return Answer(checked.diagnostics, len(checked.value.views))


def edited(text: str, originals: list[str], dice: random.Random) -> str:
    """A text after one edit such as people make, at random: most break something."""
    lines = text.split("\n")
    at = dice.randrange(len(lines))
    words = re.findall(r"\w+", text) or ["x"]
    match dice.randrange(7):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2:
            lines.insert(at, lines.pop(dice.randrange(len(lines))))
        case 3:
            lines[at] = re.sub(r"\b\d+", lambda _: str(dice.randrange(1, 40)), lines[at])
        case 4:
            old = re.findall(r"\w+", lines[at]) or ["y"]
            lines[at] = re.sub(rf"\b{dice.choice(old)}\b", dice.choice(words), lines[at], count=1)
        case 5:
            lines.insert(at, f"# {dice.choice(words)}")
        case _:
            return dice.choice(originals)
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(3))
def test_after_random_edits_both_find_the_same(root: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(seed)
    paths = sorted((root / "features").rglob("*.yml"))
    original = {path: path.read_text() for path in paths}
    check_around, short = around.check_around, 0

    def counted(*arguments: Any) -> object:
        nonlocal short
        found = check_around(*arguments)
        short += found is not None
        return found

    monkeypatch.setattr(around, "check_around", counted)
    assert check_again(root, {}, nothing) == whole(root)
    for step in range(18):
        for path in dice.sample(paths, dice.choice((1, 1, 1, 2))):
            text = original[path] if dice.random() < 0.4 else edited(path.read_text(), [original[path]], dice)
            path.write_text(text)
        assert check_again(root, {}, nothing) == whole(root), f"seed {seed}, step {step}"
    assert short >= 6, "next to nothing was checked around an edit"


def test_without_an_edit_the_last_answer_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = check_again(root, {}, nothing)
    monkeypatch.setattr(again, "_checked", None)
    assert check_again(root, {}, nothing) == first
    kept = sorted(path.name for path in (root / ".fpc").iterdir())
    assert kept == [".gitignore", Path(KEPT).name, Path(STAMP).name]
    assert (root / ".fpc" / ".gitignore").read_text() == "*\n", "nothing of it is to be committed"


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "features" / "new.yml").write_text("entity: {name: other, keys: {other_id: bigint}}\n"),
        lambda root: (root / "features" / "small.yml").unlink(),
        lambda root: (root / "features" / "old.yaml").write_text(""),
        lambda root: (root / "features" / "small.yml").rename(root / "features" / "smaller.yml"),
        lambda root: (root / "fpc.yml").write_text("name: x\ndefault_target: nowhere\ntargets: {}\n"),
        lambda root: (root / "fpc.yml").unlink(),
        lambda root: (root / "features" / "small.yml").write_bytes(b"\xff\xfe"),
        lambda root: (root / "features" / "small.yml").write_text(SERVICE + "---\n" + SERVICE),
        lambda root: (root / "features" / "more.yml").write_text("entity: {name: user, keys: {user_id: bigint}}\n"),
    ],
)
def test_whatever_else_changes_is_noticed(root: Path, change: Callable[[Path], object]) -> None:
    check_again(root, {}, nothing)
    change(root)
    assert check_again(root, {}, nothing) == whole(root)
    assert check_again(root, {}, nothing) == whole(root)


def test_another_version_of_fpc_checks_everything(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_all, told = around.check_all, []

    def counted(*arguments: Any) -> object:
        told.append(arguments)
        return check_all(*arguments)

    monkeypatch.setattr(around, "check_all", counted)
    check_again(root, {}, nothing)
    check_again(root, {}, nothing)
    assert len(told) == 1
    monkeypatch.setattr(inputs, "_world", lambda: "another")
    check_again(root, {}, nothing)
    assert len(told) == 2


def test_another_day_is_another_world(monkeypatch: pytest.MonkeyPatch) -> None:
    worlds = set()
    for day in ("", "2026-11-22", "2026-11-23"):
        monkeypatch.setenv("FPC_TODAY", day)
        worlds.add(inputs._world())
    assert len(worlds) == 3


@pytest.mark.parametrize("name", [KEPT, STAMP])
@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "gone"])
def test_a_damaged_file_is_not_believed(root: Path, name: str, damage: str) -> None:
    first = check_again(root, {}, nothing)
    path = root / name
    data = path.read_bytes()
    match damage:
        case "cut":
            path.write_bytes(data[: len(data) // 2])
        case "flip":
            path.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
        case "empty":
            path.write_bytes(b"")
        case _:
            path.unlink()
    assert check_again(root, {}, nothing) == first


def test_what_came_from_elsewhere_is_not_believed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whoever commits a `.fpc/` cannot have his lies told: here, that a broken repository is sound."""
    check_again(root, {}, nothing)
    forged = tmp_path_factory.mktemp("forged")
    shutil.copytree(root, forged, dirs_exist_ok=True)
    lines = (forged / KEPT).read_text().split("\n")
    head = json.loads(lines[0])
    broken = forged / "features" / "more.yml"
    broken.write_text("nonsense: [")
    head[4]["features/more.yml"] = inputs._of_file(broken)
    (forged / KEPT).write_text("\n".join([json.dumps(head), *lines[1:]]))
    stamp = (root / STAMP).read_text().split()
    stamp[2] = inputs.digest((forged / KEPT).read_bytes())
    (forged / STAMP).write_text(" ".join(stamp) + "\n")
    found = check_again(forged, {}, nothing)
    assert found == whole(forged)
    assert any(one.code == "FPC0101" for one in found.diagnostics)


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(root: Path) -> None:
    (root / ".fpc").write_text("in the way")
    assert check_again(root, {}, nothing) == whole(root)


def test_a_file_that_changes_while_it_is_read_is_not_kept(root: Path) -> None:
    def edits(_model: Model) -> Iterable[Diagnostic]:
        (root / "features" / "small.yml").write_text("entity: {name: other, keys: {other_id: bigint}}\n")
        return ()

    check_again(root, {}, edits)
    assert not (root / KEPT).exists()
    assert check_again(root, {}, nothing) == whole(root)


def test_a_record_of_refreshes_is_read_again_for_its_view(root: Path) -> None:
    def told(words: str, model: Model) -> Iterable[Diagnostic]:
        findings = Findings()
        for view in model.views.values():
            if view.name == "twin":
                findings.warning(codes.FRESHNESS_OUT_OF_REACH, words, view.span)
        return findings.sorted()

    check_again(root, {"twin": b"1"}, partial(told, "takes a minute"))
    again_told = check_again(root, {"twin": b"2"}, partial(told, "takes an hour"))
    assert {one.message for one in again_told.diagnostics} & {"takes a minute", "takes an hour"} == {"takes an hour"}


def test_nothing_is_kept_where_that_is_asked_for(root: Path) -> None:
    assert check_again(root, {}, nothing, keep=False) == whole(root)
    assert not (root / ".fpc").exists()
