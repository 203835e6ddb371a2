"""Steps in, findings out: each step uses a part of the installation and says what it saw, and none stops the others."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from helios_desktop.errors import KnownError
from helios_desktop.pipeline.doctor import Finding

REMEDY = "Install Helios again; if that does not help, send the output of: helios --check"


class Step(NamedTuple):
    """A name for people, and what is done below a temporary folder; returns what was seen, and raises where it fails."""

    name: str
    work: Callable[[Path], str]


def take(steps: Iterable[Step], folder: Path) -> Iterator[Finding]:
    """Take every step, each in a folder of its own below ``folder``."""
    for number, step in enumerate(steps):
        own = folder / f"{number:02d}"
        own.mkdir()
        try:
            yield Finding(check=step.name, is_ok=True, detail=step.work(own))
        except KnownError as error:
            yield Finding(check=step.name, is_ok=False, detail=error.message, remedy=error.remedy or REMEDY)
        except Exception as error:  # noqa: BLE001  whatever a broken installation raises is the finding
            where = traceback.extract_tb(error.__traceback__)[-1]
            detail = f"{type(error).__name__}: {error} ({Path(where.filename).name}, line {where.lineno})"
            yield Finding(check=step.name, is_ok=False, detail=detail, remedy=REMEDY)


def expect(is_true: bool, message: str) -> None:
    """Raise ``KnownError`` with the message where something is not as it must be."""
    if not is_true:
        raise KnownError(message, REMEDY)
