"""Views that differ in constants alone: each constant is put aside while the SQL is made, and put back in the text.

Only texts that a column is compared with (`status = 'paid'`, `status in ('paid', 'late')`), and only plain words: what
is made of the SQL depends on how long they are and on which are the same, and on nothing else of them. So the stand-ins
have the same lengths, and are in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from sqlglot import exp

from fpc.model.nodes import AggregateCall, DerivedFeature, Feature, FeatureView
from fpc.sql.trees import rebuild

_PLAIN: Final = re.compile(r"[A-Za-z0-9_]{5,}")
# Two places for the number of a stand-in: a view with more constants keeps its own.
_MOST: Final = 100
_STAND_IN: Final = re.compile(r"'(zq[0-9]{2}z+)'")


def put_aside(view: FeatureView) -> tuple[FeatureView, Mapping[str, str]]:
    """The view with stand-ins, and the constant of each; the view itself where it has none that can be put aside."""
    found = {literal.this for tree in _trees(view) for literal in _compared(tree)}
    words = sorted(word for word in found if _PLAIN.fullmatch(word))
    if not words or len(words) > _MOST or any(_STAND_IN.fullmatch(f"'{word}'") for word in _all_texts(view)):
        return view, {}
    names = {word: f"zq{number:02}".ljust(len(word), "z") for number, word in enumerate(words)}
    put = replace(
        view,
        where=None if view.where is None else _with(view.where, names),
        features=tuple(_feature(feature, names) for feature in view.features),
        derived=tuple(replace(one, expression=_with(one.expression, names)) for one in view.derived),
    )
    return put, {name: word for word, name in names.items()}


def put_back(text: str, constants: Mapping[str, str]) -> str:
    """The text with the constants themselves."""
    return _STAND_IN.sub(lambda found: f"'{constants[found[1]]}'", text) if constants else text


def _feature(feature: Feature, names: Mapping[str, str]) -> Feature:
    calls = tuple(_call(call, names) for call in feature.aggregates)
    return replace(feature, aggregates=calls, expression=_with(feature.expression, names))


def _call(call: AggregateCall, names: Mapping[str, str]) -> AggregateCall:
    arguments = tuple(_with(argument, names) for argument in call.arguments)
    return replace(call, arguments=arguments, filter=None if call.filter is None else _with(call.filter, names))


def _with(tree: exp.Expr, names: Mapping[str, str]) -> exp.Expr:
    """The tree with stand-ins; itself where none is due."""
    wanted = {id(literal): names[literal.this] for literal in _compared(tree) if literal.this in names}
    if not wanted:
        return tree
    return rebuild(tree, lambda node: exp.Literal.string(wanted[id(node)]) if id(node) in wanted else None)


def _compared(tree: exp.Expr) -> Iterator[exp.Literal]:
    """The texts that a column is compared with."""
    for node in tree.find_all(exp.EQ, exp.NEQ, exp.In):
        if not isinstance(node.this, exp.Column):
            continue
        for other in node.expressions if isinstance(node, exp.In) else (node.expression,):
            if isinstance(other, exp.Literal) and other.is_string:
                yield other


def _all_texts(view: FeatureView) -> Iterator[str]:
    for tree in _trees(view):
        yield from (literal.this for literal in tree.find_all(exp.Literal) if literal.is_string)


def _trees(view: FeatureView) -> Iterator[exp.Expr]:
    if view.where is not None:
        yield view.where
    for feature in view.features:
        for call in feature.aggregates:
            yield from call.arguments
            if call.filter is not None:
                yield call.filter
    outputs: tuple[Feature | DerivedFeature, ...] = (*view.features, *view.derived)
    for output in outputs:
        yield output.expression
        if output.default is not None:
            yield output.default
