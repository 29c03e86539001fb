"""A spec file is read as far as it may reach, and no further."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from fpc.contract.spec_files import LARGEST, read_at_most


@pytest.mark.parametrize(("size", "read"), [(0, 0), (1, 1), (LARGEST, LARGEST), (LARGEST + 1, LARGEST + 1)])
def test_a_file_is_read_whole_up_to_the_limit(size: int, read: int, tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"a" * size)
    assert read_at_most(path) == b"a" * read


def test_of_a_longer_file_it_shows_that_it_is_longer(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"a" * (LARGEST + 2))
    assert len(read_at_most(path)) == LARGEST + 1


def test_what_does_not_tell_its_size_is_read_to_its_end(tmp_path: Path) -> None:
    path, text = tmp_path / "pipe", b"0123456789" * 10_000
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(text,))
    writer.start()
    assert read_at_most(path) == text
    writer.join()
