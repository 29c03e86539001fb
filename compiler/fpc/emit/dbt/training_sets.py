"""Declared training sets: the service's features beside the labels, one row per row of the spine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from fpc.emit.artefact import Artefact
from fpc.emit.dbt.names import checked, dbt_models, training_model
from fpc.emit.dbt.sources import file_reader, source_name, staged_relation
from fpc.emit.dbt.sql_text import dbt_sql
from fpc.emit.header import sql_header, yaml_header
from fpc.emit.inert import inert
from fpc.emit.yaml_text import Yaml, dump
from fpc.model.nodes import FeatureView, Mode, Model, Spine, TrainingSet
from fpc.sql.training import ViewLowering, lower_view

_ROW = "__spine_row"
_FOLDER = "dbt_project/models/training_sets"
#: Types of keys of which a guess from a CSV file's text would lose something: zeros, exponents, digits.
_NOT_GUESSED = ("varchar", "decimal", "hugeint")
_IN_WORDS = {
    Mode.EXACT: "each row's features are as of its own time",
    Mode.AS_SERVED: "each row's features are those that the online store would have answered at its time",
}


def training_set(declared: TrainingSet, model: Model) -> tuple[Artefact, ...]:
    """The training set's model and its properties."""
    name = training_model(declared)
    header = sql_header(
        f"{name}: {declared.description}",
        grain=f"one row per row of the spine; {_IN_WORDS[declared.mode]}",
        owner=declared.owner,
        spec=declared.span.path,
        features=", ".join(_fingerprints(declared, model)),
    )
    sources = {source.name: source_name(source, model.config.name) for source in model.sources.values()}
    sources[f"{name}__spine"] = model.config.name
    text = dbt_sql(_unquoted(_query(declared, model)), sources)
    return (
        Artefact(f"{_FOLDER}/{name}.sql", header + text),
        Artefact(f"{_FOLDER}/{name}.yml", f"{yaml_header()}\n{dump(_properties(declared, model))}"),
    )


def _query(declared: TrainingSet, model: Model) -> exp.Select:
    columns = declared.service.columns()
    views = list(dict.fromkeys(reference.view for reference, _ in columns))
    lowered = {
        name: lower_view(
            model.views[name],
            [reference.feature for reference, _ in columns if reference.view == name],
            declared.mode,
            staged_relation(model.views[name].source),
            "instants",
            f"{name}__",
            readable=True,
        )
        for name in views
    }
    star = exp.Column(this=exp.Star(except_=[exp.to_identifier(_ROW)]), table=exp.to_identifier("spine"))
    features = [_value(model.views[r.view], r.feature, column, declared.mode, lowered) for r, column in columns]
    query = exp.select(star, *features).from_("spine").order_by(exp.column(_ROW, "spine"))
    for name in views:
        query = _joined(query, lowered[name], declared.mode)
    for name, step, comment in _steps(declared, model, list(lowered.values())):
        query = query.with_(name, as_=step, copy=False)
        query.ctes[-1].comments = [comment]
    return query


def _unquoted(query: exp.Select) -> exp.Select:
    """Without quotes around names; the layout puts back those that SQL needs."""
    for name in query.find_all(exp.Identifier):
        if name.this == name.this.lower():
            name.set("quoted", False)
    return query


def _steps(declared: TrainingSet, model: Model, lowered: list[ViewLowering]) -> Iterator[tuple[str, exp.Query, str]]:
    row = exp.Window(this=exp.RowNumber()).as_(_ROW)
    yield "spine", exp.select(row, exp.Star()).from_(_spine(declared, model)), "The labelled rows, numbered."
    keys = {key.name: key for step in lowered for key in step.view.entity.keys}
    time = exp.cast(exp.column(declared.spine.time), "timestamptz")
    instants = exp.select(
        exp.column(_ROW).as_("_spine_row"),
        *(exp.column(name) for name in keys),
        exp.func("epoch_us", time, dialect="duckdb").as_("_at_us"),
    ).from_("spine")
    yield "instants", instants, "Whose features are asked for each row, and as of when."
    for step in lowered:
        relations = [step.asked, *([step.answers] if declared.mode is Mode.AS_SERVED else [])]
        for relation in [*relations, step.events, *step.parts, step.values]:
            yield relation.name, relation.query, f"{step.view.name}: {relation.comment}"


