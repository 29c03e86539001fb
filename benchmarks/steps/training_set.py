"""fpc's training set over the benchmarks' events, to a table in memory or to a Parquet file."""

from __future__ import annotations

import argparse
import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks import data, repository
from benchmarks.measure import timed
from fpc.repository import Repository


def build(size: str, features: str, memory_limit: str | None, threads: int, kernel: bool, folder: Path) -> str:
    """Make the training set, exact at each row's own instant; gives the hash of all its rows."""
    repo = Repository(repository.make(size, features, folder / size))
    made = repo.training_set(
        data.spine(size),
        service="timed",
        time="ts",
        mode="exact",
        memory_limit=memory_limit,
        threads=threads,
        kernel=kernel,
    )
    output = folder / "answer.parquet"
    made.write(output)
    return hashlib.sha256(output.read_bytes()).hexdigest()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size")
    parser.add_argument("features")
    parser.add_argument("--memory-limit")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--kernel", action=argparse.BooleanOptionalAction, default=False)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=data.ROOT) as temporary:
        build("tiny", given.features, None, given.threads, given.kernel, Path(temporary))

        def work() -> Mapping[str, object]:
            limit, threads, kernel = given.memory_limit, given.threads, given.kernel
            return {"hash": build(given.size, given.features, limit, threads, kernel, Path(temporary))}

        timed(work)
