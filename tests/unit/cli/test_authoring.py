"""docs/authoring.md, walked: each of its commands, in its order, in a new folder."""

import re
import shutil
import time
from pathlib import Path

import pytest

from fpc.cli.main import run

PAGE = (Path(__file__).parents[3] / "docs" / "authoring.md").read_text()
#: Seconds that the whole walk may take, reading aside: ten minutes are for the reader.
_LONGEST = 300


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def commands() -> list[str]:
    return [line for block in blocks("sh") for line in block.splitlines()]


def test_the_first_ten_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    started = time.monotonic()
    (view,) = blocks("yaml")
    written = False
    for line in commands():
        program, *words = line.split()
        match program:
            case "cd":
                monkeypatch.chdir(words[0])
            case "cp":
                shutil.copy(words[0], words[1])
            case _:
                if words == ["check"] and Path("features/buyer.yml").exists() and not written:
                    written = _fill_in(view)
                capsys.readouterr()
                assert run(words) == 0, line
                err = capsys.readouterr().err
                assert "next: " in err or words[0] == "get", line
    assert written
    assert time.monotonic() - started < _LONGEST
    for command in ("redis stop",):
        run(command.split())


def _fill_in(view: str) -> bool:
    """Put the page's view where the scaffold's was, as its reader does; the entity stays."""
    path = Path("features/buyer.yml")
    scaffold = path.read_text()
    assert scaffold.count("TODO") == 4
    path.write_text(scaffold[: scaffold.index("feature_view:")] + view)
    return True


def test_the_page_names_no_command_that_is_not_there() -> None:
    assert all(line.split()[0] in ("fpc", "cd", "cp") for line in commands())
