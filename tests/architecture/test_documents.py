import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from fpc import rules
from fpc.aggregations import ALL as AGGREGATIONS
from fpc.diagnostics import codes
from fpc.spec import entity, service, source, training_set, view
from fpc.spec.config import KEYS as CONFIG_KEYS

ROOT = Path(__file__).parents[2]
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
DOCUMENTS = [path for path in TRACKED if path.endswith(".md") and not path.startswith(("dbt_project/", "compiler/"))]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def text_of(path: str) -> str:
    return (ROOT / path).read_text()


def table_of(text: str) -> set[str]:
    """The words in the first cells of all tables, those between backticks."""
    cells = re.findall(r"^\| ([^|]+) \|", text, flags=re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


@pytest.mark.parametrize("path", DOCUMENTS)
def test_links_within_the_repository_lead_somewhere(path: str) -> None:
    for target in LINK.findall(text_of(path)):
        if "://" not in target and not target.startswith("mailto:"):
            assert ((ROOT / path).parent / target).exists(), f"{path} links to {target}"


def test_every_code_is_listed_with_its_title() -> None:
    rows = set(
        re.findall(r"^\| (FPC\d{4}) \| `([a-z-]+)` \| (.+) \|$", text_of("docs/diagnostics.md"), flags=re.MULTILINE)
    )
    assert rows == {(code.code, code.name, code.title) for code in codes.ALL}


def test_every_rule_has_a_file_of_its_name() -> None:
    folder = ROOT / "compiler" / "fpc" / "rules"
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "all", "rule", "checks"}
    assert files == {rule.code.name.replace("-", "_") for rule in rules.ALL}


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("source", source.KEYS),
        ("entity", entity.KEYS),
        ("feature_view", view.KEYS),
        ("feature_service", service.KEYS),
        ("training_set", training_set.KEYS),
        ("fpc.yml", CONFIG_KEYS),
    ],
)
def test_every_key_of_the_language_is_documented(heading: str, keys: tuple[str, ...]) -> None:
    sections = re.split(r"^## (.+)$", text_of("docs/spec.md"), flags=re.MULTILINE)
    (body,) = (text for title, text in zip(sections[1::2], sections[2::2], strict=True) if title == heading)
    assert set(keys) <= table_of(body)


def test_every_aggregation_is_documented() -> None:
    text = text_of("docs/spec.md")
    names = {name.partition("(")[0] for name in table_of(text)}
    for aggregation in AGGREGATIONS:
        assert aggregation.name in names
        assert aggregation.summary in text
        assert all(f"`{spelling}`" in text for spelling in aggregation.spellings)


def test_every_dependency_has_its_reason_and_licence() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    extras = [name for names in project["optional-dependencies"].values() for name in names]
    text = text_of("docs/dependencies.md")
    for requirement in [*project["dependencies"], *extras]:
        name = re.split(r"[\[<>=~]", requirement)[0]
        assert re.search(rf"(?<![a-z-]){re.escape(name.removesuffix('-providers-standard'))}", text), name


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "adr").glob("0*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
    for path in (ROOT / "docs" / "adr").glob("0*.md"):
        assert path.read_text().startswith(f"# {int(path.name[:4])}. ")


def test_glossary_is_sorted() -> None:
    words = [
        word
        for word in re.findall(r"^\| ([a-z][^|]*) \|", text_of("GLOSSARY.md"), flags=re.MULTILINE)
        if word != "word"
    ]
    assert words == sorted(words)


def test_no_address_of_one_machine_or_registry_is_in_the_tree() -> None:
    addresses = (b"/work/", b"/root/", b"/home/", b"pypi.org", b"pythonhosted", b"index-url =", b"localhost:8")
    for path in TRACKED:
        if (ROOT / path).is_file() and not path.startswith("tests/"):
            content = (ROOT / path).read_bytes()
            assert not [address for address in addresses if address in content], path


def test_conventional_folders_exist() -> None:
    for name in ("features", "compiler", "dbt_project", "registry", "tests", "docs", "pyproject.toml", "fpc.yml"):
        assert (ROOT / name).exists()
