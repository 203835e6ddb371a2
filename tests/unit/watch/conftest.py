"""What the tests of watch/ share: a folder as bytes, real files with a set time, and waiting for a fact."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from helios_desktop.domain import FoundFile, KnownFile, PhotoState
from helios_desktop.watch.ignore import IgnoreRules
from helios_desktop.watch.scanner import ScanOutcome, scan

EXTENSIONS = frozenset({"jpg", "jpeg", "png", "heic"})
OLD_NS = 1_600_000_000_000_000_000


class Tree:
    """A folder of photos and the scans of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = os.fsencode(folder)

    def write(self, name: str, content: bytes = b"photo", mtime_ns: int | None = OLD_NS) -> bytes:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if mtime_ns is not None:
            os.utime(path, ns=(mtime_ns, mtime_ns))
        return os.fsencode(path)

    def path(self, name: str) -> bytes:
        return os.fsencode(self.folder / name)

    def scan(self, *patterns: str, below: str | None = None, is_recursive: bool = True) -> ScanOutcome:
        folder = None if below is None else self.path(below)
        return scan(self.root, IgnoreRules(patterns), EXTENSIONS, below=folder, is_recursive=is_recursive)

    def names(self, outcome: ScanOutcome | None = None) -> dict[str, str | None]:
        """Map each found name below the root to its reason."""
        found = (outcome or self.scan()).found
        return {os.fsdecode(one.stat.path[len(self.root) + 1 :]): one.reason for one in found}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    folder = tmp_path / "photos"
    folder.mkdir()
    return Tree(folder)


def as_known(found: Iterable[FoundFile], first_id: int = 1) -> list[KnownFile]:
    """Turn a scan's finds into the rows that a catalogue would keep of them."""
    rows = []
    for photo_id, one in enumerate(sorted(found, key=lambda one: one.stat.path), start=first_id):
        state = PhotoState.INDEXED if one.reason is None else PhotoState.SKIPPED
        rows.append(KnownFile(photo_id=photo_id, stat=one.stat, state=state, reason=one.reason))
    return rows


@pytest.fixture
def make_tree() -> Callable[[Path], Tree]:
    return Tree


@pytest.fixture(name="as_known")
def _as_known() -> Callable[..., list[KnownFile]]:
    return as_known


@pytest.fixture(name="wait_until")
def _wait_until() -> Callable[..., None]:
    return wait_until


def wait_until(is_fact: Callable[[], bool], timeout_seconds: float = 15.0) -> None:
    """Return as soon as the fact holds; fail when it does not in time."""
    deadline = time.monotonic() + timeout_seconds
    tick = threading.Event()
    while not is_fact():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {timeout_seconds} s in vain")
        tick.wait(0.01)
