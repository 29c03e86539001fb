"""What all versions of an event share, and what a refresh may therefore leave unread.

The last version of an event is chosen among all of its rows. A condition on a column that they share can be asked
before that, of the files; one on any other column has to wait until every row of the source was read.
"""

from __future__ import annotations

from typing import Final

from fpc.model.nodes import Source

_EVENT_AT: Final = "event_at"


def shared_columns(source: Source) -> tuple[str, ...]:
    """Beside the unique key, the staged columns that the versions of an event share and that refreshes read by.

    They are the event time and the partition column where the spec declares them `immutable`; of a source without
    versions none.
    """
    if not source.unique_key:
        return ()
    partition = () if source.partition_by is None else (source.partition_by.column,)
    staged = {_EVENT_AT: source.event_time.column, **{name: name for name in partition}}
    return tuple(name for name, declared in staged.items() if declared in source.immutable)


def reads_everything(source: Source) -> bool:
    """Whether a refresh must read every row of the source, whatever its windows."""
    return bool(source.unique_key) and not shared_columns(source)
