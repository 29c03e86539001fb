"""What a backfill of a view reads, by the same estimate as `fpc backfill --estimate`; nothing is locked or written."""

from __future__ import annotations

import duckdb

from fpc.contract.backfill import BackfillProgram
from fpc.effect.nodes import Cost
from fpc.model.nodes import FeatureView, Model
from fpc.runtime.backfill.chunks import Chunk, Range
from fpc.runtime.backfill.files import SourceFiles
from fpc.runtime.backfill.plan import Plan, plan
from fpc.runtime.backfill.table_rows import TableRows
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.raw_rows import Place, find_files, first_line
from fpc.sql.history import lower_history


def backfill_cost(model: Model, view: FeatureView, clock_us: int, place: Place) -> Cost:
    """What making the view's history anew reads, month by month, from its `start` to the clock."""
    if view.start is None:
        return Cost(view.name, note="it has no `start`, and so no history that `fpc backfill` keeps")
    if view.start >= clock_us:
        return Cost(view.name, note="its history begins later than now")
    try:
        estimate = _estimate(lower_history(model, view, f"main.{view.name}__history"), view.start, clock_us, place)
    except FpcRuntimeError as error:
        return Cost(view.name, note=error.message)
    except duckdb.Error as error:
        return Cost(view.name, note=f"the warehouse cannot be read: {first_line(error)}")
    pieces = [piece for piece in estimate.pieces if piece.points]
    return Cost(
        view.name,
        view.start,
        clock_us,
        len(pieces),
        estimate.points,
        estimate.files,
        estimate.rows,
        estimate.bytes,
    )


def _estimate(program: BackfillProgram, start_us: int, end_us: int, place: Place) -> Plan:
    (source,) = program.training.sources
    whole = Range(start_us, end_us)
    if source.path is not None:
        files = find_files(source.path, place.root, f"source `{source.name}`")
        return plan(program, whole, Chunk.MONTH, None, SourceFiles(files, place.root, program.reading))
    if place.warehouse is None or not place.warehouse.exists():
        raise FpcRuntimeError(f"source `{source.name}` is a table of the warehouse, which does not exist yet")
    with duckdb.connect(str(place.warehouse), read_only=True) as connection:
        return plan(program, whole, Chunk.MONTH, None, TableRows(connection, source, program.reading))
