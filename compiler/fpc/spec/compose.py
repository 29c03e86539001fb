"""Text to YAML node trees, with everything refused that is not in the strict subset."""

from __future__ import annotations

from typing import Any, Final

import yaml
from yaml.composer import Composer
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.spec.text_file import TextFile

try:
    from yaml.cyaml import CParser  # type: ignore[attr-defined]
except ImportError:  # PyYAML built without libyaml: the same trees, about ten times slower.

    class CParser(Reader, Scanner, Parser, Composer):  # type: ignore[no-redef]
        """The parser in Python behind the name of the one in C."""

        def __init__(self, stream: str) -> None:
            """Begin to read a text."""
            Reader.__init__(self, stream)
            Scanner.__init__(self)
            Parser.__init__(self)
            Composer.__init__(self)


DEEPEST: Final = 32
_NO_TAG: Final = ""

_HELP: Final = {
    "did not find expected ',' or ']'": "close the list with `]`, or put a comma between its items",
    "did not find expected ',' or '}'": "close the mapping with `}`, or put a comma between its pairs",
    "did not find expected '-' indicator": "begin each item of the list with `- `, all in one column",
    "found a tab character that violates indentation": "indent with spaces in place of tabs",
    "found character '\\t' that cannot start any token": "indent with spaces in place of tabs",
    "found character that cannot start any token": "quote the text, or indent with spaces in place of tabs",
    "mapping values are not allowed in this context": "quote the text when it holds a colon followed by a space",
    "did not find expected key": "look at the indentation here, and at quotes and brackets left open above",
    "could not find expected ':'": "write `key: value`, with a space after the colon",
    "found unexpected end of stream": "close the quote or bracket that was opened here",
}


_HELP_ELSE: Final = "look at the indentation here, and at quotes and brackets left open above"


class _TooDeepError(Exception):
    """Raised out of the composer, which recurses in C, before the stack is at risk."""

    def __init__(self, index: int) -> None:
        super().__init__()
        self.index = index


class _StrictComposer(CParser):  # pyright: ignore[reportGeneralTypeIssues]  # whichever of the two there is
    """Composes without resolving tags, so that an explicit tag is the only one that a node can have."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    # Called for every node, with its kind, value and style: what answers `_NO_TAG` to anything without being Python.
    resolve = _NO_TAG.format

    def descend_resolver(self, current_node: Any, current_index: Any) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise _TooDeepError(current_node.start_mark.index)

    def ascend_resolver(self) -> None:
        self._depth -= 1


def documents(file: TextFile, findings: Findings) -> list[yaml.Node]:
    """The documents of a file up to the first syntax error, empty ones left out."""
    found: list[yaml.Node] = []
    composer = None
    try:
        composer = _StrictComposer(file.text)
        while composer.check_node():
            node = composer.get_node()
            if node is None or (isinstance(node, yaml.ScalarNode) and node.value == "" and not node.style):
                continue
            if _is_strict(node, file, findings):
                found.append(node)
    except _TooDeepError as error:
        findings.error(
            codes.TOO_DEEP,
            f"the YAML is nested more than {DEEPEST} levels deep",
            file.span(error.index, error.index + 1),
            "the innermost level that was read",
            help="specs need fewer than ten levels; look for brackets that are never closed",
        )
    except yaml.MarkedYAMLError as error:
        _report(error, file, findings)
    except yaml.YAMLError as error:
        findings.error(codes.YAML_SYNTAX, f"not valid YAML: {error}".splitlines()[0], file.span(0, 0))
    finally:
        if composer is not None:
            composer.dispose()
    return found


def _report(error: yaml.MarkedYAMLError, file: TextFile, findings: Findings) -> None:
    problem = error.problem or "syntax error"
    mark = error.problem_mark or error.context_mark
    index = 0 if mark is None else mark.index
    span = file.span(index, index)
    if "undefined alias" in problem:
        findings.error(
            codes.ANCHOR_OR_ALIAS,
            "an alias (`*name`) is not part of the spec language",
            span,
            "an alias",
            help="write the value out, or quote the text when it is meant as text",
        )
        return
    notes = () if error.context is None else (str(error.context),)
    findings.error(
        codes.YAML_SYNTAX, f"not valid YAML: {problem}", span, "here", notes=notes, help=_HELP.get(problem, _HELP_ELSE)
    )


def _is_strict(root: yaml.Node, file: TextFile, findings: Findings) -> bool:
    """Whether the tree has neither anchors, aliases nor tags; all three need `&` or `!` in the text."""
    if "&" not in file.text and "!" not in file.text:
        return True
    before = findings.count
    stack = [root]
    while stack:
        node = stack.pop()
        index = node.start_mark.index
        first = file.text[index : index + 1]
        if first == "&":
            findings.error(
                codes.ANCHOR_OR_ALIAS,
                "an anchor (`&name`) is not part of the spec language",
                file.span(index, index + 1),
                "an anchor",
                help="write the value out, or quote the text when it is meant as text",
            )
        elif first == "!" or node.tag != _NO_TAG:
            findings.error(
                codes.TAG,
                "a tag is not part of the spec language",
                file.span(index, index + 1),
                "a tag",
                help="leave it out, or quote the text when it is meant as text",
            )
        elif isinstance(node, yaml.SequenceNode):
            stack.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                stack.append(key)
                stack.append(value)
    return findings.count == before
