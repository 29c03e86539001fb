"""The strict subset of YAML: what is refused, where, and what plain scalars mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from fpc.contract.spec_files import LARGEST
from fpc.diagnostics.diagnostic import Diagnostic
from fpc.spec import Spec, load
from fpc.spec.core_schema import plain_value

CONFIG = "name: test\ntargets:\n  dev: {engine: duckdb}\n"
ENTITY = "entity:\n  name: user\n  keys: {user_id: bigint}\n"


def loaded(folder: Path, content: str | bytes, config: str = CONFIG) -> tuple[Spec, tuple[Diagnostic, ...]]:
    (folder / "features").mkdir(exist_ok=True)
    (folder / "fpc.yml").write_text(config)
    data = content.encode() if isinstance(content, str) else content
    (folder / "features" / "a.yml").write_bytes(data)
    result = load(folder)
    return result.value, result.diagnostics


def places(diagnostics: tuple[Diagnostic, ...]) -> list[tuple[str, int, int]]:
    return [(d.code, d.label.span.line, d.label.span.column) for d in diagnostics if d.label is not None]


REFUSED = [
    ("entity:\n  name: &n user\n", "FPC0106", 2, 9),
    ("entity:\n  name: *n\n", "FPC0106", 2, 9),
    ("entity: &e\n  name: user\n  keys: *e\n", "FPC0106", 1, 9),
    ("entity:\n  name: !!str user\n", "FPC0107", 2, 9),
    ("entity: !python/object:os.system\n  name: user\n", "FPC0107", 1, 9),
    ("entity:\n  name: ! user\n", "FPC0107", 2, 9),
    ("entity:\n  name: a\n  name: b\n  keys: {k: bigint}\n", "FPC0108", 3, 3),
    ("entity:\n  name: a\n  keys: {k: bigint, k: date}\n", "FPC0108", 3, 21),
    ("entity:\n  <<: {name: x}\n  name: a\n  keys: {k: bigint}\n", "FPC0110", 2, 3),
    ("entity:\n  name: a\n  keyz: {k: bigint}\n  keys: {k: bigint}\n", "FPC0110", 3, 3),
    ("entty:\n  name: a\n", "FPC0109", 1, 1),
    ("entity: {name: a, keys: {k: bigint}}\nsource: {}\n", "FPC0109", 1, 1),
    ("- entity\n", "FPC0109", 1, 1),
    ("just text\n", "FPC0109", 1, 1),
    ("entity:\n", "FPC0112", 1, 1),
    ("entity: [a]\n", "FPC0112", 1, 1),
    ("entity:\n  name: [a]\n  keys: {k: bigint}\n", "FPC0112", 2, 9),
    ("entity:\n  name: a\n  keys: k\n", "FPC0112", 3, 9),
    ("entity:\n  name: a\n  keys: {}\n", "FPC0112", 3, 9),
    ("entity:\n  name: ~\n  keys: {k: bigint}\n", "FPC0112", 2, 9),
    ("entity:\n  name: a\n  keys: {k: money}\n", "FPC0217", 3, 13),
    ("entity:\n  name: a\n  keys: {k: 'decimal(50,2)'}\n", "FPC0217", 3, 13),
    ("entity:\n  name: A B\n  keys: {k: bigint}\n", "FPC0113", 2, 9),
    ("entity:\n  name: 1a\n  keys: {k: bigint}\n", "FPC0113", 2, 9),
    (f"entity:\n  name: {'a' * 64}\n  keys: {{k: bigint}}\n", "FPC0113", 2, 9),
    ("entity:\n  keys: {k: bigint}\n", "FPC0111", 2, 3),
    ("entity:\n  name: a\n  keys: {? [x] : bigint, k: bigint}\n", "FPC0112", 3, 12),
    ("entity:\n\tname: a\n", "FPC0101", 2, 1),
    ("entity:\n  name: a: b\n", "FPC0101", 2, 10),
    ("entity: {name: a\n", "FPC0101", 2, 1),
    ("entity:\n  name: 'a\n", "FPC0101", 3, 1),
    ('entity:\n  name: "\\q"\n', "FPC0101", 2, 10),
    ("entity:\n  name: a\n  owner: ${OWNER}\n  keys: {k: bigint}\n", "FPC0502", 3, 10),
    ("entity:\n  name: a\x07\n", "FPC0103", 2, 10),
    ("entity:\n  name: a # \u202e\n", "FPC0505", 2, 13),
    ("entity:\n  name: a\u2028\n", "FPC0103", 2, 10),
]


@pytest.mark.parametrize(("text", "code", "line", "column"), REFUSED, ids=[repr(text) for text, *_ in REFUSED])
def test_yaml_is_refused_at_its_place(tmp_path: Path, text: str, code: str, line: int, column: int) -> None:
    _, diagnostics = loaded(tmp_path, text)
    assert places(diagnostics) == [(code, line, column)]


def test_positions_count_characters_not_bytes(tmp_path: Path) -> None:
    _, diagnostics = loaded(tmp_path, "\ufeffentity: {description: 'é日😀', keyz: {}, name: a, keys: {k: bigint}}\n")
    assert places(diagnostics) == [("FPC0110", 1, 30)]


def test_what_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    _, diagnostics = loaded(tmp_path, b"entity:\n  name: caf\xe9\n")
    assert places(diagnostics) == [("FPC0102", 2, 12)]
    _, diagnostics = loaded(tmp_path, "entity: {}".encode("utf-16"))
    assert [d.code for d in diagnostics] == ["FPC0102"]
    _, diagnostics = loaded(tmp_path, b"\x00\x01")
    assert [d.code for d in diagnostics] == ["FPC0103"]


def test_a_file_has_at_most_256_kb(tmp_path: Path) -> None:
    padding = "# " + "x" * (LARGEST - len(ENTITY) - 3) + "\n"
    spec, diagnostics = loaded(tmp_path, ENTITY + padding)
    assert len(spec.entities) == 1 and not diagnostics
    _, diagnostics = loaded(tmp_path, ENTITY + padding + "\n")
    assert [d.code for d in diagnostics] == ["FPC0104"]


@pytest.mark.parametrize("depth", [33, 1000, 200_000])
def test_nesting_is_bounded(tmp_path: Path, depth: int) -> None:
    _, diagnostics = loaded(tmp_path, "entity: " + "[" * depth)
    assert [d.code for d in diagnostics] == ["FPC0105"]


def test_thirty_levels_are_read(tmp_path: Path) -> None:
    _, diagnostics = loaded(tmp_path, "entity: {name: a, keys: {k: bigint}, x: " + "[" * 28 + "]" * 28 + "}\n")
    assert [d.code for d in diagnostics] == ["FPC0110"]


def test_aliases_cannot_multiply(tmp_path: Path) -> None:
    bomb = "entity:\n  a: &a [x, x]\n" + "".join(
        f"  {c}: &{c} [*{p}, *{p}, *{p}]\n" for p, c in zip("abcdefghijk", "bcdefghijkl", strict=True)
    )
    _, diagnostics = loaded(tmp_path, bomb)
    assert {d.code for d in diagnostics} == {"FPC0106"}


def test_documents_before_a_mistake_are_kept_and_empty_ones_skipped(tmp_path: Path) -> None:
    spec, diagnostics = loaded(tmp_path, f"---\n---\n{ENTITY}---\n# nothing\n---\nentity: [\n")
    assert [entity.name.value for entity in spec.entities] == ["user"]
    assert [d.code for d in diagnostics] == ["FPC0101"]


def test_files_are_read_in_one_order_and_others_are_not(tmp_path: Path) -> None:
    spec, _ = loaded(tmp_path, ENTITY)
    for path in ("b/z.yml", "b/a.yml", ".hidden/x.yml", "c/.x.yml", "c/x.txt"):
        (tmp_path / "features" / path).parent.mkdir(exist_ok=True)
        (tmp_path / "features" / path).write_text(ENTITY.replace("user", "u" + path[0] + path[-5]))
    (tmp_path / "features" / "old.yaml").write_text(ENTITY)
    result = load(tmp_path)
    spec = result.value
    assert list(spec.files) == ["fpc.yml", "features/a.yml", "features/b/a.yml", "features/b/z.yml"]
    assert [(d.code, d.severity.value) for d in result.diagnostics] == [("FPC0117", "warning")]


def test_a_folder_without_fpc_yml_is_no_repository(tmp_path: Path) -> None:
    assert [d.code for d in load(tmp_path).diagnostics] == ["FPC0116"]
    assert [d.code for d in load(tmp_path / "missing").diagnostics] == ["FPC0116"]


def test_an_unreadable_file_is_reported(tmp_path: Path) -> None:
    loaded(tmp_path, ENTITY)
    (tmp_path / "features" / "dir.yml").mkdir()
    (tmp_path / "features" / "gone.yml").symlink_to("nowhere")
    diagnostics = load(tmp_path).diagnostics
    assert [d.code for d in diagnostics] == ["FPC0102"]
    assert "No such file" in diagnostics[0].message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"), ("true", True), ("False", False),
        ("TRUE", True), ("tRUE", "tRUE"), ("", None), ("~", None), ("null", None), ("Null", None), ("nULL", "nULL"),
        ("012", 12), ("0o14", 12), ("0x1F", 31), ("0b1", "0b1"), ("1_000", "1_000"), ("1:30", "1:30"), ("+1", 1),
        ("-12", -12), ("1e3", 1000.0), ("1.", 1.0), (".5", 0.5), ("-.5e-1", -0.05), (".inf", float("inf")),
        ("-.INF", float("-inf")), ("1.2.3", "1.2.3"), ("2024-01-01", "2024-01-01"), ("=", "="), ("<<", "<<"),
        ("1e", "1e"), (".", "."), ("-", "-"), ("9" * 41, float("9" * 41)), ("1 2", "1 2"),
    ],
)  # fmt: skip
def test_plain_scalars_mean_what_yaml_1_2_says(text: str, value: object) -> None:
    found = plain_value(text)
    assert found == value and type(found) is type(value)


def test_the_unhappy_digits_of_a_huge_number_do_not_hurt() -> None:
    assert plain_value("9" * 10_000) == float("inf")
    assert plain_value(".nan") != plain_value(".nan")


def test_text_is_data_whatever_it_holds(tmp_path: Path) -> None:
    text = 'entity:\n  name: a\n  description: "{{ x }} ${Y} <b> \\x1b[0m \\u202e \'; DROP"\n  keys: {k: bigint}\n'
    spec, diagnostics = loaded(tmp_path, text)
    assert not diagnostics
    description = spec.entities[0].description
    assert description is not None
    assert description.value == "{{ x }} ${Y} <b> \x1b[0m \u202e '; DROP"


CONFIGS = [
    ("targets: {dev: {engine: duckdb}}\n", "FPC0111", 1, 1),
    ("name: x\n", "FPC0111", 1, 1),
    ("name: x\ntargets: {dev: {engine: duckdb, online: redis}}\n", "FPC0114", 2, 41),
    ("name: x\ntargets: {dev: {engine: duckdb, online: {redis: 'redis://${A'}}}\n", "FPC0502", 2, 49),
    ("name: x\ntargets: {dev: {database: x}}\n", "FPC0111", 2, 17),
    ("name: x\ntargets: {dev: {engine: duckdb}}\ntiers: {streaming_below: soon}\n", "FPC0301", 3, 26),
    ("name: x\ntargets: {dev: {engine: duckdb}}\n---\nname: y\n", "FPC0112", 4, 1),
    ("name: x\ntargets: {dev: {engine: duckdb}}\ndefaults: {closed: up}\n", "FPC0114", 3, 20),
]


@pytest.mark.parametrize(("config", "code", "line", "column"), CONFIGS, ids=[text for text, *_ in CONFIGS])
def test_a_configuration_is_refused_at_its_place(
    tmp_path: Path, config: str, code: str, line: int, column: int
) -> None:
    _, diagnostics = loaded(tmp_path, ENTITY, config)
    assert places(diagnostics) == [(code, line, column)]


def test_fpc_yml_may_name_the_environment(tmp_path: Path) -> None:
    config = 'name: x\ntargets: {prod: {engine: duckdb, online: {redis: "rediss://u:${PASSWORD}@h/${DB}"}}}\n'
    spec, diagnostics = loaded(tmp_path, ENTITY, config)
    assert not diagnostics
    assert spec.config is not None and spec.config.targets[0].online is not None
    assert spec.config.targets[0].online.value == "rediss://u:${PASSWORD}@h/${DB}"
