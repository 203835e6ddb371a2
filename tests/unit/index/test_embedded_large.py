"""Libraries large enough for a first pass by codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helios_desktop.domain import Filter, Float32Array
from helios_desktop.index import embedded as embedded_module
from helios_desktop.index import moment as moment_module

Rows = Callable[..., Float32Array]
DIM = 16
WAIT_SECONDS = 20


def snapshots(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "index").glob("*.snapshot"))


def clustered(count: int, dim: int) -> Float32Array:
    random = np.random.default_rng(4)
    centres = random.standard_normal((50, dim), dtype=np.float32)
    rows = centres[random.integers(0, 50, count)] + 0.5 * random.standard_normal((count, dim), dtype=np.float32) + 1.0
    rows[:, 3] *= 8  # one dimension that stands out, as some models have
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def brute_force(rows: Float32Array, question: Float32Array, ids: Any, k: int) -> list[int]:
    scores = (rows[ids].astype(np.float64) @ question).astype(np.float32)
    return ids[np.lexsort((ids, -scores))[:k]].tolist()


@pytest.mark.parametrize("dim", [64, 33])
def test_the_first_pass_of_a_large_library_loses_nothing(
    wait_for: Any, source: Any, open_index: Any, dim: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moment_module, "FILTERED_FIRST_PASS_ROWS", 15_000)
    rows = clustered(40_000, dim)
    rows[100:103] = rows[7]  # copies tie
    source.put(np.arange(40_000), rows)
    index = open_index(dim=dim)
    index.search(rows[0], 1)
    index.search(rows[0], 1)
    wait_for(index.is_ready)
    gone = np.arange(0, 2000)
    stays = np.setdiff1d(np.arange(40_000), gone[gone != 7])
    questions = np.concatenate([rows[[7, 9000, 1234]], clustered(40_003, dim)[-3:]])
    everything = np.arange(40_000)
    for question in questions:
        assert index.search(question, 10)[0].tolist() == brute_force(rows, question, everything, 10)
        half = everything[everything % 10 < 5]
        wanted = Filter(formats=("0", "1", "2", "3", "4"))
        assert index.search(question, 10, wanted)[0].tolist() == brute_force(rows, question, half, 10)
        tenth = everything[everything % 10 == 9]
        assert index.search(question, 10, Filter(formats=("9",)))[0].tolist() == brute_force(rows, question, tenth, 10)
    source.remove(gone[gone != 7])
    for question in questions:
        assert index.search(question, 10)[0].tolist() == brute_force(rows, question, stays, 10)
    assert len(index.search(questions[0], 10_000)[0]) == 10_000


def test_a_crowd_of_near_copies_is_still_told_apart(wait_for: Any, source: Any, open_index: Any) -> None:
    random = np.random.default_rng(0)
    centre = random.standard_normal(64, dtype=np.float32)
    rows = (centre + 1e-3 * random.standard_normal((40_000, 64), dtype=np.float32)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    source.put(np.arange(40_000), rows)
    index = open_index(dim=64)
    index.search(rows[0], 1)
    index.search(rows[0], 1)
    wait_for(index.is_ready)
    question = rows[11]
    scores = rows.astype(np.float64) @ question
    ids = index.search(question, 10)[0]
    assert scores[ids].min() >= np.sort(scores)[-10] - 1e-6


def test_a_question_of_zeros_is_answered_by_lower_ids(wait_for: Any, source: Any, open_index: Any, unit_rows: Rows) -> None:
    source.put(np.arange(40_000), unit_rows(40_000))
    index = open_index()
    zeros = np.zeros(DIM, dtype=np.float32)
    index.search(zeros, 1)
    index.search(zeros, 1)
    wait_for(index.is_ready)
    assert index.search(zeros, 3)[0].tolist() == [0, 1, 2]


def test_folding_a_large_library_keeps_it_ready(
    wait_for: Any, tmp_path: Path, source: Any, open_index: Any, unit_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_module, "FOLD_CHANGES_MAX", 100)
    rows = unit_rows(40_200)
    source.put(np.arange(40_000), rows[:40_000])
    index = open_index()
    index.search(rows[0], 1)
    index.search(rows[0], 1)
    wait_for(index.is_ready)
    source.put(np.arange(40_000, 40_200), rows[40_000:])
    index.search(rows[0], 1)
    wait_for(lambda: snapshots(tmp_path) == ["org%2Fmodel-1-40200.snapshot"] and index._overlay.change_count == 0)
    assert index.is_ready()
    assert index.search(rows[40_150], 1)[0].tolist() == [40_150]
