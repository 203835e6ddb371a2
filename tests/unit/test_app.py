"""What an open library tells whoever asks it."""

from __future__ import annotations

from helios_desktop.app import build
from helios_desktop.paths import AppPaths


def test_who_asks_for_progress_after_the_work_was_done_hears_how_it_ended(tmp_path):
    paths = AppPaths(**{name: tmp_path / "home" / name for name in ("config", "data", "cache", "log")})
    with build(paths) as app:
        heard = app.progress_until_interrupted()
        assert next(heard).phase == "idle"
        heard.close()
