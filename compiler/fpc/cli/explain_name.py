"""What a name of the repository stands for, at a step of its compilation."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlglot import exp, parse_one

from fpc.cli.explain_code import codes_like
from fpc.cli.failure import wrong_usage
from fpc.cli.names import unknown
from fpc.cli.registry import known_target
from fpc.cli.table import table
from fpc.diagnostics.suggestion import nearest
from fpc.model import Model
from fpc.model.nodes import (
    DbtModelLocation,
    Entity,
    FeatureService,
    FeatureView,
    FileLocation,
    Mode,
    Source,
    TableLocation,
    TrainingSet,
)
from fpc.pipeline import lay_out
from fpc.plan import build
from fpc.plan import explain as plan_in_words
from fpc.sql.snapshot import lower_snapshot
from fpc.sql.staging import lower_staging
from fpc.sql.text import render
from fpc.sql.training.program import lower_training

#: The steps between a spec and its files, in their order.
STEPS: Final = ("words", "spec", "model", "staging", "sql", "training", "files")
_AS_OF: Final = "as_of"

Named = Source | Entity | FeatureView | FeatureService | TrainingSet


def explain(model: Model, name: str, step: str, root: Path, target: str | None) -> str:
    """The text of one step; exit code 2 for an unknown name, or a step that the named thing does not have."""
    thing = _find(model, name)
    match step, thing:
        case "words", FeatureView() if "." in name:
            return _feature(thing, name.partition(".")[2])
        case "words", _:
            return _words(thing)
        case "spec", _:
            return _spec(thing, root)
        case "model", _:
            return _model(thing)
        case "staging", Source() | FeatureView():
            source = thing if isinstance(thing, Source) else thing.source
            return render(lower_staging(source, exp.to_table(f"source_{source.name}")))
        case "sql", FeatureView():
            return render(lower_snapshot(thing, exp.to_table(f"stg_{thing.source.name}"), exp.column(_AS_OF)))
        case "training", FeatureService() | TrainingSet():
            return _training(model, thing)
        case "files", _:
            return _files(model, thing, target)
        case _:
            raise wrong_usage(
                f"`{name}` has no step `{step}`", help="a view has words, spec, model, staging, sql, files"
            )


def _find(model: Model, name: str) -> Named:
    view, dot, feature = name.partition(".")
    if dot:
        if view not in model.views:
            raise unknown("feature view", view, model.views)
        if feature not in (names := [output.name for output in model.views[view].outputs]):
            raise unknown(f"feature of `{view}`", feature, names)
        return model.views[view]
    kinds: tuple[dict[str, Named], ...] = (
        dict(model.views), dict(model.services), dict(model.training_sets), dict(model.sources), dict(model.entities),
    )  # fmt: skip
    for kind in kinds:
        if name in kind:
            return kind[name]
    names = [known for kind in kinds for known in kind]
    like = codes_like(name)
    if like and nearest(name, names) is None:
        raise wrong_usage(f"there is no `{name}`", help=f"did you mean {', '.join(like)}?")
    raise unknown("view, service, training set, source, entity or code", name, names)


def _words(thing: Named) -> str:
    match thing:
        case FeatureView():
            return plan_in_words(build(thing)) + _view_rows(thing)
        case Source():
            return _source(thing)
        case Entity():
            keys = ", ".join(f"{key.name} {key.type}" for key in thing.keys)
            return f"entity {thing.name}: {thing.description}\n\nKeys: {keys}\nOwner: {thing.owner or '-'}\n"
        case FeatureService():
            rows = [(f"{reference.view}.{reference.feature}", column) for reference, column in thing.columns()]
            stale = str(thing.max_staleness) if thing.max_staleness is not None else "no promise"
            return (
                f"feature service {thing.name} (version {thing.version}): {thing.description}\n\n"
                f"Missing values: {thing.on_missing.value}\nMax staleness: {stale}\nOwner: {thing.owner or '-'}\n\n"
                + table(("feature", "column"), rows)
            )
        case TrainingSet():
            spine = thing.spine
            where = spine.path or (f"table {spine.table.table}" if spine.table is not None else "a query")
            return (
                f"training set {thing.name}: {thing.description}\n\nService: {thing.service.name}\nSpine: {where}\n"
                f"Time: {spine.time}\nLabels: {', '.join(spine.labels) or '-'}\nMode: {thing.mode.value}\n"
            )


def _view_rows(view: FeatureView) -> str:
    rows = [(output.name, str(output.type), output.description) for output in view.outputs]
    about = f"\nOwner: {view.owner or '-'}\nFingerprint: {view.fingerprint}\nSpec: {view.span}\n\n"
    return about + table(("feature", "type", "description"), rows)


def _feature(view: FeatureView, name: str) -> str:
    feature = next(output for output in view.outputs if output.name == name)
    lines = [f"{view.name}.{name}: {feature.description}".rstrip(": "), "", f"Type: {feature.type}"]
    lines.append(f"SQL: {feature.sql}")
    default = None if feature.default is None else feature.default.sql(dialect="duckdb")
    lines.append(f"Default: {default or 'none'}")
    lines += [f"Fingerprint: {feature.fingerprint}", f"Spec: {feature.span}", "", ""]
    return "\n".join(lines) + plan_in_words(build(view))


def _source(source: Source) -> str:
    match source.location:
        case FileLocation(path):
            where = path
        case TableLocation(schema, name):
            where = f"table {schema}.{name}" if schema else f"table {name}"
        case DbtModelLocation(name):
            where = f"dbt model {name}"
    known = source.known_time.column if source.known_time is not None else f"{source.event_time.column} (no known_time)"
    versions = ", ".join(source.unique_key) or "none: every row is an event"
    lateness = str(source.max_lateness) if source.max_lateness is not None else "no promise"
    return (
        f"source {source.name}: {source.description}\n\nRows: {where}\nHappened: {source.event_time.column}\n"
        f"Known: {known}\nVersions by: {versions}\nNaive timestamps are in: {source.timezone}\n"
        f"Lateness: {lateness}\nOwner: {source.owner or '-'}\n\n"
        + table(("column", "type", "description"), [(c.name, str(c.type), c.description) for c in source.columns])
    )


def _spec(thing: Named, root: Path) -> str:
    """The document as it is written, found by the line of its name."""
    lines = (root / thing.span.path).read_text(encoding="utf-8-sig").splitlines()
    at = thing.span.line - 1
    first = next((i + 1 for i in range(at, -1, -1) if lines[i].startswith("---")), 0)
    past = next((i for i in range(at, len(lines)) if lines[i].startswith("---") and i > at), len(lines))
    return "\n".join([f"# {thing.span.path}", *lines[first:past]]) + "\n"


def _model(thing: Named) -> str:
    if not isinstance(thing, FeatureView):
        raise wrong_usage(f"`{thing.name}` is no feature view", help="`--show words` shows what it resolves to")
    rows = []
    for feature in thing.features:
        calls = "; ".join(
            f"{call.id} = {call.function}({', '.join(a.sql(dialect='duckdb') for a in call.arguments)})"
            + (f" where {call.filter.sql(dialect='duckdb')}" if call.filter is not None else "")
            for call in feature.aggregates
        )
        window = "lifetime" if feature.window.length is None else str(feature.window.length)
        rows.append((feature.name, str(feature.type), window, feature.expression.sql(dialect="duckdb"), calls))
    rows += [(d.name, str(d.type), "-", d.expression.sql(dialect="duckdb"), "-") for d in thing.derived]
    return table(("feature", "type", "window", "expression", "aggregates"), rows)


def _training(model: Model, thing: FeatureService | TrainingSet) -> str:
    service = thing.service if isinstance(thing, TrainingSet) else thing
    mode = thing.mode if isinstance(thing, TrainingSet) else Mode.AS_SERVED
    program = lower_training(model, service.columns(), mode, service.name)
    steps = [
        step
        for view in program.views
        for step in (view.asked, view.answers, view.events, *view.parts, view.values)
        if step is not None
    ]
    return "\n".join(
        f"-- {step.name}: {step.comment}\n{render(parse_one(step.sql, dialect='duckdb'))}" for step in steps
    )


def _files(model: Model, thing: Named, target: str | None) -> str:
    config = model.config
    artefacts = lay_out(model, known_target(config.targets, config.default_target, target))
    own = [
        artefact
        for artefact in artefacts
        if artefact.path.rsplit("/", 1)[-1].split(".")[0].removeprefix("stg_").split("__")[0] == thing.name
    ]
    return "\n".join(f"-- {artefact.path}\n{artefact.text}" for artefact in own)
