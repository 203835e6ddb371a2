"""Every row of BAD_INPUT.md about files, through the decode pool as the pipeline uses it."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from torture.hostile import HostileFile, cases, whole_files

from helios_desktop.decode.pool import DecodePool
from helios_desktop.domain import DecodedPhoto, Skipped, SkipReason, View

VIEW = View(width=64, height=64, fit="squash")
CASES = {case.name: case for case in cases()}
CUT_BYTES = (1, 2, 3, 7, 8, 11, 12, 13, 15, 20, 30, 50, 100, 200)
CUT_SHARES = (0.05, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.95, 0.99)
CUT_FROM_END = (1, 2, 3, 4, 8, 12, 20)


@pytest.fixture(scope="session")
def pool() -> Iterator[DecodePool]:
    with DecodePool(2, [VIEW]) as pool:
        yield pool


@pytest.fixture(scope="session")
def by_name(hostile_files: dict[bytes, HostileFile]) -> dict[bytes, bytes]:
    return {os.path.basename(path): path for path in hostile_files}


@pytest.mark.parametrize("name", CASES, ids=lambda name: os.fsdecode(name).encode("ascii", "backslashreplace").decode()[:60])
def test_each_hostile_file_is_indexed_or_skipped_with_its_reason(
    name: bytes, by_name: dict[bytes, bytes], pool: DecodePool
) -> None:
    case = CASES[name]
    answer = pool.submit(by_name[name]).result(timeout=60)
    if case.expected != "indexed":
        assert isinstance(answer, Skipped), answer
        assert answer.reason == SkipReason(case.expected), answer
        assert answer.detail
        return
    assert isinstance(answer, DecodedPhoto), answer
    assert case.size is None or (answer.width, answer.height) == case.size
    if case.corners is not None:
        view = answer.views[0].astype(int)
        found = [view[y - 6 : y + 6, x - 6 : x + 6].mean(axis=(0, 1)) for y in (16, 48) for x in (16, 48)]
        np.testing.assert_allclose(found, case.corners, atol=12)


@pytest.mark.parametrize("kind", whole_files())
def test_a_picture_cut_at_any_length_is_damaged(kind: str, tmp_path: Path, pool: DecodePool) -> None:
    content = whole_files()[kind]
    lengths = {
        *CUT_BYTES,
        *(int(len(content) * share) for share in CUT_SHARES),
        *(len(content) - less for less in CUT_FROM_END),
    }
    extension = kind.rsplit(".", 1)[-1]
    futures = {}
    for length in sorted(lengths):
        path = tmp_path / f"{length}.{extension}"
        path.write_bytes(content[:length])
        futures[length] = pool.submit(bytes(path))
    whole = tmp_path / f"whole.{extension}"
    whole.write_bytes(content)
    assert isinstance(pool.submit(bytes(whole)).result(timeout=60), DecodedPhoto)
    answers = {length: future.result(timeout=60) for length, future in futures.items()}
    spared = {
        length: getattr(answer, "reason", "indexed")
        for length, answer in answers.items()
        if not (isinstance(answer, Skipped) and answer.reason is SkipReason.DAMAGED)
    }
    assert not spared, f"of {len(content)} bytes"


@pytest.mark.parametrize("kind", ["jpg", "progressive.jpg", "png", "gif"])
def test_a_picture_whose_end_is_zeros_is_damaged(kind: str, tmp_path: Path, pool: DecodePool) -> None:
    content = whole_files()[kind]
    half = len(content) // 2
    path = tmp_path / f"x.{kind}"
    path.write_bytes(content[:half] + bytes(len(content) - half))
    answer = pool.submit(bytes(path)).result(timeout=60)
    assert isinstance(answer, Skipped)
    assert answer.reason is SkipReason.DAMAGED


@pytest.mark.parametrize("kind", ["jpg", "progressive.jpg", "png", "gif", "tif", "webp"])
def test_bytes_after_a_whole_picture_do_no_harm(kind: str, tmp_path: Path, pool: DecodePool) -> None:
    path = tmp_path / f"x.{kind}"
    path.write_bytes(whole_files()[kind] + b"\x00 trailer of some program \xff\xd8\xff")
    assert isinstance(pool.submit(bytes(path)).result(timeout=60), DecodedPhoto)


def test_no_hostile_file_is_changed_by_looking_at_it(hostile_files: dict[bytes, HostileFile], pool: DecodePool) -> None:
    before = {path: _state(path) for path in hostile_files}
    futures = [pool.submit(path, task) for path in hostile_files for task in ("decode", "hash")]
    for future in futures:
        future.result(timeout=60)
    assert {path: _state(path) for path in hostile_files} == before


def test_the_eight_orientations_give_the_same_pixels(by_name: dict[bytes, bytes], pool: DecodePool) -> None:
    for kind in ("jpg", "png", "webp", "heic"):
        futures = [pool.submit(by_name[f"orientation-{value}.{kind}".encode()]) for value in range(1, 9)]
        vectors = []
        for future in futures:
            answer = future.result(timeout=60)
            assert isinstance(answer, DecodedPhoto)
            vector = answer.views[0].astype(np.float64).ravel() - 128.0
            vectors.append(vector / np.linalg.norm(vector))
        assert min(float(vector @ vectors[0]) for vector in vectors) >= 0.999, kind


def _state(path: bytes) -> tuple[int, int, int, str]:
    found = os.lstat(path)
    is_small_file = stat.S_ISREG(found.st_mode) and found.st_size < 10_000_000
    content = Path(os.fsdecode(path)).read_bytes() if is_small_file and found.st_mode & 0o400 else b""
    return found.st_size, found.st_mtime_ns, found.st_mode, hashlib.sha256(content).hexdigest()
