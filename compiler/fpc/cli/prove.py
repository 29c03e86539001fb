"""`fpc prove`: that a feature's values are made of what was known, or the way by which they might not be."""

from __future__ import annotations

from pathlib import Path

import click

from fpc.cli import options
from fpc.cli.console import put, say, suggest
from fpc.cli.failure import ExitCode
from fpc.cli.names import unknown
from fpc.cli.proof_text import proof_json, proof_text
from fpc.cli.report import errors_of, plural, refuse
from fpc.diagnostics.printable_json import printable_json
from fpc.leaks import Knowledge, prove
from fpc.model import Model, analyse
from fpc.model.nodes import FeatureView
from fpc.spec import load


@click.command("prove", short_help="Prove that a feature reads nothing of the future, or show how it might.")
@click.argument("names", metavar="[VIEW[.FEATURE]]...", nargs=-1)
@click.option("--all", "show_all", is_flag=True, help="Print every proof, not only those that fail.")
@click.option("--json", "as_json", is_flag=True, help="All proofs as JSON.")
@options.repository
def command(names: tuple[str, ...], show_all: bool, as_json: bool, root: Path) -> int:
    """Prove of features that every value that reaches them at an instant was known before it.

    A VIEW stands for all of its features; without a name, all views do. A proof is shown step by step: what, by when it
    is known, by which rule, and where it is written; what cannot be proven with the way from where it might leak to
    the feature. Ends with exit code 1 if a feature is not proven.
    """
    loaded = load(root)
    analysed = analyse(loaded.value)
    refuse(errors_of((*loaded.diagnostics, *analysed.diagnostics)), root)
    knowledge = Knowledge.of(loaded.value, analysed.value)
    chosen = [pair for name in names for pair in _chosen(analysed.value, name)] or [
        (view, output.name) for view in analysed.value.views.values() for output in view.outputs
    ]
    proofs = [prove(knowledge, view, name) for view, name in chosen]
    failed = [proof for proof in proofs if not proof.is_proven]
    if as_json:
        put(printable_json({"proofs": [proof_json(proof) for proof in proofs]}))
    else:
        shown = proofs if show_all or any("." in name for name in names) else failed
        put("\n".join(map(proof_text, shown)))
    say(f"{plural(len(proofs) - len(failed), 'feature')} of {len(proofs)} proven")
    if failed:
        suggest("fpc check", "reports each way once, with its remedy")
        return ExitCode.USER_FAULT
    suggest("fpc why VIEW.FEATURE KEY=VALUE", "shows the events behind one value")
    return ExitCode.DONE


def _chosen(model: Model, name: str) -> list[tuple[FeatureView, str]]:
    """The features that a name stands for; exit code 2 for an unknown one."""
    view_name, dot, feature = name.partition(".")
    view = model.views.get(view_name)
    if view is None:
        raise unknown("feature view", view_name, model.views)
    outputs = [output.name for output in view.outputs]
    if dot and feature not in outputs:
        raise unknown(f"feature of `{view_name}`", feature, outputs)
    return [(view, output) for output in ([feature] if dot else outputs)]
