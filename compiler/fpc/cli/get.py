"""`fpc get`: one read of a service from the online store."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import put, say, suggest
from fpc.cli.deprecations import deprecated_features, deprecation_json, tell_deprecated, view_deprecation
from fpc.cli.failure import ExitCode, user_fault, wrong_usage
from fpc.cli.instants import Instant, shown
from fpc.cli.names import unknown
from fpc.cli.pairs import pairs
from fpc.cli.registry import chosen_target, read_registry, store_of
from fpc.cli.table import table
from fpc.cli.value_text import json_value, value_text
from fpc.contract.keys import KeyValueError, parse_key_value
from fpc.contract.registry import Registry, TargetContract
from fpc.diagnostics.printable_json import printable_json
from fpc.runtime.grid import instant_of
from fpc.runtime.online import read
from fpc.runtime.online.answer import FeatureValue


@click.command("get", short_help="Read a service for one entity from the online store.")
@click.argument("service")
@click.argument("keys", metavar="KEY=VALUE...", nargs=-1)
@click.option("--request", "request", metavar="FIELD=VALUE", multiple=True, help="A field of the request.")
@click.option("--at", "at_us", type=Instant(), help="Ask as if it were this instant; by default the target's clock.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@options.target
@options.repository
def command(
    service: str,
    keys: tuple[str, ...],
    request: tuple[str, ...],
    at_us: int | None,
    as_json: bool,
    target: str | None,
    root: Path,
) -> int:
    """Read a feature service for one entity, in one round trip.

    KEYs are the entity keys of all views that the service reads. Each feature has a value, a status (`present`,
    `null`: computed and null, `default`: the default stands in) and the instant that it is as of.
    """
    if request:
        raise user_fault("FPC0802: request-time views are not built yet", help="leave --request out")
    registry = read_registry(root)
    chosen = chosen_target(registry, target)
    named = _typed(registry, service, pairs(keys))
    store = store_of(root, chosen)
    try:
        started = time.perf_counter()
        answer = read(store, registry, service, named, _now(chosen) if at_us is None else at_us)
        milliseconds = (time.perf_counter() - started) * 1_000
    finally:
        store.close()
    views = tuple(dict.fromkeys(member.view for member in registry.services[service].members))
    put(_json(registry, service, views, answer.features) if as_json else _table(answer.features))
    tell_deprecated(registry, views, registry.services[service].members)
    say(f"read {len(answer.features)} features of `{service}` in {milliseconds:.1f} ms")
    if any(value.as_of_us is None for value in answer.features):
        suggest("fpc run", "publishes what is not published yet")
    else:
        suggest("fpc status", "shows how fresh each view is")
    return ExitCode.DONE


def _typed(registry: Registry, service: str, texts: Mapping[str, str]) -> dict[str, object]:
    """The keys' values in the types of the entities; exit code 2 for a key that no view of the service has."""
    contract = registry.services.get(service)
    if contract is None:
        raise unknown("feature service", service, registry.services)
    known = {key.name: key for member in contract.members for key in registry.views[member.view].keys}
    found: dict[str, object] = {}
    for name, text in texts.items():
        if name not in known:
            raise wrong_usage(f"`{name}` is not a key of `{service}`", help=f"its keys are: {', '.join(known)}")
        try:
            found[name] = parse_key_value(known[name], text)
        except KeyValueError as error:
            raise wrong_usage(str(error)) from error
    missing = [name for name in known if name not in found]
    if missing:
        raise wrong_usage(f"`{service}` is asked for by {', '.join(f'`{name}`' for name in known)}",
                          help=f"add {' '.join(f'{name}=...' for name in missing)}")  # fmt: skip
    return found


def _now(target: TargetContract) -> int:
    return instant_of(target.as_of) if target.as_of else time.time_ns() // 1_000


def _table(values: Sequence[FeatureValue]) -> str:
    rows = [(value.name, value_text(value.value), _status(value), shown(value.as_of_us)) for value in values]
    return table(("feature", "value", "status", "as of"), rows)


def _status(value: FeatureValue) -> str:
    return value.status.value if value.reason is None else f"{value.status.value} ({value.reason.value})"


def _json(registry: Registry, service: str, views: Sequence[str], values: Sequence[FeatureValue]) -> str:
    deprecated = {view: view_deprecation(registry, view) for view in views}
    features = deprecated_features(registry, registry.services[service].members)
    return printable_json(
        {
            "service": service,
            "deprecated_views": {view: found for view, found in deprecated.items() if found is not None},
            "deprecated_features": {name: deprecation_json(found) for name, found in features.items()},
            "features": {
                value.name: {
                    "value": json_value(value.value),
                    "status": value.status.value,
                    "reason": None if value.reason is None else value.reason.value,
                    "as_of": None if value.as_of_us is None else shown(value.as_of_us),
                }
                for value in values
            },
        }
    )
