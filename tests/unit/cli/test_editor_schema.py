"""The editor's schemas: all that the loader reads, each property with a description and an example that fits it."""

from collections.abc import Iterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from fpc.cli.editor_config_schema import CONFIG_SCHEMA
from fpc.cli.editor_schema import SCHEMA
from fpc.spec import config


def properties(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property of a schema at any depth, with the way to it."""
    if isinstance(schema, list):
        for item in schema:
            yield from properties(item, path)
    if not isinstance(schema, dict):
        return
    for name, value in schema.get("properties", {}).items():
        yield f"{path}.{name}", value
        yield from properties(value, f"{path}.{name}")
    for inner in ("items", "additionalProperties", "anyOf"):
        yield from properties(schema.get(inner), path)


ALL = [*properties(SCHEMA), *properties(CONFIG_SCHEMA, "fpc.yml")]


@pytest.mark.parametrize(("path", "schema"), ALL, ids=[path for path, _ in ALL])
def test_a_property_has_a_description_and_an_example(path: str, schema: dict[str, Any]) -> None:
    assert schema.get("description", "").endswith((".", "schema.table")), path
    examples = schema.get("examples")
    assert examples, path
    for example in examples:
        if isinstance(example, dict):
            jsonschema.validate(example, {**schema, "required": []})
        else:
            jsonschema.validate(example, schema)


def test_there_are_as_many_properties_as_the_language_has() -> None:
    assert len(ALL) > 120


def test_the_schema_of_fpc_yml_has_the_keys_that_the_loader_reads() -> None:
    known = CONFIG_SCHEMA["properties"]
    assert isinstance(known, dict)
    assert set(config.KEYS) <= set(known)
