"""Redis commands as bytes on the wire (RESP), for the commands that come by the thousand.

redis-py packs an argument in microseconds, which for a batch of rows is most of the time that publishing takes; here
the keys are joined in one go and the rows are one single argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from fpc.runtime.online.scripts import PUSH
from fpc.runtime.online.store import Lease, RowBatch

_SCRIPT = PUSH.strip().encode()


@runtime_checkable
class BulkStrings(Protocol):
    """Keys that can be had as arguments on the wire all at once."""

    def bulk_strings(self) -> memoryview:
        """All of them, one after another."""
        ...


def push_frame(batch: RowBatch, lease: Lease | None) -> list[bytes | memoryview]:
    """The `EVAL` that writes one batch, as pieces to be sent in order; without a lease none is asked for."""
    keys = batch.keys.bulk_strings() if isinstance(batch.keys, BulkStrings) else _bulks(batch.keys)
    count = len(batch.keys) + (lease is not None)
    arguments = (
        b"" if lease is None else lease.value,
        b"0" if lease is None else b"%d" % lease.milliseconds,
        b"%d" % (batch.as_of_us >> 32),
        b"%d" % (batch.as_of_us & 0xFFFFFFFF),
        b"%d" % (batch.expire_milliseconds or 0),
    )
    head = b"*%d\r\n" % (3 + count + len(arguments) + 1)
    return [
        b"".join(
            (
                head,
                b"$4\r\nEVAL\r\n",
                _bulk(_SCRIPT),
                _bulk(b"%d" % count),
                b"" if lease is None else _bulk(lease.key),
            )
        ),
        keys,
        b"".join((*map(_bulk, arguments), b"$%d\r\n" % len(batch.rows))),
        batch.rows,
        b"\r\n",
    ]


def get_frame(keys: Sequence[bytes]) -> bytes:
    """One `GET` for each key, one after another."""
    return b"".join([b"*2\r\n$3\r\nGET\r\n$%d\r\n%b\r\n" % (len(key), key) for key in keys])


def _bulk(argument: bytes) -> bytes:
    return b"$%d\r\n%b\r\n" % (len(argument), argument)


def _bulks(arguments: Sequence[bytes]) -> bytes:
    return b"".join([b"$%d\r\n%b\r\n" % (len(argument), argument) for argument in arguments])
