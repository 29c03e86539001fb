"""A command's options and subcommands, read from its source without importing it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Option:
    """One option by its longest spelling: what it is for, which few words it takes, and whether it takes any."""

    name: str
    help: str
    choices: tuple[str, ...]
    is_flag: bool


def options_of(module: str, subcommand: str = "") -> tuple[Option, ...]:
    """The options of the module's command, or of one of its subcommands, in the order of its help."""
    function = _functions(module).get(subcommand)
    if function is None:
        return ()
    return tuple(option for decorator in function.decorator_list for option in _options(decorator, module))


def subcommands_of(module: str) -> dict[str, str]:
    """The names of a group's commands, each with its line of help."""
    return {name: _about(function) for name, function in _functions(module).items() if name}


def _options(decorator: ast.expr, module: str) -> Iterator[Option]:
    match decorator:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="click"), attr="option")):
            yield _option(decorator)
        case ast.Call(func=ast.Name(id=name)) | ast.Name(id=name):
            yield from _shared(module, name)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="options"), attr=name)):
            yield from _shared("options", name)
        case ast.Attribute(value=ast.Name(id="options"), attr=name):
            yield from _shared("options", name)


@cache
def _shared(module: str, name: str) -> tuple[Option, ...]:
    """What a name of a module stands for that holds options, or makes them: every `click.option` in it."""
    found = next((node for node in _tree(module).body if name in _names(node)), None)
    if found is None:
        return ()
    calls = [node for node in ast.walk(found) if isinstance(node, ast.Call) and _is_option(node)]
    return tuple(map(_option, reversed(calls)))


def _names(node: ast.stmt) -> tuple[str, ...]:
    match node:
        case ast.FunctionDef(name=name):
            return (name,)
        case ast.Assign(targets=targets):
            return tuple(target.id for target in targets if isinstance(target, ast.Name))
        case _:
            return ()


def _is_option(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "option"


def _option(call: ast.Call) -> Option:
    names = [text for text in map(_string, call.args) if text.startswith("-")]
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    flag = given.get("is_flag")
    choices: tuple[str, ...] = ()
    match given.get("type"):
        case ast.Call(func=ast.Attribute(attr="Choice"), args=[ast.List(elts=items) | ast.Tuple(elts=items), *_]):
            choices = tuple(text for text in map(_string, items) if text)
    name = max((each for text in names for each in text.split("/")), key=len, default="")
    is_flag = "flag_value" in given or (isinstance(flag, ast.Constant) and flag.value is True)
    return Option(name, _string(given.get("help")), choices, is_flag)


def _string(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _about(function: ast.FunctionDef) -> str:
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call):
            for keyword in decorator.keywords:
                if keyword.arg == "short_help":
                    return _string(keyword.value)
    return (ast.get_docstring(function) or "").split("\n")[0]


@cache
def _functions(module: str) -> dict[str, ast.FunctionDef]:
    """The module's command under the empty name, and its subcommands under theirs."""
    found: dict[str, ast.FunctionDef] = {}
    for node in _tree(module).body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            match decorator:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="click"), attr="command" | "group")):
                    found[""] = node
                case ast.Call(func=ast.Attribute(value=ast.Name(id="command"), attr="command"), args=[first, *_]):
                    found[_string(first)] = node
                case ast.Call(func=ast.Attribute(value=ast.Name(id="command"), attr="command")):
                    found[node.name] = node
    return found


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse((_FOLDER / f"{module}.py").read_text(encoding="utf-8"))
