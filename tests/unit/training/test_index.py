"""The kept index changes no bit of a training set, is made anew after any change, and survives crashes and company."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from tests.unit.sql.builder import view
from tests.unit.training.random_case import SCHEMA, model_of, rows_of, spine_of
from tests.unit.training.test_values import HOUR, KINDS, SOURCES, calls

from fpc.model.nodes import Closed, FeatureReference, FeatureView, Mode
from fpc.runtime.index import FOLDER, IndexFolder, IndexKey, IndexState, IndexUse, index_key
from fpc.runtime.kernel import indexed_step
from fpc.runtime.kernel.memory import zeros
from fpc.runtime.raw_rows import Place
from fpc.runtime.scratch import UNLIMITED, Limits
from fpc.runtime.spine import ArrowSpine, SpineColumns
from fpc.runtime.training import run
from fpc.sql.training.program import lower_training

FEATURES = [*calls("2h", "0s", "2h", KINDS), *calls(None, "1h", "ever", KINDS)]
#: What the kernel computes alone, by every kind of column that it lays out.
FEW = calls("2h", "0s", "2h", {"rows", "total", "cities", "newest_paid"})
ROOT = Path(__file__).parents[3]
CHANGED = {"amount": None, "status": "paid", "city": "b", "weight": 2.0}


def put(folder: Path, rows: list[dict[str, Any]]) -> None:
    (folder / "data").mkdir(exist_ok=True)
    parquet.write_table(pa.Table.from_pylist(rows, SCHEMA), folder / "data" / "orders.parquet")


def made(
    asking: FeatureView,
    spine: pa.Table,
    folder: Path,
    *,
    index: bool = True,
    mode: Mode = Mode.EXACT,
    kernel: bool | None = True,
    limits: Limits = UNLIMITED,
    shards: int | None = None,
) -> tuple[pa.Table, IndexUse | None]:
    members = [(FeatureReference(asking.name, output.name), output.name) for output in asking.outputs]
    program = lower_training(model_of(asking), members, mode)
    result = run(
        program,
        ArrowSpine(spine),
        SpineColumns("at"),
        Place(folder),
        limits,
        shards=shards,
        kernel=kernel,
        index=index,
    )
    try:
        return result.batches().read_all(), (result.indexes or (None,))[0]
    finally:
        result.close()


def state(use: IndexUse | None) -> IndexState:
    assert use is not None
    return use.state


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / FOLDER).iterdir() if path.is_dir())


def of_users(count: int = 200, seed: int = 3) -> tuple[FeatureView, list[dict[str, Any]], pa.Table]:
    rows = rows_of(seed, count, known_time=False, versions=False)
    asking = view(*(one.feature for one in FEW), of=SOURCES["plain"])
    return asking, rows, spine_of(seed, rows, 80, [2 * HOUR, HOUR, HOUR // 2])


@settings(max_examples=4, deadline=None, suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large))
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(0, 250),
    users=st.integers(1, 30),
    mode=st.sampled_from(list(Mode)),
    closed=st.sampled_from(list(Closed)),
    keys=st.sampled_from([("user_id",), ("city",), ("user_id", "city")]),
)
def test_the_index_changes_no_bit(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    count: int,
    users: int,
    mode: Mode,
    closed: Closed,
    keys: tuple[str, ...],
) -> None:
    folder = tmp_path_factory.mktemp("case")
    rows = rows_of(seed, count, known_time=False, versions=False, users=users)
    put(folder, rows)
    about = rows or rows_of(seed, 5, known_time=False, versions=False, users=users)
    spine = spine_of(seed, about, 60, [2 * HOUR, HOUR, HOUR // 2], users=users)
    # "z" is a city that no event has.
    spine = spine.append_column("city", pa.array([None if n % 11 == 0 else "abz"[n % 3] for n in range(60)]))
    asking = view(
        *(one.feature for one in FEATURES), of=SOURCES["plain"], closed=closed, keys={key: key for key in keys}
    )
    without, nothing = made(asking, spine, folder, index=False, mode=mode)
    assert nothing is None
    for wanted in (IndexState.BUILT, IndexState.READ):
        table, use = made(asking, spine, folder, mode=mode)
        assert state(use) is wanted
        assert table.equals(without)
    # The other mode, and another spine, read the same index.
    other = next(one for one in Mode if one is not mode)
    few = spine.slice(7, 5)
    table, use = made(asking, few, folder, mode=other)
    assert state(use) is IndexState.READ
    assert table.equals(made(asking, few, folder, index=False, mode=other)[0])


@pytest.mark.parametrize("kind", ["late", "versions"])
def test_late_and_versioned_events_need_no_index(tmp_path: Path, kind: str) -> None:
    of = SOURCES[kind]
    rows = rows_of(2, 150, known_time=of.known_time is not None, versions=bool(of.unique_key))
    put(tmp_path, rows)
    asking = view(*(one.feature for one in FEW), of=of)
    spine = spine_of(2, rows, 50, [2 * HOUR])
    table, use = made(asking, spine, tmp_path)
    assert use is not None
    assert (use.state, "late or versioned" in use.reason) == (IndexState.UNUSED, True)
    assert table.equals(made(asking, spine, tmp_path, index=False)[0])


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"shards": 3}, "in 3 parts"),
        ({"kernel": None}, "SQL computes it"),
        ({"kernel": False}, "SQL computes it"),
    ],
)
def test_it_says_why_there_is_no_index(tmp_path: Path, given: Mapping[str, Any], reason: str) -> None:
    asking, rows, spine = of_users()
    put(tmp_path, rows)
    table, use = made(asking, spine, tmp_path, **given)
    assert use is not None
    assert use.state is IndexState.UNUSED
    assert reason in use.reason
    assert not (tmp_path / FOLDER).exists()
    assert table.equals(made(asking, spine, tmp_path, index=False, **given)[0])


def test_without_numba_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asking, rows, spine = of_users()
    put(tmp_path, rows)
    monkeypatch.setattr("fpc.runtime.indexing.find_spec", lambda name: None)
    _, use = made(asking, spine, tmp_path, kernel=None)
    assert use is not None
    assert "numba" in use.reason


def test_a_changed_file_makes_it_anew(tmp_path: Path) -> None:
    asking, rows, spine = of_users()
    put(tmp_path, rows)
    assert state(made(asking, spine, tmp_path)[1]) is IndexState.BUILT
    put(tmp_path, rows[::2])
    table, use = made(asking, spine, tmp_path)
    assert state(use) is IndexState.BUILT
    assert table.equals(made(asking, spine, tmp_path, index=False)[0])
    assert len(names(tmp_path)) == 1


def test_a_file_of_the_same_size_and_age_is_told_from_the_one_before(tmp_path: Path) -> None:
    asking, rows, spine = of_users()
    put(tmp_path, rows)
    file = tmp_path / "data" / "orders.parquet"
    made(asking, spine, tmp_path)
    before = file.stat()
    # Each event at another's time: the same values, and so the same bytes of nearly the same length.
    times = [row["ordered_at"] for row in rows]
    put(tmp_path, [row | {"ordered_at": at} for row, at in zip(rows, reversed(times), strict=True)])
    with file.open("ab") as longer:
        longer.truncate(before.st_size)
    content = file.read_bytes()
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    key = index_key_of(asking, tmp_path)
    assert content == file.read_bytes()
    assert IndexFolder(tmp_path).facts(key) is None


def test_another_definition_has_another_index_and_the_old_one_goes(tmp_path: Path) -> None:
    asking, rows, spine = of_users()
    put(tmp_path, rows)
    made(asking, spine, tmp_path)
    (old,) = names(tmp_path)
    filtered = view(*(one.feature for one in FEW), of=SOURCES["plain"], where="status <> 'gone'")
    object.__setattr__(filtered, "fingerprint", "another")
    table, use = made(filtered, spine, tmp_path)
    assert state(use) is IndexState.BUILT
    assert table.equals(made(filtered, spine, tmp_path, index=False)[0])
    (new,) = names(tmp_path)
    assert new != old
    assert [path.name for path in (tmp_path / FOLDER).glob("*.lock")] == [f"{new}.lock"]


def test_fewer_features_have_an_index_of_their_own(tmp_path: Path) -> None:
    asking, rows, spine = of_users()
    put(tmp_path, rows)
    made(asking, spine, tmp_path)
    fewer = view(*(one.feature for one in FEW[:2]), of=SOURCES["plain"])
    assert state(made(fewer, spine, tmp_path)[1]) is IndexState.BUILT
    assert len(names(tmp_path)) == 2
    for one in (asking, fewer):
        assert state(made(one, spine, tmp_path)[1]) is IndexState.READ


@pytest.mark.parametrize("harm", ["cut", "gone", "half a manifest", "entities"])
def test_a_damaged_index_is_made_anew(tmp_path: Path, harm: str) -> None:
    asking, rows, spine = of_users()
    put(tmp_path, rows)
    without, _ = made(asking, spine, tmp_path, index=False)
    made(asking, spine, tmp_path)
    (name,) = names(tmp_path)
    folder = tmp_path / FOLDER / name
    match harm:
        case "cut":
            os.truncate(folder / "at.npy", (folder / "at.npy").stat().st_size - 8)
        case "gone":
            (folder / "slot_0.npy").unlink()
        case "half a manifest":
            os.truncate(folder / "manifest.json", 40)
        case "entities":
            (folder / "entities.parquet").write_bytes(b"PAR1")
    table, use = made(asking, spine, tmp_path)
    assert state(use) is IndexState.BUILT
    assert table.equals(without)
    assert state(made(asking, spine, tmp_path)[1]) is IndexState.READ


def test_what_a_crash_left_is_removed(tmp_path: Path) -> None:
    asking, rows, spine = of_users()
    put(tmp_path, rows)
    for name in ("0123.building", "4567.stale"):
        (tmp_path / FOLDER / name).mkdir(parents=True)
        (tmp_path / FOLDER / name / "at.npy").write_bytes(b"half")
    made(asking, spine, tmp_path)
    (name,) = names(tmp_path)
    assert json.loads((tmp_path / FOLDER / name / "manifest.json").read_text())["view"] == asking.name


def test_where_nothing_can_be_kept_the_training_set_is_made(tmp_path: Path) -> None:
    asking, rows, spine = of_users()
    put(tmp_path, rows)
    (tmp_path / ".fpc").write_text("a file where the folder should be")
    table, use = made(asking, spine, tmp_path)
    assert use is not None
    assert "can't be kept" in use.reason
    assert table.equals(made(asking, spine, tmp_path, index=False)[0])


def script(body: str, folder: Path) -> subprocess.Popen[str]:
    """A process of its own that makes the training set of `of_users` in the folder, as `body` says."""
    head = "import sys, os, resource; from pathlib import Path; from tests.unit.training.test_index import *\n"
    head += "folder = Path(sys.argv[1]); asking, rows, spine = of_users()\n"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "compiler")))}
    return subprocess.Popen(
        [sys.executable, "-c", head + body, str(folder)],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_two_processes_at_once_make_one_whole_index(tmp_path: Path) -> None:
    asking, rows, spine = of_users()
    put(tmp_path, rows)
    body = "print('ready', flush=True); input(); table, use = made(asking, spine, folder); print(use.state.value)\n"
    body += "parquet.write_table(table, folder / (sys.stdin.read().strip() + '.parquet'))"
    both = [script(body, tmp_path) for _ in range(2)]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(name, timeout=120)[0] for process, name in zip(both, ("first", "second"), strict=True)]
    assert sorted(told) == ["built\n", "read\n"]
    without, _ = made(asking, spine, tmp_path, index=False)
    for name in ("first", "second"):
        assert parquet.read_table(tmp_path / f"{name}.parquet").equals(without)
    assert len(names(tmp_path)) == 1


def test_a_kill_while_it_is_made_leaves_nothing_that_is_read(tmp_path: Path) -> None:
    asking, rows, spine = of_users()
    put(tmp_path, rows)
    body = "from fpc.runtime.kernel import kept\n"
    body += f"kept.np.save = lambda *_: os.kill(os.getpid(), {int(signal.SIGKILL)})\nmade(asking, spine, folder)"
    process = script(body, tmp_path)
    process.communicate(timeout=120)
    assert process.returncode == -signal.SIGKILL
    (left,) = names(tmp_path)
    assert left.endswith(".building")
    assert (tmp_path / FOLDER / left / "at.npy").stat().st_size > 0
    table, use = made(asking, spine, tmp_path)
    assert state(use) is IndexState.BUILT
    assert table.equals(made(asking, spine, tmp_path, index=False)[0])
    assert [name for name in names(tmp_path) if "." in name] == []


@pytest.mark.parametrize("room", [0, 1500])
def test_on_a_full_disk_the_training_set_is_made_without(
    tmp_path: Path, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking, rows, spine = of_users()
    put(tmp_path, rows)
    without, _ = made(asking, spine, tmp_path, index=False)

    def limited(write: Any) -> Any:
        # The limit counts for every file of the process, and so is set only while the index is written.
        def writing(*given: Any) -> Any:
            before = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
            try:
                return write(*given)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)

        return writing

    name = "write_layout" if room else "_write_entities"
    monkeypatch.setattr(indexed_step, name, limited(getattr(indexed_step, name)))
    table, use = made(asking, spine, tmp_path)
    assert use is not None
    assert use.state is IndexState.UNUSED
    assert "can't be kept" in use.reason
    assert table.equals(without)
    assert names(tmp_path) == []


def index_key_of(asking: FeatureView, folder: Path) -> IndexKey:
    """The key of the view's index, as the folder's files are now."""
    members = [(FeatureReference(asking.name, output.name), output.name) for output in asking.outputs]
    program = lower_training(model_of(asking), members, Mode.EXACT)
    (of_view,), (of_source,) = program.views, program.sources
    assert of_view.kernel is not None
    return index_key(of_view.kernel.program, of_view, of_source, [folder / "data" / "orders.parquet"], folder)


def test_what_was_not_read_for_longest_makes_room(tmp_path: Path) -> None:
    def put_index(name: str, day: int) -> None:
        key = IndexKey(name, name, "", ())
        made_in = indexes.new(key)
        (made_in / "at.npy").write_bytes(bytes(1000))
        indexes.keep(key, made_in, {})
        os.utime(tmp_path / FOLDER / name / "manifest.json", (day, day))

    indexes = IndexFolder(tmp_path, most_bytes=4000)
    for name, day in (("a", 3), ("b", 1), ("c", 2)):
        put_index(name, day)
    newest = IndexKey("d", "d", "", ())
    put_index("d", 4)
    indexes.sweep(newest)
    # Each takes a thousand bytes and its manifest's: the oldest goes.
    assert names(tmp_path) == ["a", "c", "d"]
    with indexes.held(IndexKey("a", "a", "", ())):
        # What is in use stays, whatever it takes.
        IndexFolder(tmp_path, most_bytes=0).sweep(newest)
    assert names(tmp_path) == ["a", "d"]


def test_large_arrays_begin_as_zeros() -> None:
    for shape in ((3, 5), (0, 4), (4, 0), (1 << 19, 2)):
        array = zeros(*shape)
        assert array.shape == shape
        assert not array.any()
        array[...] = 7
        assert np.all(array == 7)
