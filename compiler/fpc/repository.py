"""The Python API: a feature repository, and training sets from it."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from fpc.contract.training import TrainingProgram
from fpc.diagnostics.suggestion import did_you_mean
from fpc.diagnostics.text import render_text
from fpc.model import Model, analyse
from fpc.model.nodes import FeatureReference, Mode, TableLocation
from fpc.model.nodes import TrainingSet as DeclaredTrainingSet
from fpc.rules import check
from fpc.runtime.errors import FpcRuntimeError
from fpc.runtime.index import IndexUse
from fpc.runtime.manifest import FileState, Manifest, SpineState, differences, manifest_path, read_manifest, view_states
from fpc.runtime.raw_rows import Place
from fpc.runtime.scratch import Limits
from fpc.runtime.spine import ArrowSpine, FileSpine, QuerySpine, Spine, SpineColumns, TableSpine
from fpc.runtime.training import TrainingResult, run
from fpc.runtime.training_output import hash_content, write
from fpc.spec import load
from fpc.sql.training.program import lower_training

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


class SpecError(Exception):
    """The repository's specs have errors; the text lists them all, as `fpc check` does."""


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a training set made again is the same, and what differs between then and now."""

    same: bool
    differences: tuple[str, ...]


class Repository:
    """A feature repository: the folder with `fpc.yml`, analysed when first needed."""

    def __init__(self, path: str | Path = ".", target: str | None = None) -> None:
        """Point at the folder; `target` is one of its targets, by default its default."""
        self.root = Path(path).resolve()
        self._target = target
        self._model: Model | None = None

    @property
    def model(self) -> Model:
        """The analysed model; raises `SpecError` with every error found."""
        if self._model is None:
            spec = load(self.root)
            model = analyse(spec.value)
            found = (*spec.diagnostics, *model.diagnostics, *check(spec.value, model.value))
            errors = [d for d in found if d.severity.value == "error"]
            if errors:
                raise SpecError(render_text(errors, spec.value.files.get))
            self._model = model.value
        return self._model

    def training_set(
        self,
        spine: object,
        service: str | None = None,
        features: Iterable[str] | None = None,
        *,
        mode: str = "as_served",
        time: str | None = None,
        keys: Mapping[str, str] | None = None,
        memory_limit: str | None = None,
        threads: int | None = None,
        kernel: bool | None = None,
        index: bool = False,
    ) -> TrainingSet:
        """The spine's rows and columns, in order, plus the features of a service or of `features`.

        `spine` is a pandas, polars or pyarrow table, the path of a Parquet, CSV or Arrow file, a `TableSpine` or
        `QuerySpine` of the warehouse, or the declared spine of a training set. `features` are `view.feature`, with
        `*` for any. `time` names the column of each row's instant, if it is not the only one with times (naive
        instants are UTC); `keys` pairs entity keys with the spine's columns where the names differ. Mode `as_served`
        gives what the online store would have answered; `exact` the value at the very instant. `kernel` says whether
        the compiled kernel does what it can (by default for large sources, where it is installed); the values are the
        same. With `index` the kernel keeps the events as it lays them out, in `.fpc/index/`, where the next training
        set over the same files and features finds them: `TrainingSet.indexes` says what became of that. Raises
        `FpcRuntimeError`.
        """
        return self._training_set(
            _as_spine(spine),
            service,
            features,
            Mode(mode),
            SpineColumns(time, dict(keys or {})),
            Limits(memory_limit, threads),
            kernel,
            index=index,
        )

    def declared_training_set(
        self, name: str, *, memory_limit: str | None = None, threads: int | None = None, index: bool = False
    ) -> TrainingSet:
        """A `training_set` of the specs, as it declares its spine, service and mode; `index` as for `training_set`."""
        declared = self.model.training_sets.get(name)
        if declared is None:
            raise _unknown("training set", name, self.model.training_sets)
        return self._training_set(
            _declared_spine(declared, self.root),
            declared.service.name,
            None,
            declared.mode,
            SpineColumns(declared.spine.time),
            Limits(memory_limit, threads),
            index=index,
        )

    def verify(self, path: str | Path, *, memory_limit: str | None = None, threads: int | None = None) -> Verification:
        """Make the training set of a manifest again, and say whether it is the same and if not what differs."""
        manifest_file = Path(path)
        before = read_manifest(manifest_file)
        spine = _remembered_spine(before.spine, manifest_file.parent)
        made = self._training_set(
            spine,
            before.service,
            None if before.service else before.features,
            Mode(before.mode),
            SpineColumns(before.spine.time, before.spine.keys),
            Limits(memory_limit, threads),
        )
        try:
            now = made.manifest(manifest_file.parent)
        finally:
            made.close()
        found = differences(before, now)
        if before.content != now.content:
            return Verification(False, found or ("the values differ, though nothing that is recorded does",))
        return Verification(True, found)

    def _training_set(
        self,
        spine: Spine,
        service: str | None,
        features: Iterable[str] | None,
        mode: Mode,
        columns: SpineColumns,
        limits: Limits,
        kernel: bool | None = None,
        *,
        index: bool = False,
    ) -> TrainingSet:
        members = self._members(service, features)
        program = lower_training(self.model, members, mode, service)
        target = self.model.config.targets.get(self._target or self.model.config.default_target)
        database = self.root / target.database if target is not None and target.database is not None else None
        place = Place(self.root, database)
        result = run(program, spine, columns, place, limits, kernel=kernel, index=index)
        return TrainingSet(result, program, tuple(f"{r.view}.{r.feature}" for r, _ in members), spine, self.root)

    def _members(self, service: str | None, features: Iterable[str] | None) -> tuple[tuple[FeatureReference, str], ...]:
        if (service is None) == (features is None):
            raise FpcRuntimeError("name either a feature service or features", exit_code=1)
        if service is not None:
            found = self.model.services.get(service)
            if found is None:
                raise _unknown("feature service", service, self.model.services)
            return found.columns()
        return _named_columns(self._references(features or ()))

    def _references(self, patterns: Iterable[str]) -> tuple[FeatureReference, ...]:
        served = {
            f"{view.name}.{output.name}": FeatureReference(view.name, output.name)
            for view in self.model.views.values()
            for output in view.outputs
        }
        chosen: dict[str, FeatureReference] = {}
        for pattern in patterns:
            names = [name for name in served if fnmatch.fnmatchcase(name, pattern)]
            if not names:
                raise _unknown("feature", pattern, served)
            chosen |= {name: served[name] for name in names}
        return tuple(chosen.values())


class TrainingSet:
    """A finished training set: read it as a table, or write it with its manifest.

    Its rows lie in a scratch database on disk until `close`, or until it is collected.
    """

    def __init__(
        self, result: TrainingResult, program: TrainingProgram, features: tuple[str, ...], spine: Spine, root: Path
    ) -> None:
        """Take over what `Repository.training_set` computed."""
        self._result = result
        self._program = program
        self._features = features
        self._spine = spine
        self._root = root

    @property
    def rows(self) -> int:
        """How many rows the spine has, and so the training set."""
        return self._result.spine.rows

    @property
    def columns(self) -> tuple[str, ...]:
        """The spine's columns, then the features."""
        return (*self._result.spine.columns, *self._program.columns)

    @property
    def indexes(self) -> tuple[IndexUse, ...]:
        """What became of each view's index: read, built, or unused and why; empty where none was asked for."""
        return self._result.indexes

    def batches(self) -> pa.RecordBatchReader:
        """The rows as a stream of Arrow record batches, in the spine's order, in bounded memory."""
        return self._result.batches()

    def to_arrow(self) -> pa.Table:
        """The whole as an Arrow table."""
        return self._result.batches().read_all()

    def to_polars(self) -> pl.DataFrame:
        """The whole as a polars frame."""
        import polars

        frame = polars.from_arrow(self.to_arrow())
        assert isinstance(frame, polars.DataFrame)
        return frame

    def to_pandas(self) -> pd.DataFrame:
        """The whole as a pandas frame."""
        frame: pd.DataFrame = self.to_arrow().to_pandas()
        return frame

    def write(self, path: str | Path) -> Manifest:
        """Write `.parquet`, `.csv` or `.arrow` by the ending, and the manifest beside it; returns the manifest.

        Never over a file that it was made of.
        """
        output = Path(path)
        _refuse_inputs(output, self._spine, self._result.files)
        content = write(self._result, output)
        manifest = self._manifest(output.parent, content.rows, content.digest())
        manifest.write(manifest_path(output))
        return manifest

    def manifest(self, base: str | Path = ".") -> Manifest:
        """The manifest without a file; paths are relative to `base` where they are below it."""
        content = hash_content(self._result)
        return self._manifest(Path(base), content.rows, content.digest())

    def close(self) -> None:
        """Remove the scratch database."""
        self._result.close()

    def __enter__(self) -> TrainingSet:
        """Itself, closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _manifest(self, base: Path, rows: int, content: str) -> Manifest:
        spine = self._result.spine
        kind, where, digest = _spine_origin(self._spine, base)
        return Manifest(
            mode=self._program.mode,
            service=self._program.service,
            features=self._features,
            columns=self._program.columns,
            views=view_states(self._program),
            spine=SpineState(kind, where, digest, spine.time, dict(spine.keys), spine.rows),
            sources={
                name: tuple(FileState.of(file, self._root) for file in files)
                for name, files in self._result.files.items()
                if files
            },
            tables={source.name: source.table for source in self._program.sources if source.table is not None},
            rows=rows,
            content=content,
        )


def _refuse_inputs(output: Path, spine: Spine, sources: Mapping[str, tuple[Path, ...]]) -> None:
    inputs = {file.resolve(): f"source `{name}`" for name, files in sources.items() for file in files}
    if isinstance(spine, FileSpine):
        inputs[spine.path.resolve()] = "the spine"
    role = inputs.get(output.resolve())
    if role is not None:
        raise FpcRuntimeError(
            f"`{output.name}` is {role} itself",
            kept="the file is as it was",
            help="write the training set to another file",
            exit_code=1,
        )


def _as_spine(given: Any) -> Spine:
    match given:
        case FileSpine() | TableSpine() | QuerySpine() | ArrowSpine():
            return given
        case str() | Path():
            return FileSpine(Path(given))
        case pa.Table():
            return ArrowSpine(given)
        case pa.RecordBatch():
            return ArrowSpine(pa.Table.from_batches([given]))
    library = type(given).__module__.split(".")[0]
    if library == "pandas":
        return ArrowSpine(pa.Table.from_pandas(given, preserve_index=False))
    if library == "polars" and hasattr(given, "to_arrow"):
        return ArrowSpine(given.to_arrow())
    raise FpcRuntimeError(
        f"a spine is a file's path, or a pandas, polars or pyarrow table, not {type(given).__name__}", exit_code=1
    )


def _declared_spine(declared: DeclaredTrainingSet, root: Path) -> Spine:
    spine = declared.spine
    if spine.path is not None:
        return FileSpine(root / spine.path)
    if spine.table is not None:
        return TableSpine(_table_name(spine.table))
    assert spine.query is not None
    return QuerySpine(spine.query.sql(dialect="duckdb"))


def _table_name(location: TableLocation) -> str:
    return f"{location.schema}.{location.table}" if location.schema else location.table


def _spine_origin(spine: Spine, base: Path) -> tuple[str, str, str | None]:
    match spine:
        case FileSpine(path):
            state = FileState.of(path, base)
            return "file", state.path, state.sha256
        case TableSpine(table):
            return "table", table, None
        case QuerySpine(sql):
            return "query", sql, None
        case ArrowSpine():
            return "memory", "", None


def _remembered_spine(state: SpineState, base: Path) -> Spine:
    match state.kind:
        case "file":
            return FileSpine(base / state.where)
        case "table":
            return TableSpine(state.where)
        case "query":
            return QuerySpine(state.where)
        case _:
            raise FpcRuntimeError(
                "the spine was a table in memory, which can't be read again",
                help="write the spine to a file, and make the training set from that",
                exit_code=1,
            )


def _named_columns(references: tuple[FeatureReference, ...]) -> tuple[tuple[FeatureReference, str], ...]:
    names = [reference.feature for reference in references]
    return tuple((r, f"{r.view}__{r.feature}" if names.count(r.feature) > 1 else r.feature) for r in references)


def _unknown(what: str, name: str, known: Iterable[str]) -> FpcRuntimeError:
    near = did_you_mean(name, list(known))
    return FpcRuntimeError(f"unknown {what} `{name}`", help=near or "", exit_code=1)


__all__ = ["Repository", "SpecError", "TrainingSet", "Verification"]
