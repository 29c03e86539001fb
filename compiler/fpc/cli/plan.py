"""`fpc plan`: what a change of the specs means."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import click

from fpc import spec
from fpc.change import Plan, compare
from fpc.checking.whole import examine, judge
from fpc.cli import options
from fpc.cli.console import put, say, suggest
from fpc.cli.failure import CommandError, ExitCode
from fpc.cli.git_state import find_commit
from fpc.cli.model_at import model_at
from fpc.cli.plan_json import plan_json
from fpc.cli.plan_markdown import plan_markdown
from fpc.cli.plan_text import plan_text
from fpc.cli.plan_words import summary
from fpc.cli.registry import known_target
from fpc.cli.report import count_errors, errors_of, in_words, refuse, talk_about
from fpc.contract.today import today
from fpc.effect.nodes import Measured
from fpc.model import Model
from fpc.model.frozen_day import frozen_day
from fpc.model.nodes import Target
from fpc.model.typing import Typing
from fpc.spec.collector import paused_collector

#: With --detailed-exitcode: there are changes, and nothing is wrong with them.
CHANGES: Final = 2


@click.command("plan", short_help="Say what a change of the specs means: values, readers, cost.")
@click.option("--against", "ref", metavar="REF", default="HEAD", show_default=True, help="A commit, branch or tag.")
@click.option("--merge-base", is_flag=True, help="Compare with where this branch left REF, not with REF itself.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="markdown is for a comment on a pull request.",
)
@click.option("--json", "output_format", flag_value="json", help="The same as --format json.")
@click.option("--no-data", is_flag=True, help="Look at no data: neither effects nor costs are told.")
@click.option(
    "--sample",
    "entities",
    type=click.IntRange(1, 10_000_000),
    default=10_000,
    show_default=True,
    help="Compare the values of at most so many entities of a view.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="Look at data for at most so long in all.",
)
@click.option("--show-keys", is_flag=True, help="In Markdown, too, name the entities of example rows.")
@click.option("--detailed-exitcode", is_flag=True, help="0 no changes, 1 an error, 2 changes.")
@options.target
@options.repository
def command(
    ref: str,
    merge_base: bool,
    output_format: str,
    no_data: bool,
    entities: int,
    seconds: float,
    show_keys: bool,
    detailed_exitcode: bool,
    target: str | None,
    root: Path,
) -> int:
    """Compare the meaning of the specs on disk with that of a commit.

    What is written in another way, and means the same, is no change. Where the data are there, values before and after
    are compared on a sample. The work tree, the warehouse and the online store are left as they are.

    Exit code 1 when a version that services read comes to mean something else, and neither it was raised nor the
    services' owners agreed.
    """
    try:
        commit = find_commit(root, ref, merge_base=merge_base)
        typing = Typing()
        with paused_collector():
            examined = examine(spec.load(root), typing)
            judged = judge((survey, fact) for survey, _, fact in examined.facts)
            refuse(errors_of((*examined.diagnostics, *judged)), root)
            before = model_at(root, commit, examined, typing)
    except CommandError as failure:
        if detailed_exitcode:  # 2 says that there are changes
            failure.code = ExitCode.USER_FAULT
        raise
    after = examined.model
    chosen = after.config.targets[known_target(after.config.targets, after.config.default_target, target)]
    found = compare(before, after, today(frozen_day(after)))
    measured = Measured() if no_data else _measured(before, after, found, root, chosen, entities, seconds)
    match output_format:
        case "json":
            put(plan_json(found, commit, measured))
        case "markdown":
            put(plan_markdown(found, commit, measured, keys=show_keys))
        case _:
            put(plan_text(found, measured))
    talk_about(found.problems, root)
    say(f"{summary(found)}, against {commit.ref} ({commit.short}): {in_words(found.problems)}")
    return _finish(found, detailed_exitcode)


def _measured(
    before: Model, after: Model, found: Plan, root: Path, target: Target, entities: int, seconds: float
) -> Measured:
    if target.engine != "duckdb" or found.is_empty:
        return Measured()
    from fpc.effect.measure import measure  # brings DuckDB's and Arrow's tables
    from fpc.effect.sample import Bounds
    from fpc.runtime.grid import instant_of
    from fpc.runtime.raw_rows import Place
    from fpc.runtime.warehouse import DEFAULT_DATABASE

    clock_us = instant_of(target.as_of) if target.as_of is not None else time.time_ns() // 1_000
    place = Place(root, root / (target.database or DEFAULT_DATABASE))
    return measure(before, after, found, clock_us, place, Bounds(entities, seconds))


def _finish(found: Plan, detailed: bool) -> int:
    if count_errors(found.problems):
        suggest(f"fpc explain {errors_of(found.problems)[0].code}", "tells why it matters and how to mend it")
        return ExitCode.USER_FAULT
    suggest("fpc run", "computes, tests and publishes; or commit, for others to review")
    return CHANGES if detailed and not found.is_empty else ExitCode.DONE
