"""The SQL of publishing: the difference between a view's table and what was last published of it.

DuckDB, texts of this module only: names come from the registry and are quoted, values are bound.
"""

from __future__ import annotations

from dataclasses import dataclass

from fpc.contract.cells import cell_of
from fpc.contract.defaults import defaulted_column
from fpc.contract.registry import ColumnContract, FeatureContract, ViewContract
from fpc.runtime.publish.key_column import framed_key
from fpc.runtime.quoting import quoted

SCHEMA = "fpc_state"


def quoted_table(name: str) -> str:
    """A table's name, `table` or `schema.table`, as SQL."""
    return ".".join(map(quoted, name.split(".")))


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements for one version of a view, whose rows' keys in the store begin with `prefix`.

    The warehouse keeps, in schema `fpc_state`, for each version a table `rows_*` (key columns and `__row_hash`: what
    the store holds) and a table `pending_*` (key columns: what the store may hold otherwise, as a publication began
    to write it), and one table `publications` with the generation of each.
    """

    view: ViewContract
    version: str
    prefix: bytes

    @property
    def create_schema(self) -> tuple[str, ...]:
        """Makes the schema and its table of publications."""
        return (
            f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}",
            f"CREATE TABLE IF NOT EXISTS {SCHEMA}.publications "
            "(view VARCHAR, version VARCHAR, generation VARCHAR, intent VARCHAR)",
        )

    @property
    def rows(self) -> str:
        """The table of what the store holds."""
        return f"{SCHEMA}.{quoted(f'rows_{self.view.name}_{self.version}')}"

    @property
    def pending(self) -> str:
        """The table of keys that a publication began to write."""
        return f"{SCHEMA}.{quoted(f'pending_{self.view.name}_{self.version}')}"

    @property
    def keys(self) -> str:
        """The key columns."""
        return ", ".join(quoted(key.name) for key in self.view.keys)

    @property
    def row_hash(self) -> str:
        """A hash over a row's features as they are stored."""
        return f"hash({', '.join(map(_packed, self.view.packed))})"

    @property
    def create_tables(self) -> tuple[str, ...]:
        """Makes the two tables of this version, empty, where there are none."""
        source = quoted_table(self.view.table)
        return (
            f"CREATE TABLE IF NOT EXISTS {self.rows} AS "
            f"SELECT {self.keys}, {self.row_hash} AS __row_hash FROM {source} LIMIT 0",
            f"CREATE TABLE IF NOT EXISTS {self.pending} AS SELECT {self.keys} FROM {source} LIMIT 0",
        )

    @property
    def select_hashes(self) -> str:
        """The view's rows as they are remembered: key columns and a hash over the features."""
        return f"SELECT {self.keys}, {self.row_hash} AS __row_hash FROM {quoted_table(self.view.table)}"

    @property
    def widen_pending(self) -> str:
        """Adds to the pending keys every key whose row is new, changed or gone since the last publication."""
        on = " AND ".join(f"now.{quoted(key.name)} = was.{quoted(key.name)}" for key in self.view.keys)
        first = quoted(self.view.keys[0].name)
        either = ", ".join(
            f"COALESCE(now.{quoted(key.name)}, was.{quoted(key.name)}) AS {quoted(key.name)}" for key in self.view.keys
        )
        return (
            f"CREATE OR REPLACE TABLE {self.pending} AS "
            f"SELECT {either} FROM ({self.select_hashes}) AS now "
            f"FULL JOIN {self.rows} AS was ON {on} "
            f"WHERE now.{first} IS NULL OR was.{first} IS NULL OR now.__row_hash <> was.__row_hash "
            f"UNION SELECT {self.keys} FROM {self.pending}"
        )

    @property
    def count_pending(self) -> str:
        """How many keys are pending."""
        return f"SELECT COUNT(*) FROM {self.pending}"

    @property
    def count_rows(self) -> str:
        """How many entities the view has now."""
        return f"SELECT COUNT(*) FROM {quoted_table(self.view.table)}"

    @property
    def count_null_keys(self) -> str:
        """How many rows lack a part of their key: none may."""
        missing = " OR ".join(f"{quoted(key.name)} IS NULL" for key in self.view.keys)
        return f"SELECT COUNT(*) FROM {quoted_table(self.view.table)} WHERE {missing}"

    def count_later(self, as_of_us: int) -> str:
        """How many rows are as of a later instant: none may be."""
        return f"SELECT COUNT(*) FROM {quoted_table(self.view.table)} WHERE epoch_us(as_of) > {as_of_us:d}"

    @property
    def select_all(self) -> str:
        """Every row: its framed key, then the features."""
        return f"SELECT {self._key}, {self._values} FROM {quoted_table(self.view.table)}"

    @property
    def select_pending(self) -> str:
        """The rows of pending keys that are in the view."""
        return f"{self.select_all} SEMI JOIN {self.pending} USING ({self.keys})"

    @property
    def select_removed(self) -> str:
        """The pending keys that are not in the view, framed."""
        return f"SELECT {self._key} FROM {self.pending} ANTI JOIN {quoted_table(self.view.table)} USING ({self.keys})"

    def select_sample(self, rows: int, seed: int) -> str:
        """A few rows that have not changed since the last publication, to compare with what the store holds."""
        sample = f"(SELECT * FROM {self.rows} USING SAMPLE reservoir({rows:d} ROWS) REPEATABLE ({seed:d})) AS was"
        return (
            f"{self.select_all} AS now JOIN {sample} USING ({self.keys}) "
            f"ANTI JOIN {self.pending} USING ({self.keys}) WHERE {self.row_hash} = was.__row_hash"
        )

    @property
    def select_empty(self) -> str:
        """The values of an entity with no event, and the instant they are as of in microseconds."""
        return f"SELECT {self._values}, epoch_us(as_of) AS as_of FROM {quoted_table(self.view.empty_table)}"

    @property
    def settle_rows(self) -> str:
        """Remembers the view's rows as published."""
        return f"CREATE OR REPLACE TABLE {self.rows} AS {self.select_hashes}"

    @property
    def clear_pending(self) -> str:
        """Forgets the pending keys."""
        return f"DELETE FROM {self.pending}"

    @property
    def _key(self) -> str:
        entity = " || ',' || ".join(key_text(key) for key in self.view.keys)
        return f"{framed_key(self.prefix, entity)} AS row_key"

    @property
    def _values(self) -> str:
        return ", ".join(
            f"CAST({_packed(feature)} AS {_stored_type(feature.type)}) AS {quoted(f'feature_{at}')}"
            for at, feature in enumerate(self.view.packed)
        )


