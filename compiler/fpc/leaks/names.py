"""What a column's name says of when its value was known: the evidence that there is before any data.

A name proves nothing. It is taken as evidence in one direction only: against a column, never in its favour. A spec
answers it by declaring versions and a known time, or, where the name misleads, `immutable` or `append_only`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_INSTANT: Final = ("at", "on", "time", "ts", "timestamp", "date")


def _instants(verbs: Iterable[str]) -> frozenset[str]:
    return frozenset(f"{verb}_{ending}" for verb in verbs for ending in _INSTANT)


_UPDATES: Final = _instants(
    ("changed", "edited", "last_changed", "last_edited", "last_modified", "last_update", "last_updated", "modified",
     "mutated", "update", "updated")
) | {"lastmodified", "updatedat", "modifiedat"}  # fmt: skip
_ARRIVALS: Final = _instants(
    ("arrived", "available", "ingested", "inserted", "known", "landed_in_lake", "loaded", "received", "synced")
)
_VALIDITY: Final = _instants(
    ("dbt_valid_to", "effective_to", "expired", "superseded", "valid_to", "valid_until")
) | {
    "dbt_valid_to", "effective_to", "end_of_validity", "is_current", "is_current_row", "is_latest", "current_flag",
    "valid_to", "valid_until",
}  # fmt: skip
_HAPPENS_LATER: Final = (
    "abandoned", "cancelled", "canceled", "charged_back", "churned", "closed", "completed", "converted", "deactivated",
    "defaulted", "deleted", "delivered", "disputed", "ended", "finished", "fulfilled", "refunded", "reopened",
    "repaid", "resolved", "returned", "settled", "solved", "terminated", "unsubscribed",
)  # fmt: skip
_OUTCOMES: Final = (
    _instants(_HAPPENS_LATER)
    | {f"{prefix}{verb}" for verb in _HAPPENS_LATER for prefix in ("", "is_", "was_", "has_", "got_")}
    | {"chargeback", "is_chargeback", "is_fraud", "label", "outcome", "resolution"}
)
_OUTCOME_PATTERN: Final = re.compile(r"final_\w+|\w+_(outcome|label)")
_STATES: Final = frozenset(("active", "enabled", "is_active", "is_enabled", "phase", "stage", "status"))
_STATE_PATTERN: Final = re.compile(
    r"(\w+_(status|state|stage|phase|to_date|so_far))|((current|latest|lifetime|most_recent|running)_\w+)"
    rf"|(last_\w+_({'|'.join(_INSTANT)}))"
)


@lru_cache(maxsize=65_536)
def is_update_time(name: str) -> bool:
    """Whether the column says when its row was last changed: then rows do change.

    >>> is_update_time("updated_at"), is_update_time("ordered_at")
    (True, False)
    """
    return _plain(name) in _UPDATES


@lru_cache(maxsize=65_536)
def is_arrival_time(name: str) -> bool:
    """Whether the column says when its row came, which may be later than it happened."""
    return _plain(name) in _ARRIVALS


@lru_cache(maxsize=65_536)
def is_validity(name: str) -> bool:
    """Whether the column says that, or when, a later version follows: nothing that was known with the row.

    >>> is_validity("valid_to"), is_validity("valid_from")
    (True, False)
    """
    return _plain(name) in _VALIDITY


@lru_cache(maxsize=65_536)
def is_outcome(name: str) -> bool:
    """Whether the column says how what happened ended.

    >>> is_outcome("refunded_at"), is_outcome("was_delivered"), is_outcome("amount")
    (True, True, False)
    """
    plain = _plain(name)
    return plain in _OUTCOMES or _OUTCOME_PATTERN.fullmatch(plain) is not None


@lru_cache(maxsize=65_536)
def is_state(name: str) -> bool:
    """Whether the column says how things stand, which changes.

    >>> is_state("status"), is_state("last_login_at"), is_state("last_name")
    (True, True, False)
    """
    plain = _plain(name)
    return plain in _STATES or _STATE_PATTERN.fullmatch(plain) is not None


def names_entity(source: str, entity: str) -> bool:
    """Whether a source is called after what it describes: `users` of the entity `user`.

    >>> names_entity("users", "user"), names_entity("dim_user", "user"), names_entity("user_orders", "user")
    (True, True, False)
    """
    plural = f"{entity[:-1]}ies" if entity.endswith("y") else f"{entity}s"
    bare = re.sub(r"^(dim|stg|dimension)_|_(dim|dimension|snapshot|profiles?|master|current)$", "", source)
    return bare in (entity, plural)


def _plain(name: str) -> str:
    return name.casefold().lstrip("_")
