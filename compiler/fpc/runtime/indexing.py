"""The part of a training set's run that decides about indexes: which views get one, and why others do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pyarrow as pa

from fpc.contract.training import TrainingSource, TrainingView
from fpc.runtime.index import IndexFolder, IndexKey, IndexState, IndexUse, index_key


class Indexing:
    """The indexes of one run; `uses` says what became of each view's."""

    def __init__(self, root: Path, files: Mapping[str, Sequence[Path]]) -> None:
        """Of the repository in `root`, whose sources have these files."""
        self._root = root
        self._files = files
        self.uses: dict[str, IndexUse] = {}

    def refuse(self, view: TrainingView, reason: str) -> None:
        """Note that the view is computed without an index."""
        self.uses[view.name] = IndexUse(view.name, IndexState.UNUSED, reason)

    def key_for(self, view: TrainingView, source: TrainingSource, shards: int, *, kernel: bool) -> IndexKey | None:
        """The key of the view's index; None, and the reason noted, where it gets none."""
        reason = _why_not(view, source, shards, kernel=kernel)
        if not reason:
            assert view.kernel is not None
            try:
                return index_key(view.kernel.program, view, source, self._files[source.name], self._root)
            except OSError as error:
                reason = f"a file of its source can't be read: {error.strerror}"
        self.refuse(view, reason)
        return None

    def make_states(
        self, connection: duckdb.DuckDBPyConnection, view: TrainingView, key: IndexKey
    ) -> tuple[pa.Table | None, bool]:
        """The kernel's states from the view's index, and whether there is nothing else to try with the kernel."""
        from fpc.runtime.kernel.indexed_step import make_states_from_index
        from fpc.runtime.kernel.step import KernelUnfitError

        assert view.kernel is not None
        relations = view.asked.name, view.events.name
        try:
            indexes = IndexFolder(self._root)
            states, use = make_states_from_index(
                connection, view.kernel.program, view.inner_keys, *relations, indexes, key
            )
        except KernelUnfitError as error:
            self.refuse(view, f"its values do not suit the kernel: {error}")
            return None, True
        except OSError as error:
            self.refuse(view, f"it can't be kept: {error.strerror or error}")
            return None, False
        self.uses[view.name] = use
        return states, True


def _why_not(view: TrainingView, source: TrainingSource, shards: int, *, kernel: bool) -> str:
    if source.path is None:
        return "its source is a table of the warehouse, which changes without a trace"
    if find_spec("numba") is None:
        return "numba is not installed (the extra `kernel`)"
    if view.kernel is None:
        return "the kernel computes none of its features: they need late or versioned events, or other functions"
    if any(key.type == "hugeint" for key in view.inner_keys):
        return "an entity key is a hugeint, which no file holds"
    if not kernel:
        return "SQL computes it, which is faster for so few events"
    if shards > 1:
        return f"the memory limit has its entities computed in {shards} parts"
    return ""
