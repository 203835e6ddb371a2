"""The library follows the disk (P6, P8): random work on real folders, and bursts, with a dict in the catalogue's place."""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from helios_desktop.domain import FoundFile, KnownFile, PhotoState, ScanDelta
from helios_desktop.watch.comparison import compare, compare_together
from helios_desktop.watch.ignore import IgnoreRules
from helios_desktop.watch.observer import FolderObserver
from helios_desktop.watch.scanner import scan

EXTENSIONS = frozenset({"jpg", "png"})
RULES = IgnoreRules()


class Library:
    """Rows in a dict; applies deltas as a catalogue must: what leaves a path first, then what arrives at one."""

    def __init__(self) -> None:
        self.rows: dict[int, KnownFile] = {}
        self.content: dict[int, bytes] = {}
        self.reads = 0

    def known(self) -> list[KnownFile]:
        return list(self.rows.values())

    def record(self, *deltas: ScanDelta) -> None:
        for delta in deltas:
            for photo_id in delta.vanished:
                del self.rows[photo_id], self.content[photo_id]
        for delta in deltas:
            for move in delta.moved:
                self.rows[move.photo_id] = replace(self.rows[move.photo_id], stat=move.stat)
        by_path = {row.stat.path: photo_id for photo_id, row in self.rows.items()}
        assert len(by_path) == len(self.rows), "two rows for one path"
        for delta in deltas:
            for one in delta.changed:
                self._read(by_path[one.stat.path], one)
            for one in delta.added:
                assert one.stat.path not in by_path, "added although known"
                self._read(max(self.rows, default=0) + 1, one)

    def _read(self, photo_id: int, one: FoundFile) -> None:
        """The work that moving must never cost: reading the file, in place of decoding and embedding it."""
        state = PhotoState.INDEXED if one.reason is None else PhotoState.SKIPPED
        self.rows[photo_id] = KnownFile(photo_id=photo_id, stat=one.stat, state=state, reason=one.reason)
        self.content[photo_id] = _content(one.stat.path)
        self.reads += 1

    def contents(self) -> dict[bytes, bytes]:
        return {row.stat.path: self.content[photo_id] for photo_id, row in self.rows.items()}


