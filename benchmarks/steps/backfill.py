"""fpc's backfill of the benchmarks' view: its history over two years, into a warehouse of its own.

Facts: rows of the history, chunks, and the hash of all values in their order.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb

from benchmarks import data, repository
from benchmarks.measure import timed
from fpc.contract.backfill import BackfillProgram
from fpc.contract.registry import TargetContract
from fpc.repository import Repository
from fpc.runtime.backfill.chunks import Chunk, Range
from fpc.runtime.backfill.job import Job
from fpc.runtime.backfill.run import fill
from fpc.runtime.content import ContentHash
from fpc.runtime.scratch import Limits
from fpc.sql.history import lower_history
from fpc.types.duration import Duration

VIEW, HISTORY = "payer_payments", "main.payer_payments__history"
WAREHOUSE = "warehouse.duckdb"
TWO_YEARS = Range(data.START, data.START + 730 * data.DAY)


def prepare(size: str, given: argparse.Namespace, folder: Path) -> tuple[Job, BackfillProgram]:
    """The repository, and what is to be done in it."""
    root = repository.make(size, given.features, folder / size)
    model = Repository(root).model
    every = None if given.every is None else Duration.parse(given.every)
    target = TargetContract("dev", "duckdb", WAREHOUSE, "memory", None)
    limits = Limits(given.memory_limit, given.threads)
    job = Job(root, target, Chunk(given.chunk), limits, kernel=given.kernel)
    return job, lower_history(model, model.views[VIEW], HISTORY, every)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size")
    parser.add_argument("features")
    parser.add_argument("--chunk", default="month")
    parser.add_argument("--every")
    parser.add_argument("--memory-limit")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--kernel", action=argparse.BooleanOptionalAction, default=False)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=data.ROOT) as temporary:
        folder = Path(temporary)
        warm_up = prepare("tiny", given, folder / "warm")
        fill(*warm_up, Range(data.START, data.START + 40 * data.DAY))
        job, program = prepare(given.size, given, folder)

        def work() -> Mapping[str, object]:
            report = fill(job, program, TWO_YEARS)
            return {"rows": report.rows, "chunks": report.chunks}

        timed(work, lambda: {"hash": _hash(job.root / WAREHOUSE)})


def _hash(warehouse: Path) -> str:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        reader = connection.sql(f"SELECT * FROM {HISTORY}").to_arrow_reader(100_000)
        found = ContentHash(reader.schema)
        for batch in reader:
            found.update(batch)
        return found.digest()


if __name__ == "__main__":
    main()
