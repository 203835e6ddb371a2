from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from helios_desktop.domain import Float32Array
from helios_desktop.index.merge import merged_rows
from helios_desktop.index.overlay import Overlay
from helios_desktop.index.snapshot import Snapshot, SnapshotKey, write_snapshot

Rows = Callable[..., Float32Array]


def made_snapshot(folder: Path, key: SnapshotKey, ids: list[int], rows: Float32Array) -> Snapshot:
    write_snapshot(folder / "a", key, 1, np.array(ids), lambda start, stop: rows[start:stop])
    return Snapshot.open(folder / "a", key)


def live(overlay: Overlay) -> dict[int, list[float]]:
    view = overlay.view()
    return {int(view.ids[at]): view.vectors[at].tolist() for at in np.flatnonzero(view.is_live)}


def test_the_last_row_of_an_id_counts(unit_rows: Rows) -> None:
    rows = unit_rows(300)
    overlay = Overlay(16)
    overlay.put(np.arange(200), rows[:200])
    overlay.put(np.array([5, 6, 6]), rows[200:203])
    overlay.remove(np.array([7, 1000]))
    found = live(overlay)
    assert set(found) == set(range(200)) - {7}
    assert found[5] == rows[200].tolist()
    assert found[6] == rows[202].tolist()
    assert overlay.view().count == 199


def test_a_view_is_not_moved_by_later_changes(unit_rows: Rows) -> None:
    rows = unit_rows(500)
    overlay = Overlay(16)
    overlay.put(np.arange(50), rows[:50])
    view = overlay.view()
    overlay.remove(np.arange(50))
    overlay.put(np.arange(450), rows[50:])
    assert view.count == 50
    np.testing.assert_array_equal(view.vectors, rows[:50])
    np.testing.assert_array_equal(view.ids, np.arange(50))


def test_over_a_newer_snapshot_only_the_differences_stay(tmp_path: Path, key: SnapshotKey, unit_rows: Rows) -> None:
    rows = unit_rows(10)
    overlay = Overlay(16)
    overlay.put(np.array([9, 2, 3]), rows[[9, 2, 3]])
    overlay.remove(np.array([4, 77]))
    stored = rows.copy()
    stored[3] = rows[0]  # 3 changed since that snapshot was written
    snapshot = made_snapshot(tmp_path, key, [0, 2, 3, 4], stored[[0, 2, 3, 4]])
    lean = overlay.over(snapshot)
    assert set(live(lean)) == {3, 9}
    assert sorted(lean.hidden_ids().tolist()) == [3, 4, 9]
    assert lean.change_count == 3


def test_merging_gives_every_living_row_once_ordered_by_id(tmp_path: Path, key: SnapshotKey, unit_rows: Rows) -> None:
    rows = unit_rows(20)
    snapshot = made_snapshot(tmp_path, key, [1, 3, 5, 7], rows[[1, 3, 5, 7]])
    overlay = Overlay(16)
    overlay.put(np.array([8, 5, 0]), rows[[8, 15, 10]])
    overlay.remove(np.array([3]))
    dead = snapshot.positions_of(np.sort(overlay.hidden_ids()))
    ids, read = merged_rows(snapshot, dead, overlay.view(), lambda: None)
    assert ids.tolist() == [0, 1, 5, 7, 8]
    np.testing.assert_array_equal(read(0, 5), rows[[10, 1, 15, 7, 8]])
    np.testing.assert_array_equal(read(2, 4), rows[[15, 7]])


def test_merging_without_a_snapshot_orders_the_overlay(unit_rows: Rows) -> None:
    rows = unit_rows(3)
    overlay = Overlay(16)
    overlay.put(np.array([4, 2, 9]), rows)
    ids, read = merged_rows(None, np.empty(0, dtype=np.int64), overlay.view(), lambda: None)
    assert ids.tolist() == [2, 4, 9]
    np.testing.assert_array_equal(read(0, 3), rows[[1, 0, 2]])
