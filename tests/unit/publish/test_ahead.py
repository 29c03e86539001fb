from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from fpc.runtime.publish.ahead import ahead


def numbers(closed: threading.Event, fail_at: int | None = None) -> Iterator[int]:
    try:
        for number in range(1000):
            if number == fail_at:
                raise ValueError("no more")
            yield number
    finally:
        closed.set()


def test_items_come_in_order_and_all_of_them() -> None:
    assert list(ahead(numbers(threading.Event()))) == list(range(1000))


def test_what_making_them_raises_is_raised_after_the_items_made_before() -> None:
    found = []
    with pytest.raises(ValueError, match="no more"):
        for number in ahead(numbers(threading.Event(), 40)):
            found.append(number)
    assert found == list(range(40))


def test_a_consumer_that_stops_early_closes_the_maker() -> None:
    closed = threading.Event()
    items = ahead(numbers(closed))
    assert next(items) == 0
    items.close()
    assert closed.is_set()
    assert "fpc-publish" not in [thread.name for thread in threading.enumerate()]
