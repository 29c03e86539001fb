"""A spec file's text to the same in the one layout, or to what forbids that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import yaml
from sqlglot.errors import ParseError

from fpc.diagnostics import codes
from fpc.diagnostics.diagnostic import Diagnostic
from fpc.diagnostics.findings import Findings
from fpc.format.comments import NotLayableError, comments
from fpc.format.sql_pieces import UnreadableSqlError, meaning
from fpc.format.sql_places import sql_places
from fpc.format.yaml_layout import lay_out
from fpc.model.sql_text import SqlText
from fpc.spec.compose import documents
from fpc.spec.core_schema import plain_value
from fpc.spec.located import Place
from fpc.spec.text_file import TextFile

#: What makes a SQL text no SQL at all; whatever else is wrong with it, `fpc check` says.
_UNREADABLE: Final = frozenset((codes.SQL_SYNTAX, codes.TEMPLATE_MARKER, codes.SEVERAL_STATEMENTS))


class LayoutFaultError(Exception):
    """The layout would have changed what the file says: our fault, and nothing may be written."""


@dataclass(frozen=True, slots=True)
class Formatted:
    """The text in the one layout; the text as it was where `diagnostics` say why it cannot be laid out."""

    text: str
    diagnostics: tuple[Diagnostic, ...] = ()


def format_text(path: str, text: str) -> Formatted:
    """Lay a file out. Its line breaks stay those of its first line; a byte order mark goes.

    What the text says is read again from the result and compared; raises `LayoutFaultError` where the two differ.
    """
    ending = "\r\n" if "\r\n" in text[: text.find("\n") + 1] else "\n"
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    file, findings = TextFile(path, plain), Findings()
    nodes = documents(file, findings)
    sql = [node for document in nodes for node in sql_places(document)]
    for node in sql:
        _check_sql(node, file, findings)
    if findings.count:
        return Formatted(text, findings.sorted())
    try:
        laid_out = lay_out(plain, nodes, sql)
    except NotLayableError as error:
        findings.error(
            codes.YAML_SYNTAX,
            "this YAML is not part of the spec language",
            file.span(error.index, error.index + 1),
            "here",
            help="write `key: value` with a plain word for the key, without directives and indentation indicators",
        )
        return Formatted(text, findings.sorted())
    _compare(path, plain, nodes, laid_out)
    return Formatted(laid_out.replace("\n", ending))


def _check_sql(node: yaml.ScalarNode, file: TextFile, findings: Findings) -> None:
    """Report SQL that cannot be read at all, at its place."""
    text = SqlText(node.value)
    try:
        (text.parse_query if _is_query(node.value) else text.parse)()
        meaning(node.value)
    except (RecursionError, UnreadableSqlError, ParseError):
        text.add(codes.SQL_SYNTAX, "the SQL cannot be parsed", 0, len(node.value), "not SQL of DuckDB's dialect")
    for problem in text.problems:
        if problem.code in _UNREADABLE:
            span = Place(file, node).within(problem.start, problem.end)
            findings.error(problem.code, problem.message, span, problem.label, help=problem.help)


def _is_query(sql: str) -> bool:
    return sql.lstrip()[:6].upper() in ("SELECT", "WITH")


def _compare(path: str, before: str, nodes: Sequence[yaml.Node], after: str) -> None:
    """Read the result again; its trees, its SQL and its comments have to be those of the text as it was."""
    findings = Findings()
    again = documents(TextFile(path, after), findings)
    if findings.count or _said(before, nodes) != _said(after, again):
        raise LayoutFaultError(path)


def _said(text: str, nodes: Sequence[yaml.Node]) -> tuple[list[object], list[str]]:
    sql = frozenset(id(node) for document in nodes for node in sql_places(document))
    return [_tree(node, sql) for node in nodes], [comment.text for comment in comments(text, nodes)]


def _tree(node: yaml.Node, sql: frozenset[int]) -> object:
    if isinstance(node, yaml.MappingNode):
        return [(_tree(key, sql), _tree(value, sql)) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [_tree(item, sql) for item in node.value], "list"
    assert isinstance(node, yaml.ScalarNode)
    if id(node) in sql:
        return meaning(node.value), "sql"
    value = node.value if node.style else plain_value(node.value)
    return value, type(value).__name__, node.value
