"""Names given on the command line, and what they name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fpc.cli.failure import CommandError, wrong_usage
from fpc.diagnostics.suggestion import did_you_mean
from fpc.model import Model
from fpc.model.nodes import FeatureView


def chosen_views(model: Model, names: Sequence[str]) -> tuple[FeatureView, ...]:
    """The views of these names in the order given, all of them for none; exit code 2 for an unknown name."""
    if not names:
        return tuple(model.views.values())
    for name in names:
        if name not in model.views:
            raise unknown("feature view", name, model.views)
    return tuple(model.views[name] for name in dict.fromkeys(names))


def unknown(what: str, name: str, known: Iterable[str]) -> CommandError:
    """There is nothing of that name; the nearest that there is, as help."""
    names = list(known)
    return wrong_usage(
        f"there is no {what} `{name}`", help=did_you_mean(name, names) or f"there are: {', '.join(names) or 'none'}"
    )
