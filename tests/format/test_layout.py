# ruff: noqa: E501  (texts that are hostile by their very length and shape)
"""The layout of specs: meanings and comments stay, one text comes out, and what cannot be read is refused."""

import random
import re
import shutil
from pathlib import Path

import pytest

from fpc.format import format_text
from fpc.format.sql_layout import lay_out
from fpc.format.sql_pieces import meaning
from fpc.pipeline import check_repository

ROOT = Path(__file__).parents[2]
REPOSITORIES = (
    ROOT,
    ROOT / "compiler" / "fpc" / "cli" / "starter",
    *(path.parent for path in sorted((ROOT / "tests" / "golden").glob("*/fpc.yml"))),
)
#: Texts that a careless layout would change or choke on.
HOSTILE = (
    "entity:\n  name: user\n  description: it's \"quoted\" # not a comment? yes\n  keys: {user_id: bigint}\n",
    "entity:\n  name: user\n  description: 'a # b: c'\n  keys: {'user_id': \"bigint\"}\n",
    "entity:\n    name: user   # why\n    # alone\n    description: |\n        two\n          lines\n\n        more\n    keys:\n        user_id: bigint\n",
    "entity:\n  name: user\n  description: >-\n    folded\n    text\n\n  # foot\n  keys: {user_id: bigint}\n# end\n",
    "# head\n---\nentity:\n  name: a\n  keys: {k: bigint}\n# between\n---\n# next\nentity:\n  name: b\n  keys: {k: bigint}\n...\n",
    "feature_view:\n  name: x\n  features:\n  - name: a\n    sql: count( * )\n  # - name: b\n  #   sql: no\n  tests:\n  - not_null: [a,\n      b]  # both\n",
    "feature_view:\n  name: x\n  features:\n    - {name: a, sql: 'count(*) filter(where s=''x, {y}'')', window: 7d}\n",
    "feature_view:\n  name: x\n  examples:\n    - name: n\n      given:\n        - {sql: select  1, where: a  =  b, no: no, t: 1:30, d: 2024-01-01}\n",
    "feature_view:\n  name: x\n  features:\n    - name: a\n      sql: |\n        -- how many\n        count(*)   filter (\n          where a = 1 -- ones\n             and b in (1,2) /* few */\n        )\n",
    "feature_view:\n  name: x\n  where: \"a = 'x' -- y\"\n  features: [] # none\n",
    "feature_view:\n  name: x\n  features: [ # open\n    {name: a}, # one\n    {name: b}]\n",
    "feature_view:\n  name: x\n  features:\n    -\n      name: a\n    - # empty next\n      name: b\n",
    "feature_view:\n  name: x\n  where: a<-1 and b- -1>0 and c=- 1 or not(d)and e::int>=2\n",
    "feature_view:\n  name: x\n  where: case when a between 1 and 2 then b when c then case d when 1 then 2 end else e end > 0\n",
    "feature_view:\r\n  name: x\r\n  where: a  =  1\r\n",
    "\ufefffeature_view:\n  name: x\n",
    "feature_view:\n  name: x\n  description: " + "word " * 80 + "\n",
    "feature_view:\n  name: x\n  where: " + " and ".join(f"column_{n} = {n}" for n in range(40)) + "\n",
    "feature_view:\n  name: x\n  description: \"tab\\t and \\\"quote\\\" \\u263a\"\n  tags: ['a: b', \"#c\", '', ' d ', 'yes', '1']\n",
    "feature_view: {name: x, features: [{name: a, sql: 'sum(b)', window: 7d}], tags: [],}\n",
    "feature_view:\n  name: \"x\"\n  default: ~\n  start: null\n  version: 0o7\n  a: .5\n  b:\n  c: ''\n",
    "",
    "# nothing but a comment\n",
    "---\n---\n",
)  # fmt: skip
#: Texts that are not specs: nothing of them may be written.
UNREADABLE = (
    ("a: [1\n", 2),
    ("a: 'x\n", 2),
    ("\tfeature_view: x\n", 1),
    ("feature_view:\n  where: a = (1\n", 2),
    ('feature_view:\n  where: "a = \'x"\n', 2),
    ("feature_view:\n  where: a; drop table b\n", 2),
    ("feature_view:\n  where: a = {{ b }}\n", 2),
    ("a: &x 1\nb: *x\n", 1),
    ("a: !!str 1\n", 1),
    ("? [a]\n: b\n", 1),
    ("%YAML 1.2\n---\na: b\n", 1),
    ("a: |2\n    x\n", 1),
)


