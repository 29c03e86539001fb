"""Making the next items while the last ones are being used."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")
_DEPTH: Final = 8
_POLL_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class _End(Generic[T]):
    error: BaseException | None


def ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """The same items, made up to eight ahead in a thread of their own; what making them raises is raised here.

    Worth it where both sides wait outside Python: here DuckDB and numpy against a socket. When the consumer stops
    early, the maker stops at its next item and is closed.
    """
    made: queue.Queue[T | _End[T]] = queue.Queue(_DEPTH)
    stopped = threading.Event()

    def hand_over(item: T | _End[T]) -> None:
        while not stopped.is_set():
            try:
                made.put(item, timeout=_POLL_SECONDS)
            except queue.Full:
                continue
            return

    def make() -> None:
        error: BaseException | None = None
        try:
            for item in items:
                hand_over(item)
                if stopped.is_set():
                    break
        except BaseException as raised:  # all of it is raised again by the consumer
            error = raised
        finally:
            close = getattr(items, "close", None)
            if close is not None:
                close()
            hand_over(_End(error))

    maker = threading.Thread(target=make, name="fpc-publish", daemon=True)
    maker.start()
    try:
        while True:
            item = made.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        stopped.set()
        maker.join()
