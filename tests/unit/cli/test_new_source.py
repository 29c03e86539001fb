"""`fpc new source` on files as people have them: what it tells, what it takes, and what it says of the rest."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from tests.unit.cli.command_line import CommandLine

from fpc.pipeline import check_repository


def csv(fpc: CommandLine, text: str) -> str:
    (fpc.folder / "data/file.csv").write_text(text, encoding="utf-8")
    return "data/file.csv"


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("", 1, "has no rows to tell anything from"),
        ("user_id,at\n", 1, "has no rows to tell anything from"),
        ("user_id,amount\n1,2\n", 1, "no column of the file says when a row happened"),
        ("user_id,day\n1,2024-03-01\n", 1, "`day` holds days, which are no instants"),
        ("id,at\n1,01.03.2024 12:00\n2,31.03.2024 13:00\n", 1, "`at` holds text, such as `01.03.2024 12:00`"),
        ("id,at\n1,2024-03-01T12:00:00Z\n2,\n", 1, "`at` is empty in some rows; --event-time at takes it all the same"),
        ("id,at,Größe,1st\n1,2024-03-01T12:00:00Z,3,4\n", 0, "left out `Größe`, `1st`: a name is of letters"),
        ("id,ID,at\n1,2,2024-03-01T12:00:00Z\n", 0, "rows happen at `at`"),
        ("id;at;x\n1;2024/03/01 12:00:00;3,5\n", 0, "rows happen at `at`"),
    ],
)
def test_an_awkward_file_is_taken_or_told_of(fpc: CommandLine, text: str, code: int, told: str) -> None:
    done = fpc("new", "source", "--path", csv(fpc, text))
    assert done.code == code and told in done.err and done.err.count("error:") == code
    assert (fpc.folder / "features/file.yml").exists() == (code == 0)
    assert fpc("check").code == 0


@pytest.mark.parametrize(
    ("ts", "unit"), [(1_709_290_800, "s"), (1_709_290_800_000, "ms"), (1_709_290_800_000_000, "us")]
)
def test_a_number_since_1970_is_a_time(fpc: CommandLine, ts: int, unit: str) -> None:
    rows = "".join(f"{n},{n % 3},{ts + n}\n" for n in range(9))
    assert fpc("new", "source", "--path", csv(fpc, f"id,user_id,ts\n{rows}")).code == 0
    assert f"event_time: {{column: ts, unit: {unit}}}" in (fpc.folder / "features/file.yml").read_text()
    assert fpc("new", "view", "seen", "--source", "file").code == 0
    shown = fpc("preview", "seen", "--at", "2024-03-02T00:00:00Z")
    assert shown.code == 0 and "3" in shown.out


def test_a_number_that_is_no_instant_of_this_century_is_not(fpc: CommandLine) -> None:
    assert fpc("new", "source", "--path", csv(fpc, "id,ts\n1,5\n2,6\n")).code == 1


def test_a_folder_of_files_is_one_source_named_after_it(fpc: CommandLine) -> None:
    for day in (1, 2):
        folder = fpc.folder / f"data/visits/day=2024-03-0{day}"
        folder.mkdir(parents=True)
        rows = f"SELECT i AS id, i % 5 AS user_id, TIMESTAMPTZ '2024-03-0{day} 00:00:00+00' AS at FROM range(9) t(i)"
        duckdb.execute(f"COPY ({rows}) TO '{folder / 'a.parquet'}'")
    told = fpc("new", "source", "--path", "data/visits")
    assert told.code == 2 and "--path 'data/visits/**/*.parquet'" in told.err
    assert fpc("new", "source", "--path", "data/visits/**/*.parquet").code == 0
    assert check_repository(fpc.folder).value.sources["visits"].event_time.column == "at"
    assert fpc("new", "view", "seen", "--source", "visits").code == 0
    shown = fpc("preview", "seen", "user_id=1", "--at", "2024-03-03T00:00:00Z")
    assert shown.code == 0 and "4" in shown.out


def test_where_nobody_owns_the_folder_a_line_for_the_owner_is_left_to_be_filled_in(fpc: CommandLine) -> None:
    config = fpc.folder / "fpc.yml"
    config.write_text(config.read_text().replace('defaults: {owner: "team:features"}\n', ""))
    assert fpc("new", "source", "--path", csv(fpc, "id,user_id,at\n1,2,2024-03-01T12:00:00Z\n")).code == 0
    assert fpc("new", "view", "seen", "--source", "file", "--entity", "visitor", "--key", "user_id").code == 0
    owned = [
        Path(fpc.folder / path).read_text().count("owner: team:NAME ")
        for path in ("features/file.yml", "features/seen.yml")
    ]
    assert owned == [1, 2]  # the source; the entity and the view
    assert "FPC0230" not in fpc("check", "features/file.yml", "features/seen.yml").out
