"""Other ways to write the same specs: order of keys and lists, styles, spellings, what goes without saying, files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from random import Random
from typing import Any, Final

#: A document's kind and what it says, as YAML would be read.
Document = tuple[str, dict[str, Any]]

#: What the documents of a folder take that do not say otherwise, the nearest folder before those above it.
FOLDERS: Final[Mapping[str, Mapping[str, object]]] = {
    "": {"owner": "team:growth"},
    "shop": {"owner": "team:orders", "delay": "10m", "closed": "right"},
    "shop/deeper": {"owner": "team:deeper", "on_missing": "null", "timezone": "Europe/Berlin"},
}
CONFIG: Final = "\n".join(
    (
        "name: test",
        "targets: {dev: {engine: duckdb}}",
        f"defaults: {json.dumps(FOLDERS[''])}",
        "folders:",
        *(f"  features/{path}: {json.dumps(said)}" for path, said in FOLDERS.items() if path),
    )
)
#: What a document says that says nothing, by its kind.
_UNSAID: Final[Mapping[str, Mapping[str, object]]] = {
    "source": {"timezone": "UTC", "append_only": False},
    "entity": {},
    "feature_view": {"version": 1, "closed": "left", "delay": "0s"},
    "feature_service": {"version": 1, "on_missing": "default"},
    "training_set": {"mode": "as_served"},
}
_DURATIONS: Final = frozenset(
    ("window", "offset", "freshness", "delay", "online_ttl", "max_staleness", "max_lateness", "baseline")
)
_IN_ANY_ORDER: Final = frozenset(
    (
        *("agreed_by", "changes", "derived", "examples", "expect", "given", "immutable", "not_null"),
        *("tags", "tests", "unique_key", "values", "windows"),
    )
)
#: Texts of which the end of the last line is no part.
_PROSE: Final = frozenset(("description", "no_rows", "reason", "sql", "where"))
_ONE_FOR_A_LIST: Final = frozenset(("agreed_by", "immutable", "label", "not_null", "tags", "unique_key"))
_ORDERED_MAPPINGS: Final = (("columns", "source"), ("keys", "entity"))
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_. ]*[A-Za-z0-9_]|[A-Za-z]|[0-9]+[smhdw]|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS: Final = frozenset(("true", "false", "null"))


def relaid(documents: list[Document], random: Random) -> dict[str, str]:
    """The files of a repository that means what these documents do, otherwise written; paths below `features/`."""
    files: dict[str, list[str]] = {}
    for kind, body in random.sample(documents, len(documents)):
        folder = random.choice(list(FOLDERS))
        path = f"{folder}/{random.choice('ab')}.yml".lstrip("/")
        said = _respelled(kind, _with_unsaid(kind, deepcopy(body), folder, random), random)
        text = "\n".join(_block({kind: said}, 0, random)) + "\n"
        files.setdefault(path, []).append(text)
    return {path: random.choice(("", "# specs\n---\n")) + "---\n".join(texts) for path, texts in files.items()}


def _with_unsaid(kind: str, body: dict[str, Any], folder: str, random: Random) -> dict[str, Any]:
    """The same document: what would be so in its folder anyway is said or left out."""
    unsaid = dict(_UNSAID[kind])
    for key in ("owner", *unsaid):
        above = (FOLDERS[path][key] for path in FOLDERS if folder.startswith(path) and key in FOLDERS[path])
        inherited = ([unsaid.get(key), *above])[-1]
        value = body.pop(key, unsaid.get(key))
        if value != inherited or random.random() < 0.5:
            body[key] = value
    if kind == "feature_view":
        body["features"] = [one for item in body["features"] for one in _items(item, random)]
    return body


def _items(item: dict[str, Any], random: Random) -> Iterator[dict[str, Any]]:
    """What one item of `features` says, in one item or several."""
    if random.random() < 0.5:
        yield item
    elif "latest" in item:
        yield {**{key: value for key, value in item.items() if key != "latest"}, "sql": f"LAST({item['latest']})"}
    elif "aggregate" in item:
        rest = {key: value for key, value in item.items() if key not in ("aggregate", "windows")}
        for column, functions in item["aggregate"].items():
            for function in functions:
                for window in item["windows"]:
                    name = f"{column}_{function}_{window}"
                    yield {"name": name, "sql": f"{function}({column})", "window": window, **rest}
    elif "windows" in item:
        for window in item["windows"]:
            one = {key: value for key, value in item.items() if key != "windows"}
            yield {**one, "name": item["name"].replace("{window}", window), "window": window}
    else:
        yield item


def _respelled(key: str, value: Any, random: Random, parent: str = "") -> Any:
    """A value at a key in another order, with its durations in other units and short forms written long."""
    if isinstance(value, dict):
        pairs = [(each, _respelled(each, inner, random, key)) for each, inner in value.items()]
        return dict(pairs if (key, parent) in _ORDERED_MAPPINGS else random.sample(pairs, len(pairs)))
    if isinstance(value, list):
        items = [_respelled("", item, random, key) for item in value]
        if key in _IN_ANY_ORDER or parent == "aggregate" or (key, parent) == ("features", "feature_view"):
            random.shuffle(items)
        short = len(items) == 1 and (key in _ONE_FOR_A_LIST or parent == "aggregate")
        return items[0] if short and random.random() < 0.5 else items
    if key in _DURATIONS and isinstance(value, str) and value[:-1].isdigit():
        return _duration(value, random)
    if parent in ("columns", "keys") and key != "type" and " " not in str(value) and random.random() < 0.2:
        return {"type": value} if parent == "columns" else value
    if key in ("event_time", "known_time") and random.random() < 0.3:
        return {"column": value}
    if key in ("start", "at") and parent != "columns" and random.random() < 0.5:
        return f"{value}T00:00:00Z"
    return value


def _duration(text: str, random: Random) -> str:
    seconds = int(text[:-1]) * _SECONDS[text[-1]]
    return random.choice([f"{seconds // size}{unit}" for unit, size in _SECONDS.items() if seconds % size == 0])


def _block(value: Any, depth: int, random: Random) -> list[str]:
    """The lines of a value in block style, comments and blank lines between them."""
    indent = "  " * depth
    lines: list[str] = []
    for key, inner in value.items() if isinstance(value, dict) else ((None, item) for item in value):
        head = f"{indent}-" if key is None else f"{indent}{_scalar(key, random)}:"
        if random.random() < 0.08:
            lines += random.choice((["", ""], [f"{indent}# {random.random():.3f} of all, {{they}} say: [no"]))
        if isinstance(inner, dict | list) and inner and random.random() < (0.9 if depth < 2 else 0.5):
            nested = _block(inner, depth + 1, random)
            compact = key is None and nested[0].strip() and nested[0].lstrip()[0] not in "#-"
            lines += [f"{head} {nested[0].lstrip()}", *nested[1:]] if compact else [head, *nested]
        elif isinstance(inner, str) and random.random() < 0.1:
            style = random.choice(("|", "|-", ">", ">-") if key in _PROSE else ("|-", ">-"))
            lines += [f"{head} {style}", f"{indent}    {inner}"]
        else:
            comment = random.choice(("", "", "", "  # so be it"))
            lines.append(f"{head} {_flow(inner, random)}{comment}")
    return lines


def _flow(value: Any, random: Random) -> str:
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_scalar(key, random)}: {_flow(inner, random)}' for key, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(_flow(item, random) for item in value)}]"
    return _scalar(value, random)


def _scalar(value: Any, random: Random) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    quoted = [json.dumps(value), "'" + value.replace("'", "''") + "'"]
    return random.choice([*quoted, value, value] if _PLAIN.fullmatch(value) and value not in _WORDS else quoted)
