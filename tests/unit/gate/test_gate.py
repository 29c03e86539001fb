"""The gate over tables filled by hand, with real Great Expectations: every kind of test can fail, and says why."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest
from tests.unit.gate.tables import SALT, Table, good, make_table

from fpc.runtime.gate import process
from fpc.runtime.gate.process import GateError
from fpc.runtime.gate.question import Expected, Question
from fpc.runtime.gate.report import TestFinding

EVERY_KIND = (
    "not_null: [orders]",
    "{null_share: {feature: largest, max: 0.1, max_rise: 0.05}}",
    "{range: {feature: largest, min: 0, max: 10}}",
    "{one_of: {feature: status, values: [placed, it's done]}}",
    "{rows: {min: 100, max: 1000, max_change: 0.5}}",
    "no_rows: SELECT user_id, shop FROM this WHERE orders > 9 AND this.status = 'placed'",
)
OTHER = "SELECT {columns} FROM range({count}) AS r(i)"


def hashed(user_id: int, shop: str = "a") -> str:
    return hashlib.sha256(f"{SALT}i{user_id},s{shop}".encode()).hexdigest()[:12]


def one_bad(row: str) -> str:
    """Two hundred good rows and this one."""
    return f"{good()} UNION ALL SELECT {row}"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    return make_table(tmp_path_factory.mktemp("gate"), *EVERY_KIND)


def test_rows_that_fail_nothing_pass(table: Table) -> None:
    table.fill(good())
    report = table.publish()
    assert (report.passed, report.rows, report.failed, report.warnings) == (True, 200, (), ())


def test_a_table_without_rows_fails_for_their_number_alone(table: Table) -> None:
    table.fill(f"{good()} LIMIT 0")
    assert [finding.name for finding in table.examine().failed if "change" not in finding.name] == ["buyers__rows"]


FAULTS = [
    ("not_null_orders", one_bad("1000, 'a', NULL, 1, 'placed'"), TestFinding("", 1, "", (hashed(1000),))),
    ("range_largest", one_bad("1000, 'a', 1, 10.5, 'placed'"), TestFinding("", 1, "", (hashed(1000),))),
    ("range_largest", one_bad("1000, 'a', 1, -1, 'placed'"), TestFinding("", 1, "", (hashed(1000),))),
    ("range_largest", one_bad("1000, 'a', 1, 'nan', 'placed'"), TestFinding("", 1, "", (hashed(1000),))),
    ("one_of_status", one_bad("1000, 'a', 1, 1, 'other'"), TestFinding("", 1, "", (hashed(1000),))),
    ("grain", one_bad("7, 'a', 1, 1, 'placed'"), TestFinding("", 1, "", (hashed(7),))),
    ("no_rows", one_bad("1000, 'a', 10, 1, 'placed'"), TestFinding("", 1, "", (hashed(1000),))),
    ("rows", good(1001), TestFinding("", 1001, "rows: 1001, where at least 100 and at most 1000 is allowed")),
    ("rows", good(99), TestFinding("", 99, "rows: 99, where at least 100 and at most 1000 is allowed")),
]


@pytest.mark.parametrize(("name", "rows", "expected"), FAULTS)
def test_each_kind_of_test_fails_for_its_fault_and_names_hashed_keys(
    table: Table, name: str, rows: str, expected: TestFinding
) -> None:
    table.fill(rows)
    found = {finding.name: finding for finding in table.examine().failed}
    found.pop("buyers__change_of_rows", None)
    assert list(found) == [f"buyers__{name}"]
    finding = found[f"buyers__{name}"]
    assert (finding.rows, finding.reason, finding.examples) == (expected.rows, expected.reason, expected.examples)


def test_no_more_than_five_examples_are_shown_and_always_the_same(table: Table) -> None:
    table.fill("SELECT i, 'a', 1, 100, 'placed' FROM range(200) AS r(i)")
    (finding,) = table.examine().failed
    assert finding.rows == 200
    assert finding.examples == tuple(hashed(i) for i in range(5))


def test_rows_and_nulls_are_compared_with_what_was_published(table: Table) -> None:
    table.fill(good())
    table.publish()
    nulls = "SELECT i, 'a', 1, CASE WHEN i >= {nulls} THEN 1.5 END, 'placed' FROM range({count}) AS r(i)"
    table.fill(nulls.format(nulls=15, count=301))
    assert [(finding.name, finding.reason) for finding in table.examine().failed] == [
        ("buyers__change_of_rows", "change of rows since the last publication: 0.505, where at most 0.5 is allowed")
    ]
    # Not published, and so not what the next is compared with.
    table.fill(nulls.format(nulls=16, count=200))
    report = table.examine()
    assert [(finding.name, finding.rows) for finding in report.failed] == [("buyers__rise_of_nulls_largest", 16)]
    assert "0.08, where at most 0.05" in report.failed[0].reason
    table.fill(nulls.format(nulls=10, count=200))
    assert table.publish().passed
    # Half of what may be null rose before: it is the last publication that counts, and the share may be 0.1 at most.
    table.fill(nulls.format(nulls=20, count=200))
    assert table.examine().passed
    table.fill(nulls.format(nulls=21, count=200))
    assert {finding.name for finding in table.examine().failed} == {
        "buyers__null_share_largest",
        "buyers__rise_of_nulls_largest",
    }


def test_without_any_test_in_the_spec_a_view_has_its_own(tmp_path: Path) -> None:
    table = make_table(tmp_path)
    table.fill(one_bad("1000, 'a', 1, 'inf', NULL"))
    report = table.publish()
    assert report.passed
    assert [finding.name for finding in report.warnings] == ["buyers__finite"]
    table.fill("SELECT i, 'a', 1, 1.5, CASE WHEN i > 60 THEN 'placed' END FROM range(50, 149) AS r(i)")
    report = table.examine()
    assert report.passed
    assert [finding.name for finding in report.warnings] == ["buyers__change_of_rows"]
    table.connection.execute("ALTER TABLE buyers ALTER largest TYPE DECIMAL(9, 2)")
    wrong = table.examine().failed[0]
    assert wrong.name == "buyers__columns"
    assert wrong.reason == "columns missing or of another type: 1, where at most 0 is allowed"
    table.connection.execute("DROP TABLE buyers")
    report = table.examine()
    assert {finding.reason for finding in report.failed[1:]} == {"could not be run: the table lacks columns"}


def test_few_rows_say_nothing_about_what_is_usual(tmp_path: Path) -> None:
    table = make_table(tmp_path)
    table.fill(good(99))
    table.publish()
    table.fill(good(1))
    assert table.examine().warnings == ()


def test_another_definition_is_not_compared(tmp_path: Path) -> None:
    table = make_table(tmp_path)
    table.fill(good())
    table.publish()
    table.fill(good(10))
    assert table.examine().warnings != ()
    table.view = replace(table.view, fingerprint="another")
    assert table.examine().warnings == ()


def test_severity_warn_reports_and_passes(tmp_path: Path) -> None:
    table = make_table(tmp_path, "{range: {feature: largest, max: 1}, severity: warn}")
    table.fill(good(3))
    report = table.examine()
    assert report.passed
    assert [(finding.name, finding.rows) for finding in report.warnings] == [("buyers__range_largest", 3)]


def test_a_test_that_cannot_be_run_fails_and_the_others_are_judged(tmp_path: Path) -> None:
    failing = "no_rows: SELECT user_id FROM this WHERE CAST(status AS INTEGER) > 1"
    table = make_table(tmp_path, failing, "{rows: {min: 500}}")
    table.fill(good())
    report = table.examine()
    assert [(finding.name, finding.rows, finding.reason) for finding in report.failed] == [
        ("buyers__no_rows", 0, "could not be run: its query cannot be run"),
        ("buyers__rows", 200, "rows: 200, where at least 500 is allowed"),
    ]


HOSTILE = """<script>alert(1)</script> <img src=x onerror=alert(2)> {{ 7 * 7 }} $view </td> [l](javascript:alert(3))"""


def test_hostile_text_of_a_spec_is_nowhere_in_the_page(tmp_path: Path) -> None:
    in_sql = HOSTILE.replace("{{", "").replace("}}", "")
    table = make_table(
        tmp_path,
        f"{{one_of: {{feature: status, values: ['{HOSTILE}']}}}}",
        f"no_rows: \"SELECT user_id, shop FROM this WHERE status = '{in_sql}'\"",
    )
    table.fill(one_bad(f"1000, 'a', 1, 1, '{HOSTILE}' UNION ALL SELECT 1001, 'a', 1, 1, '{in_sql}'"))
    report = table.examine()
    assert [(finding.name, finding.rows) for finding in report.failed] == [
        ("buyers__one_of_status", 201),
        ("buyers__no_rows", 1),
    ]
    page = (tmp_path / report.page).read_text()
    assert "one_of_status" in page
    assert not re.search(r"alert\(|7 \* 7|onerror|javascript:|\$view", page)
    assert hashed(1000) not in page


def test_the_page_may_load_and_run_nothing(table: Table) -> None:
    table.fill(one_bad("1000, 'a', 1, 11, 'placed'"))
    report = table.examine()
    assert report.page == ".fpc/data_docs/dev/buyers/20240308T000000Z.html"
    head = (table.root / report.page).read_text().partition("<link")[0]
    assert "default-src 'none'; style-src 'unsafe-inline'" in head
    body = (table.root / report.page).read_text()
    assert body.count("fas fa-times text-danger") == 2  # of the test, and of the whole
    assert "range_largest: failing rows" in body


def test_the_page_shows_what_was_measured(table: Table) -> None:
    table.fill(good(123))
    page = (table.root / table.examine().page).read_text()
    assert "rows: rows" in page
    assert re.search(r">\s*123\s*<", page)
    assert re.search(r">\s*--\s*<", page) is None  # what stands where no number could be shown


def test_two_warehouses_hash_keys_each_in_its_own_way(tmp_path: Path) -> None:
    tables = [make_table(tmp_path / name, *EVERY_KIND) for name in "ab"]
    found = []
    for one in tables:
        one.connection.execute("DELETE FROM fpc_state.key_salt")
        one.fill(one_bad("1000, 'a', 1, 11, 'placed'"))
        first, again = one.examine().failed, one.examine().failed
        assert first == again
        found.append(first[0].examples)
    assert found[0] != found[1]
    assert (hashed(1000),) not in found


def test_the_gates_process_reads_none_of_the_libraries_that_it_does_not_need(tmp_path: Path) -> None:
    """They would double the time in which it starts."""
    script = (
        "import sys\n"
        "from fpc.runtime.gate import worker\n"
        "worker.main()\n"
        "heavy = {'altair.vegalite', 'jsonschema.validators', 'scipy.stats.distributions', 'duckdb', 'redis'}\n"
        "heavy &= set(sys.modules)\n"
        "sys.exit(f'read: {heavy}' if heavy or 'great_expectations' not in sys.modules else 0)\n"
    )
    question = Question("view", "2024", str(tmp_path / "page.html"), (Expected("rows", 3, 1, None, True),))
    done = subprocess.run([sys.executable, "-c", script], input=question.line(), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert [json.loads(line) for line in done.stdout.splitlines()] == [{"ready": True}, {"unmet": []}]


def test_text_that_is_not_inert_is_never_asked_about() -> None:
    for text in ("<b>", "$x", "{{ x }}", "a\nb", "`x`", "[x](y)", '"'):
        with pytest.raises(ValueError, match="not to be rendered"):
            Question("view", "2024", "page", (Expected(text, 0, None, 0, True),)).line()
        with pytest.raises(ValueError, match="not to be rendered"):
            Question(text, "2024", "page", ()).line()


def test_a_killed_gate_lets_nothing_pass_and_the_next_one_works(table: Table) -> None:
    table.fill(good())
    table.examine()
    running = process._WORKER._process
    assert running is not None
    # Stopped, it is asked and cannot answer; then it is killed.
    os.kill(running.pid, signal.SIGSTOP)
    killer = threading.Timer(0.5, running.send_signal, [signal.SIGKILL])
    killer.start()
    with pytest.raises(GateError, match=r"view `buyers`: .*ended by signal 9") as caught:
        table.examine()
    killer.join()
    assert "nothing was published" in caught.value.kept
    assert caught.value.exit_code == 3
    assert table.examine().passed


def test_without_great_expectations_nothing_passes(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(process, "_WORKER", process._Worker())
    monkeypatch.setattr(metadata, "version", missing)
    with pytest.raises(GateError, match="Great Expectations is not installed") as caught:
        table.examine()
    assert "make install" in caught.value.help


def test_old_pages_are_removed(table: Table) -> None:
    folder = table.root / ".fpc/data_docs/dev/buyers"
    table.fill(good())
    table.examine()
    for number in range(40):
        (folder / f"{number}.html").write_text("")
    page = table.examine().page
    assert len(list(folder.glob("*.html"))) == 30
    assert (table.root / page).exists()
