"""Reading `name: type` mappings: a source's columns, an entity's keys, a request's fields."""

from __future__ import annotations

from functools import lru_cache

import yaml

from fpc.diagnostics import codes
from fpc.diagnostics.suggestion import did_you_mean
from fpc.spec.documents import ColumnSpec
from fpc.spec.fields import COLUMN_NAME, Fields
from fpc.spec.located import Located
from fpc.types.logical import Kind, LogicalType

_WORDS = tuple(kind.value for kind in Kind if kind is not Kind.LIST)


def read_columns(fields: Fields, key: str, *, required: bool = False) -> tuple[ColumnSpec, ...]:
    """The columns at a key, each `name: type` or `name: {type: ..., description: ...}`."""
    node = fields.raw(key)
    if node is None:
        if required:
            fields.missing(key)
        return ()
    found = []
    seen: dict[str, Located[str]] = {}
    for name, value in fields.pairs(node, f"`{key}`"):
        if not COLUMN_NAME.fullmatch(name.value):
            fields.invalid_name(name, "a column's name")
            continue
        first = seen.setdefault(name.value.casefold(), name)
        if first is not name:
            fields.findings.error(
                codes.DUPLICATE_NAME,
                f"column `{name.value}` is declared twice",
                name.span,
                "SQL does not tell upper from lower case",
                notes=(f"first declared in {first.span}",),
            )
            continue
        found.append(_column(fields, name, value))
    return tuple(found)


def _column(fields: Fields, name: Located[str], value: yaml.Node) -> ColumnSpec:
    if isinstance(value, yaml.MappingNode):
        inner = fields.inner(value, f"column `{name.value}`", ("type", "description"))
        text, description = inner.text("type", required=True), inner.text("description")
    else:
        text, description = fields.text_of(value, "type"), None
    return ColumnSpec(name, None if text is None else _type_of(fields, text), description)


def _type_of(fields: Fields, text: Located[str]) -> LogicalType | None:
    parsed = _parse(text.value)
    if isinstance(parsed, LogicalType):
        return parsed
    fields.findings.error(
        codes.UNSUPPORTED_TYPE,
        f"`{text.value}` is not a type",
        text.span,
        parsed,
        help=did_you_mean(text.value, _WORDS) or f"types: {', '.join(_WORDS)}, and lists: `bigint[]`",
    )
    return None


@lru_cache(maxsize=1024)
def _parse(text: str) -> LogicalType | str:
    try:
        return LogicalType.parse(text)
    except ValueError as error:
        message = str(error)
        return "not a type that columns can have" if "is not a valid" in message else message
