from pathlib import Path

import pytest

from fpc.runtime.failures import explain_engine

ROOT = Path("/somewhere/repository")
CASES = [
    ('IO Error: No files found that match the pattern "/somewhere/repository/data/a*.parquet"', "`data/a*.parquet`", 1),
    ("Invalid Input Error: File '../data/a.parquet' too small to be a Parquet file", "file `a.parquet`", 1),
    ("Invalid Input Error: No magic bytes found at end of file 'x/b.parquet'", "file `b.parquet`", 1),
    ("Conversion Error: Could not convert string 'a-secret' to INT64 when casting from source column age", "`age`", 1),
    ('Binder Error: Referenced column "zz" not found in FROM clause!', "no column `zz`", 1),
    ('Binder Error: Column "zz" referenced that exists in the SELECT clause', "no column `zz`", 1),
    ('Catalog Error: Table with name "raw.orders" does not exist because', "table `raw.orders`", 1),
    ("Conversion Error: Type INT128 with value 9223372036854775808 can't be cast", "too large", 1),
    ('IO Error: Could not write file "x": No space left on device', "the disk is full", 3),
    ("Out of Memory Error: failed to allocate data of size 1 GiB", "out of memory", 3),
    (
        'IO Error: Could not set lock on file "w": Conflicting lock is held in /bin/python3 (PID 42)',
        "process 42",
        3,
    ),
    ("test changed_orders: Got 3 results, configured to fail if != 0", "declares `immutable` (keys: 3)", 1),
    ("test others: Got 3 results, configured to fail if != 0", "test others: Got 3 results", 3),
    ("Compilation Error\n  This model has an enforced contract that failed.", "other columns than its contract", 3),
    ("Runtime Error in model x (models/x.sql)\n  Something Odd: it said 'a-secret'", "Something Odd", 3),
]


@pytest.mark.parametrize(("message", "told", "code"), CASES)
def test_what_the_engine_says_becomes_one_clear_line(message: str, told: str, code: int) -> None:
    error = explain_engine("user_orders", "orders", message, ROOT)
    assert told in error.message
    assert error.exit_code == code
    assert error.help
    assert "\n" not in error.message


def test_neither_values_nor_folders_of_this_machine_are_repeated() -> None:
    for message, *_ in CASES:
        error = explain_engine("user_orders", "orders", message, ROOT)
        assert "a-secret" not in error.message
        assert "/somewhere" not in error.message
