"""The window painted to PNG in light, dark and at twice the size, to be looked at; what can be checked by pixels is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MOMENTS = (
    "browsing",
    "search",
    "hover",
    "similar",
    "indexing",
    "onboarding",
    "nothing",
    "failure",
    "problems",
    "notice",
    "absent",
)
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def grabs(tmp_path_factory) -> Path:
    folder = os.environ.get("HELIOS_GRABS")
    path = Path(folder) if folder else tmp_path_factory.mktemp("grabs")
    path.mkdir(parents=True, exist_ok=True)
    return path


@pytest.mark.parametrize(("theme", "scale"), [("light", "1"), ("dark", "1"), ("light", "2"), ("dark", "2")])
def test_every_moment_of_the_window_can_be_grabbed(grabs, theme, scale):
    """In a process of its own: Qt reads the scale factor once, when it starts."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale, "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, str(HERE / "grab_moments.py"), str(grabs), theme, scale],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not _without_offscreen_noise(done.stderr), "Qt or Python had something to say"
    names = {file.name for file in grabs.glob(f"*-{theme}-{scale}x.png")}
    assert names == {f"{moment}-{theme}-{scale}x.png" for moment in MOMENTS}
    assert all((grabs / name).stat().st_size > 5000 for name in names)


def _without_offscreen_noise(text: str) -> str:
    """Take out what only Qt's platform without a screen says."""
    return "\n".join(line for line in text.splitlines() if "propagateSizeHints" not in line)