def drop_state(view: str, version: str) -> tuple[str, ...]:
    """Forgets a version that the store no longer holds."""
    return tuple(f"DROP TABLE IF EXISTS {SCHEMA}.{quoted(f'{kind}_{view}_{version}')}" for kind in ("rows", "pending"))


def key_text(key: ColumnContract) -> str:
    """The spelling of `fpc.contract.keys` in SQL."""
    name = quoted(key.name)
    match key.type:
        case "boolean":
            return f"CASE WHEN {name} THEN 'b1' ELSE 'b0' END"
        case "integer" | "bigint" | "hugeint":
            return f"'i' || CAST({name} AS VARCHAR)"
        case "varchar":
            return f"'s' || url_encode({name})"
        case "date":
            return f"'d' || CAST({name} AS VARCHAR)"
        case "timestamp" | "timestamptz":
            return f"'t' || CAST(epoch_us({name}) AS VARCHAR)"
        case _:
            return f"'n' || CAST(CAST({name} AS {key.type}) AS VARCHAR)"


def _packed(feature: FeatureContract) -> str:
    """What a row holds of a feature: null where its default stands in the table, so that a read can tell."""
    name = quoted(feature.name)
    if feature.default is None:
        return name
    return f"CASE WHEN {quoted(defaulted_column(feature.name))} THEN NULL ELSE {name} END"


def _stored_type(type_name: str) -> str:
    """The type in which DuckDB hands a feature to Arrow; hugeint as text, as Arrow has no such integer."""
    cell_of(type_name)
    return type_name.replace("hugeint", "VARCHAR")