class Disorder:
    """Random work on folders; what it did is what the disk says.

    Each write gets a time of its own: the kernel's clock stands still for some milliseconds, in which a rewritten file cannot
    be told from what it was. A library never sees that, since it waits until files are two seconds old; here nobody waits.
    """

    def __init__(self, roots: list[Path], seed: int) -> None:
        self.roots = roots
        self._random = random.Random(seed)
        self._count = 0
        self._graveyard = roots[0].parent / "graveyard"
        self._graveyard.mkdir()
        self._clock_ns = 1_700_000_000_000_000_000

    def act(self) -> None:
        names = ("create", "rewrite", "rewrite_alike", "replace", "rename", "swap", "move", "copy", "hard_link")
        names += ("delete", "make_folder", "move_folder", "delete_folder", "recreate", "change_kind", "change_case")
        getattr(self, f"_{self._random.choice(names)}")()

    def _create(self) -> None:
        self._write(self._folder() / self._name())

    def _rewrite(self) -> None:
        if file := self._file():
            self._write(file)

    def _rewrite_alike(self) -> None:
        """Same size, other content: only the time tells."""
        if file := self._file():
            self._write(file, file.stat().st_size)

    def _replace(self) -> None:
        """Another file under the same name, of the same size and time: only the inode tells, so the old one is kept in use."""
        if file := self._file():
            self._count += 1
            os.link(file, self._graveyard / str(self._count))
            before = file.stat()
            other = file.with_name("new.tmp")
            other.write_bytes(self._bytes(before.st_size))
            os.utime(other, ns=(before.st_mtime_ns, before.st_mtime_ns))
            other.replace(file)

    def _rename(self) -> None:
        if file := self._file():
            file.rename(file.with_name(self._name()))

    def _swap(self) -> None:
        one, other = self._file(), self._file()
        if one and other and one != other:
            aside = one.with_name("aside.tmp")
            one.rename(aside)
            other.rename(one)
            aside.rename(other)

    def _move(self) -> None:
        """Into any folder of any root, perhaps onto a file."""
        if file := self._file():
            file.replace(self._folder() / self._random.choice([file.name, self._name(), "popular.jpg"]))

    def _copy(self) -> None:
        if file := self._file():
            copy = self._folder() / self._name()
            shutil.copy(file, copy)
            self._stamp(copy)

    def _hard_link(self) -> None:
        if file := self._file():
            os.link(file, self._folder() / self._name())

    def _delete(self) -> None:
        if file := self._file():
            file.unlink()

    def _recreate(self) -> None:
        if file := self._file():
            file.unlink()
            self._write(file)

    def _change_kind(self) -> None:
        if file := self._file():
            file.replace(file.with_suffix(self._random.choice([".jpg", ".txt", ".tmp"])))

    def _change_case(self) -> None:
        if file := self._file():
            file.replace(file.with_name(file.name.swapcase()))

    def _make_folder(self) -> None:
        folder = self._folder() / self._random.choice(["a", "b", "c.jpg", "é"])
        folder.mkdir(exist_ok=True)
        self._write(folder / self._name())

    def _move_folder(self) -> None:
        folder, into = self._folder(), self._folder()
        if folder not in self.roots and folder != into and folder not in into.parents:
            target = into / self._name()
            folder.rename(target)

    def _delete_folder(self) -> None:
        folder = self._folder()
        if folder not in self.roots:
            shutil.rmtree(folder)

    def _write(self, file: Path, size: int | None = None) -> None:
        file.write_bytes(self._bytes(size))
        self._stamp(file)

    def _stamp(self, file: Path) -> None:
        self._clock_ns += 1
        os.utime(file, ns=(self._clock_ns, self._clock_ns))

    def _bytes(self, size: int | None = None) -> bytes:
        return self._random.randbytes(self._random.choice([0, 1, 7, 7, 7]) if size is None else size)

    def _name(self) -> str:
        self._count += 1
        return f"{self._count}{self._random.choice(['.jpg', '.PNG', '.jpg', '.mp4', ''])}"

    def _folder(self) -> Path:
        root = self._random.choice(self.roots)
        return self._random.choice([root, *sorted(path for path in root.rglob("*") if path.is_dir())])

    def _file(self) -> Path | None:
        files = sorted(path for root in self.roots for path in root.rglob("*") if path.is_file())
        return self._random.choice(files) if files else None


def _content(path: bytes) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _on_disk(roots: list[Path]) -> dict[bytes, bytes]:
    """What the library must hold, found by other means than a scan."""
    files = [Path(folder) / name for root in roots for folder, _, names in os.walk(root) for name in names]
    return {os.fsencode(file): file.read_bytes() for file in files if file.suffix.lower() != ".tmp"}


def _rescan(library: Library, roots: list[Path]) -> list[ScanDelta]:
    outcomes = [scan(os.fsencode(root), RULES, EXTENSIONS) for root in roots]
    rows = [[row for row in library.known() if row.stat.path.startswith(os.fsencode(root) + b"/")] for root in roots]
    deltas = compare_together(list(zip(outcomes, rows, strict=True)))
    library.record(*deltas)
    return deltas


def _seeds(count: int, full: int) -> list[object]:
    return [*range(count), *(pytest.param(seed, marks=pytest.mark.full) for seed in range(count, full))]


@pytest.fixture
def roots(tmp_path: Path) -> list[Path]:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    return folders


@pytest.mark.parametrize("seed", _seeds(3, 10))
def test_after_any_work_one_scan_makes_the_library_equal_to_the_disk(roots: list[Path], seed: int) -> None:
    disorder, library = Disorder(roots, seed), Library()
    pauses = random.Random(seed)
    for _ in range(100 if seed < 3 else 500):
        disorder.act()
        if pauses.random() < 0.3:
            _rescan(library, roots)
            assert library.contents() == _on_disk(roots)
    _rescan(library, roots)
    assert library.contents() == _on_disk(roots)
    assert all(delta.is_empty for delta in _rescan(library, roots))


