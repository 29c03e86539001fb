"""Where things lie in the online store: the keys of rows, of a view's record, and of its writer's lease.

    fpc:<repository>:<view>:<version>:{<entity>}    one packed row (`fpc.contract.rows`)
    {fpc:<repository>:<view>}:record                what is published of the view (`fpc.contract.published`)
    {fpc:<repository>:<view>}:writer                who is publishing it now; expires by itself

The braces are Redis Cluster's hash tags: all rows of one entity lie together, and a view's record with its lease.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Final

from fpc.contract.registry import ViewContract

VERSION_DIGITS: Final = 12
_REST_OF_ROW: Final = re.compile(rb"([a-z][a-z0-9_]*):[0-9a-f]{%d}:\{.*\}" % VERSION_DIGITS, re.DOTALL)
_REST_OF_RECORD: Final = re.compile(rb"([a-z][a-z0-9_]*)\}:record")


def version_of(view: ViewContract) -> str:
    """The name of the view's rows in the store: a hash over its meaning and its columns with their types, as packed.

    The columns stand in it beside the fingerprint, so that rows are never read by another layout than their own.
    """
    keys = [[key.name, key.type] for key in view.keys]
    features = [[feature.name, feature.type] for feature in view.packed]
    text = json.dumps([view.fingerprint, keys, features], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:VERSION_DIGITS]


def row_prefix(repository: str, view: str, version: str) -> bytes:
    """What the keys of all rows of one version of a view begin with."""
    return f"fpc:{repository}:{view}:{version}:".encode()


def view_prefix(repository: str, view: str | None = None) -> bytes:
    """What the keys of all rows of a view begin with, in all its versions; without a view, those of a repository."""
    return f"fpc:{repository}:{view}:".encode() if view is not None else f"fpc:{repository}:".encode()


def view_of_row(repository: str, key: bytes) -> str | None:
    """The view whose row lies under a key; None for another repository's key, or none of ours."""
    prefix = view_prefix(repository)
    found = _REST_OF_ROW.fullmatch(key[len(prefix) :]) if key.startswith(prefix) else None
    return None if found is None else found[1].decode()


def row_key(prefix: bytes, entity: bytes) -> bytes:
    """The key of one entity's row; `entity` comes from `fpc.contract.keys`."""
    return b"%b{%b}" % (prefix, entity)


def row_keys(prefix: bytes, entities: Iterable[bytes]) -> list[bytes]:
    """The keys of many entities' rows."""
    return [b"%b{%b}" % (prefix, entity) for entity in entities]


def record_key(repository: str, view: str) -> bytes:
    """The key of a view's record."""
    return f"{{fpc:{repository}:{view}}}:record".encode()


def record_prefix(repository: str) -> bytes:
    """What the keys of all records and leases of a repository begin with."""
    return f"{{fpc:{repository}:".encode()


def view_of_record(repository: str, key: bytes) -> str | None:
    """The view whose record lies under a key; None for any other key."""
    prefix = record_prefix(repository)
    found = _REST_OF_RECORD.fullmatch(key[len(prefix) :]) if key.startswith(prefix) else None
    return None if found is None else found[1].decode()


def writer_key(repository: str, view: str) -> bytes:
    """The key of a view's writer lease, in the same cluster slot as the record."""
    return f"{{fpc:{repository}:{view}}}:writer".encode()
