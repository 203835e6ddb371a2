from __future__ import annotations

import os

import pytest

from helios_desktop.domain import FileStat, FoundFile, MovedFile, ScanDelta, SkipReason
from helios_desktop.watch.settle import FORGET_SECONDS, STABLE_SECONDS, SettleTracker

START_NS = 1_700_000_000_000_000_000


class Clock:
    """Both clocks, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def wall_ns(self) -> int:
        return START_NS + int(self.seconds * 1e9)

    def monotonic(self) -> float:
        return 1000.0 + self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tracker(clock: Clock) -> SettleTracker:
    return SettleTracker(wall_ns=clock.wall_ns, monotonic=clock.monotonic)


def found_of(name: str, size: int = 10, at_seconds: float = 0.0, reason: SkipReason | None = None) -> FoundFile:
    facts = FileStat(
        path=b"/photos/" + os.fsencode(name), size=size, mtime_ns=START_NS + int(at_seconds * 1e9), inode=1, device=1
    )
    return FoundFile(stat=facts, reason=reason)


def is_ready(tracker: SettleTracker, found: FoundFile, *, is_live: bool = False) -> bool:
    return bool(tracker.sift(ScanDelta(added=(found,)), is_live=is_live).delta.added)


def test_the_first_scan_of_an_old_library_does_not_wait(tracker: SettleTracker) -> None:
    old = tuple(found_of(f"{number}.jpg", at_seconds=-3600) for number in range(100))
    settled = tracker.sift(ScanDelta(added=old))
    assert settled.delta.added == old
    assert settled.waiting == ()
    assert settled.wait_seconds == 0


def test_a_file_written_just_now_waits_until_its_time_is_two_seconds_old(tracker: SettleTracker, clock: Clock) -> None:
    fresh = found_of("a.jpg", at_seconds=-0.5)
    settled = tracker.sift(ScanDelta(added=(fresh,)))
    assert settled.delta.is_empty
    assert settled.waiting == (fresh,)
    assert settled.wait_seconds == pytest.approx(1.5)
    assert settled.folders == {b"/photos"}
    clock.seconds = 1.5
    assert is_ready(tracker, fresh)


@pytest.mark.parametrize("gap", [0.5, 1.9, 30.0])
def test_a_file_that_is_still_growing_waits(tracker: SettleTracker, clock: Clock, gap: float) -> None:
    for step in range(20):
        clock.seconds = step * gap
        assert not is_ready(tracker, found_of("a.jpg", size=step + 1, at_seconds=step * gap))
    last = found_of("a.jpg", size=20, at_seconds=19 * gap)
    clock.seconds += STABLE_SECONDS - 0.01
    assert not is_ready(tracker, last)
    clock.seconds += 0.02
    assert is_ready(tracker, last)


def test_a_growing_file_whose_time_is_set_back_waits_once_it_was_seen_to_grow(tracker: SettleTracker, clock: Clock) -> None:
    assert not is_ready(tracker, found_of("a.jpg", size=1, at_seconds=0))
    for step in range(1, 10):
        clock.seconds = step
        assert not is_ready(tracker, found_of("a.jpg", size=step + 1, at_seconds=-3600))
    clock.seconds = 9 + STABLE_SECONDS
    assert is_ready(tracker, found_of("a.jpg", size=10, at_seconds=-3600))


def test_after_an_event_an_old_time_proves_nothing(tracker: SettleTracker, clock: Clock) -> None:
    arriving = found_of("a.jpg", at_seconds=-3600)
    assert not is_ready(tracker, arriving, is_live=True)
    clock.seconds = STABLE_SECONDS
    assert is_ready(tracker, arriving, is_live=True)


def test_a_time_in_the_future_waits_two_seconds_and_not_for_ever(tracker: SettleTracker, clock: Clock) -> None:
    tomorrow = found_of("a.jpg", at_seconds=86_400)
    assert tracker.sift(ScanDelta(added=(tomorrow,))).wait_seconds == pytest.approx(STABLE_SECONDS)
    clock.seconds = STABLE_SECONDS - 0.01
    assert not is_ready(tracker, tomorrow)
    clock.seconds = STABLE_SECONDS
    assert is_ready(tracker, tomorrow)


def test_a_changed_file_waits_like_a_new_one_while_others_pass(tracker: SettleTracker) -> None:
    growing, old = found_of("a.jpg"), found_of("b.jpg", at_seconds=-60)
    moved = MovedFile(photo_id=3, stat=found_of("c.jpg").stat)
    settled = tracker.sift(ScanDelta(changed=(growing, old), moved=(moved,), vanished=(4,)))
    assert settled.delta == ScanDelta(changed=(old,), moved=(moved,), vanished=(4,))
    assert settled.waiting == (growing,)


def test_an_empty_file_may_be_a_beginning_and_waits(tracker: SettleTracker) -> None:
    assert not is_ready(tracker, found_of("a.jpg", size=0, reason=SkipReason.EMPTY))


@pytest.mark.parametrize("reason", [SkipReason.LINK, SkipReason.UNSUPPORTED_FORMAT, SkipReason.NOT_DOWNLOADED])
def test_what_is_never_opened_never_waits(tracker: SettleTracker, reason: SkipReason) -> None:
    assert is_ready(tracker, found_of("a.mp4", reason=reason), is_live=True)


def test_files_that_nobody_asks_about_are_forgotten(tracker: SettleTracker, clock: Clock) -> None:
    for number in range(50):
        assert not is_ready(tracker, found_of(f"{number}.jpg"), is_live=True)
    clock.seconds = FORGET_SECONDS + 1
    assert is_ready(tracker, found_of("other.jpg", at_seconds=-10))
    assert not is_ready(tracker, found_of("0.jpg"), is_live=True)
