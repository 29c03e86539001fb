"""Names of the lowering's own columns, and how a user's names keep out of their way.

A user's names begin with a letter, so that what begins with an underscore is the lowering's alone. The columns that
every relation has, `ask` or `event_us`, are spelled without one all the same, for those who read the SQL; a key or an
input that bears such a name is renamed inside.
"""

from __future__ import annotations

from typing import Final

RESERVED: Final = frozenset(
    (
        *("ask", "asked_us", "begins", "bucket", "counts_from", "ends", "entity", "event_us", "is_last", "is_next"),
        *("known_us", "lane", "place", "probe", "since", "superseded_us", "until", "value_at", "visible_from"),
        *("visible_until", "weight"),
    )
)


def inner_key(key: str) -> str:
    """The column of an entity key in the lowering's relations: its own name, unless that is one of the lowering's.

    >>> inner_key("user_id"), inner_key("ask")
    ('user_id', '_ask')
    """
    return f"_{key}" if key in RESERVED else key


def raw_name(column: str) -> str:
    """The column that carries a staged column for inputs that read AS_OF()."""
    return f"_raw_{column}"


def units_name(column: str) -> str:
    """The column that holds an input in whole units."""
    return f"_{column}_units"


def limb_name(column: str, limb: str) -> str:
    """The column that holds the `high` or `low` units of a double."""
    return f"_{column}_{limb}"
