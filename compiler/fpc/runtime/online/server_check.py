"""Whether a Redis server can keep what fpc promises: its version, its role, and what it does when it is full."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fpc.runtime.online.store import OnlineStoreError

OLDEST: Final = (6, 2)


def check_server(info: Mapping[str, object], address: str, *, cluster: bool = False) -> str:
    """Raise unless the server whose `INFO` this is can hold rows; `cluster` says how it was addressed.

    Returns its name and version. A Valkey server also tells the version of Redis whose commands it has.
    """
    version = str(info.get("redis_version", ""))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers and numbers < OLDEST:
        raise OnlineStoreError(
            f"the online store {address} is Redis {version}, which is too old",
            help="use Redis 6.2 or later, or Valkey",
        )
    if info.get("role") == "slave":
        raise OnlineStoreError(
            f"the online store {address} is a read-only replica",
            help="give the address of the primary, or use redis+sentinel:// or redis+cluster://",
        )
    if str(info.get("cluster_enabled", "0")) == "1" and not cluster:
        raise OnlineStoreError(
            f"the online store {address} is a cluster", help="write its address as redis+cluster://host:port"
        )
    policy = str(info.get("maxmemory_policy", "noeviction"))
    if policy.startswith("allkeys") and str(info.get("maxmemory", "0")) != "0":
        # A row that the server threw away would read as an entity without events: wrong, and silently so.
        raise OnlineStoreError(
            f"the online store {address} throws rows away when it is full (`maxmemory-policy` is `{policy}`)",
            help="set `maxmemory-policy` to `noeviction` or a `volatile-` one",
        )
    own = info.get("valkey_version")
    return f"Valkey {own}" if own else f"Redis {version}".rstrip()
