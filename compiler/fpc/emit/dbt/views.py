"""Feature views: one row per entity as of the refresh's instant, and the row of an entity without events."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict

from sqlglot import exp

from fpc.contract.defaults import defaulted_column
from fpc.emit.artefact import Artefact
from fpc.emit.dbt.carried import MATERIALIZATION
from fpc.emit.dbt.names import checked, empty_model
from fpc.emit.dbt.schedule import as_of_call
from fpc.emit.dbt.unit_tests import UnitTests, unit_tests
from fpc.emit.dbt.view_sql import ViewSql, view_sql
from fpc.emit.dbt.view_tests import ViewTests, view_tests
from fpc.emit.header import sql_header, yaml_header
from fpc.emit.inert import inert, one_line
from fpc.emit.yaml_text import Yaml, dump
from fpc.model.nodes import Closed, Deprecation, DerivedFeature, Feature, FeatureView, Window

_FOLDER = "dbt_project/models/features"
# What fits beside `{% set as_of =  %}` on a line of 80 characters.
_CALL_WIDTH = 62
_IN_WORDS = {
    Closed.LEFT: "an event exactly a window's length ago is in, one exactly at the instant is out",
    Closed.RIGHT: "an event exactly a window's length ago is out, one exactly at the instant is in",
    Closed.BOTH: "events exactly at both ends of a window are in",
}


def view(view: FeatureView, groups: dict[str, str]) -> tuple[Artefact, ...]:
    """The view's two models, their properties and tests."""
    tests, examples = view_tests(view), unit_tests(view)
    name, empty = checked(view.name), empty_model(view)
    set_as_of = _set_as_of(view)
    sql = view_sql(view)
    snapshot = sql.computed if sql.carried is None else _carried_forward(view, sql)
    model = _model(view, tests, groups, sql)
    properties: dict[str, Yaml] = {"models": [model, _empty_model(view, groups)]}
    if examples.tests:
        properties["unit_tests"] = list(examples.tests)
    return (
        Artefact(f"{_FOLDER}/{name}.sql", _header(view, view.description, _grain(view)) + set_as_of + snapshot),
        Artefact(
            f"{_FOLDER}/{empty}.sql",
            _header(view, f"what {view.name} answers for an entity without events", "one row") + set_as_of + sql.empty,
        ),
        Artefact(f"{_FOLDER}/{name}.yml", f"{_yaml_header(examples)}\n{dump(properties)}"),
        *tests.files,
    )


def _carried_forward(view: FeatureView, sql: ViewSql) -> str:
    """The view from its own rows as of an earlier instant, where there are such, else from all events."""
    rows = (
        "-- Carried forward: of the table's own rows those that were changed by what\n"
        "-- entered or left a window since; the others stay (macros/fpc_carried.sql).\n"
        if sql.in_place
        else "-- Carried forward: the table's own rows, and what entered or left a window\n"
        "-- since. The rows are those of the other branch.\n"
    )
    return (
        f"{{% set since = fpc_since('{checked(view.name)}') %}}\n\n"
        "{% if since is none %}\n\n"
        "-- Everything anew, and with it the states from which the next refresh goes on.\n"
        f"{sql.computed}\n"
        "{% else %}\n\n"
        f"{rows}"
        f"{sql.carried}\n"
        "{% endif %}\n"
    )


def _set_as_of(view: FeatureView) -> str:
    """The model's first statement: `as_of` is the instant of the refresh."""
    call = as_of_call(view.grid)
    if len(call) > _CALL_WIDTH:
        name, arguments = call.removesuffix(")").split("(", 1)
        lines = ",\n    ".join(re.split(r", (?=[a-z_]+=)", arguments))
        call = f"{name}(\n    {lines}\n)"
    return f"{{% set as_of = {call} %}}\n\n"


def _header(view: FeatureView, purpose: str, grain: str) -> str:
    return sql_header(
        f"{view.name}: {purpose}" if purpose == view.description else purpose,
        grain=grain,
        owner=view.owner,
        spec=view.span.path,
        fingerprint=view.fingerprint,
    )


def _yaml_header(examples: UnitTests) -> str:
    return yaml_header() + "".join(f"# {one_line(sentence)}\n" for sentence in examples.left_out)


def _grain(view: FeatureView) -> str:
    keys = ", ".join(key.name for key in view.entity.keys)
    return f"one row per {view.entity.name} ({keys}) as of the latest point of its schedule"


def _in_place(view: FeatureView, groups: dict[str, str]) -> dict[str, Yaml]:
    """What a view that is carried forward in place is to dbt, and what its materialization asks for."""
    keys: list[Yaml] = [key.name for key in view.entity.keys]
    config = _config(view, groups, "public", as_of=as_of_call(view.grid))
    return {"materialized": MATERIALIZATION, "unique_key": keys, **config}


def _config(view: FeatureView, groups: dict[str, str], access: str, **more: Yaml) -> dict[str, Yaml]:
    """What both models are to dbt. A view is for everybody; the row beside it is nobody's but its owner's."""
    is_owned = view.owner in groups
    return {
        "contract": {"enforced": True},
        **({"group": groups[view.owner], "access": access} if is_owned else {}),
        **({"tags": [inert(tag) for tag in view.tags]} if view.tags else {}),
        "meta": {
            "owner": inert(view.owner),
            "spec": inert(view.span.path),
            "entity": view.entity.name,
            "source": view.source.name,
            "fingerprint": view.fingerprint,
            **more,
        },
    }


