"""Answers a shell that completes a command line: with what is known without importing a command or reading YAML.

Options are read from the source of a command's module, names from the first lines of spec documents and from the
committed registry: a shell asks at every press of a key, and has to be answered at once.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from fpc.cli import commands
from fpc.cli.command_source import Option, options_of, subcommands_of
from fpc.contract.spec_files import CONFIG, spec_files
from fpc.diagnostics import codes
from fpc.diagnostics.neutral import neutralise

#: The variable by which the shells' scripts ask in place of running a command: how many words are typed, the last of
#: which may be empty, and then gets lost on the way.
ASKED: Final = "_FPC_COMPLETE"
#: The shell is to complete a path.
FILES: Final = ":files"
_KINDS: Final = ("feature_view", "feature_service", "training_set", "source", "entity")
_KIND: Final = re.compile(rf"({'|'.join(_KINDS)}):")
_NAME: Final = re.compile(r"[ {]+name:\s*([a-z]\w*)")
_SHELLS: Final = ("bash", "fish", "zsh")
_VIEWS: Final = frozenset(
    ("preview", "example", "test", "rollback", "status", "backfill", "prune", "why", "prove", "plan")
)
_SERVICES: Final = frozenset(("get", "training-set"))
_PATHS: Final = frozenset(("fmt", "check", "init"))
#: Options whose value is a name of the repository, by its kind.
_OPTION_KINDS: Final = {"--entity": "entity", "--source": "source", "--select": "feature_view"}

Choice = tuple[str, str]


def complete(words: Sequence[str], folder: Path) -> list[str]:
    """The answer to a command line: lines of a word, a tab and what it is; or `FILES` alone.

    `words` are those after `fpc`, the last of which is being written and may be empty.
    """
    *before, current = words or [""]
    found = list(_choices(before, current, folder))
    if found == [(FILES, "")]:
        return [FILES]
    return [f"{word}\t{neutralise(about)}" for word, about in found if word.startswith(current)]


def answer() -> None:
    """Print the answer for the words in `COMP_WORDS`, one a line."""
    words = os.environ.get("COMP_WORDS", "").split("\n")
    count = os.environ.get(ASKED, "")
    words += [""] * ((int(count) if count.isdigit() else 0) - len(words))
    lines = complete(words, Path.cwd())
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _choices(before: Sequence[str], current: str, folder: Path) -> Iterator[Choice]:
    names = [word for word in before if not word.startswith("-")]
    if not names:
        if current.startswith("-"):
            yield from (("--help", "Show what there is."), ("--version", "Show the version."))
        else:
            yield from ((entry.name, entry.summary) for entry in commands.ALL)
        return
    entry = next((entry for entry in commands.ALL if entry.name == names[0]), None)
    if entry is None:
        return
    subcommands = subcommands_of(entry.module)
    subcommand = next((word for word in names[1:] if word in subcommands), "")
    options = {option.name: option for option in options_of(entry.module, subcommand)}
    taken = options.get(before[-1]) if before else None
    if taken is not None and not taken.is_flag:
        yield from _values(taken, folder)
    elif current.startswith("-"):
        yield from ((option.name, option.help) for option in options.values() if option.name not in before)
        yield ("--help", "Show what it does.")
    elif subcommands and not subcommand:
        yield from subcommands.items()
    else:
        yield from _arguments(entry.name, current, folder)


def _values(option: Option, folder: Path) -> Iterator[Choice]:
    if option.choices:
        yield from ((choice, "") for choice in option.choices)
    elif option.name in _OPTION_KINDS:
        yield from _named(folder, (_OPTION_KINDS[option.name],))
    elif option.name == "--target":
        yield from ((name, "target") for name in _targets(folder))
    else:
        yield (FILES, "")


def _arguments(command: str, current: str, folder: Path) -> Iterator[Choice]:
    if command == "explain":
        yield from _features(folder, current)
        yield from _named(folder, _KINDS)
        if not current or current[0] in "Ff":
            yield from ((code.code, code.title) for code in codes.ALL)
        if len(current) > 1:
            yield from ((code.name, code.title) for code in codes.ALL)
    elif command in _VIEWS:
        yield from _named(folder, ("feature_view",))
        if command == "why":
            yield from _features(folder, current)
    elif command in _SERVICES:
        yield from _named(folder, ("feature_service", "training_set"))
    elif command == "completion":
        yield from ((shell, "") for shell in _SHELLS)
    elif command in _PATHS:
        yield (FILES, "")


def _named(folder: Path, kinds: Iterable[str]) -> Iterator[Choice]:
    root = _root(folder)
    if root is None:
        return
    for path in spec_files(root)[0]:
        for kind, name in _declared(_text(root / path)):
            if kind in kinds:
                yield (name, kind.replace("_", " "))


def _declared(text: str) -> Iterator[tuple[str, str]]:
    """Kind and name of each document: of a line that begins with a kind, and the first `name:` behind it."""
    kind = ""
    for line in text.splitlines():
        begin = _KIND.match(line)
        if begin is not None:
            kind = begin[1]
        name = _NAME.search(line) if kind else None
        if name is not None:
            yield kind, name[1]
            kind = ""


def _features(folder: Path, current: str) -> Iterator[Choice]:
    """The features of the view that is written already, as the committed registry has them."""
    view, dot, _ = current.partition(".")
    root = _root(folder)
    if root is None or not dot or not re.fullmatch(r"\w+", view):
        return
    try:
        features = json.loads(_text(root / "registry" / "views" / f"{view}.json") or "{}").get("features", [])
    except ValueError:
        return
    yield from ((f"{view}.{feature['name']}", "feature") for feature in features if "name" in feature)


def _targets(folder: Path) -> Iterator[str]:
    """The names one level below `targets:`."""
    root = _root(folder)
    lines = iter([] if root is None else _text(root / CONFIG).splitlines())
    indent = 0
    for line in lines:
        if line.startswith("targets:"):
            break
    for line in lines:
        if line.strip() and not line.startswith(" "):
            return
        name = re.match(r"( +)(\w+):", line)
        if name is not None:
            indent = indent or len(name[1])
            if len(name[1]) == indent:
                yield name[2]


def _root(folder: Path) -> Path | None:
    return next((each for each in (folder, *folder.parents) if (each / CONFIG).is_file()), None)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
