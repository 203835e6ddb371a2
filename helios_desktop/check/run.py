"""All steps in the order of the table: in come two that others take (a window, a page in a browser), out come findings."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from helios_desktop.check import libraries, library
from helios_desktop.check.steps import Step, take
from helios_desktop.pipeline.doctor import Finding


def check_installation(paint: Callable[[], str], serve: Callable[[Path], str]) -> Iterator[Finding]:
    """Use every part of this installation once.

    ``paint`` draws a piece of the window, ``serve`` serves the page from below a folder; both say with what.
    """
    is_packaged = bool(getattr(sys, "frozen", False))
    with tempfile.TemporaryDirectory(prefix="helios-check-", ignore_cleanup_errors=sys.platform == "win32") as name:
        folder = Path(name).resolve()
        yield from take([Step("system", libraries.system)], _sub(folder, "system"))
        yield from _formats(folder, is_packaged)
        steps = [
            Step("index and search", library.search),
            Step("catalogue", library.catalogue),
            Step("large libraries", libraries.first_pass),
            Step("watching folders", libraries.watching),
            Step("locks", libraries.locks),
            Step("keyring", libraries.keyrings),
            Step("TLS", libraries.tls),
            Step("search engines", libraries.engines),
            Step("model hub", libraries.hub),
            Step("words", libraries.words),
            Step("8-bit models", libraries.quantiser),
            Step("PyTorch models", libraries.torch),
            Step("settings", libraries.settings),
            Step("page in a browser", serve),
            Step("window", lambda _folder: paint()),
        ]
        yield from take(steps, _sub(folder, "steps"))


def _formats(folder: Path, is_packaged: bool) -> Iterator[Finding]:
    """All formats are indexed together; where that fails as a whole it is one finding."""
    found: list[Finding] = []

    def work(own: Path) -> str:
        found.extend(library.formats(own, is_complete=is_packaged))
        return f"{len(found)} formats"

    (outcome,) = take([Step("decode", work)], _sub(folder, "formats"))
    yield from found if outcome.is_ok else [*found, outcome]


def _sub(folder: Path, name: str) -> Path:
    own = folder / name
    own.mkdir()
    return own
