"""The first page, models that come and get ready, settings and imports painted to PNG: light, dark, and at twice the size."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUBJECTS = ("appearance", "folders", "model", "engine", "indexing", "storage", "privacy", "log", "about")
UNSPLASH = ("unsplash-empty", "unsplash-importing", "unsplash-imported", "unsplash-search")
MOMENTS = ("first-page", "downloading", "getting-ready", *(f"settings-{subject}" for subject in SUBJECTS), *UNSPLASH)
HERE = Path(__file__).parent


@pytest.mark.parametrize(("theme", "scale"), [("light", "1"), ("dark", "1"), ("light", "2")])
def test_every_surface_can_be_grabbed_without_a_word_from_qt(tmp_path, theme, scale):
    folder = Path(os.environ.get("HELIOS_GRABS", tmp_path))
    done = subprocess.run(
        [sys.executable, str(HERE / "grab_surfaces.py"), str(folder), theme, scale],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": scale, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stderr.splitlines() if "propagateSizeHints" not in line] == []
    for moment in MOMENTS:
        assert (folder / f"{moment}-{theme}-{scale}x.png").stat().st_size > 5000