def test_a_thousand_renames_and_moves_read_nothing_again(roots: list[Path]) -> None:
    chance = random.Random(1)
    folders = [root / str(number) for root in roots for number in range(5)]
    for folder in folders:
        folder.mkdir()
    for number in range(200):
        (folders[number % 10] / f"{number}.jpg").write_bytes(b"photo %d" % number)
    library = Library()
    _rescan(library, roots)
    before = dict(library.content)
    for step in range(1000):
        file = chance.choice([path for folder in folders for path in folder.iterdir()])
        file.rename(chance.choice(folders) / f"{step}-moved.jpg")
        if step % 20 == 0:
            _rescan(library, roots)
    _rescan(library, roots)
    assert library.reads == 200
    assert library.content == before
    assert library.contents() == _on_disk(roots)


class Follower:
    """What a live library does with hints: rescan those folders, compare, record. On the test's own thread."""

    def __init__(self, root: Path) -> None:
        self.root = os.fsencode(root)
        self.library = Library()
        self.rescans = 0
        self._lock = threading.Lock()
        self._hints: set[tuple[bytes, bool]] = set()
        self._has_hints = threading.Event()

    def hint(self, folder: bytes) -> None:
        self._add(folder, True)

    def hint_own(self, folder: bytes) -> None:
        self._add(folder, False)

    def _add(self, folder: bytes, is_recursive: bool) -> None:
        with self._lock:
            self._hints.add((folder, is_recursive))
        self._has_hints.set()

    def follow_until(self, is_fact: Callable[[], bool], timeout_seconds: float) -> None:
        deadline = time.monotonic() + timeout_seconds
        while not is_fact():
            self._has_hints.wait(max(0.0, deadline - time.monotonic()))
            assert time.monotonic() < deadline, f"the library does not follow within {timeout_seconds} s"
            self.rescan_hints()

    def rescan_hints(self) -> None:
        with self._lock:
            hints, self._hints = self._hints, set()
            self._has_hints.clear()
        known = self.library.known()
        outcomes = [
            scan(self.root, RULES, EXTENSIONS, below=folder, is_recursive=is_recursive)
            for folder, is_recursive in sorted(hints)
        ]
        self.rescans += len(outcomes)
        self.library.record(*compare_together([(outcome, known) for outcome in outcomes]))


@pytest.fixture
def follower(tmp_path: Path):
    root = tmp_path / "live"
    root.mkdir()
    one = Follower(root)
    observer = FolderObserver(one.hint, on_own_entries=one.hint_own, debounce_seconds=0.1)
    observer.follow([one.root])
    yield one
    observer.stop()


@pytest.mark.parametrize("seed", _seeds(2, 10))
def test_hints_alone_keep_a_live_library_equal_to_the_disk(follower: Follower, seed: int) -> None:
    root = Path(os.fsdecode(follower.root))
    disorder = Disorder([root], seed)
    pauses = random.Random(seed)
    for _ in range(100 if seed < 2 else 500):
        disorder.act()
        if pauses.random() < 0.1:
            follower.rescan_hints()
    expected = _on_disk([root])
    follower.follow_until(lambda: follower.library.contents() == expected, 30)


@pytest.mark.parametrize("count", [4_000, pytest.param(40_000, marks=pytest.mark.full)])
def test_a_burst_of_files_is_followed_to_the_last_one(follower: Follower, count: int) -> None:
    root = Path(os.fsdecode(follower.root))
    for number in range(count):
        folder = root / str(number % 40) / str(number % 7)
        if number < 280:
            folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.jpg").write_bytes(b"%d" % number)
    follower.follow_until(lambda: len(follower.library.rows) == count, 30 if count <= 4_000 else 120)
    assert follower.library.contents() == _on_disk([root])
    shutil.rmtree(root / "3")
    (root / "4").rename(root / "moved")
    reads = follower.library.reads
    expected = _on_disk([root])
    follower.follow_until(lambda: follower.library.contents() == expected, 30 if count <= 4_000 else 120)
    assert follower.library.reads == reads
    assert compare(scan(follower.root, RULES, EXTENSIONS), follower.library.known()).is_empty
