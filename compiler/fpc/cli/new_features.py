"""What `fpc check` says of features that are not in the registry yet: could they be had from those that are?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from fpc.diagnostics import codes
from fpc.diagnostics.diagnostic import Diagnostic
from fpc.diagnostics.findings import Findings

if TYPE_CHECKING:
    from fpc.model.nodes import Model

_VIEWS: Final = "registry/views"


def new_features(root: Path, model: Model) -> tuple[Diagnostic, ...]:
    """A warning for each new feature that is a formula over features of its view that are in the registry.

    Nothing for a view that is not in the registry at all: there, nothing is kept yet.
    """
    from fpc.model.derivable import derivable  # brings the SQL parser, which is there already
    from fpc.model.lineage import feature

    findings = Findings()
    registered = {path.stem for path in (root / _VIEWS).glob("*.json")}
    for view in model.views.values():
        if view.name not in registered:
            continue
        known = _known(root, view.name, [each.name for each in view.features])
        new = [feature(view.name, each.name) for each in view.features if each.name not in known]
        if not known or not new:
            continue
        spans = {each.name: each.span for each in view.features}
        alone = type(model)(model.config, views={view.name: view})
        for one in derivable(alone, new, among=[feature(view.name, name) for name in known]):
            findings.warning(
                codes.COULD_BE_DERIVED,
                f"`{one.feature}` could be had from {' and '.join(f'`{base}`' for base in one.bases)}",
                spans[one.feature.name],
                "computed from events",
                help=f"under {one.how}",
            )
    return findings.sorted()


def registry_records(root: Path) -> dict[str, bytes]:
    """What `new_features` reads beside the model, by view: which state the registry's files are in."""
    found = {}
    for path in (root / _VIEWS).glob("*.json"):
        status = path.stat()
        found[path.stem] = f"{status.st_size} {status.st_mtime_ns}".encode()
    return found


def _known(root: Path, view: str, names: list[str]) -> set[str]:
    """Those of a view's features that its file in the registry names; not parsed, for there may be thousands."""
    try:
        text = (root / _VIEWS / f"{view}.json").read_text(encoding="utf-8")
    except OSError:
        return set()
    return {name for name in names if f'"name": "{name}", "offset_us":' in text}
