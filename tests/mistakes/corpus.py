"""Two hundred specs with one mistake each, made from the specs of this repository by a seeded generator.

A mistake is what somebody types by accident: letters swapped or lost, a key left out, a value of another shape, a line
at another depth, a bracket or a quote that is never closed. Of a typo the generator knows the word that was meant.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
SEED = 20240501
SIZE = 200
CONFIG = """\
name: broken
defaults: {owner: "team:broken"}
default_target: dev
targets:
  dev: {engine: duckdb, database: .fpc/warehouse.duckdb, online: embedded, as_of: "2024-01-01T00:00:00Z"}
"""
_KEYS = (
    "name", "description", "owner", "entity", "source", "where", "freshness", "delay", "online_ttl", "start",
    "features",
    "derived", "tests", "examples", "sql", "window", "windows", "latest", "aggregate", "default", "offset", "keys",
    "path", "event_time", "known_time", "unique_key", "columns", "max_lateness", "timezone", "version", "tags", "given",
    "expect", "not_null", "one_of", "no_rows", "range", "feature", "values", "null_share",
)  # fmt: skip
_FUNCTIONS = ("COUNT", "SUM", "AVG", "MIN", "MAX", "MEDIAN", "COALESCE", "NULLIF", "DATE_DIFF", "COUNT_DISTINCT",
              "LAST_K", "STDDEV", "PERCENTILE", "LAST")  # fmt: skip
_TYPES = ("bigint", "integer", "varchar", "timestamptz", "timestamp", "double", "boolean", "date")
_KINDS = ("feature_view", "source", "entity")
_MATRIX = ("sum", "avg", "min", "max", "count", "median", "stddev", "last")
_NEIGHBOURS = dict(zip("qwertyuiopasdfghjklzxcvbnm", "wertyuiopqsdfghjklaxcvbnmz", strict=True))


@dataclass(frozen=True)
class Mistake:
    """A broken repository: its files, the file and line (from 1) of the mistake, and the word meant, of a typo."""

    name: str
    files: dict[str, str]
    path: str
    line: int
    meant: str | None = None


@dataclass(frozen=True)
class Base:
    """A right repository: one view and what it stands on."""

    files: dict[str, str]
    view: str


Maker = Callable[[random.Random, Base], Mistake | None]


def bases() -> list[Base]:
    """Each view of this repository and of the starter, with its sources and entities alone."""
    found = []
    for folder in (ROOT / "features" / "flights", ROOT / "features" / "marketplace",
                   ROOT / "compiler" / "fpc" / "cli" / "starter" / "features" / "shop"):  # fmt: skip
        texts = {path.name: path.read_text() for path in sorted(folder.glob("*.yml"))}
        shared = {name: text for name, text in texts.items() if name in ("sources.yml", "entities.yml")}
        for name, text in texts.items():
            if text.find("feature_view:") >= 0:
                files = {"fpc.yml": CONFIG, f"features/{name}": text}
                found.append(Base(files | {f"features/{n}": t for n, t in shared.items()}, f"features/{name}"))
    return found


def corpus(seed: int = SEED, size: int = SIZE) -> list[Mistake]:
    """As many different mistakes, all kinds in turn."""
    dice = random.Random(seed)
    found: dict[tuple[str, str], Mistake] = {}
    repositories = bases()
    while len(found) < size:
        for make in _MAKERS:
            tried = (make(dice, base) for base in dice.sample(repositories, len(repositories)))
            mistake = next((made for made in tried if made is not None), None)
            if mistake is not None and len(found) < size:
                found.setdefault((mistake.path, mistake.files[mistake.path]), mistake)
    return list(found.values())


def typo(dice: random.Random, word: str) -> str:
    """The word as it is typed by accident."""
    letters = [place for place, letter in enumerate(word) if letter.isalpha()]
    while True:
        place = dice.choice(letters)
        match dice.randrange(4):
            case 0 if place + 1 < len(word) and word[place] != word[place + 1]:
                wrong = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
            case 1 if len(word) > 4:
                wrong = word[:place] + word[place + 1 :]
            case 2:
                wrong = word[:place] + word[place] + word[place:]
            case _:
                near = _NEIGHBOURS[word[place].lower()]
                wrong = word[:place] + (near.upper() if word[place].isupper() else near) + word[place + 1 :]
        if wrong != word and wrong[0].isalpha():
            return wrong


def _replaced(base: Base, path: str, start: int, end: int, text: str, name: str, meant: str | None = None) -> Mistake:
    before = base.files[path]
    line = before.count("\n", 0, start) + 1
    return Mistake(f"{name}: {before[start:end]!r} -> {text!r} in {path}:{line}",
                   base.files | {path: before[:start] + text + before[end:]}, path, line, meant)  # fmt: skip


def _one(dice: random.Random, base: Base, pattern: str, path: str | None = None) -> tuple[str, re.Match[str]] | None:
    paths = [path] if path is not None else [name for name in base.files if name != "fpc.yml"]
    matches = [(name, match) for name in paths for match in re.finditer(pattern, base.files[name], re.M)]
    return dice.choice(matches) if matches else None


def _typo_of(
    name: str, pattern: str, known: Callable[[Base], frozenset[str]] | None = None, path: str | None = None
) -> Maker:
    """A maker of typos in what a pattern's first group finds; what is spelt like another known word is none."""

    def make(dice: random.Random, base: Base) -> Mistake | None:
        found = _one(dice, base, pattern, base.view if path == "view" else path)
        if found is None:
            return None
        place, match = found
        words = known(base) if known is not None else frozenset()
        wrong = typo(dice, match[1])
        if wrong.lower() in {word.lower() for word in words}:
            return None
        return _replaced(base, place, match.start(1), match.end(1), wrong, name, match[1])

    return make


