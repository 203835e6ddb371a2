"""Sessions: loaded at the first run, freed on close, and every failure a known error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from helios_desktop.embed.onnx_session import OnnxModel
from helios_desktop.errors import ModelError


def test_a_graph_is_loaded_when_it_is_first_run_and_freed_on_close(starter_folder: Path) -> None:
    model = OnnxModel(starter_folder / "faces.onnx", threads=1)
    assert not model.is_loaded
    outputs = model.run({"image": np.zeros((1, 256, 256, 3), np.float32)})
    assert model.is_loaded
    assert [output.shape for output in outputs] == [(1, 512, 1), (1, 384, 1), (1, 512, 16), (1, 384, 16)]
    model.close()
    assert not model.is_loaded


def test_a_file_that_is_no_graph_is_a_known_error(tmp_path: Path) -> None:
    (tmp_path / "weights.onnx").write_bytes(b"not really a graph")
    with pytest.raises(ModelError) as caught:
        OnnxModel(tmp_path / "weights.onnx", threads=1).run({})
    assert "weights.onnx" in caught.value.message
    assert caught.value.remedy


def test_a_wrong_input_is_a_known_error(starter_folder: Path) -> None:
    model = OnnxModel(starter_folder / "faces.onnx", threads=1)
    with pytest.raises(ModelError):
        model.run({"picture": np.zeros(3, np.float32)})
    model.close()
