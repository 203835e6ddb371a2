"""Thumbnails come back, go away, and are made anew where their file is damaged."""

from __future__ import annotations

import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from helios_desktop.decode.thumbnails import ThumbnailStore


def pairs(count: int, start: int = 0) -> list[tuple[bytes, bytes]]:
    return [(number.to_bytes(32, "big"), b"\xff\xd8" + bytes([number % 256]) * 1000) for number in range(start, start + count)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ThumbnailStore]:
    store = ThumbnailStore(tmp_path / "cache" / "thumbnails.sqlite")
    yield store
    store.close()


def test_what_was_put_comes_back_after_a_restart(store: ThumbnailStore) -> None:
    store.put_many(pairs(1200))
    store.put_many(pairs(3))
    store.close()
    again = ThumbnailStore(store.path)
    assert len(again) == 1200
    assert all(again.get(content_hash) == jpeg for content_hash, jpeg in pairs(1200))
    assert again.get(b"unknown") is None
    again.close()


def test_deleted_thumbnails_are_gone_and_their_room_returns(store: ThumbnailStore) -> None:
    store.put_many(pairs(600))
    store.vacuum()
    before = store.path.stat().st_size
    store.delete_many([content_hash for content_hash, _ in pairs(590)])
    store.vacuum()
    assert len(store) == 10
    assert store.get(pairs(1)[0][0]) is None
    assert store.path.stat().st_size < before / 4


def test_shrinking_takes_the_oldest_first(store: ThumbnailStore) -> None:
    store.put_many(pairs(100))
    assert store.shrink_to(50 * 1002) == 50
    assert store.size == 50 * 1002
    assert store.get(pairs(1, 49)[0][0]) is None
    assert store.get(pairs(1, 50)[0][0]) is not None
    assert store.shrink_to(10**9) == 0


@pytest.mark.parametrize("damage", ["noise", "other", "torn"])
def test_a_damaged_file_is_made_anew(store: ThumbnailStore, damage: str) -> None:
    store.put_many(pairs(200))
    store.vacuum()
    store.close()
    content = bytearray(store.path.read_bytes())
    if damage == "noise":
        content = bytearray(b"no database" * 5000)
    elif damage == "other":
        content[60:64] = b"\x00\x00\x00\x63"
    else:
        content[16384 * 2 :] = b"\xa5" * (len(content) - 16384 * 2)
    store.path.write_bytes(content)
    again = ThumbnailStore(store.path)
    found = [again.get(content_hash) for content_hash, _ in pairs(200)]
    assert found.count(None) >= 190
    again.put_many(pairs(200))
    assert all(again.get(content_hash) == jpeg for content_hash, jpeg in pairs(200))
    again.close()


def test_threads_read_while_one_writes(store: ThumbnailStore) -> None:
    store.put_many(pairs(300))
    wrong: list[int] = []

    def read() -> None:
        wrong.extend(1 for content_hash, jpeg in pairs(300) if store.get(content_hash) != jpeg)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    store.put_many(pairs(300, 1000))
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.skipif(sys.platform == "win32", reason="rights are kept otherwise there")
def test_the_file_is_its_users_alone(store: ThumbnailStore) -> None:
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