def specs(root: Path) -> list[Path]:
    return [path for path in (root / "fpc.yml", *sorted((root / "features").rglob("*.yml"))) if path.is_file()]


def meanings(root: Path) -> dict[str, object]:
    """What decides a value: fingerprints of all views, and what services and training sets read."""
    model = check_repository(root).value
    assert model.views
    views = {
        view.name: (view.fingerprint, [(one.name, one.fingerprint) for one in view.outputs], view.grid, view.delay,
                    view.online_ttl, [(one.name, one.at, one.given, one.expect) for one in view.examples])
        for view in model.views.values()
    }  # fmt: skip
    services = {service.name: service.features for service in model.services.values()}
    return {"views": views, "services": services, "sources": {s.name: s.fingerprint for s in model.sources.values()}}


def laid_out(root: Path) -> None:
    for path in specs(root):
        made = format_text(path.name, path.read_text())
        assert made.diagnostics == ()
        path.write_text(made.text)


@pytest.fixture(params=REPOSITORIES, ids=lambda path: path.name)
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of the specs of one repository."""
    for path in specs(request.param):
        place = tmp_path / path.relative_to(request.param)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    return tmp_path


def test_fingerprints_stay_and_a_second_time_changes_nothing(repository: Path) -> None:
    before = meanings(repository)
    laid_out(repository)
    texts = [path.read_text() for path in specs(repository)]
    assert meanings(repository) == before
    laid_out(repository)
    assert [path.read_text() for path in specs(repository)] == texts


@pytest.mark.parametrize("seed", range(4))
def test_an_untidy_repository_becomes_the_tidy_one(repository: Path, seed: int) -> None:
    """Spaces, indentation and the case of SQL do not reach the result; comments do."""
    laid_out(repository)
    dice = random.Random(seed)
    for path in specs(repository):
        tidy = path.read_text()
        untidy = mess_up(tidy, dice)
        again = format_text(path.name, untidy)
        assert again.diagnostics == ()
        assert without_comments(again.text) == without_comments(tidy)
        assert untidy.count("# stray") == again.text.count("# stray")
        assert format_text(path.name, again.text).text == again.text


def mess_up(text: str, dice: random.Random) -> str:
    """The same file as somebody in a hurry would leave it; texts in blocks are what they are."""
    if re.search(r"[|>][-+]?$", text, re.M):
        return text
    lines = []
    shift, depth = dice.choice((0, 2)), 0
    for line in text.splitlines():
        body = line.lstrip(" ")
        indent = len(line) - len(body)
        indent += shift if indent else 0
        is_inside = depth > 0
        depth += sum(body.count(sign) for sign in "[{") - sum(body.count(sign) for sign in "]}")
        if re.match(r"(sql|where): [A-Z]", body.removeprefix("- ")) and "'" not in body and '"' not in body:
            head, sql = body.split(": ", 1)
            spaced = re.sub(r" (=|<|<>|>=) ", r"  \1   ", sql.lower())
            body = f"{head}:  {spaced}"
        if re.match(r"[\w-]", body) and dice.random() < 0.2 and " #" not in body and not is_inside:
            lines.append(" " * indent + "# stray")
        if " #" not in body and dice.random() < 0.2:
            body += " " * dice.randrange(3)
        lines.append(" " * indent + body)
        if dice.random() < 0.05 and body.endswith("]"):
            lines += ["", ""]
    return "\n".join(lines) + "\n" * dice.randrange(3)


def without_comments(text: str) -> list[str]:
    """The lines but stray comments; a comment behind a value keeps its column, and so may stand nearer to it."""
    lines = (re.sub(r" +# ", "  # ", line) for line in text.splitlines())
    return [line for line in lines if line.strip() not in ("", "# stray")]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_layouts_keep_what_they_say(text: str) -> None:
    """`format_text` reads its own result again and compares; here only that nothing is refused, and once is enough."""
    made = format_text("x.yml", text)
    assert made.diagnostics == ()
    assert format_text("x.yml", made.text).text == made.text
    assert re.findall(r"#[^\n\"']*$", made.text, re.M) or "#" not in text or "'" in text or '"' in text


@pytest.mark.parametrize(("text", "line"), UNREADABLE)
def test_what_cannot_be_read_is_left_alone_with_a_place(text: str, line: int) -> None:
    made = format_text("x.yml", text)
    assert made.text == text
    assert next(one.label.span.line for one in made.diagnostics if one.label is not None) == line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: >-\n    x   \n      y\n\n    z\n", "a: >-\n  x   \n    y\n\n  z\n"),
        ("a: |\n    x  \n      \n    y\n", "a: |\n  x  \n    \n  y\n"),
        ("a: |+\n    x\n\n\n---\nb: 1\n", "a: |+\n  x\n\n\n---\nb: 1\n"),
        ("a: |\n    x", "a: |-\n  x\n"),
    ],
)
def test_white_space_that_belongs_to_a_text_stays(text: str, expected: str) -> None:
    assert format_text("x.yml", text).text == expected
    assert format_text("x.yml", expected).text == expected


def test_windows_line_breaks_stay() -> None:
    assert format_text("x.yml", "entity:\r\n    name: a\r\n").text == "entity:\r\n  name: a\r\n"


@pytest.mark.parametrize(
    ("sql", "lines"),
    [
        ("count( * )filter(where a='x')", ("COUNT(*) FILTER (WHERE a = 'x')",)),
        ("a+-1", ("a + -1",)),
        ("LEFT(x,2)||right(y ,3)", ("LEFT(x, 2) || RIGHT(y, 3)",)),
        ("x[1 : 2]", ("x[1 : 2]",)),
        ("date '2024-01-01' <= d", ("date '2024-01-01' <= d",)),
        ('"Sum"(x)', ('"Sum"(x)',)),
    ],
)
def test_sql_on_one_line(sql: str, lines: tuple[str, ...]) -> None:
    assert lay_out(sql, 100) == lines


def test_wide_sql_breaks_at_its_loosest_operators() -> None:
    sql = "SUM(amount) FILTER (WHERE status = 'completed' AND kind = 'a') / NULLIF(COUNT(*), 0) + 1"
    assert lay_out(sql, 50) == (
        "SUM(amount) FILTER (",
        "  WHERE status = 'completed' AND kind = 'a'",
        ")",
        "/ NULLIF(COUNT(*), 0)",
        "+ 1",
    )


def test_random_sql_keeps_its_tokens() -> None:
    dice = random.Random(1)
    parts = ("a", "b_1", "'x  y'", "1.5", '"Q q"', "SUM(a)", "count(*)", "AS_OF()", "NULL", "x::decimal(3,1)")
    operators = (" + ", "-", " and ", " OR ", "<=", " = ", " is not ", "||", " in (1,2) or ", " between 1 and ")
    for _ in range(1500):
        sql = dice.choice(parts)
        for _ in range(dice.randrange(12)):
            sql += dice.choice(operators) + dice.choice(parts)
            if dice.random() < 0.2:
                sql = f"( {sql} )"
            if dice.random() < 0.1:
                sql = f"case when {sql} then 1 else -{dice.choice(parts)} end"
            if dice.random() < 0.1:
                sql += dice.choice((" -- why\n", " /* so */ ", "\n"))
        width = dice.choice((20, 40, 100))
        text = "\n".join(lay_out(sql, width))
        assert meaning(text) == meaning(sql)
        assert "\n".join(lay_out(text, width)) == text


def test_the_specs_of_this_repository_are_laid_out() -> None:
    for root in REPOSITORIES[:2]:
        for path in specs(root):
            text = path.read_text()
            assert format_text(path.name, text).text == text, f"fpc fmt {path.relative_to(ROOT)}"
