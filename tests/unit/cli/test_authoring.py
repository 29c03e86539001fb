"""docs/authoring.md, walked in a new folder: its commands in its order, and that each command names the next."""

import re
import shutil
import time
from pathlib import Path

import pytest
from tests.unit.cli.test_plan import git

from fpc.cli import commands as known
from fpc.cli.main import run

PAGE = (Path(__file__).parents[3] / "docs" / "authoring.md").read_text()
#: Seconds that the whole walk may take, reading aside: ten minutes are for the reader.
_LONGEST = 300
#: What each command of the page names as the next, in the page's order.
PAGES = (
    ("init shop", "cd shop && fpc check"),
    ("check", "fpc test"),
    ("test", "fpc preview user_orders"),
    ("preview user_orders user_id=7", "fpc compile"),
    ("new source --path data/purchases.csv", "fpc new view purchases_features --source purchases"),
    ("new view buyer --source purchases --entity buyer --key user_id", "fpc check"),
    ("check", "fpc test"),
    ("preview buyer", "fpc example buyer --from-data"),
    ("check", "fpc test"),
    ("preview buyer", "fpc example buyer --from-data"),
    ("example buyer --from-data", "fpc test buyer"),
    ("test buyer", "fpc preview buyer"),
    ("fmt", "fpc check"),
    ("run --select user_orders", "fpc get SERVICE"),
    ("get churn user_id=7", "fpc status"),
)
#: The rest, in the same repository, whose views are served by then.
OTHERS = (
    ("compile", "fpc plan"),
    ("plan --no-data", "fpc run"),
    ("status", "fpc run"),  # one view is not published yet
    ("why user_orders.orders_7d user_id=7", "fpc prove user_orders.orders_7d"),
    ("prove user_orders", "fpc why VIEW.FEATURE"),
    ("explain user_orders", "fpc preview VIEW"),
    ("explain FPC0230", "fpc check"),
    ("backfill user_orders --estimate", "fpc backfill user_orders"),
    ("training-set churn --spine data/labels.csv --time label_time -o set.parquet", "fpc training-set --verify"),
    ("catalog", "open the file"),
    ("registry search orders", "fpc registry show"),
    ("prune", "fpc status"),
    ("doctor", "fpc check"),
    ("completion bash", "fpc init"),
    ("redis stop", "fpc redis start"),
)
#: With nothing to go back to, there is an error, which ends with what to do.
REFUSED = "rollback user_orders"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def commands() -> list[str]:
    return [line for block in blocks("sh") for line in block.splitlines()]


def test_the_first_ten_minutes_and_that_each_command_names_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def named(words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run(words.split())
        return code, capsys.readouterr().err.splitlines()[-1]

    monkeypatch.chdir(tmp_path)
    started = time.monotonic()
    (view,) = blocks("yaml")
    written = False
    expected = iter(PAGES)
    for line in commands():
        program, *words = line.split()
        match program:
            case "cd":
                monkeypatch.chdir(words[0])
            case "cp":
                shutil.copy(words[0], words[1])
            case _:
                written = written or (words == ["preview", "buyer"] and _has_marks())
                if words == ["check"] and written:
                    _fill_in(view)
                command, following = next(expected)
                code, last = named(command)
                assert (" ".join(words), code) == (command, 0)
                assert last.startswith(f"next: {following}"), line
    assert written and next(expected, None) is None
    assert time.monotonic() - started < _LONGEST
    git(Path(), "init", "-q")
    git(Path(), "add", "-A")
    git(Path(), "commit", "-q", "-m", "mine")
    assert named(REFUSED)[1].startswith("  = ")
    told = {command: named(command)[1] for command, _ in OTHERS}
    assert {command: told[command] for command, following in OTHERS
            if not told[command].startswith(f"next: {following}")} == {}  # fmt: skip


def test_the_table_has_every_command() -> None:
    assert {command.split()[0] for command, _ in (*PAGES, *OTHERS, (REFUSED, ""))} == {
        entry.name for entry in known.ALL
    }


def _has_marks() -> bool:
    """Whether the scaffold is there, with the four lines to be filled in."""
    return Path("features/buyer.yml").read_text().count("TODO") == 4


def _fill_in(view: str) -> None:
    """Put the page's view where the scaffold's was, as its reader does; the entity stays."""
    path = Path("features/buyer.yml")
    scaffold = path.read_text()
    path.write_text(scaffold[: scaffold.index("feature_view:")] + view)


def test_the_page_names_no_command_that_is_not_there() -> None:
    assert all(line.split()[0] in ("fpc", "cd", "cp") for line in commands())
