"""A training set that does not fit in memory is computed for fewer entities at a time, until that is in vain."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.sql.builder import view
from tests.unit.training.random_case import Asked, asked, computed, rows_of, spine_of
from tests.unit.training.test_values import HOUR, SOURCES

from fpc.contract.registry import ColumnContract
from fpc.runtime import training, view_values
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.scratch import Limits
from fpc.runtime.shard import Shard

USERS = 40
#: A median has no bounded state: each instant asked holds every value so far.
FEATURES: list[Asked] = [asked("middle", "median", "amount", window=None), asked("rows", "count", window=None)]


def test_one_shard_is_every_entity() -> None:
    assert Shard(1, 0).condition([ColumnContract("k", "bigint")]) == ""


def test_parts_of_a_shard_hold_each_of_its_entities_once() -> None:
    whole = Shard(6, 5)
    for number in range(5, 600, 6):
        assert sum(number % part.of == part.place for part in whole.cut()) == 1
    assert all(part.place % whole.of == whole.place for part in whole.cut())


def test_shards_are_cut_until_they_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = rows_of(1, 30_000, known_time=False, versions=False, users=USERS)
    spine = spine_of(1, rows, 8_000, [2 * HOUR], users=USERS)
    asking = view(*(one.feature for one in FEATURES), of=SOURCES["plain"])
    made: list[Shard] = []
    compute = view_values._compute_shard

    def noted(*given: object, **named: object) -> bool:
        made.append(next(one for one in given if isinstance(one, Shard)))
        return compute(*given, **named)  # type: ignore[arg-type]

    whole = computed(asking, rows, spine, tmp_path, limits=Limits(threads=1))
    monkeypatch.setattr(view_values, "_compute_shard", noted)
    assert computed(asking, rows, spine, tmp_path, limits=Limits("40MB")).equals(whole)
    assert made[0] == Shard(1, 0)
    assert len({shard.of for shard in made}) > 1, "this much did fit: the test shows nothing"


def test_one_entity_that_does_not_fit_is_an_error(tmp_path: Path) -> None:
    rows = rows_of(1, 12_000, known_time=False, versions=False, users=1)
    spine = spine_of(1, rows, 8_000, [2 * HOUR], users=1)
    asking = view(*(one.feature for one in FEATURES), of=SOURCES["plain"])
    with pytest.raises(FpcRuntimeError, match="needs more memory than the limit of 40MB") as found:
        computed(asking, rows, spine, tmp_path, limits=Limits("40MB"))
    assert "raise the memory limit" in found.value.help


def test_a_shard_that_does_not_suit_the_kernel_leaves_all_to_sql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows_of(2, 3_000, known_time=False, versions=False, users=USERS)
    spine = spine_of(2, rows, 500, [2 * HOUR], users=USERS)
    counts = [asked("rows", "count", window=None), asked("least", "min", "amount", window="2h")]
    asking = view(*(one.feature for one in counts), of=SOURCES["plain"])
    plain = computed(asking, rows, spine, tmp_path, kernel=False)
    assert computed(asking, rows, spine, tmp_path, shards=3, kernel=True).equals(plain)
    slid: list[Shard] = []
    slide = training._slide

    def refusing(*given: object, **named: object) -> object:
        slid.append(next(one for one in given if isinstance(one, Shard)))
        return None if slid[-1].place == 1 else slide(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(training, "_slide", refusing)
    assert computed(asking, rows, spine, tmp_path, shards=3, kernel=True).equals(plain)
    assert [shard.place for shard in slid] == [0, 1]
