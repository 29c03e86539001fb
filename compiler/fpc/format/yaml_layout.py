"""Lays one file of specs out: two spaces a level, lists indented, one empty line at most, comments where they were.

The order of keys, the choice between block and flow style and the words of every text are the author's. What is
decided here is white space, the breaking of what is too wide, and the SQL.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from typing import Final

import yaml

from fpc.format.comments import Comment, NotLayableError, comments, line_starts
from fpc.format.scalars import is_plain, quoted, written
from fpc.format.sql_layout import lay_out as lay_out_sql

#: The widest line, where the layout has a choice.
WIDTH: Final = 120
#: The widest line of a row, which reads best beside the other rows of its list.
_ROW_WIDTH: Final = 160
#: The widest line of SQL that stands in a block of its own.
_SQL_WIDTH: Final = 100
_STEP: Final = "  "


def lay_out(text: str, nodes: Sequence[yaml.Node], sql: Collection[yaml.Node]) -> str:
    """The text of a file, given the trees that were read from it, and those of their scalars that are SQL.

    Raises `NotLayableError` for what the layout does not know, and `UnreadableSqlError`.
    """
    return _Writer(text, comments(text, nodes), frozenset(map(id, sql))).file(nodes)


class _Writer:
    def __init__(self, text: str, found: list[Comment], sql: frozenset[int]) -> None:
        self.text = text
        self._sql_nodes = sql
        self.lines: list[str] = []
        #: The places of lines whose white space belongs to a text.
        self._kept: set[int] = set()
        self._comments = found
        self._next = 0
        #: Columns at which open blocks stood, with the columns at which they stand now.
        self._blocks: list[tuple[int, int]] = []
        self._starts = line_starts(text)

    def file(self, nodes: Sequence[yaml.Node]) -> str:
        for number, node in enumerate(nodes):
            if number or self._is_marked(node):
                self._separate(node)
            self._blocks = [(0, 0)]
            self._block(node, 0)
        self._flush(len(self.text), 0, 0)
        lines = [line if place in self._kept else line.rstrip() for place, line in enumerate(self.lines)]
        return "\n".join(lines) + "\n" if lines else ""

    # -- documents and comments --------------------------------------------------------------------------------

    def _marker_before(self, index: int) -> int | None:
        """The line of the last `---` before an index and behind what is written, or None."""
        line = self._line_of(index)
        while line >= 0:
            if self._line(line).startswith("---") and not self._line(line)[3:4].strip():
                return line
            line -= 1
        return None

    def _is_marked(self, node: yaml.Node) -> bool:
        """Whether a marker stands before the first document with a comment between; else it says nothing."""
        marker = self._marker_before(node.start_mark.index)
        return marker is not None and self._next < len(self._comments) and self._comments[self._next].line < marker

    def _separate(self, node: yaml.Node) -> None:
        marker = self._marker_before(node.start_mark.index)
        self._flush(self._starts[marker] if marker is not None else node.start_mark.index, 0, 0)
        while self.lines and not self.lines[-1] and len(self.lines) - 1 not in self._kept:
            self.lines.pop()
        self.lines.append("---")

    def _flush(self, index: int, column: int, indent: int) -> None:
        """Write the comments before an index, where the next entry stands at `column` and will stand at `indent`."""
        while self._next < len(self._comments) and self._comments[self._next].index < index:
            comment = self._comments[self._next]
            self._next += 1
            self._empty_line(comment.line)
            self.lines.append(" " * self._indent_of(comment, column, indent) + comment.text)
        while self._blocks and self._blocks[-1][0] > column:
            self._blocks.pop()

    def _indent_of(self, comment: Comment, column: int, indent: int) -> int:
        """A comment that stands deeper than the next entry belongs to the block that ended before it."""
        if not comment.alone or comment.column <= column:
            return indent
        return next((now for was, now in reversed(self._blocks) if column < was <= comment.column), indent)

    def _empty_line(self, line: int) -> None:
        """Keep one empty line of those that stood before this line."""
        if line > 0 and not self._line(line - 1).strip() and self.lines and self.lines[-1] not in ("", "---"):
            self.lines.append("")

    def _trailing(self, line: int) -> None:
        """Add the comment that ends a line to what was written last, in its column if there is room."""
        while self._next < len(self._comments):
            comment = self._comments[self._next]
            if comment.line != line or comment.alone:
                return
            self._next += 1
            written = self.lines[-1].rstrip()
            self.lines[-1] = written + " " * max(2, comment.column - len(written)) + comment.text

    def _line(self, line: int) -> str:
        start = self._starts[line]
        end = self._starts[line + 1] - 1 if line + 1 < len(self._starts) else len(self.text)
        return self.text[start:end]

    def _line_of(self, index: int) -> int:
        return bisect_right(self._starts, index) - 1

    # -- blocks ------------------------------------------------------------------------------------------------

    def _block(self, node: yaml.Node, indent: int, lead: str = "") -> None:
        """Write a value that has lines of its own; `lead` is the dash that its first line begins with."""
        if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
            self._mapping(node, indent, lead)
        elif isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
            self._sequence(node, indent, lead)
        else:
            start = node.start_mark
            if not lead:
                self._flush(start.index, start.column, indent)
                self._empty_line(start.line)
            self._value(node, " " * (indent - len(lead)) + lead, indent)

    def _mapping(self, node: yaml.MappingNode, indent: int, lead: str) -> None:
        column = node.start_mark.column
        self._blocks.append((column, indent))
        for number, (key, value) in enumerate(node.value):
            if not isinstance(key, yaml.ScalarNode) or key.style in ("|", ">") or "\n" in key.value:
                raise NotLayableError(key.start_mark.index)
            head = " " * indent
            if number == 0 and lead:
                head = " " * (indent - len(lead)) + lead
            else:
                self._flush(key.start_mark.index, column, indent)
                self._empty_line(key.start_mark.line)
            head += f"{self._raw(key)}:"
            self._entry(key, value, head, indent)

    def _entry(self, key: yaml.ScalarNode, value: yaml.Node, head: str, indent: int) -> None:
        if _is_block(value):
            self.lines.append(head)
            self._trailing(key.end_mark.line)
            self._block(value, indent + len(_STEP))
        else:
            self._value(value, f"{head} ", indent + len(_STEP))

    def _sequence(self, node: yaml.SequenceNode, indent: int, lead: str) -> None:
        column = node.start_mark.column
        self._blocks.append((column, indent))
        for number, item in enumerate(node.value):
            dash = self.text.rfind("-", 0, max(item.start_mark.index, 1))
            head = "- "
            if number == 0 and lead:
                head = lead + head
            else:
                self._flush(dash, column, indent)
                self._empty_line(self._line_of(dash))
            self._block(item, indent + 2, head)

    # -- values ------------------------------------------------------------------------------------------------

    def _value(self, node: yaml.Node, head: str, indent: int) -> None:
        """Write a scalar or a flow collection behind `head`; further lines of it at `indent`."""
        start = node.start_mark
        self._flush(start.index, start.column, len(head) - len(head.lstrip(" ")))
        if isinstance(node, yaml.ScalarNode):
            self._scalar(node, head, indent)
            return
        if self._holds_comment(node):
            self._verbatim(node, head, indent)
            return
        flat = self._flow(node)
        width = _ROW_WIDTH if head.endswith("- ") else WIDTH
        if len(head) + len(flat) <= width or not node.value:
            self.lines.append(head + flat)
        else:
            self._wrapped(node, head)
        self._trailing(node.end_mark.line)

    def _scalar(self, node: yaml.ScalarNode, head: str, indent: int) -> None:
        if id(node) in self._sql_nodes:
            self._sql(node, head, indent)
        elif node.style in ("|", ">"):
            self._block_text(node, head, indent)
        else:
            first, *rest = self._raw(node).split("\n")
            self.lines.append(f"{head}{first}")
            self.lines += [" " * indent + each.strip() if each.strip() else "" for each in rest]
            self._trailing(node.end_mark.line)

    def _sql(self, node: yaml.ScalarNode, head: str, indent: int) -> None:
        line = node.start_mark.line if node.style in ("|", ">") else node.end_mark.line
        lines = lay_out_sql(node.value, WIDTH - len(head))
        shown = written(lines[0], flow=False)
        if len(lines) == 1 and len(head) + len(shown) <= WIDTH:
            self.lines.append(head + shown)
            self._trailing(line)
            return
        self.lines.append(f"{head}|")
        self._trailing(line)
        lines = lay_out_sql(node.value, _SQL_WIDTH - indent)
        self.lines += [" " * indent + line for text in lines for line in text.split("\n")]

    def _block_text(self, node: yaml.ScalarNode, head: str, indent: int) -> None:
        """A block scalar as it is, moved to its indentation."""
        header, *rest = self.text[node.start_mark.index : node.end_mark.index].split("\n")
        indicator = header.split("#")[0].strip()
        marker = "".join(sign for sign in indicator if not sign.isdigit())
        content = [line for line in rest if line.strip()]
        if any(sign.isdigit() for sign in indicator) or not content:
            raise NotLayableError(node.start_mark.index)
        margin = len(content[0]) - len(content[0].lstrip(" "))
        last = rest.pop()
        while "+" not in marker and rest and not rest[-1].strip():
            rest.pop()
        if last.strip():
            # The file ends within the text, which then has no line break at its end.
            rest.append(last)
            marker = f"{marker[0]}-"
        self.lines.append(head + marker)
        self._trailing(node.start_mark.line)
        self._kept.update(range(len(self.lines), len(self.lines) + len(rest)))
        self.lines += [" " * indent + line[margin:] if len(line) > margin else "" for line in rest]

    def _raw(self, node: yaml.ScalarNode) -> str:
        """The scalar as it is written, single quotes turned to double ones where nothing needs escaping."""
        raw = self.text[node.start_mark.index : node.end_mark.index]
        if node.style == "'" and "\n" not in raw and not any(sign in node.value for sign in "\"\\'"):
            return quoted(node.value)
        return raw

    def _verbatim(self, node: yaml.Node, head: str, indent: int) -> None:
        """A flow collection with comments in it: its lines as they are, moved as a whole."""
        raw = self.text[node.start_mark.index : node.end_mark.index]
        shift = len(head) - node.start_mark.column
        first, *rest = raw.split("\n")
        self.lines.append(head + first.rstrip())
        for line in rest:
            column = max(indent, len(line) - len(line.lstrip()) + shift)
            self.lines.append(" " * column + line.strip() if line.strip() else "")
        while self._next < len(self._comments) and self._comments[self._next].index < node.end_mark.index:
            self._next += 1
        self._trailing(node.end_mark.line)

    def _holds_comment(self, node: yaml.Node) -> bool:
        start, end = node.start_mark.index, node.end_mark.index
        return any(start < comment.index < end for comment in self._comments[self._next : self._next + 64])

    # -- flow --------------------------------------------------------------------------------------------------

    def _flow(self, node: yaml.Node) -> str:
        if isinstance(node, yaml.ScalarNode):
            return self._flow_scalar(node)
        opening, closing = _brackets(node)
        return opening + ", ".join(self._flow_items(node)) + closing

    def _flow_items(self, node: yaml.Node) -> list[str]:
        if isinstance(node, yaml.SequenceNode):
            return [self._flow(item) for item in node.value]
        assert isinstance(node, yaml.MappingNode)
        items = []
        for name, value in node.value:
            if not isinstance(name, yaml.ScalarNode) or "\n" in self._raw(name):
                raise NotLayableError(name.start_mark.index)
            shown = self._flow(value)
            items.append(f"{self._raw(name)}: {shown}" if shown else self._raw(name))
        return items

    def _flow_scalar(self, node: yaml.ScalarNode) -> str:
        if id(node) in self._sql_nodes:
            return written("\n".join(lay_out_sql(node.value, 1 << 20)), flow=True)
        raw = self._raw(node)
        if "\n" not in raw:
            return raw
        return node.value if not node.style and is_plain(node.value, flow=True) else quoted(node.value)

    def _wrapped(self, node: yaml.Node, head: str) -> None:
        """As many items on a line as fit, further lines aligned with the first item."""
        opening, closing = _brackets(node)
        line = head + opening
        margin = " " * len(line)
        items = self._flow_items(node)
        for number, item in enumerate(items):
            end = "," if number < len(items) - 1 else closing
            if line.strip() not in ("", opening) and line != head + opening and len(line) + len(item) + 2 > WIDTH:
                self.lines.append(line.rstrip())
                line = margin
            line += ("" if line in (margin, head + opening) else " ") + item + end
        self.lines.append(line)


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style and bool(node.value)


def _brackets(node: yaml.Node) -> tuple[str, str]:
    return ("[", "]") if isinstance(node, yaml.SequenceNode) else ("{", "}")
