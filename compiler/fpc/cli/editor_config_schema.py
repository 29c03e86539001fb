"""The JSON schema of `fpc.yml`, for editors."""

from __future__ import annotations

from typing import Final

from fpc.cli.schema_parts import (
    BOOLEAN,
    DURATION,
    FRESHNESS,
    NAME,
    TEXT,
    TEXTS,
    Schema,
    choice,
    either,
    items,
    key,
    mapping,
    named,
)

_DEFAULTS: Final = mapping(
    {
        "owner": key(TEXT, "Who answers for what names nobody.", "team:features"),
        "timezone": key(TEXT, "Of naive timestamps.", "Europe/Berlin"),
        "freshness": key(FRESHNESS, "The grid of refreshes.", "1h"),
        "delay": key(DURATION, "How long after a grid point values can be read.", "10m"),
        "online_ttl": key(DURATION, "Older values are not served.", "3d"),
        "closed": key(choice("left", "right", "both"), "Which ends of a window are in it.", "left"),
        "on_missing": key(choice("default", "null", "error"), "What a service answers without a value.", "default"),
    }
)
_TARGET: Final = mapping(
    {
        "engine": key(choice("duckdb"), "What computes.", "duckdb"),
        "database": key(TEXT, "The warehouse's file.", ".fpc/warehouse.duckdb"),
        "profile": key(TEXT, "The dbt profile, if not the generated one.", "features"),
        "online": key(
            either(
                choice("embedded"),
                mapping({"redis": key(TEXT, "Its URL; secrets as ${NAME}.", "${FPC_REDIS_URL}")}, ("redis",)),
            ),
            "The online store: fpc's own Redis server, or yours.",
            "embedded",
            {"redis": "${FPC_REDIS_URL}"},
        ),
        "as_of": key(TEXT, "A frozen clock, for data of the past.", "2024-06-01T00:00:00Z"),
    },
    ("engine",),
)
_RULES: Final = mapping(
    {
        "names": key(named(TEXT), "A pattern of names for each kind of thing.", {"feature": "[a-z0-9_]+"}),
        "required_tags": key(TEXTS, "Tags of which each view needs one.", ["pii", "public"]),
        "allowed_tags": key(TEXTS, "All tags that there may be.", ["pii", "public"]),
        "least_description": key({"type": "integer", "minimum": 1}, "Characters that a description has.", 20),
        "describe_features": key(BOOLEAN, "Whether each feature needs a description.", True),
        "severity": key(named(choice("error", "warning", "off")), "How grave a rule is.", {"FPC0231": "error"}),
    }
)
#: The schema of the one document that `fpc.yml` is.
CONFIG_SCHEMA: Final[Schema] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "fpc.yml",
    "description": "The root of a feature repository.",
    **mapping(
        {
            "name": key(NAME, "Of the repository: part of the keys in the online store.", "shop"),
            "repository_url": key(TEXT, "Where its files can be seen.", "https://github.com/acme/features/blob/main"),
            "defaults": key(
                _DEFAULTS, "What a document takes that does not say otherwise.", {"owner": "team:features"}
            ),
            "folders": key(
                named(_DEFAULTS), "The same for what lies in a folder.", {"features/shop": {"owner": "team:shop"}}
            ),
            "codeowners": key(
                mapping(
                    {
                        "file": key(TEXT, "Where it is written.", ".github/CODEOWNERS"),
                        "teams": key(named(TEXTS), "Who stands behind an owner.", {"team:shop": "@acme/shop"}),
                        "first": key(items(TEXT), "Lines that go before the others.", ["* @acme/platform"]),
                    },
                    ("teams",),
                ),
                "Owners as the code host knows them, from which CODEOWNERS is made.",
                {"teams": {"team:shop": "@acme/shop"}},
            ),
            "rules": key(_RULES, "What the repository asks beyond the language.", {"describe_features": True}),
            "tiers": key(
                mapping({"streaming_below": key(DURATION, "Fresher views stream.", "5m")}),
                "From which freshness on a view is of another tier.",
                {"streaming_below": "5m"},
            ),
            "default_target": key(TEXT, "The target of commands without --target.", "dev"),
            "targets": key(
                named(_TARGET), "Environments by name.", {"dev": {"engine": "duckdb", "online": "embedded"}}
            ),
        },
        ("name", "targets"),
    ),
}
