from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from helios_desktop.domain import Float32Array, Int64Array
from helios_desktop.index import mapped as mapped_module
from helios_desktop.index import snapshot as snapshot_module
from helios_desktop.index.snapshot import DamagedSnapshotError, Snapshot, SnapshotKey, word_sum, write_snapshot

Rows = Callable[..., Float32Array]


def write(path: Path, key: SnapshotKey, rows: Float32Array, sequence: int = 5) -> Int64Array:
    ids = np.arange(len(rows), dtype=np.int64) * 3 + 1
    write_snapshot(path, key, sequence, ids, lambda start, stop: rows[start:stop])
    return ids


@pytest.mark.parametrize("count", [0, 1, 511, 512, 513, 10_000])
@pytest.mark.parametrize("dim", [1, 7, 16])
def test_what_was_written_is_read(tmp_path: Path, key: SnapshotKey, unit_rows: Rows, count: int, dim: int) -> None:
    key = replace(key, dim=dim)
    rows = unit_rows(count, dim)
    ids = write(tmp_path / "a", key, rows)
    snapshot = Snapshot.open(tmp_path / "a", key)
    assert (snapshot.count, snapshot.sequence, snapshot.is_verified) == (count, 5, True)
    np.testing.assert_array_equal(snapshot.ids, ids)
    np.testing.assert_array_equal(snapshot.vectors, rows)


def test_rows_are_found_by_id_and_unknown_ids_left_out(tmp_path: Path, key: SnapshotKey, unit_rows: Rows) -> None:
    write(tmp_path / "a", key, unit_rows(4))
    snapshot = Snapshot.open(tmp_path / "a", key)
    assert snapshot.positions_of(np.array([0, 1, 2, 7, 10, 99])).tolist() == [0, 2, 3]
    assert snapshot.positions_of(np.array([], dtype=np.int64)).size == 0


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_only_its_owner_may_read_it(tmp_path: Path, key: SnapshotKey, unit_rows: Rows) -> None:
    write(tmp_path / "a", key, unit_rows(4))
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


@pytest.mark.parametrize("where", [0, 9, 13, 17, 25, 33, 41, 200, 700, 1105, 4096, 4100, 8192, 9000, -1, -8])
def test_any_flipped_byte_of_a_small_file_is_found(tmp_path: Path, key: SnapshotKey, unit_rows: Rows, where: int) -> None:
    path = tmp_path / "a"
    write(path, key, unit_rows(100))
    content = bytearray(path.read_bytes())
    content[where] ^= 0x10
    path.write_bytes(content)
    with pytest.raises(DamagedSnapshotError) as caught:
        Snapshot.open(path, key)
    assert caught.value.remedy


@pytest.mark.parametrize("kept", [0, 1, 4095, 4096, 5000, -1, -4096])
def test_a_cut_file_is_found(tmp_path: Path, key: SnapshotKey, unit_rows: Rows, kept: int) -> None:
    path = tmp_path / "a"
    write(path, key, unit_rows(1000))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DamagedSnapshotError):
        Snapshot.open(path, key)


def test_a_file_that_grew_is_found(tmp_path: Path, key: SnapshotKey, unit_rows: Rows) -> None:
    path = tmp_path / "a"
    write(path, key, unit_rows(10))
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(DamagedSnapshotError):
        Snapshot.open(path, key)


@pytest.mark.parametrize("change", [{"dim": 8}, {"model_id": "test-2"}, {"catalogue_id": "other"}])
def test_another_catalogue_s_or_model_s_file_is_refused(
    tmp_path: Path, key: SnapshotKey, unit_rows: Rows, change: dict[str, object]
) -> None:
    write(tmp_path / "a", key, unit_rows(10))
    with pytest.raises(DamagedSnapshotError, match="another catalogue or model"):
        Snapshot.open(tmp_path / "a", replace(key, **change))


def test_damage_that_opening_a_large_file_misses_is_found_by_the_full_check(
    tmp_path: Path, key: SnapshotKey, unit_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_module, "CHECK_ALL_BYTES", 0)
    path = tmp_path / "a"
    write(path, key, unit_rows(512 * 20))
    content = bytearray(path.read_bytes())
    vectors_start = len(content) - 20 * 8 - 512 * 20 * 16 * 4
    content[vectors_start + 512 * 16 * 4 * 3 + 100] ^= 1  # in block 3; 0, 6, 12 and 19 are sampled
    path.write_bytes(content)
    snapshot = Snapshot.open(path, key)
    assert not snapshot.is_verified
    assert not snapshot.verify()
    content[vectors_start + 5] ^= 1
    path.write_bytes(content)
    with pytest.raises(DamagedSnapshotError):
        Snapshot.open(path, key)


def test_a_cancelled_check_says_neither_sound_nor_damaged(tmp_path: Path, key: SnapshotKey, unit_rows: Rows) -> None:
    write(tmp_path / "a", key, unit_rows(10))
    snapshot = Snapshot.open(tmp_path / "a", key)
    snapshot.is_verified = False
    assert snapshot.verify(lambda: True)
    assert not snapshot.is_verified


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, key: SnapshotKey, unit_rows: Rows) -> None:
    rows = unit_rows(10)
    write(tmp_path / "a", key, rows)
    before = (tmp_path / "a").read_bytes()

    def no_room(start: int, stop: int) -> Float32Array:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        write_snapshot(tmp_path / "a", key, 6, np.arange(10), no_room)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a").read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not unlink a mapped file")
def test_an_open_snapshot_outlives_its_file(tmp_path: Path, key: SnapshotKey, unit_rows: Rows) -> None:
    rows = unit_rows(2000)
    write(tmp_path / "a", key, rows)
    snapshot = Snapshot.open(tmp_path / "a", key)
    write(tmp_path / "a", key, unit_rows(5, seed=1), sequence=6)
    (tmp_path / "a").unlink()
    np.testing.assert_array_equal(snapshot.vectors, rows)


def test_pages_of_a_large_file_are_let_go_and_read_again(
    tmp_path: Path, key: SnapshotKey, unit_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped_module, "RESIDENT_BYTES", 1000)
    monkeypatch.setattr(mapped_module, "_NEAR_BYTES", 50_000)
    rows = unit_rows(3000)
    write(tmp_path / "a", key, rows)
    snapshot = Snapshot.open(tmp_path / "a", key)
    for start in range(0, 3000, 500):
        np.testing.assert_array_equal(snapshot.rows.between(start, start + 500), rows[start : start + 500])
    for at in (np.array([2999, 0, 1500, 1500]), np.array([7, 5, 6]), np.random.default_rng(0).permutation(3000)):
        np.testing.assert_array_equal(snapshot.rows.at(at), rows[at])


def test_the_checksum_sees_every_byte_at_its_place() -> None:
    data = np.arange(1, 22, dtype=np.uint8)
    sums = set()
    for at in range(len(data)):
        changed = data.copy()
        changed[at] ^= 0x80
        sums.add(word_sum(changed))
    assert word_sum(data) not in sums
    assert word_sum(np.zeros(3, dtype=np.float32)) == 0
    assert word_sum(np.full(4, 2**63, dtype=np.uint64)) == 0  # modulo 2**64