def _joined(query: exp.Select, lowered: ViewLowering, mode: Mode) -> exp.Select:
    row = exp.column(_ROW, "spine")
    if mode is Mode.AS_SERVED:
        answers = lowered.answers.name
        condition = exp.EQ(this=row, expression=exp.column("spine_row", answers))
        query = query.join(answers, on=condition, join_type="left", copy=False)
        row = exp.column("ask", answers)
    values = lowered.values.name
    on = exp.EQ(this=row, expression=exp.column("_ask", values))
    return query.join(values, on=on, join_type="left", copy=False)


def _value(view: FeatureView, feature: str, column: str, mode: Mode, lowered: dict[str, ViewLowering]) -> exp.Expr:
    output = next(output for output in view.outputs if output.name == feature)
    value: exp.Expr = exp.column(feature, lowered[view.name].values.name)
    if mode is Mode.AS_SERVED and output.default is not None:
        # What was never served, or too long ago, is missing: the default stands in.
        value = exp.func("coalesce", value, output.default.copy())
    return exp.cast(value, exp.DataType.build(str(output.type), dialect="duckdb")).as_(column)


def _spine(declared: TrainingSet, model: Model) -> exp.Expr:
    spine = declared.spine
    if spine.query is None:
        return exp.to_table(f"__source__{training_model(declared)}__spine")
    models = {name for name, _, _ in dbt_models(model)}

    def linked(node: exp.Expr) -> exp.Expr:
        """Tables that the project knows are named as it names them, so that dbt builds them first."""
        if not isinstance(node, exp.Table) or node.db:
            return node
        prefix = "__ref__" if node.name in models else "__source__" if node.name in model.sources else ""
        return exp.alias_(exp.to_table(prefix + node.name), node.alias_or_name, table=True) if prefix else node

    return exp.Subquery(
        this=spine.query.copy().transform(linked), alias=exp.TableAlias(this=exp.to_identifier("labels"))
    )


def _properties(declared: TrainingSet, model: Model) -> dict[str, Yaml]:
    name = training_model(declared)
    outputs = {(view.name, output.name): output for view in model.views.values() for output in view.outputs}
    columns: list[Yaml] = [{"name": inert(declared.spine.time), "description": "The instant of the row's features."}]
    columns.extend({"name": inert(label), "description": "A label."} for label in declared.spine.labels)
    columns.extend(
        {
            "name": column,
            "description": inert(outputs[reference.view, reference.feature].description),
            "data_type": str(outputs[reference.view, reference.feature].type),
            "config": {"meta": {"feature": f"{reference.view}.{reference.feature}"}},
        }
        for reference, column in declared.service.columns()
    )
    meta: dict[str, Yaml] = {
        "owner": inert(declared.owner),
        "spec": inert(declared.span.path),
        "service": declared.service.name,
        "mode": declared.mode.value,
    }
    described: dict[str, Yaml] = {
        "name": name,
        "description": inert(f"{declared.description} {_IN_WORDS[declared.mode]}.".strip()),
        "config": {"meta": meta},
        "columns": columns,
    }
    keys = {key.name: str(key.type) for r, _ in declared.service.columns() for key in model.views[r.view].entity.keys}
    texts = {key: type_ for key, type_ in keys.items() if type_.startswith(_NOT_GUESSED)}
    return {**_spine_source(declared.spine, name, model.config.name, texts), "models": [described]}


def _spine_source(spine: Spine, name: str, project: str, types: Mapping[str, str]) -> dict[str, Yaml]:
    """The dbt source of a spine that is a file or a table; `types` are those of the keys that a guess would damage."""
    if spine.query is not None:
        return {}
    table: dict[str, Yaml] = {"name": checked(f"{name}__spine"), "description": "Labelled rows."}
    source: dict[str, Yaml] = {"name": project, "schema": "main"}
    if spine.path is not None:
        table["config"] = {"external_location": file_reader(spine.path, types)}
    elif spine.table is not None:
        table["identifier"] = inert(spine.table.table)
        source["schema"] = inert(spine.table.schema or "main")
    return {"sources": [{**source, "tables": [table]}]}


def _fingerprints(declared: TrainingSet, model: Model) -> list[str]:
    views = dict.fromkeys(reference.view for reference in declared.service.features)
    return [f"{name} {model.views[name].fingerprint}" for name in views]
