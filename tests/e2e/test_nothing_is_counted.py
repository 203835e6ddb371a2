"""ONNX Runtime counts what it is used for and sends that to its maker, unless it is told not to before it is loaded."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from helios_desktop.paths import resources_dir

CODE = """
import sys
from pathlib import Path
from {module} import {name}
{use}
assert "onnxruntime" in sys.modules
"""
USES = {
    "a session": ("helios_desktop.embed.onnx_session", "OnnxModel", "OnnxModel(Path(sys.argv[1]), threads=1)._load()"),
    "the quantiser": ("helios_desktop.embed.int8", "quantise", "quantise(Path('none.onnx'), Path('never.onnx'), ['MatMul'])"),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("wish", ["", "0"])
def test_onnx_runtime_keeps_no_id_and_no_count(use, wish, tmp_path):
    module, name, code = USES[use]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "ORT_"))}
    environment |= {"HOME": str(tmp_path), "TMPDIR": str(tmp_path)} | ({"ORT_DISABLE_TELEMETRY": wish} if wish else {})
    program = CODE.format(module=module, name=name, use=code)
    model = resources_dir() / "models" / "starter" / "text.onnx"
    subprocess.run([sys.executable, "-P", "-c", program, str(model)], env=environment, check=True, timeout=120)
    assert [str(path) for path in tmp_path.rglob("*")] == []
