"""What listeners hear while photos are indexed."""

import pytest

from helios_desktop.pipeline.progress import ProgressBoard


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_rate_and_time_left_follow_the_work():
    clock, heard = Clock(), []
    board = ProgressBoard(clock)
    board.subscribe(heard.append)
    board.start(100)
    board.enter("indexing")
    clock.now += 2
    board.advance(18, 2)
    latest = heard[-1]
    assert (latest.phase, latest.done, latest.total, latest.skipped) == ("indexing", 20, 100, 2)
    assert latest.per_second == pytest.approx(10)
    assert latest.eta_seconds == pytest.approx(8)


def test_there_is_no_time_left_before_there_is_a_rate():
    board = ProgressBoard(Clock())
    board.start(10)
    assert board.latest.eta_seconds is None


def test_more_than_was_expected_raises_the_total():
    board = ProgressBoard(Clock())
    board.start(1)
    board.advance(5, 0)
    assert board.latest.total == 5


def test_a_listener_that_left_hears_nothing_more():
    board, heard = ProgressBoard(Clock()), []
    leave = board.subscribe(heard.append)
    leave()
    leave()
    board.enter("scanning")
    assert heard == []
