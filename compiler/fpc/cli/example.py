"""`fpc example`: examples of a view made of its own data."""

from __future__ import annotations

from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import put, say, suggest
from fpc.cli.failure import fpc_fault, user_fault, wrong_usage
from fpc.cli.instants import Instant
from fpc.cli.names import chosen_views
from fpc.cli.pairs import pairs
from fpc.cli.registry import known_target
from fpc.cli.replace_file import replace_file
from fpc.cli.report import errors_of, plural, refuse
from fpc.diagnostics.neutral import neutralise_lines
from fpc.examples import run_examples
from fpc.format.spec_text import format_text
from fpc.model.nodes import FeatureView
from fpc.pipeline import check_repository
from fpc.proposal.insert import NoPlaceError, insert, rendered
from fpc.proposal.propose import Proposal, propose
from fpc.runtime.warehouse import DEFAULT_DATABASE

_SHOWN = 8


@click.command("example", short_help="Write an example of a view from its data.")
@click.argument("view")
@click.argument("keys", metavar="[KEY=VALUE]...", nargs=-1)
@click.option("--from-data", is_flag=True, help="Make it of rows of the view's source.")
@click.option("--at", "at_us", type=Instant(), help="The instant that it asks about; chosen by default.")
@click.option("--most", type=click.IntRange(1, 10), default=4, show_default=True, help="At most so many examples.")
@click.option("--print", "only_prints", is_flag=True, help="Print the examples; change no file.")
@options.target
@options.repository
def command(
    view: str,
    keys: tuple[str, ...],
    from_data: bool,
    at_us: int | None,
    most: int,
    only_prints: bool,
    target: str | None,
    root: Path,
) -> None:
    """Write examples of VIEW into its spec, made of real rows of its source.

    Entity, instant and rows are chosen so that the examples fail when the logic is changed: a boundary moved, a
    window or a filter dropped, another aggregation taken. Then every row is left out that is not needed for that.
    How many such mistakes they notice is measured by running them, and told.
    """
    if not from_data:
        raise wrong_usage("say what the example is to be made of", help=f"fpc example {view} --from-data")
    checked = check_repository(root)
    refuse(errors_of(checked.diagnostics), root)
    (chosen,) = chosen_views(checked.value, [view])
    config = checked.value.config
    environment = config.targets[known_target(config.targets, config.default_target, target)]
    warehouse = root / (environment.database or DEFAULT_DATABASE)
    made = propose(checked.value, root, chosen.name, pairs(keys), at_us=at_us, most=most, warehouse=warehouse)
    if only_prints:
        put(neutralise_lines(rendered(chosen, made.examples, 4)))
    elif made.examples:
        _write(root, chosen, made)
    _tell(made)
    if only_prints:
        suggest(f"fpc example {view} --from-data", "writes them into the spec")
    else:
        suggest(f"fpc test {view}", "runs them; the rows are real, so see that they may be committed")


def _write(root: Path, view: FeatureView, made: Proposal) -> None:
    """Write the file and run what was written; on any doubt the file is again as it was."""
    path = root / view.span.path
    before = path.read_bytes().decode("utf-8")
    try:
        after = insert(before, view.span.path, view, made.examples)
    except NoPlaceError as error:
        raise user_fault(
            f"the examples do not fit into `{view.span.path}`: {error}", help="--print shows them, to be put in by hand"
        ) from None
    if format_text(view.span.path, before).text == before:
        after = format_text(view.span.path, after).text
    replace_file(path, after)
    again = check_repository(root)
    failed = errors_of(again.diagnostics) or [
        result for result in run_examples(again.value, [view.name]) if not result.passed
    ]
    if failed:
        replace_file(path, before)
        raise fpc_fault(
            f"what would be written into `{view.span.path}` does not pass, so it was left as it was",
            help="please report it with what --print shows",
        )
    say(f"  wrote    {plural(len(made.examples), 'example')} into {view.span.path}")


def _tell(made: Proposal) -> None:
    for example, noticed in zip(made.examples, made.noticed, strict=True):
        say(f"{example.name}: {plural(len(example.given), 'row')}, notices {plural(len(noticed), 'mistake')}")
    if not made.examples:
        say("the examples that are there notice all that these data can show; there is nothing to add")
    found, tried = made.score
    share = f" ({found / tried:.0%})" if tried else ""
    say(f"{found} of {tried} mistakes in the view's logic are noticed{share}")
    for mistake in made.unnoticed[:_SHOWN]:
        say(f"  not noticed: {mistake}")
    if len(made.unnoticed) > _SHOWN:
        say(f"  and {len(made.unnoticed) - _SHOWN} more")