def _model(view: FeatureView, tests: ViewTests, groups: dict[str, str], sql: ViewSql) -> Yaml:
    not_null: dict[str, Yaml] = {"type": "not_null"}
    if sql.in_place:
        # dbt warns of constraints on every materialization but its own; this one makes its tables as dbt does.
        not_null["warn_unsupported"] = False
    keys: list[Yaml] = [
        {
            "name": key.name,
            "description": inert(key.description or f"Key of {view.entity.name}."),
            "data_type": str(key.type),
            "constraints": [not_null],
        }
        for key in view.entity.keys
    ]
    features = [_column(view, output, tests.on_column.get(output.name, [])) for output in view.outputs]
    version: dict[str, Yaml] = {"v": view.version, "defined_in": view.name, "config": {"alias": view.name}}
    if view.deprecated is not None:
        version["deprecation_date"] = view.deprecated.remove_after or view.deprecated.since
    return {
        "name": view.name,
        "description": inert(_description(view)),
        "latest_version": view.version,
        "config": _in_place(view, groups) if sql.in_place else _config(view, groups, "public"),
        "data_tests": tests.on_model,
        "columns": [*keys, *features, *_marks(view), *_states(sql.kept), _AS_OF],
        "versions": [version],
    }


_AS_OF: Yaml = {"name": "as_of", "description": "The instant that the row is as of.", "data_type": "timestamptz"}


def _empty_model(view: FeatureView, groups: dict[str, str]) -> Yaml:
    columns: list[Yaml] = [
        {"name": output.name, "description": inert(_meaning(output)), "data_type": str(output.type)}
        for output in view.outputs
    ]
    return {
        "name": empty_model(view),
        "description": f"One row: what {view.name} answers for an entity without events, defaults filled in.",
        "config": _config(view, groups, "private"),
        "columns": [*columns, *_marks(view), _AS_OF],
    }


def _marks(view: FeatureView) -> list[Yaml]:
    """For each feature with a default, the column that says where it stands in."""
    return [
        {
            "name": checked(defaulted_column(output.name)),
            "description": f"Whether {output.name} is null as computed, and its default stands there.",
            "data_type": "boolean",
        }
        for output in view.outputs
        if output.default is not None
    ]


def _states(kept: Iterable[tuple[str, str]]) -> list[Yaml]:
    """The columns that a carried view keeps for its next refresh."""
    description = "Kept for the next refresh; not served."
    return [{"name": checked(name), "description": description, "data_type": type_} for name, type_ in kept]


def _description(view: FeatureView) -> str:
    sentences = [view.description, f"Grain: {_grain(view)}. Windows: {_IN_WORDS[view.closed]}."]
    if view.deprecated is not None:
        sentences.append(_end(view.deprecated))
    return "\n\n".join(sentence for sentence in sentences if sentence)


def _end(deprecated: Deprecation) -> str:
    why = f": {deprecated.reason}" if deprecated.reason else ""
    use = f" Use {deprecated.use}." if deprecated.use else ""
    return f"Deprecated since {deprecated.since}{why.removesuffix('.')}.{use}"


def _column(view: FeatureView, output: Feature | DerivedFeature, tests: list[Yaml]) -> Yaml:
    meta: dict[str, Yaml] = {"fingerprint": output.fingerprint, "sql": inert(output.sql)}
    if isinstance(output, Feature):
        meta["window"] = _window(output.window)
        reads: list[Yaml] = [inert(f"{view.source.name}.{column}") for column in _columns_read(output)]
        meta |= {"reads": reads} if reads else {}
    else:
        meta["reads"] = list(output.inputs)
    if output.default is not None:
        meta["default"] = inert(output.default.sql(dialect="duckdb"))
    description = _meaning(output)
    if output.deprecated is not None:
        end = asdict(output.deprecated)
        meta["deprecated"] = {key: inert(value) for key, value in end.items() if value}
        description = f"{description} {_end(output.deprecated)}"
    return {
        "name": output.name,
        "description": inert(description),
        "data_type": str(output.type),
        "config": {**({"tags": [inert(tag) for tag in output.tags]} if output.tags else {}), "meta": meta},
        **({"data_tests": tests} if tests else {}),
    }


def _meaning(output: Feature | DerivedFeature) -> str:
    if output.description:
        return output.description
    if isinstance(output, DerivedFeature):
        return f"{one_line(output.sql)}, over features of this view."
    return f"{one_line(output.sql)}, {_window(output.window)}."


def _window(window: Window) -> str:
    length = "over all events" if window.length is None else f"over {window.length}"
    return length if not window.offset.microseconds else f"{length}, {window.offset} earlier"


def _columns_read(feature: Feature) -> list[str]:
    """The staged columns that the feature's aggregates read, in order of first use."""
    trees = [tree for call in feature.aggregates for tree in (*call.arguments, call.filter) if tree is not None]
    return list(dict.fromkeys(column.name for tree in trees for column in tree.find_all(exp.Column)))
