"""What a Redis server or its client says went wrong, in one clear message each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import redis.exceptions as redis_errors

from fpc.runtime.online.store import OnlineStoreError


@dataclass(frozen=True, slots=True)
class _Complaint:
    """How a complaint is known, by redis-py's class or by marks in its text; what it means; what the operator can do.

    redis-py takes the code that a server's answer begins with for its class; inside a script the code comes later.
    """

    error: type[Exception] | None
    marks: tuple[str, ...]
    meaning: str
    help: str

    def fits(self, error: Exception, text: str) -> bool:
        """Whether this is what the error complains of."""
        return (self.error is not None and isinstance(error, self.error)) or any(mark in text for mark in self.marks)


_COMPLAINTS: Final = (
    _Complaint(
        redis_errors.OutOfMemoryError,
        ("OOM command not allowed",),
        "is full (its `maxmemory` is reached)",
        "raise `maxmemory`, or delete what does not belong there, then run again",
    ),
    _Complaint(
        redis_errors.ReadOnlyError,
        ("READONLY", "previous master is now a slave"),
        "is a read-only replica",
        "give the address of the primary, or use redis+sentinel:// or redis+cluster://",
    ),
    _Complaint(
        None,
        ("NOREPLICAS",),
        "takes no writes, as too few of its replicas are in reach",
        "bring the replicas back, or lower `min-replicas-to-write`",
    ),
    _Complaint(
        None,
        ("MISCONF",),
        "takes no writes, as it cannot save its data to disk",
        "look for a full disk or wrong rights in the server's log, mend it, then run again",
    ),
    _Complaint(
        redis_errors.BusyLoadingError,
        ("LOADING", "loading the dataset"),
        "is still loading its data from disk",
        "wait until it has started, then run again",
    ),
    _Complaint(
        redis_errors.MasterDownError,
        ("MASTERDOWN",),
        "is a replica that has lost its primary",
        "bring the primary back, then run again",
    ),
    _Complaint(
        redis_errors.ClusterDownError,
        ("CLUSTERDOWN",),
        "is a cluster that is not whole",
        "bring its missing nodes back, then run again",
    ),
    _Complaint(redis_errors.MovedError, ("MOVED",), "is a cluster", "write its address as redis+cluster://host:port"),
    _Complaint(
        None,
        ("cluster support disabled", "Cluster mode is not enabled"),
        "is not a cluster",
        "write its address as redis://host:port",
    ),
    _Complaint(
        redis_errors.NoPermissionError,
        ("NOPERM", "no permissions to run"),
        "does not permit this user what fpc needs",
        "allow it GET, SET, MGET, MSET, DEL, UNLINK, SCAN, EVAL, PEXPIRE and INFO on keys `fpc:*` and `{fpc:*`",
    ),
    _Complaint(
        None,
        ("NOAUTH", "Authentication required"),
        "asks for a password",
        "put it into the address: redis://:PASSWORD@host:port",
    ),
    _Complaint(
        None,
        ("without any password configured",),
        "has no password set",
        "leave it out of its address",
    ),
    _Complaint(
        redis_errors.AuthenticationError,
        ("WRONGPASS", "invalid username-password", "invalid password"),
        "refuses the user name or password",
        "correct the user name and password in its address",
    ),
    _Complaint(
        None,
        ("DB index is out of range",),
        "does not have that database",
        "correct the number at the address's end",
    ),
    _Complaint(
        None,
        ("BUSY ",),
        "is busy with another program's script",
        "wait, or stop that script by SCRIPT KILL",
    ),
    _Complaint(
        None,
        ("unknown command",),
        "lacks a command that fpc needs",
        "use Redis 6.2 or later, or Valkey",
    ),
    _Complaint(
        redis_errors.TimeoutError,
        (),
        "does not answer in time",
        "look at its load and the network, then run again; `?socket_timeout=60` waits longer",
    ),
)


def explain(error: Exception, address: str) -> OnlineStoreError:
    """The one clear message for what redis-py raised; never with a key's value or a secret."""
    text = str(error)
    for complaint in _COMPLAINTS:
        if complaint.fits(error, text):
            return OnlineStoreError(f"the online store {address} {complaint.meaning}", help=complaint.help)
    match error:
        case redis_errors.ConnectionError() | OSError() if "certificate" in text.lower() or "ssl" in text.lower():
            return OnlineStoreError(
                f"the online store {address} was reached, but TLS failed: {_first_line(text)}",
                help="give the authority's certificate by `?ssl_ca_certs=FILE`, or use redis:// where it has no TLS",
            )
        case redis_errors.ConnectionError() | redis_errors.RedisClusterException() | OSError():
            return OnlineStoreError(
                f"the online store {address} cannot be reached: {_first_line(text)}",
                help="start it, or correct its address, then run again",
            )
        case _:
            return OnlineStoreError(
                f"the online store {address} gave an unexpected answer: {_first_line(text)}",
                help="look into the server's log",
            )


@contextmanager
def explained(address: str) -> Iterator[None]:
    """Turns whatever redis-py raises inside the block into an `OnlineStoreError`."""
    try:
        yield
    except (redis_errors.RedisError, redis_errors.RedisClusterException, OSError) as error:
        raise explain(error, address) from error


def _first_line(text: str) -> str:
    return text.partition("\n")[0][:200] or "no reason given"
