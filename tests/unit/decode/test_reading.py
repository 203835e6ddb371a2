"""Opening without harm."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from helios_desktop.decode.limits import Limits
from helios_desktop.decode.reading import content_hash, is_placeholder, opened, reading_errors
from helios_desktop.domain import SkipReason
from helios_desktop.errors import SkippedFileError


def entry(**fields: int) -> os.stat_result:
    return cast("os.stat_result", SimpleNamespace(st_mode=stat.S_IFREG, st_size=100_000, **fields))


@pytest.mark.parametrize("attribute", [0x1000, 0x40000, 0x400000])
def test_windows_says_by_attributes_that_the_content_is_elsewhere(attribute: int) -> None:
    assert is_placeholder(entry(st_file_attributes=attribute | 0x20))
    assert not is_placeholder(entry(st_file_attributes=0x20))


def test_macos_says_by_a_flag_and_linux_by_missing_blocks() -> None:
    assert is_placeholder(entry(st_flags=0x40000000, st_blocks=8))
    assert is_placeholder(entry(st_blocks=0))
    assert not is_placeholder(entry(st_blocks=200))


def test_a_placeholder_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.jpg"
    with path.open("wb") as file:
        file.truncate(1_000_000)
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(SkippedFileError) as caught, opened(bytes(path), Limits()):
        pass
    assert caught.value.reason is SkipReason.NOT_DOWNLOADED


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(13, "Permission denied"), SkipReason.UNREADABLE),
        (OSError(5, "Input/output error"), SkipReason.UNREADABLE),
        (OSError(40, "Too many levels of symbolic links"), SkipReason.LINK),
    ],
)
def test_what_the_system_refuses_becomes_a_reason(error: OSError, reason: SkipReason) -> None:
    with pytest.raises(SkippedFileError) as caught, reading_errors():
        raise error
    assert caught.value.reason is reason
    assert caught.value.detail


def test_a_file_swapped_for_a_pipe_between_look_and_opening_does_not_hang(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, pipe = tmp_path / "x.jpg", tmp_path / "pipe"
    path.write_bytes(b"photo")
    os.mkfifo(pipe)
    look = os.lstat

    def look_then_swap(name: bytes) -> os.stat_result:
        found = look(name)
        pipe.replace(path)
        return found

    monkeypatch.setattr(os, "lstat", look_then_swap)
    with pytest.raises(SkippedFileError) as caught, opened(bytes(path), Limits()):
        pass
    assert caught.value.reason is SkipReason.NOT_A_REGULAR_FILE


def test_hashing_leaves_the_file_at_its_start(tmp_path: Path) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(b"abc")
    with opened(bytes(path), Limits()) as photo:
        assert content_hash(photo).hex().startswith("ba7816bf8f01cfea")
        assert photo.file.read() == b"abc"
