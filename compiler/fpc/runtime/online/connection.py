"""From an address to an online store.

redis://[[user]:password@]host[:port][/database][?option=value]     one server, as redis-py spells it
rediss://...                                                        the same over TLS (`?ssl_ca_certs=FILE`)
unix://[[user]:password@]/path/to.sock[?db=database]                one server over a Unix socket
redis+cluster://[user:password@]host:port[,host:port...]            a cluster; `rediss+cluster://` over TLS
redis+sentinel://[user:password@]host:port[,host:port...]/service[/database]    the primary that Sentinel names;
                                    `rediss+sentinel://`; `?sentinel_username=...&sentinel_password=...`
memory://                                                           this process's memory, for examples
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import redis
from redis.backoff import ExponentialBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.connection import SSLConnection, parse_url
from redis.retry import Retry
from redis.sentinel import Sentinel

from fpc.runtime.online.cluster_store import ClusterStore
from fpc.runtime.online.memory import MemoryStore
from fpc.runtime.online.redis_errors import explained
from fpc.runtime.online.redis_store import RedisStore
from fpc.runtime.online.store import OnlineStore, OnlineStoreError

# redis-py has no types for these.
_parse_url: Any = parse_url
_node: Any = ClusterNode
_sentinel_client: Any = Sentinel
_cluster_client: Any = RedisCluster

_SERVER: Final = ("redis", "rediss", "unix")
_CLUSTER: Final = ("redis+cluster", "rediss+cluster")
_SENTINEL: Final = ("redis+sentinel", "rediss+sentinel")
_DEFAULT_PORT: Final = 6379


def connect(url: str) -> OnlineStore:
    """The online store at `url`; nothing is sent before the first use, but by a cluster's discovery of its nodes."""
    parts = urlsplit(url)
    address = _address(url)
    try:
        if parts.scheme in _SERVER:
            return RedisStore(_checked(_server(url)), address)
        if parts.scheme in _SENTINEL:
            return RedisStore(_checked(_sentinel(url)), address)
        if parts.scheme in _CLUSTER:
            with explained(address):
                return ClusterStore(_cluster(url), address)
    except (ValueError, TypeError) as error:
        raise OnlineStoreError(
            f"the online store's address {address} is not right: {_harmless(error, url)}",
            help="write it as redis://[user:password@]host:port/database",
        ) from None
    if parts.scheme == "memory":
        return MemoryStore()
    raise OnlineStoreError(
        f"the online store's address has an unknown scheme `{parts.scheme}`",
        help="use redis://, rediss://, unix://, redis+cluster:// or redis+sentinel://",
    )


def _server(url: str) -> redis.Redis:
    options = _options(url)
    connection_class = options.pop("connection_class", None)
    pool: Any = redis.ConnectionPool
    if connection_class is not None:
        options["connection_class"] = connection_class
    return redis.Redis(connection_pool=pool(**options))


def _checked(client: redis.Redis) -> redis.Redis:
    """The client, if a connection can be made of its options; none is opened."""
    pool: Any = client.connection_pool
    pool.connection_class(**pool.connection_kwargs)
    return client


def _cluster(url: str) -> RedisCluster:
    scheme, nodes, user, rest = _several(url)
    options = _options(f"{scheme.partition('+')[0]}://{user}{_joined(nodes[0])}{rest}")
    if options.pop("connection_class", None) is SSLConnection:
        options["ssl"] = True
    for name in ("host", "port", "db"):
        options.pop(name, None)
    cluster: RedisCluster = _cluster_client(startup_nodes=[_node(host, port) for host, port in nodes], **options)
    return cluster


def _sentinel(url: str) -> redis.Redis:
    scheme, nodes, user, rest = _several(url)
    path, _, query = rest.partition("?")
    service, _, database = path.strip("/").partition("/")
    if not service:
        raise ValueError("a sentinel's address ends with the service's name")
    options = _options(f"{scheme.partition('+')[0]}://{user}{_joined(nodes[0])}/{database}?{query}")
    if options.pop("connection_class", None) is SSLConnection:
        options["ssl"] = True
    for name in ("host", "port"):
        options.pop(name, None)
    own = {name.removeprefix("sentinel_"): options.pop(name) for name in list(options) if name.startswith("sentinel_")}
    shared = {name: value for name, value in options.items() if name.startswith(("ssl", "socket_", "retry"))}
    sentinel = _sentinel_client(nodes, sentinel_kwargs={**shared, "protocol": 2, **own}, **options)
    primary: redis.Redis = sentinel.master_for(service)
    return primary


def _options(url: str) -> dict[str, Any]:
    """redis-py's own reading of the address, and what fpc needs: bytes, a limit to waiting, quick retries."""
    options: dict[str, Any] = dict(_parse_url(url))
    options["decode_responses"] = False
    options.setdefault("protocol", 2)
    options.setdefault("socket_timeout", 30.0)
    if "unix" not in url[:4]:
        options.setdefault("socket_connect_timeout", 5.0)
    options["retry"] = Retry(ExponentialBackoff(cap=0.5, base=0.05), 3)
    return options


def _several(url: str) -> tuple[str, list[tuple[str, int]], str, str]:
    """Scheme, nodes, `user:password@` and the rest of an address that lists several hosts."""
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    nodes = []
    for host in hosts.split(","):
        one = urlsplit(f"//{host}")
        if not one.hostname:
            raise ValueError("a host's name is missing")
        nodes.append((one.hostname, one.port or _DEFAULT_PORT))
    rest = urlunsplit(("", "", parts.path, parts.query, ""))
    return parts.scheme, nodes, user + at, rest


def _joined(node: tuple[str, int]) -> str:
    host, port = node
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _address(url: str) -> str:
    """The address for people: without user, password and options."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _harmless(error: Exception, url: str) -> str:
    password = urlsplit(url).netloc.rpartition("@")[0]
    text = str(error)
    return text if not password or password not in text else "it cannot be read"
