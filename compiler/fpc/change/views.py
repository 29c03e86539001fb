"""What changed of one view."""

from __future__ import annotations

from fpc.change.features import changed_features
from fpc.change.nodes import Change, Class, Difference, Kind
from fpc.change.properties import Property, classes, deprecation_properties, differences
from fpc.change.sql_diff import sql_diff
from fpc.change.view_tests import changed_tests
from fpc.model.canonical import canonical
from fpc.model.fingerprints import column_types, used_columns, used_source_fingerprint
from fpc.model.nodes import Example, FeatureView, Grid
from fpc.sql.text import render


def changed_view(before: FeatureView | None, after: FeatureView | None) -> Change | None:
    """The change from one state of a view to the other, either of which may be missing; None where there is none."""
    if after is None:
        assert before is not None
        return Change(Kind.VIEW, before.name, (Class.REMOVED,), before.span, before.owner)
    if before is None:
        return Change(Kind.VIEW, after.name, (Class.ADDED,), after.span, after.owner)
    # Equal fingerprints say that rows and features mean the same, and spare asking each of them.
    rows = () if before.fingerprint == after.fingerprint else _rows(before, after)
    parts = changed_features(before, after, rows)
    properties = differences(_properties(before), _properties(after))
    gate = changed_tests(before.tests, after.tests)
    own = (*rows, *_key_types(before, after), *properties, *gate, *_changed_examples(before, after))
    kinds = [difference.effect for difference in own]
    was = None if before.name == after.name else before.name
    if was is not None:
        kinds.append(Class.RENAMED)
    if not kinds and not parts:
        return None
    sql = sql_diff(_where(before) or "", _where(after) or "") if any(each.property == "where" for each in rows) else ()
    return Change(Kind.VIEW, after.name, classes(kinds), after.span, after.owner, was, own, sql, parts)


def _rows(before: FeatureView, after: FeatureView) -> tuple[Difference, ...]:
    """What decides which rows count for which entity, and differs: it changes the values of all features."""
    found = list(differences(_row_properties(before), _row_properties(after)))
    if _condition(before) != _condition(after):
        found.append(Difference("where", _spelled(before), _spelled(after), Class.VALUE))
    used = used_columns(before) & used_columns(after)
    if used_source_fingerprint(before.source, used) != used_source_fingerprint(after.source, used):
        found.append(Difference("source", before.source.name, after.source.name, Class.VALUE))
    return tuple(found)


def _row_properties(view: FeatureView) -> tuple[Property, ...]:
    keys = ", ".join(f"{key} from {column.casefold()}" for key, column in sorted(view.key_columns))
    return ("keys", keys, Class.VALUE), ("closed", view.closed.value, Class.VALUE)


def _key_types(before: FeatureView, after: FeatureView) -> tuple[Difference, ...]:
    return differences(*([("entity keys", _keys(view), Class.TYPE)] for view in (before, after)))


def _keys(view: FeatureView) -> str:
    return ", ".join(f"{key.name} {key.type}" for key in view.entity.keys)


def _condition(view: FeatureView) -> str | None:
    return None if view.where is None else canonical(view.where, {}, column_types(view.source))


def _spelled(view: FeatureView) -> str | None:
    return None if view.where is None else view.where.sql(dialect="duckdb")


def _where(view: FeatureView) -> str | None:
    return None if view.where is None else render(view.where)


def _properties(view: FeatureView) -> tuple[Property, ...]:
    return (
        ("refreshed", _grid(view.grid), Class.AVAILABILITY),
        ("freshness", _text(view.freshness), Class.AVAILABILITY),
        ("tier", view.tier.value, Class.AVAILABILITY),
        ("delay", _text(view.delay), Class.AVAILABILITY),
        ("online_ttl", _text(view.online_ttl), Class.AVAILABILITY),
        ("granularity", _text(view.granularity), Class.AVAILABILITY),
        ("start", _text(view.start), Class.AVAILABILITY),
        ("version", str(view.version), Class.METADATA),
        ("changes", _agreements(view), Class.METADATA),
        ("owner", view.owner or None, Class.METADATA),
        ("description", view.description or None, Class.METADATA),
        ("tags", ", ".join(sorted(view.tags)) or None, Class.METADATA),
        ("entity", view.entity.name, Class.METADATA),
        *deprecation_properties(view.deprecated),
    )


def _agreements(view: FeatureView) -> str | None:
    told = (
        (
            each.version,
            f"version {each.version}: {each.reason}, agreed by {', '.join(sorted(each.agreed_by)) or 'nobody'}",
        )
        for each in view.changes
    )
    return "; ".join(text for _, text in sorted(told)) or None


def _grid(grid: Grid) -> str:
    return f"every {grid.every}" if grid.every is not None else f"cron {grid.cron}"


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _changed_examples(before: FeatureView, after: FeatureView) -> tuple[Difference, ...]:
    old, new = ({_told(each): each.name for each in view.examples} for view in (before, after))
    gone = [name for told, name in old.items() if told not in new]
    come = [name for told, name in new.items() if told not in old]
    left, added, rewritten = (
        ", ".join(names)
        for names in (
            [name for name in gone if name not in come],
            [name for name in come if name not in gone],
            [name for name in come if name in gone],
        )
    )
    found = ((left or None, None), (None, added or None), (rewritten or None, rewritten or None))
    return tuple(Difference("examples", was, now, Class.METADATA) for was, now in found if was or now)


def _told(example: Example) -> str:
    rows = (sorted(repr(sorted(row.items())) for row in rows) for rows in (example.given, example.expect))
    return repr((example.name, example.at, *rows))
