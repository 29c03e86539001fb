"""fpc's training set over the benchmarks' events, to an Arrow table in memory or to a Parquet file with its manifest.

Facts: the hash of all values, in their order.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from benchmarks import data, repository
from benchmarks.measure import timed
from fpc.repository import Repository, TrainingSet
from fpc.runtime.content import ContentHash
from fpc.runtime.index import FOLDER

ANSWER = "answer.parquet"


def make(size: str, given: argparse.Namespace, folder: Path) -> TrainingSet:
    """The training set, exact at each row's own instant."""
    repo = Repository(repository.make(size, given.features, folder / size))
    return repo.training_set(
        data.spine(size),
        service="timed",
        time="ts",
        mode="exact",
        memory_limit=given.memory_limit,
        threads=given.threads,
        kernel=given.kernel,
        index=given.index is not None,
    )


def to_parquet(size: str, given: argparse.Namespace, folder: Path) -> str:
    """Write the file and its manifest; gives the content's hash."""
    with make(size, given, folder) as made:
        return made.write(given.keep or folder / ANSWER).content


def to_arrow(size: str, given: argparse.Namespace, folder: Path) -> pa.Table:
    """The whole in memory."""
    with make(size, given, folder) as made:
        return made.to_arrow()


def index_bytes(size: str, folder: Path) -> int:
    """What the index takes on disk; 0 without one."""
    return sum(file.stat().st_size for file in (folder / size / FOLDER).rglob("*") if file.is_file())


def content_hash(table: pa.Table) -> str:
    """As manifests have it."""
    found = ContentHash(table.schema)
    for batch in table.to_batches():
        found.update(batch)
    return found.digest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size")
    parser.add_argument("features")
    parser.add_argument("--memory-limit")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--kernel", action=argparse.BooleanOptionalAction, default=False)
    parser.add_argument("--to", choices=["arrow", "parquet"], default="arrow")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--index", choices=["build", "read"], help="time the run that makes the index, or the next one")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=data.ROOT) as temporary:
        folder = Path(temporary)
        made: list[pa.Table] = []

        def work() -> Mapping[str, object]:
            if given.to == "parquet":
                return {"hash": to_parquet(given.size, given, folder)}
            made.append(to_arrow(given.size, given, folder))
            return {}

        def after() -> Mapping[str, object]:
            hashes = {"hash": content_hash(made[0])} if made else {}
            return {**hashes, "index_bytes": index_bytes(given.size, folder)}

        to_arrow("tiny", given, folder)
        if given.index == "read":
            # Twice, so that what reads an index is warm too.
            to_arrow("tiny", given, folder)
            to_arrow(given.size, given, folder)
        timed(work, after)


if __name__ == "__main__":
    main()
