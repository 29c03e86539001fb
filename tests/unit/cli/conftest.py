import shutil
from pathlib import Path

import pytest
from tests.unit.cli.command_line import CommandLine

from fpc.cli.main import run


@pytest.fixture(scope="session")
def new_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `fpc init` makes; copy it before changing it."""
    folder = tmp_path_factory.mktemp("init") / "shop"
    assert run(["init", str(folder)]) == 0
    return folder


@pytest.fixture
def shop(new_repository: Path, tmp_path: Path) -> Path:
    """A new repository of one's own."""
    return Path(shutil.copytree(new_repository, tmp_path / "shop"))


@pytest.fixture
def fpc(shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """`fpc` in that repository."""
    return CommandLine(shop, capsys, monkeypatch)
