"""Reading one YAML mapping: each key once, typed, with every mistake reported at its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, TypeVar

import yaml

from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.span import Span
from fpc.diagnostics.suggestion import did_you_mean, meant_or_known
from fpc.spec.core_schema import Scalar, plain_value
from fpc.spec.documents import FeatureValue
from fpc.spec.located import Located, Place
from fpc.spec.text_file import TextFile
from fpc.types.duration import Duration

T = TypeVar("T")

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
COLUMN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
#: How a key that is missing may be written.
_EXAMPLES: Final = {
    "at": "2024-03-08T00:00:00Z",
    "columns": "{order_id: bigint, ...}",
    "entity": "user",
    "event_time": "ordered_at",
    "expect": "[{user_id: 7, orders_7d: 1}]",
    "given": "[]",
    "features": "[...]",
    "grain": "day",
    "keys": "{user_id: bigint}",
    "name": "orders_7d",
    "service": "churn",
    "source": "orders",
    "spine": "{path: data/labels.csv, time: label_time}",
    "sql": "COUNT(*)",
    "targets": "{dev: {engine: duckdb}}",
    "time": "label_time",
    "values": "[a, b]",
}
#: What helps where a value has another shape, by a word of the rule that it breaks.
_SHAPES: Final = {
    "key: value": "write `key: value`, one a line, each two spaces deeper than the key above",
    "takes a list": "write `[a, b]`, or one item a line, each behind `- `",
    "takes one": "write one value behind the colon; put it in quotes if it holds `: `, ` #`, or begins with `[` or `{`",
    "has no value": "write the value behind the colon, or leave the key out",
    "plain word": "write `key: value`; a key is neither a list nor a mapping",
}
#: The window without a length.
LIFETIME: Final = "lifetime"
_INFINITY: Final = float("inf")
_FREE_TEXT: Final = frozenset(("description", "reason"))
_ENVIRONMENT: Final = re.compile(r"\$\{[^}]*\}?")


class Fields:
    """One mapping of a spec.

    `what` names it in messages ("this source"). Every getter answers None, after reporting why, for a value of
    another shape; for a missing key it answers None and reports only when the key is required.
    """

    __slots__ = ("_nodes", "allows_environment", "file", "findings", "node", "what")

    def __init__(
        self,
        node: yaml.Node,
        what: str,
        keys: Iterable[str],
        file: TextFile,
        findings: Findings,
        *,
        allows_environment: bool = False,
    ) -> None:
        """Read the mapping's keys, reporting those that are not among `keys` or come twice."""
        self.node = node
        self.what = what
        self.file = file
        self.findings = findings
        self.allows_environment = allows_environment
        self._nodes: dict[str, yaml.Node] = {}
        for key, value in self.pairs(node, what):
            if key.value in keys:
                self._nodes[key.value] = value
            else:
                findings.error(
                    codes.UNKNOWN_KEY,
                    f"unknown key `{key.value}` in {what}",
                    key.span,
                    "not a key of the spec language here",
                    help=did_you_mean(key.value, keys) or f"known keys: {', '.join(keys)}",
                )

    @property
    def place(self) -> Place:
        """Where the whole mapping stands."""
        return Place(self.file, self.node)

    def __contains__(self, key: str) -> bool:
        """Whether a known key is there, whatever its value."""
        return key in self._nodes

    def raw(self, key: str) -> yaml.Node | None:
        """The node at a key, unread."""
        return self._nodes.get(key)

    def place_of(self, key: str) -> Place:
        """Where a key's value stands, or the whole mapping when the key is missing."""
        return Place(self.file, self._nodes.get(key, self.node))

    def inner(self, node: yaml.Node, what: str, keys: Iterable[str]) -> Fields:
        """The fields of a mapping inside this one."""
        return Fields(node, what, keys, self.file, self.findings, allows_environment=self.allows_environment)

    def pairs(self, node: yaml.Node, what: str) -> list[tuple[Located[str], yaml.Node]]:
        """The keys and values of any mapping; keys that are no text or come twice are reported and left out."""
        if not isinstance(node, yaml.MappingNode):
            self.wrong_shape(node, f"{what} is written as `key: value` pairs")
            return []
        seen: dict[str, yaml.Node] = {}
        found = []
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.wrong_shape(key, "a key is a plain word")
                continue
            if key.value in seen:
                first = self.file.position(seen[key.value].start_mark.index)[0]
                self.findings.error(
                    codes.DUPLICATE_KEY,
                    f"duplicate key `{key.value}`",
                    Place(self.file, key).span,
                    "given again",
                    notes=(f"first given in line {first}",),
                    help="keep one of the two",
                )
                continue
            seen[key.value] = key
            found.append((Located(key.value, Place(self.file, key)), value))
        return found

    def missing(self, key: str) -> None:
        """Report that a required key is not there."""
        self.findings.error(
            codes.MISSING_KEY,
            f"{self.what} has no `{key}`",
            self._head_span(),
            f"needs `{key}`",
            help=f"add `{key}: {_EXAMPLES.get(key, '...')}`, at the depth of the keys beside it",
        )

    def wrong_shape(self, node: yaml.Node, rule: str) -> None:
        """Report a node of another shape than `rule` asks for."""
        help = next((text for word, text in _SHAPES.items() if word in rule), None)
        self.findings.error(codes.WRONG_SHAPE, rule, Place(self.file, node).span, f"this is {_shape(node)}", help=help)

    def scalar(self, key: str, *, required: bool = False) -> Located[Scalar] | None:
        """Any scalar, resolved as YAML 1.2 does; null counts as given."""
        node = self._required(key, required)
        return None if node is None else self.scalar_of(node, key)

    def scalar_of(self, node: yaml.Node, key: str) -> Located[Scalar] | None:
        """The scalar that a node is."""
        if not isinstance(node, yaml.ScalarNode):
            self.wrong_shape(node, f"`{key}` takes one value")
            return None
        text = node.value
        if "${" in text:
            self._check_environment(node, key)
        return Located(text if node.style else plain_value(text), Place(self.file, node))

    def feature_value_of(self, node: yaml.Node, key: str) -> Located[FeatureValue] | None:
        """The scalar that a node is, or the tuple of scalars that a list is."""
        if not isinstance(node, yaml.SequenceNode):
            found = self.scalar_of(node, key)
            return None if found is None else Located(found.value, found.place)
        items = [self.scalar_of(item, key) for item in node.value]
        values = tuple(item.value for item in items if item is not None)
        return Located(values, Place(self.file, node)) if len(values) == len(items) else None

    def text(self, key: str, *, required: bool = False) -> Located[str] | None:
        """A text; numbers and booleans count as the text that they are written as."""
        node = self._required(key, required)
        return None if node is None else self.text_of(node, key)

    def text_of(self, node: yaml.Node, key: str) -> Located[str] | None:
        """The text that a node is."""
        if not isinstance(node, yaml.ScalarNode):
            self.wrong_shape(node, f"`{key}` takes one text")
            return None
        text = node.value
        if "${" in text:
            self._check_environment(node, key)
        if not node.style and plain_value(text) is None:
            self.wrong_shape(node, f"`{key}` has no value")
            return None
        return Located(text, Place(self.file, node))

    def name(self, key: str = "name", *, required: bool = True) -> Located[str] | None:
        """A name of the platform: `^[a-z][a-z0-9_]{0,62}$`."""
        found = self.text(key, required=required)
        if found is not None and not NAME.fullmatch(found.value):
            self.invalid_name(found, "a name")
            return None
        return found

    def invalid_name(self, found: Located[str], what: str) -> None:
        """Report a name that does not match."""
        proposal = re.sub(r"[^a-z0-9]+", "_", found.value.strip().lower()).strip("_")[:63]
        self.findings.error(
            codes.INVALID_NAME,
            f"`{_short(found.value)}` cannot be {what}",
            found.span,
            "not lower-case letters, digits and underscores",
            help=f"write `{proposal}`"
            if NAME.fullmatch(proposal)
            else "begin with a letter, then letters, digits and underscores, at most 63",
        )

    def column(self, key: str, *, required: bool = False) -> Located[str] | None:
        """A column's name."""
        return self.text(key, required=required)

    def owner(self) -> Located[str] | None:
        """Who answers for it: one line, and not an empty one."""
        found = self.text("owner")
        if found is not None and not (found.value.strip() and found.value.isprintable()):
            self.findings.error(
                codes.INVALID_VALUE,
                f"`{found.value[:60]}` names nobody" if found.value.strip() else "`owner` names nobody",
                found.span,
                "not a name on one line",
                help="write it as `team:NAME`",
            )
        return found

    def texts(self, key: str) -> tuple[Located[str], ...]:
        """A list of texts; a single text stands for a list of one."""
        node = self._nodes.get(key)
        if node is None:
            return ()
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        found = (self.text_of(item, key) for item in nodes)
        return tuple(item for item in found if item is not None)

    def items(self, key: str) -> list[yaml.Node]:
        """The nodes of a list."""
        node = self._nodes.get(key)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            if not (isinstance(node, yaml.ScalarNode) and node.value == "" and not node.style):
                self.wrong_shape(node, f"`{key}` takes a list")
            return []
        return list(node.value)

    def integer(self, key: str, *, least: int, required: bool = False) -> Located[int] | None:
        """A whole number of at least `least`."""
        found = self.scalar(key, required=required)
        if found is None:
            return None
        if isinstance(found.value, bool) or not isinstance(found.value, int) or not least <= found.value < 2**31:
            self.findings.error(
                codes.INVALID_VALUE,
                f"`{key}` takes a whole number from {least} on",
                found.span,
                "not such a number",
                help=f"write `{key}: {max(least, 1)}`, without quotes",
            )
            return None
        return Located(found.value, found.place)

    def number(self, key: str) -> Located[int | float] | None:
        """A finite number."""
        found = self.scalar(key)
        if found is None:
            return None
        value = found.value
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == _INFINITY:
            self.findings.error(
                codes.INVALID_VALUE,
                f"`{key}` takes a number",
                found.span,
                "not a number",
                help=f"write `{key}: 0.5`, without quotes",
            )
            return None
        return Located(value, found.place)

    def duration(self, key: str, *, required: bool = False) -> Located[Duration] | None:
        """A duration such as `7d`."""
        found = self.text(key, required=required)
        return None if found is None else self.duration_of(found, key)

    def duration_of(self, found: Located[str], key: str) -> Located[Duration] | None:
        """The duration that a text spells."""
        duration = _duration(found.value)
        if isinstance(duration, Duration):
            return Located(duration, found.place)
        self.findings.error(
            codes.INVALID_DURATION,
            f"`{_short(found.value)}` is not a duration",
            found.span,
            duration,
            help=f"write `{key}` as whole seconds, minutes, hours, days or weeks: `30s`, `5m`, `1h`, `7d`, `2w`",
        )
        return None

    def windows(self) -> tuple[Located[Duration | None], ...]:
        """The windows of `window` or `windows`, None for `lifetime`."""
        if "window" in self and "windows" in self:
            self.findings.error(
                codes.CONFLICTING_KEYS,
                "`window` and `windows` exclude each other",
                self.place_of("windows").span,
                "keep one of the two",
            )
        found: list[Located[Duration | None]] = []
        for text in self.texts("windows" if "windows" in self else "window"):
            if text.value == LIFETIME:
                found.append(Located(None, text.place))
                continue
            duration = self.duration_of(text, "window")
            if duration is None:
                continue
            if duration.value.microseconds == 0:
                self.findings.error(
                    codes.INVALID_DURATION, "a window of no length holds no event", text.span, "no length"
                )
                continue
            found.append(Located(duration.value, text.place))
        return tuple(found)

    def choice(self, key: str, read: Callable[[str], T], choices: Iterable[str]) -> Located[T] | None:
        """One of a closed set of words; `read` turns it into its value."""
        found = self.text(key)
        if found is None:
            return None
        if found.value not in choices:
            self.findings.error(
                codes.INVALID_VALUE,
                f"`{key}` cannot be `{_short(found.value)}`",
                found.span,
                f"not one of {', '.join(choices)}",
                help=meant_or_known(found.value, choices),
            )
            return None
        return Located(read(found.value), found.place)

    def _required(self, key: str, required: bool) -> yaml.Node | None:
        node = self._nodes.get(key)
        if node is None and required and isinstance(self.node, yaml.MappingNode):
            self.missing(key)
        return node

    def _head_span(self) -> Span:
        """The mapping's first key, which says better where it is than all its lines do."""
        if isinstance(self.node, yaml.MappingNode) and self.node.value:
            return Place(self.file, self.node.value[0][0]).span
        return self.place.span

    def _check_environment(self, node: yaml.ScalarNode, key: str) -> None:
        if self.allows_environment or key in _FREE_TEXT:
            return
        found = _ENVIRONMENT.search(node.value)
        if found is not None:
            self.findings.error(
                codes.ENVIRONMENT_REFERENCE,
                f"`{_short(found[0])}` reads the environment",
                Place(self.file, node).within(found.start(), found.end()),
                "only fpc.yml may name environment variables",
                help="put what differs between environments under `targets` in fpc.yml",
            )


@lru_cache(maxsize=1024)
def _duration(text: str) -> Duration | str:
    """The duration, or why it is none; the few that a repository uses are read once."""
    try:
        return Duration.parse(text)
    except ValueError as error:
        return str(error)


def _short(text: str) -> str:
    """A text for a message: its first line, at most 60 characters."""
    line = text.splitlines()[0] if text.splitlines() else ""
    return line if line == text and len(line) <= 60 else f"{line[:57]}..."


def _shape(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return "nothing" if node.value == "" else "a single value"
