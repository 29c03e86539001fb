"""Reading a feature repository's files; nothing else of the compiler does (of dbt models: `fpc.spec.upstream`)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import yaml

from fpc.contract.spec_files import CONFIG, LARGEST, read_at_most, spec_files
from fpc.diagnostics import codes
from fpc.diagnostics.findings import Findings
from fpc.diagnostics.result import Result
from fpc.diagnostics.suggestion import meant_or_known
from fpc.spec import entity, service, source, training_set, view
from fpc.spec.collector import paused_collector
from fpc.spec.compose import documents
from fpc.spec.config import read_config
from fpc.spec.documents import EntitySpec, ServiceSpec, SourceSpec, Spec, TrainingSetSpec, ViewSpec
from fpc.spec.fields import Fields
from fpc.spec.located import Place
from fpc.spec.text_file import TextFile
from fpc.spec.upstream import read_upstream

T = TypeVar("T")

# C0 and C1 controls but tab and line breaks, the two Unicode line separators, and a byte order mark within the text.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_DIRECTION: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_KINDS: Final = {
    "source": source.KEYS,
    "entity": entity.KEYS,
    "feature_view": view.KEYS,
    "feature_service": service.KEYS,
    "training_set": training_set.KEYS,
}


def load(root: Path, only: Collection[str] | None = None) -> Result[Spec]:
    """Read `fpc.yml` and `features/**/*.yml` under `root`, or `only` these; never raises for what a file holds."""
    with paused_collector():
        return _load(root, only)


def _load(root: Path, only: Collection[str] | None) -> Result[Spec]:
    findings = Findings()
    found = _Documents()
    config = None
    if (root / CONFIG).is_file():
        file = _read(root, CONFIG, found.files, findings)
        if file is not None:
            nodes = documents(file, findings)
            if len(nodes) > 1:
                findings.error(codes.WRONG_SHAPE, "fpc.yml is one document", Place(file, nodes[1]).span, "a second")
            if nodes:
                config = read_config(nodes[0], file, findings)
    else:
        findings.error(
            codes.NO_REPOSITORY,
            f"there is no {CONFIG} in `{root.name or root}`",
            help="`fpc init` makes a feature repository; `--repo DIR` names one",
        )
    paths, ignored = spec_files(root)
    for path in ignored:
        _report_ignored(path, findings)
    for path in paths if only is None else [path for path in paths if path in only]:
        file = _read(root, path, found.files, findings)
        if file is not None:
            for node in documents(file, findings):
                _read_document(node, file, found, findings)
    spec = Spec(
        config,
        tuple(found.sources),
        tuple(found.entities),
        tuple(found.views),
        tuple(found.services),
        tuple(found.training_sets),
        found.files,
        read_upstream(root, [source.dbt_model.value for source in found.sources if source.dbt_model is not None]),
    )
    return Result(spec, findings.sorted())


@dataclass(slots=True)
class _Documents:
    sources: list[SourceSpec] = field(default_factory=list)
    entities: list[EntitySpec] = field(default_factory=list)
    views: list[ViewSpec] = field(default_factory=list)
    services: list[ServiceSpec] = field(default_factory=list)
    training_sets: list[TrainingSetSpec] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


def _report_ignored(path: str, findings: Findings) -> None:
    findings.warning(
        codes.IGNORED_FILE,
        f"`{path}` is not read",
        TextFile(path, "").span(0, 0),
        "specs end in .yml",
        help=f"rename it to `{path.rpartition('/')[2][:-5]}.yml`",
    )


def _read(root: Path, path: str, files: dict[str, str], findings: Findings) -> TextFile | None:
    """The decoded file, its text kept in `files`, or None after reporting why it cannot be used."""
    empty = TextFile(path, "").span(0, 0)
    try:
        data = read_at_most(root / path)
    except OSError as error:
        findings.error(codes.UNREADABLE_FILE, f"`{path}` cannot be read: {error.strerror}", empty)
        return None
    if len(data) > LARGEST:
        findings.error(
            codes.FILE_TOO_LARGE,
            f"`{path}` is larger than 256 KB",
            empty,
            help="split it: a file holds any number of documents, and a folder any number of files",
        )
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = TextFile(path, data[: error.start].decode("utf-8-sig", "replace"))
        findings.error(
            codes.UNREADABLE_FILE,
            f"`{path}` is not UTF-8",
            before.span(len(before.text), len(before.text)),
            f"byte 0x{data[error.start]:02x}",
            help="save the file as UTF-8",
        )
        return None
    file = TextFile(path, text)
    files[path] = text
    return file if _is_visible(file, findings) else None


def _is_visible(file: TextFile, findings: Findings) -> bool:
    """Whether what an editor shows is what is there; only the first character of each kind is reported."""
    control, direction = _CONTROL.search(file.text), _DIRECTION.search(file.text)
    if control is not None:
        code = ord(control[0])
        findings.error(
            codes.CONTROL_CHARACTER,
            f"the file holds the control character U+{code:04X}",
            file.span(control.start(), control.end()),
            "cannot be seen",
            help=f'write it as an escape in a double-quoted text: "\\u{code:04x}"',
        )
    if direction is not None:
        code = ord(direction[0])
        findings.error(
            codes.HIDDEN_DIRECTION,
            f"the file holds U+{code:04X}, which reorders the text on screen",
            file.span(direction.start(), direction.end()),
            "what is shown is not what is read",
            help="remove it; text in right-to-left scripts needs none",
        )
    return control is None and direction is None


def _read_document(node: yaml.Node, file: TextFile, found: _Documents, findings: Findings) -> None:
    if not isinstance(node, yaml.MappingNode) or len(node.value) != 1:
        findings.error(
            codes.UNKNOWN_KIND,
            "a document has one top-level key, its kind",
            Place(file, node).span,
            f"one of {', '.join(_KINDS)}",
            help="separate documents with a line `---`",
        )
        return
    key, body = node.value[0]
    kind = key.value if isinstance(key, yaml.ScalarNode) else ""
    if kind not in _KINDS:
        findings.error(
            codes.UNKNOWN_KIND,
            f"unknown kind `{kind}`",
            Place(file, key).span,
            f"not one of {', '.join(_KINDS)}",
            help=meant_or_known(kind, _KINDS),
        )
        return
    if not isinstance(body, yaml.MappingNode):
        findings.error(
            codes.WRONG_SHAPE,
            f"a {kind} is written as `key: value` pairs",
            Place(file, key).span,
            "has no keys",
            help="indent its keys by two spaces",
        )
        return
    fields = Fields(body, f"this {kind}", _KINDS[kind], file, findings)
    match kind:
        case "source":
            _keep(source.read_source(fields), found.sources)
        case "entity":
            _keep(entity.read_entity(fields), found.entities)
        case "feature_view":
            _keep(view.read_view(fields), found.views)
        case "feature_service":
            _keep(service.read_service(fields), found.services)
        case _:
            _keep(training_set.read_training_set(fields), found.training_sets)


def _keep(document: T | None, documents: list[T]) -> None:
    if document is not None:
        documents.append(document)
