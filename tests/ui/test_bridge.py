"""The way off the GUI thread and back: results or errors, once, in the GUI thread, none after it was forgotten or closed."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from helios_desktop.errors import QueryError
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.lanes import Lane


@pytest.fixture
def bridge(qapp, library):
    made = Bridge(library)
    yield made
    assert made.close()


def test_a_result_comes_back_in_the_gui_thread(bridge, qtbot):
    seen = []
    bridge.ask("rows", threading.get_ident, lambda worker: seen.append((worker, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(seen))
    worker, gui = seen[0]
    assert gui == threading.get_ident()
    assert worker != gui


def test_a_known_error_goes_to_whoever_asked_else_to_the_window(bridge, qtbot):
    def fail():
        raise QueryError("Two dates contradict each other.", "Leave one out.")

    heard, general = [], []
    bridge.failed.connect(general.append)
    bridge.ask("rows", fail, pytest.fail, heard.append)
    bridge.ask("rows", fail, pytest.fail)
    qtbot.waitUntil(lambda: bool(heard) and bool(general))
    assert heard[0].remedy == general[0].remedy == "Leave one out."


def test_a_forgotten_request_reaches_nobody(bridge, qtbot):
    gate, seen = threading.Event(), []
    request = bridge.ask("rows", lambda: gate.wait(10), seen.append)
    bridge.forget(request)
    gate.set()
    bridge.ask("rows", lambda: "second", seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == ["second"]


def test_the_newest_thumbnail_is_served_first_and_the_oldest_are_dropped(qtbot):
    lane = Lane("test", capacity=3, newest_first=True)
    gate, done = threading.Event(), []
    lane.submit(0, lambda: gate.wait(10) and done.append(0))
    qtbot.waitUntil(lambda: not lane._jobs)
    dropped = [key for number in range(1, 6) for key in lane.submit(number, lambda number=number: done.append(number))]
    gate.set()
    qtbot.waitUntil(lambda: len(done) == 4)
    assert dropped == [1, 2]
    assert done == [0, 5, 4, 3]
    lane.stop()
    assert lane.join(time.monotonic() + 5)


def test_a_closed_bridge_is_quiet_and_its_threads_are_gone(qapp, library, qtbot):
    before = set(threading.enumerate())
    bridge = Bridge(library)
    seen = []
    bridge.progressed.connect(seen.append)
    assert library.listeners == 1
    assert bridge.close()
    assert library.listeners == 0
    library.tell()
    bridge.ask("rows", lambda: 1, seen.append)
    qtbot.wait(50)
    assert seen == []
    assert set(threading.enumerate()) <= before


def test_work_that_hangs_does_not_hold_the_closing(qapp, library):
    gate = threading.Event()
    bridge = Bridge(library)
    has_begun = threading.Event()
    bridge.ask("search", lambda: has_begun.set() or gate.wait(30), lambda _value: None)
    assert has_begun.wait(10)
    started = time.monotonic()
    assert not bridge.close()
    assert time.monotonic() - started < 2
    gate.set()


def test_none_keeps_its_references_around_five_hundred_signals(bridge, qtbot):
    """PySide6 6.12.0 loses a reference to None at each call that returns nothing, and aborts when they are used up."""
    count = []
    bridge.progressed.connect(lambda _progress: count.append(1))
    before = sys.getrefcount(None)
    for _ in range(500):
        bridge.progressed.emit(None)
    after = sys.getrefcount(None)
    assert len(count) == 500
    assert abs(after - before) < 100 or after > 2**31, "references to None are being lost"
