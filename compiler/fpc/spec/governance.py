"""Reading what `fpc.yml` says of owners and house rules: `folders`, `codeowners`, `rules`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import yaml

from fpc.diagnostics import codes
from fpc.diagnostics.suggestion import did_you_mean
from fpc.spec.documents import CodeownersSpec, DefaultsSpec, FolderSpec, HouseRulesSpec, Text
from fpc.spec.fields import Fields
from fpc.spec.located import Located

#: What `defaults` and each folder may say.
DEFAULTS: Final = ("owner", "timezone", "freshness", "delay", "online_ttl", "closed", "on_missing")
#: The kinds of things whose names may have a pattern.
NAMED: Final = ("source", "entity", "feature_view", "feature", "feature_service", "training_set")
SEVERITIES: Final = ("error", "warning", "off")
_FOLDER: Final = re.compile(r"features(/[A-Za-z0-9_.-]+)*")
#: Where GitHub and GitLab look for the file.
CODEOWNERS: Final = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
#: A user, a group or a mail address, as these two take it: nothing that could begin another line or a comment.
_TEAM: Final = re.compile(r"@[A-Za-z0-9][A-Za-z0-9_./-]*|[A-Za-z0-9_.+-]+@[A-Za-z0-9.-]+")
_LINE: Final = re.compile(r"[^\x00-\x1f\x7f]*")
_CODE: Final = frozenset(code.code for code in codes.ALL)


def read_folders(fields: Fields, read_defaults: Callable[[Fields], DefaultsSpec]) -> tuple[FolderSpec, ...]:
    """The defaults by folder; a path that is no folder of specs is reported and left out."""
    node = fields.raw("folders")
    if node is None:
        return ()
    found = []
    for path, value in fields.pairs(node, "`folders`"):
        inner = fields.inner(value, f"folder `{path.value}`", DEFAULTS)
        if not _FOLDER.fullmatch(path.value) or ".." in path.value:
            fields.findings.error(
                codes.INVALID_VALUE,
                f"`{path.value[:60]}` is not a folder of specs",
                path.span,
                "not `features/...`, without a slash at its end",
                help="write it as `features/marketplace`",
            )
            continue
        found.append(FolderSpec(path, read_defaults(inner)))
    return tuple(found)


def read_codeowners(fields: Fields) -> CodeownersSpec | None:
    """The teams behind owners; what no code host would take is reported and left out."""
    node = fields.raw("codeowners")
    if node is None:
        return None
    inner = fields.inner(node, "`codeowners`", ("file", "teams", "first"))
    teams_node = inner.raw("teams")
    teams = []
    if teams_node is None:
        inner.missing("teams")
    else:
        for owner, value in inner.pairs(teams_node, "`teams`"):
            nodes = value.value if isinstance(value, yaml.SequenceNode) else [value]
            texts = (inner.text_of(item, owner.value) for item in nodes)
            teams.append((owner, tuple(text for text in texts if text is not None and _is_team(text, inner))))
    first = tuple(text for text in inner.texts("first") if _is_line(text, inner))
    return CodeownersSpec(inner.choice("file", str, CODEOWNERS), tuple(teams), first, inner.place)


def read_house_rules(fields: Fields) -> HouseRulesSpec:
    """What the repository asks beyond the language; unknown kinds, codes and patterns are reported and left out."""
    node = fields.raw("rules")
    if node is None:
        return HouseRulesSpec()
    keys = ("names", "required_tags", "allowed_tags", "least_description", "describe_features", "severity")
    inner = fields.inner(node, "`rules`", keys)
    return HouseRulesSpec(
        _names(inner),
        inner.texts("required_tags"),
        inner.texts("allowed_tags"),
        inner.integer("least_description", least=1),
        _boolean(inner, "describe_features"),
        _severity(inner),
    )


def _is_team(text: Text, fields: Fields) -> bool:
    if _TEAM.fullmatch(text.value):
        return True
    fields.findings.error(
        codes.INVALID_VALUE,
        f"`{text.value[:60]}` is no user or team of a code host",
        text.span,
        "neither `@name`, `@organisation/team` nor an address",
    )
    return False


def _is_line(text: Text, fields: Fields) -> bool:
    if _LINE.fullmatch(text.value):
        return True
    fields.findings.error(codes.INVALID_VALUE, "`first` takes single lines", text.span, "more than a line")
    return False


def _names(fields: Fields) -> tuple[tuple[Text, Text], ...]:
    node = fields.raw("names")
    found = []
    for kind, value in () if node is None else fields.pairs(node, "`names`"):
        if kind.value not in NAMED:
            fields.findings.error(
                codes.UNKNOWN_KEY,
                f"unknown kind `{kind.value}` in `names`",
                kind.span,
                "nothing of this kind has a name",
                help=did_you_mean(kind.value, NAMED) or f"known kinds: {', '.join(NAMED)}",
            )
            continue
        pattern = fields.text_of(value, "names")
        if pattern is None:
            continue
        try:
            re.compile(pattern.value)
        except re.error as error:
            fields.findings.error(
                codes.INVALID_VALUE, "this is not a regular expression", pattern.span, str(error), help="as `[a-z]+_.*`"
            )
            continue
        found.append((kind, pattern))
    return tuple(found)


def _boolean(fields: Fields, key: str) -> Located[bool] | None:
    found = fields.scalar(key)
    if found is None:
        return None
    if not isinstance(found.value, bool):
        fields.findings.error(codes.INVALID_VALUE, f"`{key}` takes true or false", found.span, "neither of the two")
        return None
    return Located(found.value, found.place)


def _severity(fields: Fields) -> tuple[tuple[Text, Text], ...]:
    node = fields.raw("severity")
    found = []
    for code, value in () if node is None else fields.pairs(node, "`severity`"):
        if code.value not in _CODE:
            fields.findings.error(
                codes.UNKNOWN_CODE,
                f"there is no diagnostic `{code.value[:60]}`",
                code.span,
                "not a code of fpc",
                help=did_you_mean(code.value, _CODE) or "`fpc explain CODE` tells what a code means",
            )
            continue
        text = fields.text_of(value, "severity")
        if text is None:
            continue
        if text.value not in SEVERITIES:
            fields.findings.error(
                codes.INVALID_VALUE,
                f"a severity cannot be `{text.value[:60]}`",
                text.span,
                f"not one of {', '.join(SEVERITIES)}",
                help=did_you_mean(text.value, SEVERITIES),
            )
            continue
        found.append((code, text))
    return tuple(found)
