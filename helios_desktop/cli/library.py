"""The library as a command opens it: what was mended on the way is said on stderr, once, whichever command met it."""

from __future__ import annotations

from helios_desktop.app import App, build
from helios_desktop.cli.output import note


def open_library() -> App:
    """Open the user's library and tell what he should know about it. Raises as ``build`` does."""
    app = build()
    for notice in app.notices:
        note(f"helios: {notice}")
    return app
