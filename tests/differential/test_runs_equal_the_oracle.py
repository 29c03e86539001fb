"""A story through everything: real dbt, a real store, made-up views in one repository, run again and again.

Each run sees the rows that have arrived by its clock. After it every entity reads, online, what the oracle says.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet
from tests.differential.case import Case, block
from tests.differential.check import check_row
from tests.differential.engine import arrow_type, spine_table
from tests.differential.strategies import BASES, ROW, SECOND, SPEC, case
from tests.servers import Server

from fpc.contract.registry import Registry
from fpc.contract.registry_json import load
from fpc.emit.writer import write
from fpc.pipeline import compile_repository
from fpc.runtime.online import OnlineReader, OnlineStore
from fpc.runtime.run import ViewOutcome, run

VIEWS = 8
HOUR, DAY = 3_600 * SECOND, 86_400 * SECOND
#: The clocks of the runs, after the instant around which everything happens.
CLOCKS = (5 * SECOND, 7 * 60 * SECOND, 5 * HOUR, 4 * DAY, 9 * DAY)


def views(seed: int) -> list[Case]:
    """Made-up cases with names of their own, whose schedule is a freshness, around the first of BASES."""
    source, found = random.Random(seed), list[Case]()
    while len(found) < VIEWS:
        made = case(source.randbytes(SPEC + 28 * ROW), 24, 4)
        times = [event.k for event in made.events if event.k is not None]
        if "freshness" not in made.view_spec or not times or max(times) < BASES[0] - DAY:
            continue
        number = len(found)
        found.append(
            replace(
                made,
                source={**made.source, "name": f"s{number}", "path": f"data/s{number}.parquet"},
                entity={**made.entity, "name": f"u{number}"},
                view_spec={**made.view_spec, "name": f"v{number}", "entity": f"u{number}", "source": f"s{number}"},
            )
        )
    return found


class Repository:
    """The cases' views in one repository, compiled."""

    def __init__(self, root: Path, cases: list[Case]) -> None:
        self.root = root
        self.cases = cases
        for folder in ("features", "data"):
            (root / folder).mkdir()
        (root / "fpc.yml").write_text(block(cases[0].config), encoding="utf-8")
        for made in cases:
            (root / "features" / f"{made.view_spec['name']}.yml").write_text(made.yaml(), encoding="utf-8")
            parquet.write_table(
                spine_table(made, made.spine), root / "data" / f"labels_{made.view_spec['name']}.parquet"
            )
        compiled = compile_repository(root)
        assert not compiled.has_errors, compiled.diagnostics
        write(root, compiled.value)
        self.registry: Registry = load(root)

    def arrive(self, clock: int) -> None:
        """Every row that is known by now is there."""
        for made in self.cases:
            rows = [
                row for row, event in zip(made.rows, made.events, strict=True) if event.k is None or event.k <= clock
            ]
            columns = made.columns.items()
            table = pa.table({name: pa.array([row[name] for row in rows], arrow_type(text)) for name, text in columns})
            parquet.write_table(table, self.root / str(made.source["path"]))


@pytest.mark.parametrize("seed", [1])
def test_every_entity_reads_what_the_oracle_says_after_every_run(
    tmp_path: Path, store: OnlineStore, valkey_server: Server, seed: int
) -> None:
    valkey_server.client().flushall()
    repository = Repository(tmp_path, views(seed))
    registry = repository.registry
    for after in CLOCKS:
        clock = BASES[0] + after
        repository.arrive(clock)
        report = run(tmp_path, registry, registry.targets["dev"], store, as_of_us=clock)
        failed = [view for view in report.views if view.outcome in (ViewOutcome.FAILED, ViewOutcome.GATED)]
        shown = {view.view: repository.cases[int(view.view[1:])].yaml() for view in failed}
        assert not failed, "\n".join(f"{view}\n{shown[view.view]}" for view in failed)
        reader = OnlineReader(store, registry)
        for made in repository.cases:
            name = made.view_spec["name"]
            grid = registry.views[name].grid.every_us
            assert grid is not None
            g = clock // grid * grid
            entities = made.entities()
            keys = [dict(zip(made.keys, entity, strict=True)) for entity in entities]
            for entity, answer in zip(entities, reader.read_many(f"srv_{name}", keys, g), strict=True):
                check_row(made, f"after the run at {clock}", entity, g, made.exact(entity, g), answer.values())
    check_training_sets(repository, store, BASES[0] + CLOCKS[-1])


def check_training_sets(repository: Repository, store: OnlineStore, clock: int) -> None:
    """The declared training sets, built by dbt when every row has arrived."""
    repository.arrive(clock + 100 * DAY)
    registry = repository.registry
    run(repository.root, registry, registry.targets["dev"], store, select=list(registry.training_sets), as_of_us=clock)
    with duckdb.connect(str(repository.root / ".fpc" / "w.duckdb"), read_only=True) as warehouse:
        warehouse.execute("SET TimeZone = 'UTC'")
        for made in repository.cases:
            for mode, expected in (("exact", made.exact), ("as_served", made.as_served)):
                table = registry.training_sets[f"set_{mode}_{made.view_spec['name']}"].table
                found = warehouse.sql(f'SELECT * FROM {table} ORDER BY "Label"').to_arrow_table()
                assert found.num_rows == len(made.spine)
                features = found.select([*made.features, *made.derived]).to_pylist()
                for (entity, t), row in zip(made.spine, features, strict=True):
                    check_row(made, f"declared training set, {mode}", entity, t, expected(entity, t), row)
