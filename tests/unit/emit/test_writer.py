from pathlib import Path

import pytest

from fpc.contract.whole_file import write_whole
from fpc.emit.artefact import Artefact
from fpc.emit.header import GENERATED
from fpc.emit.writer import Change, Difference, difference, write

MODEL = "dbt_project/models/a.sql"
OTHER = "dbt_project/models/features/b.sql"


def artefacts(text: str = "select 1\n") -> list[Artefact]:
    return [Artefact(MODEL, f"-- {GENERATED}\n{text}"), Artefact(OTHER, f"-- {GENERATED}\n")]


def test_files_are_written_once(tmp_path: Path) -> None:
    first = write(tmp_path, artefacts())
    assert {d.change for d in first.differences} == {Change.ADDED}
    before = (tmp_path / MODEL).stat().st_mtime_ns
    again = write(tmp_path, artefacts())
    assert again.differences == ()
    assert again.unchanged == 2
    assert (tmp_path / MODEL).stat().st_mtime_ns == before


def test_a_changed_artefact_replaces_its_file(tmp_path: Path) -> None:
    write(tmp_path, artefacts())
    assert difference(tmp_path, artefacts("select 2\n")) == (Difference(MODEL, Change.CHANGED),)
    write(tmp_path, artefacts("select 2\n"))
    assert "select 2" in (tmp_path / MODEL).read_text()


def test_what_is_no_longer_generated_is_removed_with_its_empty_folder(tmp_path: Path) -> None:
    write(tmp_path, artefacts())
    report = write(tmp_path, artefacts()[:1])
    assert report.differences == (Difference(OTHER, Change.REMOVED),)
    assert not (tmp_path / OTHER).parent.exists()


def test_a_users_own_file_is_never_touched(tmp_path: Path) -> None:
    write(tmp_path, artefacts())
    own = tmp_path / "dbt_project/models/features/own.sql"
    own.write_text("select 1")
    write(tmp_path, artefacts()[:1])
    assert own.read_text() == "select 1"


def test_a_users_file_in_a_generated_ones_place_is_kept_and_reported(tmp_path: Path) -> None:
    (tmp_path / MODEL).parent.mkdir(parents=True)
    (tmp_path / MODEL).write_text("select 'mine'")
    report = write(tmp_path, artefacts())
    assert report.kept == (MODEL,)
    assert (tmp_path / MODEL).read_text() == "select 'mine'"


def test_an_edited_file_is_kept_and_reported_until_it_is_overwritten(tmp_path: Path) -> None:
    write(tmp_path, artefacts())
    edited = (tmp_path / MODEL).read_text() + "-- by hand\n"
    for content in (edited, "-- all by hand\n"):
        (tmp_path / MODEL).write_text(content)
        for wanted in (artefacts(), artefacts("select 2\n"), artefacts()):
            assert write(tmp_path, wanted).kept == (MODEL,)
        assert (tmp_path / MODEL).read_text() == content
    assert write(tmp_path, artefacts(), overwrite=True).kept == ()
    assert difference(tmp_path, artefacts()) == ()


def test_an_edited_file_that_is_no_longer_generated_is_kept(tmp_path: Path) -> None:
    write(tmp_path, artefacts())
    (tmp_path / OTHER).write_text((tmp_path / OTHER).read_text() + "-- by hand\n")
    assert write(tmp_path, artefacts()[:1]).kept == (OTHER,)
    assert (tmp_path / OTHER).exists()


def test_a_stamp_with_one_digit_changed_is_an_edit(tmp_path: Path) -> None:
    write(tmp_path, artefacts())
    text = (tmp_path / MODEL).read_text()
    stamp = text.split(GENERATED)[1].split()[0]
    (tmp_path / MODEL).write_text(text.replace(stamp, stamp[:-1] + ("0" if stamp[-1] != "0" else "1")))
    assert write(tmp_path, artefacts("select 2\n")).kept == (MODEL,)


def test_generated_files_without_a_stamp_are_known_by_their_first_lines(tmp_path: Path) -> None:
    for artefact in artefacts():
        (tmp_path / artefact.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / artefact.path).write_text(artefact.text)
    assert write(tmp_path, artefacts("select 2\n")).kept == ()


def test_the_list_of_files_that_was_kept_once_goes(tmp_path: Path) -> None:
    (tmp_path / "dbt_project").mkdir()
    (tmp_path / "dbt_project/.fpc-manifest").write_text(f"# {GENERATED}: the generated files and their SHA-256.\n")
    assert Difference("dbt_project/.fpc-manifest", Change.REMOVED) in write(tmp_path, artefacts()).differences


def test_copies_that_dbt_makes_are_not_touched(tmp_path: Path) -> None:
    copy = tmp_path / "dbt_project/target/compiled/a.sql"
    copy.parent.mkdir(parents=True)
    copy.write_text(f"-- {GENERATED}\n")
    write(tmp_path, artefacts())
    assert copy.exists()


def test_a_crash_between_files_is_healed_by_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, artefacts())
    wanted = [Artefact(MODEL, f"-- {GENERATED}\nselect 2\n"), Artefact(OTHER, f"-- {GENERATED}\nselect 3\n")]
    calls = list[Path]()

    def crashing(path: Path, text: str, mode: int) -> None:
        calls.append(path)
        if len(calls) == 2:  # one file is written
            raise OSError("power cut")
        write_whole(path, text, mode)

    monkeypatch.setattr("fpc.emit.writer.write_whole", crashing)
    with pytest.raises(OSError, match="power cut"):
        write(tmp_path, wanted)
    monkeypatch.undo()
    assert write(tmp_path, artefacts("select 4\n")).kept == ()


def test_an_artefact_outside_the_generated_folders_is_refused(tmp_path: Path) -> None:
    for path in ("features/a.yml", "dbt_project/../x", "registry//x", "/etc/x"):
        with pytest.raises(ValueError, match="outside"):
            write(tmp_path, [Artefact(path, "")])


def test_what_looks_generated_elsewhere_is_never_removed(tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "a.yml").write_text(GENERATED)
    write(tmp_path, artefacts())
    assert (tmp_path / "features" / "a.yml").exists()