def _columns(base: Base) -> frozenset[str]:
    source = _source_of(base)
    columns = source.get("columns")
    return frozenset(columns) if isinstance(columns, dict) else frozenset()


def _source_of(base: Base) -> dict[str, object]:
    view = yaml.safe_load(base.files[base.view])["feature_view"]
    for document in yaml.safe_load_all(base.files["features/sources.yml"]):
        if "source" in document and document["source"]["name"] == view["source"]:
            return dict(document["source"])
    return {}


def _column_typo(dice: random.Random, base: Base) -> Mistake | None:
    """A typo in a column that SQL reads."""
    columns = [column for column in _columns(base) if len(column) > 3]
    text = base.files[base.view]
    lines = list(re.finditer(r"^ +(?:sql|where): .*$", text[: text.find("  derived:")], re.M))
    places = [
        (line.start() + found.start(), column)
        for line in lines
        for column in columns
        for found in re.finditer(rf"(?<![\w'.]){re.escape(column)}(?![\w'(])", line[0])
    ]
    if not places:
        return None
    start, column = dice.choice(sorted(places))
    wrong = typo(dice, column)
    if wrong.lower() in {each.lower() for each in _columns(base)}:
        return None
    return _replaced(base, base.view, start, start + len(column), wrong, "column", column)


def _key_left_out(dice: random.Random, base: Base) -> Mistake | None:
    """A line of a required key taken out."""
    found = _one(
        dice, base, r"^  (?:name|entity|source|event_time|keys|path): [^\n]*\n|^ +(?:window|sql|latest): [^\n]*\n"
    )
    if found is None:
        return None
    path, match = found
    return _replaced(base, path, match.start(), match.end(), "", "left out")


def _other_shape(dice: random.Random, base: Base) -> Mistake | None:
    """One value where a list or a mapping belongs, and the other way round."""
    pairs = ((r"^  entity: (\w+)$", "[user, item]"), (r"^  features:(\n(?:    .*\n)+)", " orders\n"),
             (r"^  columns:(\n(?:    .*\n)+)", " [a, b]\n"), (r"^      windows?: (\S.*)$", "{days: 7}"),
             (r"^  version: (\d+)$", "one"), (r"^  freshness: (\S+)", "1 hour"), (r"^      window: (\S+)", "7 days"),
             (r"^  delay: (\S+)", "soon"), (r"^  event_time: (\S+)", "[a, b]"), (r"^  keys: (\{.*\})$", "user_id"),
             (r"^    - not_null: (\[.*\])$", "{a: b}"), (r"^  version: (\d+)$", "-3"),
             (r"^  start: (\S+)", "yesterday"), (r"^      at: (\S+)$", "noon"), (r"^  online_ttl: (\S+)", "3 days"),
             (r"^      sql: (\S.*)$", "[COUNT(*)]"))  # fmt: skip
    pattern, text = dice.choice(pairs)
    found = _one(dice, base, pattern)
    if found is None:
        return None
    path, match = found
    return _replaced(base, path, match.start(1), match.end(1), text, "shape")


