"""`fpc registry`: finding features, and who owns, reads and repeats them."""

from __future__ import annotations

from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import put, say, suggest
from fpc.cli.failure import ExitCode, wrong_usage
from fpc.cli.registry import chosen_target, read_registry
from fpc.cli.registry_history import past_of, versions_table
from fpc.cli.report import plural, refuse
from fpc.cli.table import table
from fpc.contract.lineage import Edge
from fpc.contract.registry import Registry
from fpc.contract.registry_lineage import registry_lineage
from fpc.diagnostics.neutral import neutralise
from fpc.diagnostics.printable_json import printable_json
from fpc.diagnostics.suggestion import did_you_mean
from fpc.registry.card import Card, card, named, nodes_of
from fpc.registry.owners import Holding, holdings
from fpc.registry.readers import unused
from fpc.registry.search import Hit, Index
from fpc.registry.things import Kind, Thing, things

_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")


@click.group("registry", short_help="Find features, who owns and reads them, and what there is twice.")
def command() -> None:
    """Find features, who owns and reads them, and what there is twice.

    Answers come from what `fpc compile` wrote under registry/; when a version was published, from the warehouse.
    """


@command.command("search", short_help="Find things by words, best match first.")
@click.argument("words", nargs=-1, required=True, metavar="WORD...")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many.")
@_JSON
@options.repository
def search(words: tuple[str, ...], limit: int, as_json: bool, root: Path) -> int:
    """Find features, views, services, sources, columns, entities and training sets by words, best match first.

    Names, tags, descriptions, owners and SQL are searched. The beginning of a word will do, and so will a word with a
    letter or two that are wrong.
    """
    hits = Index(things(read_registry(root))).search(" ".join(words), limit)
    if as_json:
        put(printable_json({"hits": [_hit_json(hit) for hit in hits]}))
    elif hits:
        rows = [(hit.thing.kind.value, hit.thing.path, _one_line(hit.thing), hit.thing.owner) for hit in hits]
        put(table(("kind", "name", "description", "owner"), rows))
    if not hits:
        say(f"nothing has the words `{' '.join(words)}`")
        suggest("fpc new view NAME", "begins a view of what is not there yet")
        return ExitCode.USER_FAULT
    suggest(f"fpc registry show {hits[0].thing.path}", "shows all that is known of it")
    return ExitCode.DONE


@command.command("show", short_help="Show all that is known of a thing, and its versions.")
@click.argument("name")
@_JSON
@options.target
@options.repository
def show(name: str, as_json: bool, target: str | None, root: Path) -> int:
    """Show all that is known of NAME: `view.feature`, or the name of a view, service, source, entity or training set.

    Of a feature or a view, also every version that was published to the target, when, and who owned it then.
    """
    registry = read_registry(root)
    found = _found(registry, name)
    lineage = registry_lineage(registry)
    chosen = chosen_target(registry, target)
    cards = [(card(registry, lineage, thing), past_of(root, registry, chosen, thing)) for thing in found]
    if as_json:
        put(printable_json({"things": [one | {"versions": [v.as_json() for v in past]} for one, past in cards]}))
    else:
        for one, past in cards:
            put(_card_text(one))
            if past:
                put("\n" + versions_table(past))
    suggest(f"fpc registry lineage {name}", "shows what it is made of, and who depends on it")
    return ExitCode.DONE


@command.command("lineage", short_help="Show what a thing is made of and who depends on it, by column.")
@click.argument("name")
@click.option("--up", is_flag=True, help="Only what it is made of.")
@click.option("--down", is_flag=True, help="Only who depends on it.")
@_JSON
@options.repository
def lineage(name: str, up: bool, down: bool, as_json: bool, root: Path) -> int:
    """Show lineage by column: from source columns through features to services, training sets and models.

    NAME is `source.column`, `view.feature`, or the name of a whole view, source, entity, service or training set. The
    nearest come first.
    """
    registry = read_registry(root)
    whole = registry_lineage(registry)
    nodes = tuple(node for thing in _found(registry, name) for node in nodes_of(registry, thing))
    above = whole.upstream(*nodes) if up or not down else ()
    below = whole.downstream(*nodes) if down or not up else ()
    if as_json:
        put(printable_json({"up": [_edge_json(edge) for edge in above], "down": [_edge_json(edge) for edge in below]}))
    else:
        rows = [("up", *_edge_row(edge)) for edge in above] + [("down", *_edge_row(edge)) for edge in below]
        if rows:
            put(table(("way", "from", "as", "to"), rows))
    if not above and not below:
        say(f"nothing is known above or below `{name}`")
    suggest("fpc registry unused", "shows what nobody reads")
    return ExitCode.DONE


