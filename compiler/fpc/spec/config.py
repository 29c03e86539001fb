"""Reading `fpc.yml`."""

from __future__ import annotations

import re
from typing import Final

import yaml

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.spec.documents import ConfigSpec, DefaultsSpec, TargetSpec, Text
from fpc.spec.fields import Fields
from fpc.spec.governance import DEFAULTS, read_codeowners, read_folders, read_house_rules
from fpc.spec.located import Located
from fpc.spec.service import ON_MISSING
from fpc.spec.text_file import TextFile
from fpc.spec.view import CLOSED, read_freshness

KEYS: Final = (
    "name",
    "repository_url",
    "defaults",
    "folders",
    "codeowners",
    "rules",
    "tiers",
    "default_target",
    "targets",
)
_TARGET: Final = ("engine", "database", "profile", "online", "as_of")
_REFERENCE: Final = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_URL: Final = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~:@%+/-]*)?")
EMBEDDED: Final = "embedded"


def read_config(node: yaml.Node, file: TextFile, findings: Findings) -> ConfigSpec | None:
    """The configuration, or None when it has no usable name."""
    fields = Fields(node, "fpc.yml", KEYS, file, findings, allows_environment=True)
    name = fields.name()
    if "targets" not in fields:
        fields.missing("targets")
    defaults, targets = _defaults(fields), _targets(fields)
    tiers = fields.raw("tiers")
    streaming = None
    if tiers is not None:
        streaming = fields.inner(tiers, "`tiers`", ("streaming_below",)).duration("streaming_below")
    default_target = fields.text("default_target")
    url = fields.text("repository_url")
    _check_url(url, fields)
    rest = (read_folders(fields, _read_defaults), read_codeowners(fields), read_house_rules(fields))
    if name is None:
        return None
    return ConfigSpec(name, defaults, streaming, default_target, targets, fields.place, url, *rest)


def _defaults(fields: Fields) -> DefaultsSpec:
    node = fields.raw("defaults")
    return DefaultsSpec() if node is None else _read_defaults(fields.inner(node, "`defaults`", DEFAULTS))


def _read_defaults(inner: Fields) -> DefaultsSpec:
    return DefaultsSpec(
        inner.owner(),
        inner.text("timezone"),
        read_freshness(inner),
        inner.duration("delay"),
        inner.duration("online_ttl"),
        inner.choice("closed", str, CLOSED),
        inner.choice("on_missing", str, ON_MISSING),
    )


def _targets(fields: Fields) -> tuple[TargetSpec, ...]:
    node = fields.raw("targets")
    if node is None:
        return ()
    found = []
    for name, value in fields.pairs(node, "`targets`"):
        inner = fields.inner(value, f"target `{name.value}`", _TARGET)
        engine = inner.text("engine", required=True)
        rest = (inner.text("database"), inner.text("profile"), _online(inner), inner.text("as_of"))
        for text in (engine, *rest):
            _check_references(text, fields)
        if engine is not None:
            found.append(TargetSpec(name, engine, *rest, inner.place))
    return tuple(found)


def _online(fields: Fields) -> Text | None:
    node = fields.raw("online")
    if isinstance(node, yaml.MappingNode):
        return fields.inner(node, "`online`", ("redis",)).text("redis", required=True)
    found = fields.text("online")
    if found is not None and found.value != EMBEDDED:
        fields.findings.error(
            codes.INVALID_VALUE,
            f"`online` cannot be `{found.value}`",
            found.span,
            "neither `embedded` nor a Redis",
            help='write `online: {redis: "redis://..."}`',
        )
        return None
    return found


def _check_url(url: Text | None, fields: Fields) -> None:
    """An address that can stand in a link as it is: of the web, and of characters that mean nothing in Markdown."""
    if url is not None and not _URL.fullmatch(url.value):
        fields.findings.error(
            codes.INVALID_VALUE,
            "`repository_url` is not an address that a link can have",
            url.span,
            "not `https://HOST/PATH` in letters, digits and `.-_~/:@%+`",
            help="write where the repository's files can be seen, as `https://github.com/acme/features/blob/main`",
        )


def _check_references(text: Located[str] | None, fields: Fields) -> None:
    """Every `${` begins a whole reference: `${NAME}`."""
    if text is None or "${" not in text.value:
        return
    rest = _REFERENCE.sub("", text.value)
    if "${" in rest:
        fields.findings.error(
            codes.ENVIRONMENT_REFERENCE, "this is not a whole reference to the environment", text.span, "not `${NAME}`"
        )
