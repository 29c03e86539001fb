"""`fpc fmt` over files that cannot be read, are links, or may not be written by others."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from fpc.cli.main import run

UNTIDY, TIDY = "entity:\n    name:  a\n", "entity:\n  name: a\n"


def test_a_file_that_cannot_be_read_keeps_no_other_from_being_laid_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yml").write_bytes(b"\xff\xfe")
    (tmp_path / "b.yml").write_text("# x\n" * 70_000)
    (tmp_path / "c.yml").write_text(UNTIDY)
    assert run(["fmt", str(tmp_path)]) == 1
    assert (tmp_path / "c.yml").read_text() == TIDY
    said = capsys.readouterr().err
    assert (
        "not UTF-8" in said
        and "larger than 256 KB" in said
        and "1 changed, 0 as they should be, 2 not readable" in said
    )


def test_links_and_rights_stay(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "a.yml", tmp_path / "a.yml"
    real.write_text(UNTIDY)
    real.chmod(0o640)
    link.symlink_to(real)
    assert run(["fmt", str(link)]) == 0
    assert link.is_symlink() and real.read_text() == TIDY and real.stat().st_mode & 0o777 == 0o640


def test_check_and_diff_write_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.yml"
    path.write_text(UNTIDY)
    assert run(["fmt", "--check", str(path)]) == 1
    assert run(["fmt", "--diff", str(path)]) == 1
    assert path.read_text() == UNTIDY and "-    name:  a\n+  name: a\n" in capsys.readouterr().out
    path.write_text(TIDY)
    assert run(["fmt", "--check", "--diff", str(path)]) == 0


@pytest.mark.parametrize(
    ("given", "code", "written"),
    [(UNTIDY.encode(), 0, TIDY), (b"", 0, ""), (b"a: [\n", 1, ""), (b"\xff", 2, "")],
)
def test_standard_input(
    given: bytes, code: int, written: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
    assert run(["fmt", "-"]) == code
    assert capsys.readouterr().out == written