@command.command("owners", short_help="Show who owns how much, or what one owner has.")
@click.argument("owner", required=False)
@_JSON
@options.repository
def owners(owner: str | None, as_json: bool, root: Path) -> int:
    """Show every owner with the number of things that are theirs; with OWNER, these things."""
    every = holdings(read_registry(root))
    if owner is not None:
        chosen = [holding for holding in every if holding.owner in (owner, f"team:{owner}")]
        if not chosen:
            known = [holding.owner for holding in every if holding.owner]
            raise wrong_usage(f"nothing is owned by `{owner}`", help=did_you_mean(owner, known))
        every = tuple(chosen)
    if as_json:
        put(printable_json({"owners": [_holding_json(holding) for holding in every]}))
    elif owner is not None:
        rows = [(t.kind.value, t.path, t.spec) for t in every[0].things if t.kind is not Kind.FEATURE]
        put(table(("kind", "name", "spec"), rows))
    else:
        kinds = [kind for kind in Kind if kind is not Kind.COLUMN]
        counts = [(h.owner or "nobody", *(str(h.count(kind) or "-") for kind in kinds)) for h in every]
        put(table(("owner", *(f"{kind.value}s".replace("entitys", "entities") for kind in kinds)), counts))
    suggest("fpc registry owners OWNER", "lists what is theirs")
    return ExitCode.DONE


@command.command("unused", short_help="Show features and source columns that nobody reads.")
@_JSON
@options.repository
def show_unused(as_json: bool, root: Path) -> int:
    """Show the features that no service reads, through other features either, and the columns that no feature reads."""
    registry = read_registry(root)
    found = unused(registry)
    if as_json:
        put(printable_json({"features": [str(n) for n in found.features], "columns": [str(n) for n in found.columns]}))
    else:
        rows = [("feature", str(node), registry.views[node.parent].owner) for node in found.features]
        rows += [("column", str(node), registry.sources[node.parent].owner) for node in found.columns]
        if rows:
            put(table(("kind", "name", "owner"), rows))
    say(f"{plural(len(found.features), 'feature')} no service reads, "
        f"{plural(len(found.columns), 'column')} no feature reads")  # fmt: skip
    suggest("fpc registry show NAME", "shows whose it is, and what it costs to keep")
    return ExitCode.DONE


@command.command("duplicates", short_help="Show features there are twice, or that others could give.")
@_JSON
@options.repository
def duplicates(as_json: bool, root: Path) -> int:
    """Show features that mean the same under two names, and those that could be had from others that are there.

    Meanings are compared by fingerprint. What could be had: another window of an aggregate that a view keeps already,
    an average or another formula over features of the same view, the difference of two windows. Read from the specs.
    """
    from fpc.model.derivable import derivable, same_meanings  # brings the SQL parser
    from fpc.pipeline import check_repository

    checked = check_repository(root)
    if checked.has_errors:
        refuse(checked.diagnostics, root)
    same, others = same_meanings(checked.value), derivable(checked.value)
    if as_json:
        put(
            printable_json(
                {
                    "same": [{"feature": str(twin), "is": str(first)} for twin, first in same],
                    "derivable": [
                        {"feature": str(one.feature), "from": list(one.bases), "how": one.how} for one in others
                    ],
                }
            )
        )
    else:
        rows = [(str(twin), f"is `{first}`") for twin, first in same]
        rows += [(str(one.feature), one.how) for one in others]
        if rows:
            put(table(("feature", "instead"), rows))
    say(f"{plural(len(same), 'feature')} there twice, {plural(len(others), 'feature')} that others could give")
    suggest("fpc registry lineage NAME --down", "shows who would have to move")
    return ExitCode.DONE


def _found(registry: Registry, name: str) -> tuple[Thing, ...]:
    found = named(registry, name)
    if not found:
        known = [thing.path for thing in things(registry) if thing.kind is not Kind.COLUMN or "." in name]
        raise wrong_usage(
            f"there is nothing named `{name}`",
            help=did_you_mean(name, known) or "`fpc registry search WORD` finds by words",
        )
    return found


def _card_text(one: Card) -> str:
    rows = [(word, text) for word, value in one.items() for text in ([value] if isinstance(value, str) else value)]
    shown = [("" if at and rows[at - 1][0] == word else word, text) for at, (word, text) in enumerate(rows)]
    width = max(len(word) for word, _ in rows)
    return "".join(f"{word:<{width}}  {neutralise(text)}\n" for word, text in shown)


def _one_line(thing: Thing) -> str:
    text = thing.description or thing.text
    line = " ".join(text.split())
    mark = "deprecated: " if thing.is_deprecated else ""
    return mark + (line if len(line) <= 60 else f"{line[:57]}...")


def _hit_json(hit: Hit) -> dict[str, object]:
    thing = hit.thing
    return {
        "kind": thing.kind.value,
        "name": thing.path,
        "description": thing.description,
        "owner": thing.owner,
        "spec": thing.spec,
        "deprecated": thing.is_deprecated,
        "score": round(hit.score, 3),
    }


def _edge_row(edge: Edge) -> tuple[str, str, str]:
    return str(edge.upper), edge.role.value.replace("_", " "), str(edge.lower)


def _edge_json(edge: Edge) -> dict[str, object]:
    return {
        "from": {"kind": edge.upper.what.value, "name": str(edge.upper)},
        "to": {"kind": edge.lower.what.value, "name": str(edge.lower)},
        "role": edge.role.value,
    }


def _holding_json(holding: Holding) -> dict[str, object]:
    listed = [{"kind": t.kind.value, "name": t.path, "spec": t.spec} for t in holding.things]
    return {"owner": holding.owner or None, "things": listed}
