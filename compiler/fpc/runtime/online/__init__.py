"""The online store: one protocol, Redis and memory behind it, and reading a service's features from it."""

from fpc.runtime.online.answer import Answer, FeatureValue, Reason, Status
from fpc.runtime.online.connection import connect
from fpc.runtime.online.reader import OnlineReader, read
from fpc.runtime.online.status import ViewStatus, status
from fpc.runtime.online.store import OnlineStore, OnlineStoreError

__all__ = [
    "Answer",
    "FeatureValue",
    "OnlineReader",
    "OnlineStore",
    "OnlineStoreError",
    "Reason",
    "Status",
    "ViewStatus",
    "connect",
    "read",
    "status",
]