def _other_depth(dice: random.Random, base: Base) -> Mistake | None:
    """A line one space further in or out, or behind a tab; within brackets, after a comma, that would be no mistake."""
    found = _one(dice, base, r"(?<!,\n)^( +)(?:- )?\w+: ", base.view)
    if found is None:
        return None
    path, match = found
    indent = dice.choice((match[1] + " ", match[1][:-1], "\t"))
    return _replaced(base, path, match.start(1), match.end(1), indent, "depth")


def _open_end(dice: random.Random, base: Base) -> Mistake | None:
    """A bracket, brace, quote or colon lost."""
    pattern = dice.choice((r"(\])\s*$", r"(\})\s*$", r"^ +\w+(:) \S", r"^ +\w+:( )[\w\[{]", r"^ +sql: .*(\))"))
    found = _one(dice, base, pattern, base.view)
    if found is None:
        return None
    path, match = found
    return _replaced(base, path, match.start(1), match.end(1), "", "lost")


def _broken_sql(dice: random.Random, base: Base) -> Mistake | None:
    """SQL that ends too early, doubles an operator or loses a quote."""
    pattern, text = dice.choice(((r"^ +sql: .*( = )", " = = "), (r"^ +sql: .*'(')\)?", ""), (r"^ +sql: \w+(\()", " "),
                                 (r"^ +sql: \S.*()$", " +"), (r"^ +sql: .*(\))", "))"),
                                 (r"^ +sql: (\w+\()", "SELECT \\0"),
                                 (r"^ +sql: \S.*( / )", " // / "), (r"^ +sql: \S.*()$", " FROM orders")))  # fmt: skip
    found = _one(dice, base, pattern, base.view)
    if found is None:
        return None
    path, match = found
    return _replaced(base, path, match.start(1), match.end(1), text.replace("\\0", match[1]), "sql")


def _twice(dice: random.Random, base: Base) -> Mistake | None:
    """A line written twice."""
    found = _one(dice, base, r"^  (?:entity|source|freshness|name|version): [^\n]*\n", base.view)
    if found is None:
        return None
    path, match = found
    return _replaced(base, path, match.end(), match.end(), match[0], "twice")


def _features(base: Base) -> frozenset[str]:
    return frozenset(re.findall(r"\b[a-z]\w+\b", base.files[base.view]))


_MAKERS: tuple[Maker, ...] = (
    _typo_of("key", rf"^ +(?:- )?({'|'.join(_KEYS)}):(?= |$)", lambda _: frozenset(_KEYS)),
    _column_typo,
    _typo_of("function", rf"\b({'|'.join(_FUNCTIONS)})\(", lambda _: frozenset(_FUNCTIONS), "view"),
    _key_left_out,
    _typo_of("type", rf"^    \w+: ({'|'.join(_TYPES)})\b", lambda _: frozenset(_TYPES)),
    _other_shape,
    _typo_of("reference", r"^  (?:entity|source): (\w+)$", None, "view"),
    _other_depth,
    _typo_of("matrix", rf"aggregate: \{{\w+: \[?({'|'.join(_MATRIX)})\b", lambda _: frozenset(_MATRIX), "view"),
    _open_end,
    _typo_of("feature", r"^    - not_null: \[(\w+)", _features, "view"),
    _broken_sql,
    _typo_of("expected", r"^        - \{\w+: \w+, ([a-z]\w+):", _features, "view"),
    _typo_of("kind", rf"^({'|'.join(_KINDS)}):"),
    _twice,
)


def written(mistake: Mistake, folder: Path) -> Path:
    """The broken repository as files."""
    for path, text in mistake.files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder


def kinds(mistakes: list[Mistake]) -> Iterator[tuple[str, int]]:
    """How many mistakes there are of each kind."""
    names = [mistake.name.split(":")[0] for mistake in mistakes]
    for name in dict.fromkeys(names):
        yield name, names.count(name)
