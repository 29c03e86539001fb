"""The published versions of a view: joined from any accounts, kept by writers that race, rebuilt from either half."""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from tests.unit.emit.models import marketplace, user_orders

from fpc.contract.lineage import Lineage
from fpc.contract.registry import ViewContract
from fpc.contract.registry_lineage import registry_lineage
from fpc.contract.view_versions import (
    ViewVersion,
    feature_versions,
    joined,
    read_versions,
    versions_path,
)
from fpc.emit.registry import registry
from fpc.runtime.registry_history import known_versions, remember

HERE = Path(__file__).parents[3]
COMPILED = registry(marketplace())
VIEW = COMPILED.views["user_orders"]
LINEAGE = registry_lineage(COMPILED)


def version(content: str, first: int, last: int, owner: str = "team:a") -> ViewVersion:
    return ViewVersion("v", content, 1, "f", owner, "{}", (), (), (), first, last, first, last)


def publish(path: Path, root: Path, view: ViewContract, at: int, lineage: Lineage = LINEAGE) -> tuple[ViewVersion, ...]:
    with duckdb.connect(str(path)) as connection:
        remember(connection, root, "dev", view, lineage, as_of_us=at - 5, published_us=at)
        return known_versions(connection, view.name)


def test_accounts_are_joined_in_any_order_and_however_often() -> None:
    accounts = [version("a", 5, 9), version("a", 3, 7), version("b", 4, 4), version("a", 6, 20)]
    results = {joined(order) for order in itertools.permutations(accounts)}
    assert results == {(version("a", 3, 20), version("b", 4, 4))}
    (result,) = results
    assert joined([*result, *result, *accounts]) == result


def test_a_publication_is_written_down_once_however_often_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    assert publish(path, tmp_path, VIEW, 100) == publish(path, tmp_path, VIEW, 100)
    (known,) = publish(path, tmp_path, VIEW, 300)
    assert (known.first_published_us, known.last_published_us) == (100, 300)
    assert (known.first_as_of_us, known.last_as_of_us) == (95, 295)
    assert known.services == tuple(COMPILED.services)
    assert known.read() == VIEW
    assert read_versions(tmp_path, "dev", VIEW.name) == (known,)


def test_a_change_of_owner_is_a_version_of_the_view_and_of_no_feature(tmp_path: Path) -> None:
    other = registry(marketplace(replace(user_orders(), owner="team:other"))).views["user_orders"]
    publish(tmp_path / "w.duckdb", tmp_path, VIEW, 100)
    known = publish(tmp_path / "w.duckdb", tmp_path, other, 200)
    assert [one.owner for one in known] == [VIEW.owner, "team:other"]
    (feature,) = feature_versions(known, VIEW.features[0].name)
    assert feature.owners == (VIEW.owner, "team:other")
    assert (feature.first_published_us, feature.last_published_us) == (100, 200)


def test_a_new_meaning_is_a_version_of_its_feature_alone(tmp_path: Path) -> None:
    first, *rest = VIEW.features
    changed = replace(VIEW, version=2, features=(replace(first, fingerprint="other"), *rest), content="c2")
    publish(tmp_path / "w.duckdb", tmp_path, VIEW, 100)
    known = publish(tmp_path / "w.duckdb", tmp_path, changed, 200)
    found = feature_versions(known, first.name)
    assert [(one.version, one.feature.fingerprint, one.first_published_us) for one in found] == [
        (1, first.fingerprint, 100),
        (2, "other", 200),
    ]


def test_what_was_lost_with_the_warehouse_comes_back_from_the_copy(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    publish(path, tmp_path, replace(VIEW, content="old"), 100)
    publish(path, tmp_path, VIEW, 200)
    path.unlink()
    assert [one.content for one in publish(path, tmp_path, VIEW, 300)] == ["old", VIEW.content]


@pytest.mark.parametrize("harm", ["", "{", '{"versions": [{}]}', '{"versions": 3}', "\x00"])
def test_a_copy_that_is_lost_or_torn_is_written_again(tmp_path: Path, harm: str) -> None:
    path, copy = tmp_path / "w.duckdb", versions_path(tmp_path, "dev", VIEW.name)
    publish(path, tmp_path, replace(VIEW, content="old"), 100)
    copy.write_text(harm)
    assert read_versions(tmp_path, "dev", VIEW.name) == ()
    assert len(publish(path, tmp_path, VIEW, 200)) == 2
    assert [one.content for one in read_versions(tmp_path, "dev", VIEW.name)] == ["old", VIEW.content]


_WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from tests.unit.registry.test_view_versions import LINEAGE, VIEW
from fpc.runtime.registry_history import remember
from fpc.runtime.warehouse import open_warehouse

path, root, name, count = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
for at in range(count):
    connection = open_warehouse(path, lambda text: None, wait_seconds=60)
    remember(connection, root, "dev", replace(VIEW, content=f"{name}{at}"), LINEAGE, as_of_us=at, published_us=at)
    remember(connection, root, "dev", VIEW, LINEAGE, as_of_us=at, published_us=1000 + at)
    connection.close()
"""


def test_two_processes_that_publish_at_once_lose_nothing(tmp_path: Path) -> None:
    path, count = tmp_path / "w.duckdb", 6
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(path), str(tmp_path), name, str(count)], cwd=HERE)
        for name in ("a", "b")
    ]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0]
    wanted = {f"{name}{at}" for name in "ab" for at in range(count)} | {VIEW.content}
    with duckdb.connect(str(path)) as connection:
        known = known_versions(connection, VIEW.name)
    assert {one.content for one in known} == wanted
    assert {one.content for one in read_versions(tmp_path, "dev", VIEW.name)} == wanted
    (shared,) = [one for one in known if one.content == VIEW.content]
    assert (shared.first_published_us, shared.last_published_us) == (1000, 1000 + count - 1)


def test_two_connections_of_one_process_lose_nothing(tmp_path: Path) -> None:
    """Two transactions upon one row: DuckDB lets one of them fail, which then tries again."""
    import threading

    path, faults = tmp_path / "w.duckdb", list[BaseException]()
    with duckdb.connect(str(path)) as shared:

        def write(at: int) -> None:
            try:
                with shared.cursor() as connection:
                    for step in range(20):
                        remember(connection, tmp_path, "dev", VIEW, LINEAGE, as_of_us=1, published_us=1000 * at + step)
            except BaseException as error:
                faults.append(error)

        threads = [threading.Thread(target=write, args=(at,)) for at in (1, 2, 3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
        (known,) = known_versions(shared, VIEW.name)
    assert (known.first_published_us, known.last_published_us) == (1000, 3019)
