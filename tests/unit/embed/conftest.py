"""A tiny pack on disk, and the starter pack that ships."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_downloads import export_files, fetch, server

from helios_desktop.embed.pack import ModelPack
from helios_desktop.embed.starter import StarterEmbedder

__all__ = ["export_files", "fetch", "server"]

STARTER = Path(__file__).resolve().parents[3] / "resources" / "models" / "starter"
PackMaker = Callable[..., Path]


@pytest.fixture
def starter_folder() -> Path:
    return STARTER


@pytest.fixture
def starter() -> Iterator[StarterEmbedder]:
    embedder = StarterEmbedder(ModelPack.open(STARTER), threads=1)
    yield embedder
    embedder.close()


@pytest.fixture
def make_pack(tmp_path: Path) -> PackMaker:
    """Write a small pack; keyword arguments replace fields of its manifest."""

    def make(name: str = "pack", files: dict[str, bytes] | None = None, **fields: Any) -> Path:
        folder = tmp_path / name
        contents = {"weights.onnx": b"not really a graph", "sub/table.npz": b"x" * 2000} if files is None else files
        for file, content in contents.items():
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        listed = {f: {"sha256": hashlib.sha256(c).hexdigest(), "bytes": len(c)} for f, c in contents.items()}
        manifest = {
            "format": 1,
            "model_id": "tiny-1",
            "title": "tiny model",
            "kind": "starter",
            "dim": 4,
            "views": [{"width": 8, "height": 8}],
            "licence": "Apache-2.0",
            "sources": ["made for a test"],
            "files": listed,
            "params": {},
        } | fields
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        return folder

    return make
