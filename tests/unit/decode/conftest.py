"""Pictures for the decoding tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from torture.crafted import encoded


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., bytes]:
    """Write a picture (or bytes) under a name into a fresh folder; return its path."""

    def write(content: Image.Image | bytes, name: str, format_name: str = "JPEG", **options: object) -> bytes:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else encoded(content, format_name, **options))
        return bytes(path)

    return write
