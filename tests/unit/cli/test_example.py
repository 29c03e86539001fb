"""`fpc example --from-data`: what it writes passes, and fails when somebody changes the view's logic."""

from pathlib import Path

import pytest
from tests.unit.cli.command_line import CommandLine

#: What somebody might do to the starter's view, as text: before, after.
SLIPS = (
    ("COUNT(*) FILTER (WHERE status <> 'cancelled')", "COUNT(*)"),
    ("COUNT(*) FILTER (WHERE status <> 'cancelled')", "COUNT(*) FILTER (WHERE status = 'cancelled')"),
    ("COUNT(*) FILTER (WHERE status <> 'cancelled')", "COUNT(order_id) FILTER (WHERE status <> 'placed')"),
    ("MAX(ordered_at)", "MIN(ordered_at)"),
    (
        "windows: [7d, 30d]\n      description: Orders",
        "windows: [7d, 30d]\n      offset: 1d\n      description: Orders",
    ),
    ("latest: status\n      window: 30d", "latest: status\n      window: 29d"),
    ("latest: status\n      window: 30d", "latest: status\n      window: lifetime"),
    ("orders_7d / NULLIF(orders_30d, 0)", "orders_30d / NULLIF(orders_7d, 0)"),
    ("      default: 0.0\n", ""),
    ("  freshness: 1h", "  closed: right\n  freshness: 1h"),
    ("  freshness: 1h", "  where: status <> 'placed'\n  freshness: 1h"),
)


@pytest.fixture(scope="module")
def proposed(new_repository: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The starter's view without its own examples, and with those that are written; and what was said."""
    import shutil

    from fpc.cli.main import run

    folder = Path(shutil.copytree(new_repository, tmp_path_factory.mktemp("example") / "shop"))
    path = folder / "features" / "shop" / "user_orders.yml"
    text = path.read_text()
    path.write_text(text[: text.index("  examples:")] + "  # the end\n")
    before = path.read_text()
    assert run(["example", "user_orders", "--from-data", "--repo", str(folder)]) == 0
    return before, path.read_text()


@pytest.fixture
def view(shop: Path, proposed: tuple[str, str]) -> Path:
    path = shop / "features" / "shop" / "user_orders.yml"
    path.write_text(proposed[1])
    return path


def test_what_is_written_passes_and_leaves_the_rest_as_it_was(
    fpc: CommandLine, view: Path, proposed: tuple[str, str]
) -> None:
    before, after = proposed
    assert after.startswith(before.removesuffix("  # the end\n"))
    assert "# the end" in after
    assert after.count("    - name: user_id ") >= 2
    done = fpc("test", "user_orders")
    assert done.code == 0
    assert "0 failed" in done.err
    assert fpc("fmt", "--check").code == 0


@pytest.mark.parametrize(("right", "wrong"), SLIPS)
def test_a_slip_in_the_logic_fails_an_example(fpc: CommandLine, view: Path, right: str, wrong: str) -> None:
    text = view.read_text()
    assert right in text
    view.write_text(text.replace(right, wrong, 1))
    done = fpc("test", "user_orders")
    assert done.code == 1
    assert "FPC0405" in done.out


def test_every_row_that_is_given_is_needed(proposed: tuple[str, str]) -> None:
    rows = proposed[1][proposed[1].index("examples:") :].count("- {order_id:")
    assert 2 <= rows <= 16


def test_a_second_time_adds_what_is_missing_or_nothing(fpc: CommandLine, view: Path) -> None:
    done = fpc("example", "user_orders", "--from-data", "--print")
    assert done.code == 0
    notices = int(done.err.split(" mistakes in the view's logic")[0].split("\n")[-1].split(" of ")[0])
    tried = int(done.err.split(" mistakes in the view's logic")[0].split(" of ")[-1])
    assert notices / tried >= 0.9
    assert fpc("test", "user_orders").code == 0


def test_only_rows_of_the_source_are_taken(shop: Path, proposed: tuple[str, str]) -> None:
    data = (shop / "data" / "orders.csv").read_text()
    rows = [line for line in proposed[1].splitlines() if "- {order_id:" in line]
    for row in rows:
        values = dict(pair.split(": ", 1) for pair in row.strip(" -{}").split(", "))
        line = ",".join(values[c] for c in ("order_id", "user_id", "ordered_at", "updated_at", "status", "amount"))
        assert line in data


def test_without_from_data_it_says_what_is_missing(fpc: CommandLine) -> None:
    done = fpc("example", "user_orders")
    assert done.code == 2
    assert "--from-data" in done.err


def test_an_unknown_view_is_told(fpc: CommandLine) -> None:
    done = fpc("example", "user_ordrs", "--from-data")
    assert done.code == 2
    assert "`user_orders`" in done.err


def test_a_view_in_braces_is_left_alone(fpc: CommandLine, shop: Path) -> None:
    path = shop / "features" / "flow.yml"
    path.write_text(
        "feature_view: {name: flow, entity: user, source: orders, freshness: 1h,\n"
        "  features: [{name: n_7d, sql: COUNT(*), window: 7d}]}\n"
    )
    before = path.read_text()
    done = fpc("example", "flow", "--from-data")
    assert done.code == 1
    assert "--print" in done.err
    assert path.read_text() == before
