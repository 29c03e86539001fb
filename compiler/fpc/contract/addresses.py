"""Where things lie in the online store: the keys of rows, of a view's record, and of its writer's lease.

    fpc:<repository>:<view>:<version>:{<entity>}    one packed row (`fpc.contract.rows`)
    {fpc:<repository>:<view>}:record                what is published of the view (`fpc.contract.published`)
    {fpc:<repository>:<view>}:writer                who is publishing it now; expires by itself

The braces are Redis Cluster's hash tags: all rows of one entity lie together, and a view's record with its lease.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from fpc.contract.registry import ViewContract

VERSION_DIGITS = 12


def version_of(view: ViewContract) -> str:
    """The name of the view's rows in the store: a hash over its meaning and the order and types of its columns.

    The columns stand in it beside the fingerprint, so that rows are never read by another layout than their own.
    """
    keys = [[key.name, key.type] for key in view.keys]
    features = [[feature.name, feature.type] for feature in view.features]
    text = json.dumps([view.fingerprint, keys, features], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:VERSION_DIGITS]


def row_prefix(repository: str, view: str, version: str) -> bytes:
    """What the keys of all rows of one version of a view begin with."""
    return f"fpc:{repository}:{view}:{version}:".encode()


def row_key(prefix: bytes, entity: bytes) -> bytes:
    """The key of one entity's row; `entity` comes from `fpc.contract.keys`."""
    return b"%b{%b}" % (prefix, entity)


def row_keys(prefix: bytes, entities: Iterable[bytes]) -> list[bytes]:
    """The keys of many entities' rows."""
    return [b"%b{%b}" % (prefix, entity) for entity in entities]


def record_key(repository: str, view: str) -> bytes:
    """The key of a view's record."""
    return f"{{fpc:{repository}:{view}}}:record".encode()


def writer_key(repository: str, view: str) -> bytes:
    """The key of a view's writer lease, in the same cluster slot as the record."""
    return f"{{fpc:{repository}:{view}}}:writer".encode()
