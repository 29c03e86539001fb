"""States of shards, put aside and read again, are those of all asks in their order."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from fpc.runtime import spilled_states
from fpc.runtime.spilled_states import SpilledStates

ROWS = 5_000


@pytest.mark.parametrize("shards", [1, 4])
def test_states_come_back_in_the_order_of_the_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shards: int
) -> None:
    monkeypatch.setattr(spilled_states, "_ROWS_AT_ONCE", 300)
    monkeypatch.setattr(spilled_states, "_ROWS_READ", 700)
    chance = np.random.default_rng(7)
    values = chance.integers(-(2**63), 2**63 - 1, ROWS)
    mask = chance.random(ROWS) < 0.1
    # Only the last shard has nulls in this one: those before are not missing.
    late = np.arange(ROWS) % shards == shards - 1
    whole = pa.table(
        {"ask": np.arange(11, 11 + ROWS), "full": values, "some": pa.array(values, mask=mask),
         "late": pa.array(values, mask=mask & late)}
    )  # fmt: skip
    spilled = SpilledStates(tmp_path / "states.arrow", 11, ROWS)
    assert not spilled.is_filled
    for place in chance.permutation(shards):
        spilled.put(whole.filter(np.arange(ROWS) % shards == place))
    assert spilled.is_filled
    connection = duckdb.connect()
    connection.register("states", spilled.relation())
    for _ in range(2):
        assert connection.sql("SELECT * FROM states").to_arrow_table().equals(whole)


def test_nothing_is_left_but_the_file_that_is_read(tmp_path: Path) -> None:
    spilled = SpilledStates(tmp_path / "states.arrow", 0, 2)
    spilled.put(pa.table({"ask": [0, 1], "a": [None, 1]}))
    assert not list(tmp_path.iterdir()), "files without a name go with the process, a killed one too"
    spilled.relation()
    assert [file.name for file in tmp_path.iterdir()] == ["states.arrow"]
