"""A repository with two years of events in monthly files: versions, late rows, offsets, a lifetime, a moving age."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
from pyarrow import parquet

from fpc.contract.backfill import BackfillProgram
from fpc.emit.registry import registry
from fpc.model import Model
from fpc.pipeline import check_repository
from fpc.runtime.backfill.chunks import Chunk, Range
from fpc.runtime.backfill.job import Job
from fpc.runtime.backfill.run import Report, fill, plan_backfill
from fpc.runtime.content import ContentHash
from fpc.runtime.grid import instant_of
from fpc.runtime.scratch import Limits
from fpc.sql.history import lower_history
from fpc.types.duration import Duration

CONFIG = """
name: shop
defaults: {owner: "team:shop"}
default_target: dev
targets:
  dev: {engine: duckdb, database: .fpc/warehouse.duckdb, online: embedded, as_of: "2014-01-01T00:00:00Z"}
"""

SPECS = """
entity:
  name: user
  description: A person with an account.
  keys: {user_id: bigint}
---
source:
  name: orders
  description: An order, once more at each change; in files by the month in which rows arrived.
  path: data/orders/*/*.parquet
  event_time: placed_at
  known_time: updated_at
  unique_key: order_id
  partition_by: {column: ds, grain: month}
  columns: {order_id: bigint, user_id: bigint, placed_at: timestamptz, updated_at: timestamptz, status: varchar,
            amount: "decimal(12,2)", weight: double}
---
source:
  name: visits
  description: A visit, in files by month.
  path: data/visits/*.parquet
  event_time: at
  columns: {user_id: bigint, at: timestamptz, page: varchar, seconds: double}
---
feature_view:
  name: user_orders
  description: What a user ordered.
  entity: user
  source: orders
  freshness: 6h
  start: 2012-01-01
  features:
    - {name: spent_7d, sql: "SUM(amount) FILTER (WHERE status = 'completed')", window: 7d, default: 0}
    - {name: weight_30d, sql: SUM(weight), window: 30d}
    - {name: last_status, latest: status, window: 60d}
    - {name: orders_before, sql: COUNT(*), window: 7d, offset: 7d}
  derived:
    - {name: is_heavy, sql: weight_30d > 100}
---
feature_view:
  name: user_visits
  description: What a user looked at.
  entity: user
  source: visits
  schedule: "30 5 * * *"
  delay: 1h
  closed: right
  features:
    - aggregate: {seconds: [sum, max, stddev], page: [count_distinct, last]}
      windows: [3d, 20d]
---
feature_view:
  name: user_ever
  description: What a user did ever.
  entity: user
  source: visits
  freshness: 1d
  features:
    - {name: visits, sql: COUNT(*), window: lifetime}
    - {name: seconds, sql: SUM(seconds), window: lifetime, offset: 2d}
---
feature_view:
  name: user_age
  description: How long a user has been away.
  entity: user
  source: visits
  freshness: 6h
  features:
    - {name: days_since, sql: "DATE_DIFF('day', MAX(at), AS_OF())", window: 5d}
"""

START, END = datetime(2012, 1, 1, tzinfo=UTC), datetime(2014, 1, 1, tzinfo=UTC)
TWO_YEARS = Range(instant_of("2012-01-01"), instant_of("2014-01-01"))
HALF_A_YEAR = Range(instant_of("2012-01-01"), instant_of("2012-07-01"))


def at(text: str) -> int:
    """An instant in microseconds."""
    return instant_of(text)


@dataclass
class Shop:
    """The repository at `root`, and what a job says."""

    root: Path

    @property
    def model(self) -> Model:
        checked = check_repository(self.root)
        assert not checked.has_errors, checked.diagnostics
        return checked.value

    def program(self, view: str, every: str | None = None) -> BackfillProgram:
        model = self.model
        return lower_history(
            model, model.views[view], f"main.{view}__history", None if every is None else Duration.parse(every)
        )

    def job(
        self, chunk: Chunk = Chunk.MONTH, *, memory: str | None = None, anew: bool = False, agreed: bool = False
    ) -> Job:
        return Job(
            self.root,
            registry(self.model).targets["dev"],
            chunk,
            Limits(memory, 1),
            wait_seconds=60,
            anew=anew,
            agreed=agreed,
            kernel=False,
        )

    def fill(
        self, view: str, whole: Range = TWO_YEARS, chunk: Chunk = Chunk.MONTH, *, every: str | None = None,
        memory: str | None = None, anew: bool = False, agreed: bool = False,
    ) -> Report:  # fmt: skip
        return fill(self.job(chunk, memory=memory, anew=anew, agreed=agreed), self.program(view, every), whole)

    def left(self, view: str, whole: Range = TWO_YEARS, chunk: Chunk = Chunk.MONTH) -> list[str]:
        """The chunks that are still to be made, by their first day."""
        plan = plan_backfill(self.job(chunk), self.program(view), whole)
        return [_day(piece.range.start_us) for piece in plan.pieces]

    def table(self, view: str, where: str = "TRUE") -> pa.Table:
        """The history's rows in the order in which they lie in the warehouse."""
        with duckdb.connect(str(self.root / ".fpc" / "warehouse.duckdb"), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return connection.sql(f"SELECT * FROM main.{view}__history WHERE {where}").to_arrow_table()

    def digest(self, view: str, where: str = "TRUE") -> str:
        return digest(self.table(view, where))

    def add_visits(self, month: str, rows: Iterable[tuple[int, datetime, str, float]]) -> Path:
        path = self.root / "data" / "visits" / f"{month}.parquet"
        names = ("user_id", "at", "page", "seconds")
        columns = zip(*rows, strict=True)
        table = pa.table(dict(zip(names, columns, strict=True)), schema=_VISITS)
        parquet.write_table(table, path, row_group_size=200)
        return path


_VISITS = pa.schema(
    [("user_id", pa.int64()), ("at", pa.timestamp("us", "UTC")), ("page", pa.string()), ("seconds", pa.float64())]
)
_ORDERS = pa.schema(
    [("order_id", pa.int64()), ("user_id", pa.int64()), ("placed_at", pa.timestamp("us", "UTC")),
     ("updated_at", pa.timestamp("us", "UTC")), ("status", pa.string()), ("amount", pa.decimal128(12, 2)),
     ("weight", pa.float64())]
)  # fmt: skip


def digest(table: pa.Table) -> str:
    """A hash of every bit of every value, in the order of the rows."""
    found = ContentHash(table.schema)
    for batch in table.to_batches():
        found.update(batch)
    return found.digest()


def make_shop(root: Path, events: int = 2_000, users: int = 25) -> Shop:
    """The repository with so many visits, and as many rows of orders."""
    (root / "features").mkdir(parents=True)
    (root / "data" / "visits").mkdir(parents=True)
    (root / "fpc.yml").write_text(CONFIG)
    (root / "features" / "shop.yml").write_text(SPECS)
    dice, shop = random.Random(7), Shop(root)
    months: dict[str, list[tuple[int, datetime, str, float]]] = {}
    for _ in range(events):
        happened = START + timedelta(seconds=dice.randrange(731 * 86_400))
        row = (dice.randrange(users), happened, dice.choice("abc"), dice.choice((0.1, 0.7, 3.3, 12.25)))
        months.setdefault(f"{happened:%Y-%m}", []).append(row)
    for month, rows in months.items():
        shop.add_visits(month, sorted(rows, key=lambda row: row[1]))
    _write_orders(root, dice, events, users)
    return shop


def _write_orders(root: Path, dice: random.Random, rows: int, users: int) -> None:
    months: dict[str, list[tuple[object, ...]]] = {}
    for number in range(rows // 2):
        placed = START + timedelta(hours=dice.randrange(731 * 24))
        for status in ("placed", dice.choice(("completed", "cancelled"))):
            # A few rows arrive months late, and so in another month's folder.
            late = dice.choice((0, 60, 3_600, 86_400, 90 * 86_400)) if status != "placed" else 0
            known = placed + timedelta(seconds=late)
            row = (number, dice.randrange(users) if dice.random() < 0.05 else number % users, placed, known, status,
                   dice.choice((None, 1, 20)), dice.choice((0.1, 5.5, 70.3)))  # fmt: skip
            months.setdefault(f"{known:%Y-%m}", []).append(row)
    for month, found in months.items():
        folder = root / "data" / "orders" / f"ds={month}"
        folder.mkdir(parents=True)
        table = pa.table(dict(zip(_ORDERS.names, zip(*found, strict=True), strict=True)), schema=_ORDERS)
        parquet.write_table(table, folder / "part.parquet")


def _day(us: int) -> str:
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us):%Y-%m-%d}"
