"""Why a value is what it is, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from fpc.cli.instants import ago, shown
from fpc.cli.report import plural
from fpc.cli.table import table
from fpc.cli.value_text import json_value, value_text
from fpc.cli.why_served import Served
from fpc.diagnostics.neutral import neutralise
from fpc.diagnostics.printable_json import printable_json
from fpc.model.nodes import Closed, Feature, FeatureView, Mode
from fpc.plan.nodes import in_words
from fpc.plan.visibility import edges_of
from fpc.sql.why import Rule
from fpc.why import CallWhy, FeatureWhy, Judged, Why

_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, and everything that was found: `found` is as of the instant that the mode gives."""

    found: Why
    keys: Mapping[str, str]
    at_us: int
    mode: Mode
    expired: bool
    online: Served

    @property
    def value(self) -> Any:
        """The value at the instant: of what has expired by then, the default."""
        if not self.expired:
            return self.found.value
        return next(one.default_value for one in self.found.view.outputs if one.name == self.found.name)


def why_text(asked: Asked) -> str:
    """The value, the online value, and each call with its rules and events."""
    found = asked.found
    entity = " ".join(f"{key}={neutralise(value)}" for key, value in asked.keys.items())
    text = f"{found.view.name}.{found.name}  {entity}  at {shown(asked.at_us)} ({asked.mode.value})\n\n"
    text += table(("", "value", "status", "as of"), [_own_row(asked), _online_row(asked.online)])
    output = next(one for one in found.view.outputs if one.name == found.name)
    if not isinstance(output, Feature):
        inputs = ", ".join(f"{one.feature.name} = {value_text(one.value)}" for one in found.features)
        text += f"\n{found.name} = {neutralise(output.sql)}, from {inputs}\n"
    for feature in found.features:
        text += _feature(found.view, feature)
    for reason, count in found.refused.items():
        text += f"\n{plural(count, 'row')} of the entity refused when staged: {reason}\n"
    return text


def why_json(asked: Asked) -> str:
    """The same as JSON; instants in ISO 8601, distances in microseconds."""
    found = asked.found
    answer = asked.online.answer
    return printable_json(
        {
            "feature": f"{found.view.name}.{found.name}",
            "keys": dict(asked.keys),
            "at": shown(asked.at_us),
            "mode": asked.mode.value,
            "as_of": shown(found.at_us),
            "expired": asked.expired,
            "value": json_value(asked.value),
            "online": None
            if answer is None
            else {
                "value": json_value(answer.value),
                "status": answer.status.value,
                "reason": None if answer.reason is None else answer.reason.value,
                "as_of": None if answer.as_of_us is None else shown(answer.as_of_us),
            },
            "online_unavailable": asked.online.reason or None,
            "features": [_feature_json(found.view, one) for one in found.features],
            "refused": dict(found.refused),
        }
    )


def because(view: FeatureView, judged: Judged) -> str:
    """One row's rule in words, exact to the microsecond."""
    away = judged.distance_us or 0
    match judged.rule:
        case Rule.COUNTED:
            return "in the window, and known"
        case Rule.NOT_YET_KNOWN:
            return "known exactly at t" if away == 0 else f"known {_length(away)} after t"
        case Rule.SUPERSEDED:
            return f"a later version was known {_length(away)} before t" if away else "a later version is known at t"
        case Rule.TOO_LATE:
            return "exactly at the window's end" if away == 0 else f"{_length(away)} after the window's end"
        case Rule.TOO_EARLY:
            return "exactly at the window's start" if away == 0 else f"{_length(away)} before the window's start"
        case Rule.FILTERED_BY_VIEW:
            return f"not ({view.where.sql(dialect='duckdb')})" if view.where is not None else ""
        case Rule.FILTERED_BY_CALL:
            return "its FILTER is not true"
        case Rule.NULL:
            return "the argument is null"


def _own_row(asked: Asked) -> tuple[str, str, str, str]:
    status = "expired, the default" if asked.expired else "computed now"
    return "value", value_text(asked.value), status, shown(asked.found.at_us)


def _online_row(online: Served) -> tuple[str, str, str, str]:
    answer = online.answer
    if answer is None:
        return "online", "-", online.reason, "-"
    reason = "" if answer.reason is None else f" ({answer.reason.value})"
    return "online", value_text(answer.value), f"{answer.status.value}{reason}", shown(answer.as_of_us)


def _feature(view: FeatureView, found: FeatureWhy) -> str:
    feature = found.feature
    window = "lifetime" if feature.window.length is None else str(feature.window.length)
    edges = in_words(edges_of(feature.window, view.closed), "event_at")
    text = f"\n{feature.name} = {neutralise(feature.sql)} = {value_text(found.value)}\n"
    known = "" if view.source.known_time is None else f", known_at {'<' if view.closed is Closed.LEFT else '<='} t"
    text += f"window {window}: {edges}{known}\n"
    return text + "".join(_call(view, call) for call in found.calls)


def _call(view: FeatureView, call: CallWhy) -> str:
    text = f"\n{neutralise(call.sql)} = {value_text(call.value)}\n"
    if not call.counts:
        return text + "no event names this entity\n"
    text += table(("rule", "events"), [(rule.value, f"{count:,}") for rule, count in call.counts.items()])
    if call.rows:
        names = tuple(call.rows[0].columns)
        header = ("event_at", "known_at", "rule", "because", *names)
        text += "\n" + table(header, [_row(view, row, names) for row in call.rows])
    return text


def _row(view: FeatureView, row: Judged, names: tuple[str, ...]) -> tuple[str, ...]:
    values = (_short(value_text(row.columns[name])) for name in names)
    return shown(row.event_us), shown(row.known_us), row.rule.value, because(view, row), *values


def _feature_json(view: FeatureView, found: FeatureWhy) -> dict[str, Any]:
    window = found.feature.window
    return {
        "name": found.feature.name,
        "sql": found.feature.sql,
        "window": "lifetime" if window.length is None else str(window.length),
        "offset": str(window.offset),
        "closed": view.closed.value,
        "value": json_value(found.value),
        "calls": [
            {
                "sql": call.sql,
                "value": json_value(call.value),
                "counts": {rule.value: call.counts.get(rule, 0) for rule in Rule},
                "events": [_row_json(view, row) for row in call.rows],
            }
            for call in found.calls
        ],
    }


def _row_json(view: FeatureView, row: Judged) -> dict[str, Any]:
    return {
        "event_at": shown(row.event_us),
        "known_at": shown(row.known_us),
        "superseded_at": None if row.superseded_us is None else shown(row.superseded_us),
        "rule": row.rule.value,
        "because": because(view, row),
        "distance_us": row.distance_us,
        "columns": {name: json_value(value) for name, value in row.columns.items()},
    }


def _length(microseconds: int) -> str:
    """A length of time; below a second to the microsecond."""
    if microseconds % 1_000_000 == 0:
        return ago(microseconds)
    if microseconds < 1_000_000:
        return f"{microseconds:,} us"
    return f"{ago(microseconds)} {microseconds % 1_000_000:,} us"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
