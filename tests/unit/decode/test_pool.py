"""P5: one bad file never stops the others."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from helios_desktop.decode.loader import content_hash, load
from helios_desktop.decode.pool import DecodePool
from helios_desktop.decode.process import LEAST_PRIORITY, WorkerLimits, default_command
from helios_desktop.domain import DecodedPhoto, Skipped, SkipReason, View
from helios_desktop.errors import WorkerError

VIEW = View(width=32, height=32)
Save = Callable[..., bytes]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals are how these workers misbehave")


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    folder = tmp_path / "marks"
    folder.mkdir()
    return folder


@pytest.fixture
def faulty(marks: Path) -> Iterator[Callable[..., DecodePool]]:
    pools: list[DecodePool] = []

    def build(workers: int = 2, **limits: float) -> DecodePool:
        command = [sys.executable, str(Path(__file__).parent / "faulty_worker.py"), str(marks)]
        pools.append(DecodePool(workers, [VIEW], limits=WorkerLimits(**limits), command=command))
        return pools[-1]

    yield build
    for pool in pools:
        pool.close()


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    threads, processes = set(threading.enumerate()), set(psutil.Process().children())
    yield
    assert set(psutil.Process().children()) <= processes
    assert set(threading.enumerate()) <= threads


def test_the_pool_gives_what_the_loader_gives(save: Save) -> None:
    path = save(Image.linear_gradient("L").convert("RGB"), "x.jpg")
    with DecodePool(1, [VIEW]) as pool:
        answer = pool.submit(path).result(30)
        assert pool.submit(path, "hash").result(30) == content_hash(path)
    expected = load(path, views=[VIEW])
    assert isinstance(answer, DecodedPhoto)
    np.testing.assert_array_equal(answer.views[0], expected.views[0])
    assert answer.thumbnail == expected.thumbnail
    assert (answer.metadata, answer.colour, answer.content_hash) == (expected.metadata, expected.colour, expected.content_hash)


@pytest.mark.parametrize("is_background", [True, False])
def test_workers_in_the_background_leave_the_cores_to_others(save: Save, is_background: bool) -> None:
    own = psutil.Process().nice()
    before = set(psutil.Process().children())
    with DecodePool(1, is_background=is_background) as pool:
        pool.submit(save(Image.new("RGB", (40, 40)), "a.jpg")).result(30)
        (worker,) = set(psutil.Process().children()) - before
        assert (worker.nice() > own) == (is_background and own < LEAST_PRIORITY)


@pytest.mark.parametrize("fault", ["segfault", "killed", "memory", "nonsense"])
def test_a_file_that_ends_its_worker_is_tried_twice_then_damaged(
    fault: str, save: Save, faulty: Callable[..., DecodePool], marks: Path
) -> None:
    good = [save(Image.new("RGB", (40, 40)), f"good{number}.jpg") for number in range(6)]
    bad = save(Image.new("RGB", (40, 40)), f"{fault}.jpg")
    pool = faulty()
    futures = [pool.submit(path) for path in (*good[:3], bad, *good[3:])]
    answers = [future.result(60) for future in futures]
    blamed = answers.pop(3)
    assert isinstance(blamed, Skipped)
    assert blamed.reason is SkipReason.DAMAGED
    assert blamed.detail
    assert all(isinstance(answer, DecodedPhoto) for answer in answers)
    assert len(list(marks.glob(f"{fault}.jpg-*"))) == 2


def test_a_file_that_ends_its_worker_once_is_indexed(save: Save, faulty: Callable[..., DecodePool]) -> None:
    path = save(Image.new("RGB", (40, 40)), "segfault-once.jpg")
    assert isinstance(faulty(1).submit(path).result(60), DecodedPhoto)


def test_a_file_that_hangs_is_stopped_by_the_clock(save: Save, faulty: Callable[..., DecodePool]) -> None:
    pool = faulty(2, wall_seconds=4.0)
    bad, good = (pool.submit(save(Image.new("RGB", (40, 40)), name)) for name in ("hang.jpg", "good.jpg"))
    assert isinstance(good.result(60), DecodedPhoto)
    answer = bad.result(60)
    assert isinstance(answer, Skipped)
    assert "longer than 4 s" in answer.detail


def test_a_file_that_computes_without_end_is_stopped_by_its_cpu_time(save: Save, faulty: Callable[..., DecodePool]) -> None:
    answer = faulty(1, cpu_seconds=1.0).submit(save(Image.new("RGB", (40, 40)), "spin.jpg")).result(60)
    assert isinstance(answer, Skipped)
    assert "1 s of CPU" in answer.detail


def test_our_own_defect_costs_one_file_and_keeps_the_worker(
    save: Save, faulty: Callable[..., DecodePool], marks: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pool = faulty(1)
    answer = pool.submit(save(Image.new("RGB", (40, 40)), "defect.jpg")).result(60)
    assert isinstance(answer, Skipped)
    assert isinstance(pool.submit(save(Image.new("RGB", (40, 40)), "good.jpg")).result(60), DecodedPhoto)
    assert len({mark.name.rsplit("-", 1)[1] for mark in marks.iterdir()}) == 1
    assert "ZeroDivisionError: ours" in caplog.text


def test_closing_in_mid_file_takes_less_than_a_second(save: Save, faulty: Callable[..., DecodePool], marks: Path) -> None:
    pool = faulty(2)
    hanging = [pool.submit(save(Image.new("RGB", (40, 40)), f"hang{number}.jpg")) for number in range(2)]
    waiting = pool.submit(save(Image.new("RGB", (40, 40)), "waiting.jpg"))
    deadline = time.monotonic() + 30
    while len(list(marks.iterdir())) < 2 and time.monotonic() < deadline:
        os.sched_yield()
    started = time.monotonic()
    pool.close()
    assert time.monotonic() - started < 1.0
    for future in (*hanging, waiting):
        with pytest.raises(CancelledError):
            future.result(1)
    with pytest.raises(WorkerError):
        pool.submit(b"/x.jpg")


def test_a_future_cancelled_before_its_turn_is_dropped(save: Save, faulty: Callable[..., DecodePool], marks: Path) -> None:
    pool = faulty(1)
    first = pool.submit(save(Image.new("RGB", (40, 40)), "first.jpg"))
    dropped = pool.submit(save(Image.new("RGB", (40, 40)), "dropped.jpg"))
    assert dropped.cancel()
    assert isinstance(first.result(60), DecodedPhoto)
    assert isinstance(pool.submit(save(Image.new("RGB", (40, 40)), "last.jpg")).result(60), DecodedPhoto)
    assert not list(marks.glob("dropped*"))


def test_a_worker_that_grew_too_heavy_is_replaced(save: Save, faulty: Callable[..., DecodePool], marks: Path) -> None:
    pool = faulty(1, resident_bytes=1)
    for name in ("a.jpg", "b.jpg"):
        assert isinstance(pool.submit(save(Image.new("RGB", (40, 40)), name)).result(60), DecodedPhoto)
    assert len({mark.name.rsplit("-", 1)[1] for mark in marks.iterdir()}) == 2


def test_a_worker_that_cannot_start_is_a_known_error() -> None:
    with DecodePool(1, command=["/nowhere/at-all"]) as pool, pytest.raises(WorkerError, match="No decode worker"):
        pool.submit(b"/x.jpg").result(30)


def test_no_worker_starts_before_the_first_file() -> None:
    before = psutil.Process().children()
    with DecodePool(4):
        assert psutil.Process().children() == before


def test_a_worker_imports_nothing_from_the_folder_it_was_started_in(
    save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "PIL.py").write_text("raise SystemExit('taken over')")
    monkeypatch.chdir(tmp_path)
    with DecodePool(1) as pool:
        assert isinstance(pool.submit(save(Image.new("RGB", (40, 40)), "x.jpg")).result(60), DecodedPhoto)


def test_a_worker_starts_light_and_ends_when_its_input_closes() -> None:
    import subprocess

    code = (
        "import sys; sys.argv = ['helios', 'decode-worker']\n"
        "from helios_desktop.__main__ import main\n"
        "code = main()\n"
        "heavy = {'click', 'rich', 'onnxruntime', 'PySide6', 'torch', 'faiss', 'apsw', 'rawpy'} & set(sys.modules)\n"
        "print(code, heavy, file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True)
    assert ended.stderr.decode().strip() == "0 set()"
    assert default_command()[-1] == "decode-worker"


@pytest.mark.full
def test_two_thousand_good_files_survive_the_bad_ones_among_them(save: Save, faulty: Callable[..., DecodePool]) -> None:
    content = Image.new("RGB", (64, 48), (200, 30, 40))
    good = [save(content, f"good{number}.jpg") for number in range(2000)]
    bad = [save(content, f"{fault}{number}.jpg") for fault in ("segfault", "memory", "killed", "hang") for number in range(2)]
    pool = faulty(2, wall_seconds=15.0)
    paths = [*good[:500], *bad[:4], *good[500:1500], *bad[4:], *good[1500:]]
    answers = dict(zip(paths, [pool.submit(path) for path in paths], strict=True))
    assert sum(isinstance(answers[path].result(280), DecodedPhoto) for path in good) == 2000
    assert all(isinstance(answers[path].result(280), Skipped) for path in bad)
