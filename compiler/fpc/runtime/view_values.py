"""Makes the values of one view for every ask, in hash shards of its entities that fit in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import duckdb
import pyarrow as pa

from fpc.contract.training import TrainingStep, TrainingView
from fpc.runtime.arrow_file import ArrowFile
from fpc.runtime.dealt_events import DealtEvents, files_for, is_dealable
from fpc.runtime.quoting import quoted
from fpc.runtime.scratch import Scratch
from fpc.runtime.shard import Shard
from fpc.runtime.spilled_states import SpilledStates

#: A shard that does not fit is cut so often, all in all; what still does not fit then is one entity's.
_MOST_CUTS: Final = 4**4
#: How often a shard's events are read: by the kernel for what it numbers, counts and lays out, by SQL once.
_READS_BY_KERNEL: Final = 3
#: Dealing the events out costs about as much as reading them so often.
_READS_OF_DEALING: Final = 4

#: Brings the compiled kernel's states of a shard; None where the data do not suit it.
Slide = Callable[[Shard], pa.Table | None]


class _UnfitError(Exception):
    """The data do not suit the kernel, after states of other shards were spilled."""


def make_values(scratch: Scratch, view: TrainingView, number: int, shards: int, slide: Slide | None) -> bool:
    """Make `values_<number>` and, as served, `answers_<number>`; says whether the values stand in the spine's order.

    With `slide` the kernel answers what it can, where the data suit it.
    """
    connection = scratch.connection
    connection.execute(f"CREATE TEMP TABLE every_ask AS {view.asked.sql}")
    connection.execute(f"CREATE VIEW {quoted(view.asked.name)} AS SELECT * FROM every_ask")
    if view.answers is not None:
        connection.execute(f"CREATE TEMP TABLE answers_{number} AS {view.answers.sql}")
    reads = shards * (_READS_BY_KERNEL if slide else 1)
    with _sharded_events(scratch, view, shards, is_dealt=shards > 1 and reads > _READS_OF_DEALING) as point_at:
        try:
            in_order = _compute_shards(scratch, view, number, shards, slide, point_at)
        except _UnfitError:
            in_order = _compute_shards(scratch, view, number, shards, None, point_at)
    connection.execute(f"DROP VIEW {quoted(view.asked.name)}")
    connection.execute("DROP TABLE every_ask")
    return in_order


@contextmanager
def _sharded_events(
    scratch: Scratch, view: TrainingView, shards: int, *, is_dealt: bool
) -> Iterator[Callable[[Shard], None]]:
    """Brings what makes the view's relation of events that of a shard.

    Where they are dealt, which takes one pass, shards read files of their own. Otherwise, and where a column would not
    come back from a file as it went, each shard reads all events, and versions are told apart beforehand.
    """
    connection = scratch.connection
    connection.execute(f"CREATE VIEW every_event AS {view.events.sql}")
    kind, dealt = "VIEW", None
    if is_dealt and is_dealable(connection, "every_event"):
        dealt = DealtEvents(connection, "every_event", view.inner_keys, files_for(shards), scratch.folder)
    elif view.versions:
        kind = "TABLE"
        connection.execute("DROP VIEW every_event")
        connection.execute(f"CREATE TEMP TABLE every_event AS {view.events.sql}")

    def point_at(shard: Shard) -> None:
        if dealt is not None:
            dealt.register("every_event_of_file", shard)
        every = "every_event" if dealt is None else "every_event_of_file"
        _point(connection, view.events.name, every, view, shard)

    yield point_at
    connection.execute(f"DROP VIEW {quoted(view.events.name)}")
    connection.execute(f"DROP {kind} every_event")
    if dealt is not None:
        connection.unregister("every_event_of_file")
        dealt.remove()


def _point(connection: duckdb.DuckDBPyConnection, name: str, every: str, view: TrainingView, shard: Shard) -> None:
    condition = shard.condition(view.inner_keys)
    connection.execute(f"CREATE OR REPLACE VIEW {quoted(name)} AS SELECT * FROM {every} {condition}")


def _compute_shards(
    scratch: Scratch,
    view: TrainingView,
    number: int,
    shards: int,
    slide: Slide | None,
    point_at: Callable[[Shard], None],
) -> bool:
    """Make the values shard by shard; says whether they stand in the spine's order. Raises `_UnfitError`.

    A shard that does not fit in memory is cut in smaller ones, and so are those that wait: only what holds most memory
    decides, and that depends on the data (how much the longest window holds, how many entities are hot).
    """
    connection = scratch.connection
    spilled = _spilled_states(scratch, view, number)
    in_order = False
    waiting = [Shard(shards, place) for place in range(shards)]
    is_first = True
    while waiting:
        shard = waiting[0]
        _point(connection, view.asked.name, "every_ask", view, shard)
        point_at(shard)
        try:
            in_order = _compute_shard(connection, view, number, shard, slide, spilled, is_first=is_first)
        except duckdb.OutOfMemoryException:
            if shard.of >= shards * _MOST_CUTS:
                raise
            waiting = [part for whole in waiting for part in whole.cut()]
        else:
            waiting, is_first = waiting[1:], False
    if spilled is not None and spilled.is_filled:
        _answer_from(connection, view, spilled.relation(), number)
        return True
    return in_order


def _spilled_states(scratch: Scratch, view: TrainingView, number: int) -> SpilledStates | None:
    """Where states of shards may be put: if they are all that the values need, and the asks are the spine's rows."""
    if view.kernel is None or len(view.kernel.parts) > 1 or view.answers is not None:
        return None
    ((first, rows),) = scratch.connection.execute("SELECT MIN(ask), COUNT(*) FROM every_ask").fetchall()
    return SpilledStates(scratch.folder / f"states_{number}.arrow", first, rows) if rows else None


