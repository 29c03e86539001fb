"""Shapes of JSON Schema that the editor's schemas are made of."""

from __future__ import annotations

from typing import Final

Schema = dict[str, object]

TEXT: Final[Schema] = {"type": "string"}
NAME: Final[Schema] = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,62}$"}
TEXTS: Final[Schema] = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
DURATION: Final[Schema] = {"type": "string", "pattern": "^[0-9]+[smhdw]$"}
WINDOW: Final[Schema] = {"type": "string", "pattern": "^([0-9]+[smhdw]|lifetime)$"}
FRESHNESS: Final[Schema] = {"type": "string", "pattern": "^([0-9]+[smhdw]|request)$"}
VALUE: Final[Schema] = {"type": ["string", "number", "boolean", "null", "array"]}
NUMBER: Final[Schema] = {"type": "number"}
BOOLEAN: Final[Schema] = {"type": "boolean"}
VERSION: Final[Schema] = {"type": "integer", "minimum": 1}


def key(shape: Schema, about: str, *examples: object) -> Schema:
    """A property: its shape, what it is for, and how it may be written. An editor shows both."""
    return {**shape, "description": about, "examples": list(examples)}


def mapping(properties: dict[str, Schema], required: tuple[str, ...] = ()) -> Schema:
    """A mapping of these keys and no others."""
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def named(values: Schema) -> Schema:
    """A mapping of any names to values of one shape."""
    return {"type": "object", "additionalProperties": values}


def items(shape: Schema) -> Schema:
    """A list of values of one shape."""
    return {"type": "array", "items": shape}


def either(*shapes: Schema) -> Schema:
    """One of several shapes."""
    return {"anyOf": list(shapes)}


def choice(*words: str) -> Schema:
    """One of a few words."""
    return {"enum": list(words)}
