"""What changed of a source or of an entity by itself; what that does to values is told with the views that read it."""

from __future__ import annotations

from fpc.change.nodes import Change, Class, Difference, Kind
from fpc.change.properties import Property, classes, differences
from fpc.model.fingerprints import decisive_timezone
from fpc.model.nodes import DbtModelLocation, Entity, FileLocation, Location, Source, Stream, TableLocation


def changed_source(before: Source | None, after: Source | None) -> Change | None:
    """The change from one state of a source to the other; None where there is none."""
    if before is None or after is None:
        return _one_sided(Kind.SOURCE, before, after)
    own = (*differences(_source(before), _source(after)), *_columns(before, after))
    return _change(Kind.SOURCE, before, after, own)


def changed_entity(before: Entity | None, after: Entity | None) -> Change | None:
    """The change from one state of an entity to the other; None where there is none."""
    if before is None or after is None:
        return _one_sided(Kind.ENTITY, before, after)
    return _change(Kind.ENTITY, before, after, differences(_entity(before), _entity(after)))


def _one_sided(kind: Kind, before: Source | Entity | None, after: Source | Entity | None) -> Change:
    thing = after or before
    assert thing is not None
    return Change(kind, thing.name, (Class.REMOVED if after is None else Class.ADDED,), thing.span, thing.owner)


def _change(kind: Kind, before: Source | Entity, after: Source | Entity, own: tuple[Difference, ...]) -> Change | None:
    kinds = [difference.effect for difference in own]
    was = None if before.name == after.name else before.name
    if was is not None:
        kinds.append(Class.RENAMED)
    return Change(kind, after.name, classes(kinds), after.span, after.owner, was, own) if kinds else None


def _source(source: Source) -> tuple[Property, ...]:
    known = source.known_time
    partition = source.partition_by
    return (
        ("rows", place(source.location), Class.VALUE),
        ("event_time", _time(source.event_time.column, source.event_time.unit), Class.VALUE),
        ("known_time", None if known is None else _time(known.column, known.unit), Class.VALUE),
        ("unique_key", ", ".join(sorted(name.casefold() for name in source.unique_key)) or None, Class.VALUE),
        ("timezone", decisive_timezone(source.timezone, source.columns), Class.VALUE),
        ("max_lateness", None if source.max_lateness is None else str(source.max_lateness), Class.AVAILABILITY),
        ("partition_by", None if partition is None else f"{partition.column} by {partition.grain}", Class.AVAILABILITY),
        ("stream", None if source.stream is None else _stream(source.stream), Class.AVAILABILITY),
        ("append_only", "true" if source.append_only else None, Class.METADATA),
        ("immutable", ", ".join(sorted(source.immutable)) or None, Class.METADATA),
        ("owner", source.owner or None, Class.METADATA),
        ("description", source.description or None, Class.METADATA),
        ("tags", ", ".join(sorted(source.tags)) or None, Class.METADATA),
    )


def _columns(before: Source, after: Source) -> tuple[Difference, ...]:
    old = {column.name.casefold(): column for column in before.columns}
    new = {column.name.casefold(): column for column in after.columns}
    found = []
    for name in sorted({*old, *new}):
        was, now = old.get(name), new.get(name)
        if was is None or now is None:
            effect = Class.METADATA if was is None else Class.TYPE
            texts = (None if was is None else str(was.type), None if now is None else str(now.type))
            found.append(Difference(f"column {name}", *texts, effect))
        elif was.type != now.type:
            found.append(Difference(f"column {name}", str(was.type), str(now.type), Class.TYPE))
        elif was.description != now.description:
            description = (was.description or None, now.description or None)
            found.append(Difference(f"description of column {name}", *description, Class.METADATA))
    shared = [[name for name in names if name in old and name in new] for names in (old, new)]
    if after.unique_key and shared[0] != shared[1]:
        # Among versions of one event that are equal in all else the order of columns decides which is the last.
        found.append(Difference("order of columns", ", ".join(shared[0]), ", ".join(shared[1]), Class.VALUE))
    return tuple(found)


def _time(column: str, unit: str | None) -> str:
    return column.casefold() if unit is None else f"{column.casefold()} in {unit}"


def _stream(stream: Stream) -> str:
    return f"{stream.topic} as {stream.format}"


def place(location: Location) -> str:
    """Where a source's rows are, in words."""
    match location:
        case FileLocation(path):
            return path
        case TableLocation(schema, name):
            return f"table {schema}.{name}" if schema else f"table {name}"
        case DbtModelLocation(name):
            return f"dbt model {name}"


def _entity(entity: Entity) -> tuple[Property, ...]:
    return (
        ("keys", ", ".join(f"{key.name} {key.type}" for key in entity.keys), Class.TYPE),
        ("descriptions of keys", "; ".join(key.description for key in entity.keys) or None, Class.METADATA),
        ("owner", entity.owner or None, Class.METADATA),
        ("description", entity.description or None, Class.METADATA),
    )