def _compute_shard(
    connection: duckdb.DuckDBPyConnection,
    view: TrainingView,
    number: int,
    shard: Shard,
    slide: Slide | None,
    spilled: SpilledStates | None,
    *,
    is_first: bool,
) -> bool:
    """Add the values of one shard, whole or not at all; says whether they stand in the spine's order."""
    states = slide(shard) if slide else None
    if states is None or view.kernel is None:
        if slide is not None and spilled is not None:
            raise _UnfitError
        _keep_values(connection, view.parts, view.values, number, is_first=is_first)
        return False
    if shard.of == 1 and spilled is not None:
        _answer_from(connection, view, states, number)
        return True
    if spilled is not None:
        spilled.put(states)
        return False
    connection.register("kernel_states", states)
    try:
        _keep_values(connection, view.kernel.parts, view.kernel.values, number, is_first=is_first)
    finally:
        connection.unregister("kernel_states")
    return False


def _answer_from(
    connection: duckdb.DuckDBPyConnection, view: TrainingView, states: pa.Table | ArrowFile, number: int
) -> None:
    """Let the view's values be computed from the kernel's states when they are read, which are in the asks' order."""
    assert view.kernel is not None
    (part,) = view.kernel.parts
    held = f"kernel_states_{number}"
    connection.register(held, states)
    connection.execute(
        f"CREATE TEMP VIEW values_{number} AS WITH kernel_states AS (SELECT * FROM {held}), {quoted(part.name)} AS"
        f" ({part.sql}) SELECT * FROM ({view.kernel.values.sql})"
    )


def _keep_values(
    connection: duckdb.DuckDBPyConnection,
    parts: Sequence[TrainingStep],
    values: TrainingStep,
    number: int,
    *,
    is_first: bool,
) -> None:
    if len(parts) == 1:
        # A part alone goes straight into the values, without a table of its own.
        alone = f"{quoted(parts[0].name)} AS ({parts[0].sql})"
        connection.execute(f"{_into(number, is_first=is_first)} WITH {alone} {values.sql}")
        return
    try:
        for part in parts:
            connection.execute(f"CREATE TEMP TABLE {quoted(part.name)} AS {part.sql}")
        connection.execute(f"{_into(number, is_first=is_first)} {values.sql}")
    finally:
        for part in parts:
            connection.execute(f"DROP TABLE IF EXISTS {quoted(part.name)}")


def _into(number: int, *, is_first: bool) -> str:
    return f"CREATE TEMP TABLE values_{number} AS" if is_first else f"INSERT INTO values_{number}"
