"""Hostile files for whoever wants them: ``hostile_files`` is a folder with all of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from torture.hostile import HostileFile, write_all


@pytest.fixture(scope="session")
def hostile_files(tmp_path_factory: pytest.TempPathFactory) -> dict[bytes, HostileFile]:
    """Every case of the table on the disk, by path."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    return write_all(folder)
