"""What the strategies read: the view's events and the instants asked, by entity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from fpc.model.nodes import FeatureView
from fpc.sql.training.calls import Input
from fpc.sql.training.events import EventColumns, event_columns, raw_columns
from fpc.sql.training.names import raw_name
from fpc.sql.training.shapes import alias, column, equal, select, shape, table
from fpc.types.logical import Kind

#: Kinds of keys that sort and join as fast as a number does.
_NUMBERS = frozenset({Kind.INTEGER, Kind.BIGINT})


@dataclass(frozen=True, slots=True)
class Reads:
    """The relations `events` and `asked` of a view, and the columns by which both name an entity."""

    view: FeatureView
    events: str
    asked: str
    keys: tuple[str, ...]

    @property
    def times(self) -> EventColumns:
        """Which time columns the events have."""
        return event_columns(self.view)


def needs_numbers(view: FeatureView) -> bool:
    """Whether entities are worth numbering: everything sorts by entity, and texts and pairs sort slowly."""
    return any(key.type.kind not in _NUMBERS for key in view.entity.keys) or len(view.entity.keys) > 1


def lower_numbers(
    plain: Reads, inputs: tuple[Input, ...], prefix: str
) -> tuple[Reads, Iterator[tuple[str, exp.Select, str]]]:
    """The same relations with the column `entity` in place of the keys, and the relations that make them so.

    Events of entities that nobody asks for are left out, and so are asks with a null key.
    """
    numbered = Reads(plain.view, f"{prefix}numbered_events", f"{prefix}numbered_asked", ("entity",))
    return numbered, _relations(plain, numbered, inputs, f"{prefix}entities")


def _relations(
    plain: Reads, numbered: Reads, inputs: tuple[Input, ...], entities: str
) -> Iterator[tuple[str, exp.Select, str]]:
    keys, times = plain.keys, plain.times
    distinct = select([*map(column, keys)], plain.asked).distinct(copy=False)
    known = exp.and_(*(shape("_key IS NOT NULL", _key=key) for key in keys))
    yield (
        entities,
        select(
            [*map(column, keys), alias(shape("ROW_NUMBER() OVER ()"), "entity")],
            distinct.where(known, copy=False).subquery("asked_keys", copy=False),
        ),
        "A number for each entity asked for: numbers sort and join faster than keys.",
    )
    yield (
        numbered.asked,
        _numbered(["ask", "asked_us"], plain.asked, entities, keys),
        "The instants to compute, by the entity's number.",
    )
    held = ["event_us", *(["known_us"] if times.late else []), *(["superseded_us"] if times.versions else [])]
    held += [read.name for read in inputs if not read.moves]
    held += [raw_name(name) for name in raw_columns(inputs)]
    yield numbered.events, _numbered(held, plain.events, entities, keys), "The events of the entities asked for."


def _numbered(names: list[str], relation: str, entities: str, keys: tuple[str, ...]) -> exp.Select:
    return select(
        [column("entity", "entities"), *(column(name, "rows") for name in names)], table(relation, "rows")
    ).join(table(entities, "entities"), on=equal(keys, "rows", "entities"), copy=False)
