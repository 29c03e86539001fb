"""Compiling twice gives the same bytes, and so does a training set whatever threads and memory it is given."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.differential import engine
from tests.differential.strategies import ROW, SPEC, case

from fpc.pipeline import compile_repository
from fpc.repository import Repository

HASHED = """
import hashlib, sys
from pathlib import Path
from fpc.pipeline import compile_repository
for root in sys.argv[1:]:
    result = compile_repository(Path(root))
    assert not result.has_errors, result.diagnostics
    for artefact in result.value:
        print(artefact.path, hashlib.sha256(artefact.text.encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def repositories() -> Iterator[list[Path]]:
    """A few made-up repositories."""
    made = [engine.Repository(case(random.Random(seed).randbytes(SPEC + 8 * ROW), 4, 4)) for seed in range(6)]
    yield [repository.root for repository in made]
    for repository in made:
        repository.__exit__()


def digests(repositories: list[Path], seed: str) -> str:
    """What another process compiles them to, with another order of its sets."""
    done = subprocess.run(
        [sys.executable, "-c", HASHED, *map(str, repositories)],
        env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_compiling_in_two_processes_gives_the_same_bytes(repositories: list[Path]) -> None:
    first = digests(repositories, "1")
    assert first.count("\n") > 6 * len(repositories)
    assert digests(repositories, "2") == first


def test_compiling_twice_in_one_process_gives_the_same_bytes(repositories: list[Path]) -> None:
    for root in repositories:
        assert compile_repository(root).value == compile_repository(root).value


SPEC_TEXT = """
source:
  name: payments
  description: Made-up payments.
  owner: team:test
  path: data/payments.parquet
  event_time: ts
  known_time: loaded
  columns: {ts: timestamptz, loaded: timestamptz, user_id: bigint, amount: double,
            price: "decimal(12,2)", kind: varchar}
---
entity: {name: user, description: Someone., owner: team:test, keys: {user_id: bigint}}
---
feature_view:
  name: pay
  description: Payments of a user.
  owner: team:test
  entity: user
  source: payments
  freshness: 1h
  features:
    - aggregate: {amount: [sum, avg, stddev, max, last, median], kind: [count_distinct, mode], price: [sum, var_pop]}
      windows: [6h, 3d, lifetime]
"""
EVENTS, ROWS, USERS = 60_000, 4_000, 500
START, SPAN = 1_704_672_000_000_000, 20 * 86_400_000_000


@pytest.fixture(scope="module")
def payments(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pa.Table]:
    """A repository with so many events that threads and shards share them, and a spine; floats that do not add up."""
    root = tmp_path_factory.mktemp("payments")
    (root / "features").mkdir()
    (root / "data").mkdir()
    (root / "features" / "pay.yml").write_text(SPEC_TEXT, encoding="utf-8")
    targets = "{dev: {engine: duckdb, database: .fpc/w.duckdb, online: embedded}}"
    (root / "fpc.yml").write_text(
        f'name: t\ndefaults: {{owner: "team:t"}}\ndefault_target: dev\ntargets: {targets}\n', encoding="utf-8"
    )
    source = np.random.default_rng(7)
    stamp = pa.timestamp("us", tz="UTC")
    ts = source.integers(START, START + SPAN, EVENTS)
    cents = source.integers(0, 100_000, EVENTS)
    events = pa.table(
        {
            "ts": pa.array(ts, stamp),
            "loaded": pa.array(ts + source.integers(0, 7_200_000_000, EVENTS), stamp),
            "user_id": pa.array(source.integers(0, USERS, EVENTS), pa.int64()),
            "amount": pa.array(np.exp(source.normal(0, 8, EVENTS)), pa.float64()),
            "price": pa.array([Decimal(int(cent)).scaleb(-2) for cent in cents], pa.decimal128(12, 2)),
            "kind": pa.array(source.choice(["a", "b", "c", "d"], EVENTS), pa.string()),
        }
    )
    parquet.write_table(events, root / "data" / "payments.parquet", row_group_size=10_000)
    spine = pa.table(
        {
            "user_id": pa.array(source.integers(0, USERS + 50, ROWS), pa.int64()),
            "at": pa.array(source.integers(START, START + SPAN, ROWS), stamp),
        }
    )
    return root, spine


def digest(table: pa.Table) -> str:
    """The bytes of a table, however its rows are chunked."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()


@pytest.mark.parametrize("mode", ["exact", "as_served"])
def test_threads_and_memory_change_no_bit_of_a_training_set(payments: tuple[Path, pa.Table], mode: str) -> None:
    root, spine = payments
    repository = Repository(root)
    made = {
        (threads, memory): digest(
            repository.training_set(
                spine, features=["pay.*"], mode=mode, threads=threads, memory_limit=memory, kernel=False
            ).to_arrow()
        )
        for threads, memory in ((1, None), (2, None), (4, None), (2, "64MB"))
    }
    assert len(set(made.values())) == 1, made


def test_the_kernel_changes_no_value_of_a_training_set(payments: tuple[Path, pa.Table]) -> None:
    root, spine = payments
    repository = Repository(root)
    tables = [
        repository.training_set(spine, features=["pay.*"], mode="exact", kernel=kernel).to_arrow()
        for kernel in (False, True)
    ]
    for name in tables[0].column_names:
        plain, compiled = (table.column(name).combine_chunks() for table in tables)
        if pa.types.is_floating(plain.type):
            assert plain.is_null().equals(compiled.is_null()), name
            np.testing.assert_allclose(
                compiled.fill_null(0).to_numpy(), plain.fill_null(0).to_numpy(), rtol=1e-9, atol=0, err_msg=name
            )
        else:
            assert plain.equals(compiled), name
