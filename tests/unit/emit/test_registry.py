from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.emit.models import marketplace, sql, total, type_of, user_orders

from fpc.contract.registry_json import RegistryError, dump, load, read_view, view_text
from fpc.emit.registry import registry, registry_artefacts


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / "registry" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "registry" / path).write_text(text)


def test_what_is_dumped_is_loaded_back(tmp_path: Path) -> None:
    built = registry(marketplace())
    write(tmp_path, dump(built))
    assert load(tmp_path) == built


def test_the_view_says_what_is_published() -> None:
    view = registry(marketplace()).views["user_orders"]
    assert (view.table, view.empty_table) == ("main.user_orders", "main.user_orders__empty")
    assert view.dbt_select == "+user_orders +user_orders__empty"
    assert view.grid.every_us == 3_600_000_000
    assert [feature.name for feature in view.features][-1] == "order_trend"


def test_files_are_canonical() -> None:
    for artefact in registry_artefacts(marketplace()):
        assert artefact.text.endswith("}\n")
        assert artefact.text.splitlines()[1].strip().startswith('"$comment"')
        assert artefact.text.isascii()


@pytest.mark.parametrize(
    ("default", "type", "expected"),
    [
        ("CAST(0.5 AS DECIMAL(38, 2))", "decimal(38,2)", "0.5"),
        ("CAST(-1 AS BIGINT)", "bigint", -1),
        ("CAST(-1.5 AS DOUBLE)", "double", -1.5),
        ("CAST(TRUE AS BOOLEAN)", "boolean", True),
        ("CAST('it''s' AS TEXT)", "varchar", "it's"),
        ("CAST('2024-01-01' AS TIMESTAMPTZ)", "timestamptz", "2024-01-01"),
        ("CAST(-7.25 AS DECIMAL(9, 2))", "decimal(9,2)", "-7.25"),
    ],
)
def test_defaults_keep_their_digits(default: str, type: str, expected: object) -> None:
    feature = replace(total("amount_sum_7d", "7d"), default=sql(default), type=type_of(type))
    view = replace(user_orders(), features=(feature,), derived=())
    (built,) = registry(marketplace(view)).views["user_orders"].features
    assert built.default == expected


def test_a_registry_that_is_not_there_or_not_right_says_so(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"registry/repository.json is missing"):
        load(tmp_path)
    files = dump(registry(marketplace()))
    write(tmp_path, files)
    for broken in ("{", '{"a":' * 100_000, "<<<<<<< HEAD"):
        (tmp_path / "registry/views/user_orders.json").write_text(broken)
        with pytest.raises(RegistryError, match=r"registry/views/user_orders.json cannot be read"):
            load(tmp_path)
    (tmp_path / "registry/views/user_orders.json").write_text("{}")
    with pytest.raises(RegistryError, match="not what this version"):
        load(tmp_path)
    write(tmp_path, {"repository.json": files["repository.json"].replace('"format": 2', '"format": 3')})
    with pytest.raises(RegistryError, match="another version"):
        load(tmp_path)


def test_a_file_that_was_edited_or_merged_by_lines_is_refused(tmp_path: Path) -> None:
    files = dump(registry(marketplace()))
    write(tmp_path, files)
    text = files["views/user_orders.json"]
    assert '"delay_us": ' in text
    (tmp_path / "registry/views/user_orders.json").write_text(text.replace('"delay_us": ', '"delay_us": 1'))
    with pytest.raises(RegistryError, match=r"registry/views/user_orders.json was edited or merged"):
        load(tmp_path)


def test_a_file_under_another_name_is_refused(tmp_path: Path) -> None:
    files = dump(registry(marketplace()))
    write(tmp_path, {**files, "views/copy.json": files["views/user_orders.json"]})
    with pytest.raises(RegistryError, match=r"registry/views/copy.json is not what"):
        load(tmp_path)


def test_a_view_is_read_back_from_the_text_of_its_file() -> None:
    view = registry(marketplace()).views["user_orders"]
    assert read_view(view_text(view)) == view
    assert view.content in view_text(view)


def test_the_content_of_a_view_changes_with_each_of_its_lines() -> None:
    before = registry(marketplace()).views["user_orders"]
    after = registry(marketplace(replace(user_orders(), owner="team:other"))).views["user_orders"]
    assert before.fingerprint == after.fingerprint
    assert before.content != after.content


def test_nothing_in_the_file_of_a_view_speaks_of_who_reads_it() -> None:
    model = marketplace()
    without = replace(model, services={}, training_sets={})
    assert model.services
    for path in ("views/user_orders.json", "sources/orders.json", "entities/user.json", "repository.json"):
        assert dump(registry(model))[path] == dump(registry(without))[path]
