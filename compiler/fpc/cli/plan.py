"""`fpc plan`: what a change of the specs means."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from fpc import spec
from fpc.change import Plan, compare
from fpc.cli import options
from fpc.cli.console import put, say, suggest
from fpc.cli.failure import ExitCode, user_fault
from fpc.cli.git_state import Commit, find_commit, specs_at
from fpc.cli.plan_text import plan_text, summary
from fpc.cli.report import count_errors, errors_of, in_words, refuse, talk_about
from fpc.model import Model, analyse
from fpc.model.typing import Typing
from fpc.pipeline import check_repository


@click.command("plan", short_help="Say what a change of the specs means: values, readers, cost.")
@click.option("--against", "ref", metavar="REF", default="HEAD", show_default=True, help="A commit, branch or tag.")
@click.option("--merge-base", is_flag=True, help="Compare with where this branch left REF, not with REF itself.")
@options.repository
def command(ref: str, merge_base: bool, root: Path) -> int:
    """Compare the meaning of the specs on disk with that of a commit."""
    commit = find_commit(root, ref, merge_base=merge_base)
    checked = check_repository(root)
    refuse(errors_of(checked.diagnostics), root)
    before = _model_at(root, commit)
    found = compare(before, checked.value, datetime.now(UTC).date().isoformat())
    put(plan_text(found))
    talk_about(found.problems, root)
    say(f"{summary(found)}, against {commit.ref} ({commit.short}): {in_words(found.problems)}")
    return _finish(found)


def _model_at(root: Path, commit: Commit) -> Model:
    """The model of the commit's specs; exit code 1 where they have errors."""
    with specs_at(root, commit) as folder:
        loaded = spec.load(folder)
        analysed = analyse(loaded.value, Typing())
        errors = errors_of((*loaded.diagnostics, *analysed.diagnostics))
        if errors:
            talk_about(errors, folder)
            raise user_fault(
                f"the specs of `{commit.ref}` ({commit.short}) have {in_words(errors)}",
                help="there is nothing to compare with; choose a commit whose specs were right with --against",
            )
        return analysed.value


def _finish(found: Plan) -> int:
    if count_errors(found.problems):
        suggest(f"fpc explain {errors_of(found.problems)[0].code}", "tells why it matters and how to mend it")
        return ExitCode.USER_FAULT
    suggest("fpc compile", "writes what the specs mean now")
    return ExitCode.DONE
