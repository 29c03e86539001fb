"""What SARIF 2.1.0 (OASIS, sections 3.13 to 3.52) asks of the objects that fpc prints, as a JSON schema.

Only properties that fpc uses are here, each as the standard has it, and no others may come: one that is added to the
report has to be added here too, after a look at the standard.
"""

from __future__ import annotations

from typing import Any, Final

_TEXT: Final[dict[str, Any]] = {"type": "string"}
_FROM_ONE: Final[dict[str, Any]] = {"type": "integer", "minimum": 1}


def _object(required: list[str], **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _list(items: dict[str, Any], **limits: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **limits}


_MESSAGE: Final = _object(["text"], text=_TEXT)
_FORMATTED: Final = _object(["text"], text=_TEXT, markdown=_TEXT)
_RULE: Final = _object(["id"], id=_TEXT, name=_TEXT, shortDescription=_FORMATTED, help=_FORMATTED)
_REGION: Final = _object(
    [], startLine=_FROM_ONE, startColumn=_FROM_ONE, endLine=_FROM_ONE, endColumn=_FROM_ONE, message=_MESSAGE
)
_ARTIFACT: Final = _object([], uri={"type": "string", "format": "uri-reference"}, uriBaseId=_TEXT)
_PHYSICAL: Final = _object(["artifactLocation"], artifactLocation=_ARTIFACT, region=_REGION)
_RESULT: Final = _object(
    ["message"],
    ruleId=_TEXT,
    ruleIndex={"type": "integer", "minimum": -1},
    level={"enum": ["none", "note", "warning", "error"]},
    message=_MESSAGE,
    locations=_list(_object([], physicalLocation=_PHYSICAL)),
)
_DRIVER: Final = _object(["name"], name=_TEXT, semanticVersion=_TEXT, rules=_list(_RULE, uniqueItems=True))
_RUN: Final = _object(
    ["tool"],
    tool=_object(["driver"], driver=_DRIVER),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    results=_list(_RESULT),
)

SARIF: Final[dict[str, Any]] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    **_object(
        ["version", "runs"],
        **{"$schema": {"type": "string", "format": "uri"}},
        version={"enum": ["2.1.0"]},
        runs=_list(_RUN),
    ),
}
