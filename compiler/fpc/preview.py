"""A view's values at an instant, computed from the raw rows: nothing is read from, or written to, what is served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb
from sqlglot import exp

from fpc.emit.dbt.staged_rows import timestamp_text
from fpc.model.nodes import FeatureReference, FeatureView, Mode, Model
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.failures import explain_engine
from fpc.runtime.raw_rows import Place, attach_source, attach_warehouse
from fpc.sql.snapshot import lower_empty, lower_snapshot
from fpc.sql.staging import lower_staging
from fpc.sql.text import render
from fpc.sql.training.program import lower_training


@dataclass(frozen=True, slots=True)
class Preview:
    """Rows of a view as text (None: null): the keys, the features, `as_of`.

    `found` is False when one entity was asked for that has no event: then the one row is what it is answered with.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    found: bool


def preview(
    model: Model,
    root: Path,
    view_name: str,
    at_us: int,
    keys: Mapping[str, str] | None = None,
    *,
    warehouse: Path | None = None,
    limit: int = 10,
) -> Preview:
    """The view at exactly this instant, for the entities with these keys, in the order of the keys.

    `warehouse` is the DuckDB file, where the source is a table of it. Raises `FpcRuntimeError`.
    """
    view = model.views[view_name]
    wanted = keys or {}
    types = {key.name: str(key.type) for key in view.entity.keys}
    conditions = [exp.EQ(this=exp.column(name), expression=value) for name, value in key_values(view, wanted).items()]
    as_of = exp.cast(exp.Literal.string(timestamp_text(at_us)), "timestamptz")
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        relation = attach_rows(connection, model, view, Place(root, warehouse))
        staged = exp.to_table("staged")
        try:
            staging = lower_staging(view.source, relation)
            connection.execute(render(exp.Create(this=staged, kind="VIEW", expression=staging)))
            columns = (*types, *(output.name for output in view.outputs), "as_of")
            query = exp.select(*(exp.cast(exp.column(name), "varchar") for name in columns)).from_(
                lower_snapshot(view, staged, as_of).subquery("answers")
            )
            ordered = query.where(*conditions).order_by(*types).limit(limit)
            rows = connection.execute(render(ordered)).fetchall()
            if rows or set(wanted) != set(types):
                return Preview(columns, tuple(map(tuple, rows)), bool(rows))
            nothing = exp.select(*(exp.cast(exp.column(name), "varchar") for name in columns[len(types) :])).from_(
                lower_empty(view, as_of).subquery("nothing")
            )
            (empty,) = connection.execute(render(nothing)).fetchall()
            return Preview(columns, ((*(wanted[name] for name in types), *empty),), False)
        except duckdb.Error as error:
            raise explain_engine(view.name, view.source.name, str(error), root) from None


def key_values(view: FeatureView, keys: Mapping[str, str]) -> dict[str, exp.Expr]:
    """The values of an entity's keys as typed SQL; refuses other keys, and values that are not of a key's type."""
    types = {key.name: str(key.type) for key in view.entity.keys}
    for name, value in keys.items():
        if name not in types:
            raise FpcRuntimeError(
                f"entity `{view.entity.name}` has no key `{name}`", help=f"its keys: {', '.join(types)}", exit_code=1
            )
        cast = exp.select(exp.TryCast(this=exp.Literal.string(value), to=exp.DataType.build(types[name], "duckdb")))
        (read,) = duckdb.execute(render(cast)).fetchone() or (None,)
        if read is None or _is_rounded(value, read):
            raise FpcRuntimeError(f"`{name}` takes a {types[name]}", help="KEY=VALUE, as in user_id=7", exit_code=1)
    return {name: exp.cast(exp.Literal.string(value), types[name], dialect="duckdb") for name, value in keys.items()}


def _is_rounded(text: str, read: object) -> bool:
    """Whether a number was read from a text that names another one: `1.5` as the bigint 2 is somebody else's key."""
    if not isinstance(read, int | Decimal) or isinstance(read, bool):
        return False
    try:
        return Decimal(text.strip().replace("_", "")) != read
    except InvalidOperation:
        return False


def attach_rows(connection: duckdb.DuckDBPyConnection, model: Model, view: FeatureView, place: Place) -> exp.Table:
    """Make the source's raw rows readable, and return their relation."""
    reference = FeatureReference(view.name, view.outputs[0].name)
    (source,) = lower_training(model, [(reference, reference.feature)], Mode.EXACT).sources
    if source.table is not None:
        attach_warehouse(connection, place)
    try:
        attach_source(connection, source, place)
    except FpcRuntimeError as error:
        error.kept = ""
        raise
    return exp.to_table(source.relation)
