"""A view's part of a training set as named relations, each reading those before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from fpc.contract.kernel import KernelProgram
from fpc.model.nodes import FeatureView, Mode
from fpc.sql.training.asked import lower_answers, lower_asked
from fpc.sql.training.calls import Call, collect
from fpc.sql.training.events import event_columns, lower_training_events
from fpc.sql.training.gather import gather
from fpc.sql.training.kernel import lower_kernel
from fpc.sql.training.reads import Reads
from fpc.sql.training.strategies import lower_joined_parts, lower_parts
from fpc.sql.training.values import lower_values, needed_features


@dataclass(frozen=True, slots=True)
class Relation:
    """A step of the lowering: its name, its SELECT, and what it guarantees."""

    name: str
    query: exp.Select
    comment: str


@dataclass(frozen=True, slots=True)
class ViewLowering:
    """How one view's features are computed at the instants asked.

    `asked` and `answers` are about the spine, `events` about the source; `parts` read `events` and `asked` and can be
    computed for the entities of one hash shard at a time, as can `values`, which reads `asked` and the parts.
    """

    view: FeatureView
    outputs: tuple[str, ...]
    asked: Relation
    answers: Relation
    events: Relation
    kernel: KernelProgram | None
    parts: tuple[Relation, ...]
    values: Relation
    shards_by: tuple[str, ...]
    has_versions: bool


def lower_view(
    view: FeatureView,
    outputs: Sequence[str],
    mode: Mode,
    staged: exp.Expr,
    instants: str,
    prefix: str = "",
    *,
    kernel: bool = False,
    readable: bool = False,
) -> ViewLowering:
    """Lower these outputs of a view, from the relations `staged` (see `lower_staging`) and `instants`.

    `instants` has the spine's rows: `_spine_row`, the entity's keys by name, `_at_us`. Relations are named with
    `prefix` in front. With `kernel`, what the compiled kernel can answer is left to it: the parts then read its
    table of states. With `readable` the parts are for people: few, plain, and slower on much data.
    """
    times = event_columns(view)
    calls = collect(view, needed_features(view, outputs))
    asked, answers, events = f"{prefix}asked", f"{prefix}answers", f"{prefix}events"
    parts: list[Relation] = []
    members: dict[str, tuple[Call, ...]] = {}
    compiled = lower_kernel(view, calls.calls) if kernel else None
    slid = compiled.calls if compiled else ()
    if compiled:
        members[f"{prefix}slid"] = slid
        parts.append(Relation(f"{prefix}slid", compiled.values, "What the compiled kernel answers."))
    reads = Reads(view, events, asked, times.keys)
    lower = lower_joined_parts if readable else lower_parts
    for part in lower(reads, [call for call in calls.calls if call not in slid], prefix):
        parts.append(Relation(part.name, part.query, part.comment))
        if part.calls:
            members[part.name] = part.calls
    gathered = gather(asked, members, prefix)
    parts += [Relation(name, query, "Values of several relations, by ask.") for name, query in gathered.relations]
    return ViewLowering(
        view,
        tuple(outputs),
        Relation(asked, lower_asked(view, mode, instants), "The instants to compute."),
        Relation(answers, lower_answers(view, mode, instants, asked), "Which of them answers each row of the spine."),
        Relation(events, lower_training_events(view, calls.inputs, staged), "The view's events."),
        compiled.program if compiled else None,
        tuple(parts),
        Relation(f"{prefix}values", lower_values(view, outputs, calls, gathered.parts, gathered.base), "The features."),
        times.keys,
        times.versions,
    )
