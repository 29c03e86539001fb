"""A proof, or the ways by which something might leak, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fpc.cli.table import table
from fpc.diagnostics.neutral import neutralise
from fpc.diagnostics.span import Span
from fpc.leaks.proof import Proof, Step


def proof_text(proof: Proof) -> str:
    """The derivation of a feature, what it takes on trust, and each way by which it might leak."""
    verdict = "proven: made of what was known before t" if proof.is_proven else "not proven"
    lines = [f"{proof.name}: {verdict}", ""]
    steps = [
        (f"{'  ' * depth}{step.what}", step.known.value, step.rule, _at(step.span)) for depth, step in _walk(proof)
    ]
    text = "\n".join(lines) + "\n" + table(("what", "known", "by rule", "where"), steps)
    for number, path in enumerate(proof.paths, start=1):
        text += f"\nWay {number}, {path.obstacle.code.code} {path.obstacle.code.name}: {path.obstacle.label}\n"
        for place, hop in enumerate(path.hops):
            text += f"  {'-> ' if place else '   '}{neutralise(hop.what)}  {_at(hop.span)}\n"
        text += f"  help: {path.obstacle.help}\n"
    text += "\nTaken on trust:\n" + "".join(f"  {one}\n" for one in proof.trusted)
    return text


def proof_json(proof: Proof) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "feature": proof.name,
        "proven": proof.is_proven,
        "derivation": _step(proof.root),
        "paths": [
            {
                "code": path.obstacle.code.code,
                "rule": path.obstacle.code.name,
                "reason": path.obstacle.label,
                "help": path.obstacle.help,
                "hops": [{"what": hop.what, "where": _where(hop.span)} for hop in path.hops],
            }
            for path in proof.paths
        ],
        "trusted": list(proof.trusted),
    }


def _walk(proof: Proof) -> Iterator[tuple[int, Step]]:
    waiting = [(0, proof.root)]
    while waiting:
        depth, step = waiting.pop()
        yield depth, step
        waiting += [(depth + 1, premise) for premise in reversed(step.premises)]


def _step(step: Step) -> dict[str, Any]:
    return {
        "what": step.what,
        "known": step.known.value,
        "rule": step.rule,
        "where": _where(step.span),
        "premises": [_step(premise) for premise in step.premises],
    }


def _at(span: Span | None) -> str:
    return "" if span is None else str(span)


def _where(span: Span | None) -> str | None:
    return None if span is None else str(span)
