"""Indexing waits for mains power and for an idle computer, where that is wished; what a person does by hand counts more."""

from __future__ import annotations

import time

import psutil
import pytest
from PySide6.QtCore import Qt

from helios_desktop.settings import Settings
from helios_desktop.ui.status import presence
from helios_desktop.ui.status.holding import reason_to_hold
from helios_desktop.ui.status.presence import OtherLoad, OwnInput, Situation, look

BOTH = Settings(pause_on_battery=True, only_when_idle=True)
IN_USE = Situation(idle_seconds=3.0)
IDLE = Situation(idle_seconds=300.0)


@pytest.mark.parametrize(
    ("settings", "situation", "reason"),
    [
        (Settings(), Situation(has_mains=False, idle_seconds=0), ""),
        (BOTH, Situation(has_mains=False, idle_seconds=300), "battery"),
        (BOTH, IN_USE, "in use"),
        (BOTH, IDLE, ""),
        (BOTH, Situation(idle_seconds=300, others_share=0.8), "in use"),
        (Settings(pause_on_battery=True), IN_USE, ""),
        (Settings(only_when_idle=True), Situation(has_mains=False, idle_seconds=300), ""),
    ],
)
def test_there_is_a_reason_to_hold_only_where_it_is_wished(settings, situation, reason):
    assert reason_to_hold(settings, situation) == reason


@pytest.fixture
def holding(window):
    made = window.progressing.holding
    made._settings = BOTH
    return made


def test_indexing_waits_and_goes_on_and_the_bar_says_why(holding, window, library, qtbot):
    holding.judge(IN_USE)
    qtbot.waitUntil(lambda: library.is_paused)
    qtbot.waitUntil(lambda: window.status.sentence.text() == "Waits until nobody uses the computer")
    holding.judge(Situation(has_mains=False))
    qtbot.waitUntil(lambda: window.status.sentence.text() == "Waits for mains power")
    holding.judge(IDLE)
    qtbot.waitUntil(lambda: not library.is_paused)
    qtbot.waitUntil(lambda: window.status.sentence.text().startswith("Indexing 10 of 40"))


def test_what_a_person_paused_stays_paused(holding, library, window, qtbot):
    library.is_paused = True
    holding.judge(IN_USE)
    holding.judge(IDLE)
    qtbot.waitUntil(lambda: not window._bridge._waiting)
    assert library.is_paused
    assert holding.reason == ""


def test_what_a_person_resumed_goes_on_until_the_reason_comes_anew(holding, window, library, qtbot):
    holding.judge(IN_USE)
    qtbot.waitUntil(lambda: library.is_paused)
    window.pause_action.trigger()
    qtbot.waitUntil(lambda: not library.is_paused)
    holding.judge(IN_USE)
    qtbot.waitUntil(lambda: not window._bridge._waiting)
    assert not library.is_paused
    holding.judge(IDLE)
    holding.judge(IN_USE)
    qtbot.waitUntil(lambda: library.is_paused)


def test_the_settings_start_it_and_end_it(window, library, qtbot):
    window.preferring.change({"only_when_idle": True})
    qtbot.waitUntil(lambda: library.is_paused)
    assert window.progressing.holding._timer.isActive()
    window.preferring.change({"only_when_idle": False})
    qtbot.waitUntil(lambda: not library.is_paused)
    assert not window.progressing.holding._timer.isActive()


def test_input_to_our_own_windows_is_noticed(window, qtbot):
    own = OwnInput()
    own._last -= 500.0
    assert own.seconds() >= 500.0
    qtbot.keyClick(window.grid, Qt.Key.Key_Down)
    assert own.seconds() < 400.0


def test_our_own_work_is_not_the_load_of_others(monkeypatch):
    load = OtherLoad()
    monkeypatch.setattr(psutil, "cpu_count", lambda: 2)
    clock = iter([100.0, 110.0, 120.0])
    busy = iter([50.0, 66.0, 67.0])
    own = iter([5.0, 20.0, 20.5])
    monkeypatch.setattr(presence.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(presence, "_own_seconds", lambda: next(own))
    monkeypatch.setattr(presence, "_busy_seconds", lambda: next(busy))
    assert load.share() == 0.0
    assert load.share() == pytest.approx(0.05)
    assert load.share() == pytest.approx(0.025)


def test_one_look_at_this_very_computer(qapp):
    load = OtherLoad()
    look(0.0, load)
    began = time.monotonic()
    while time.monotonic() == began:
        pass
    found = look(7.0, load)
    assert found.idle_seconds <= 7.0
    assert 0.0 <= found.others_share <= 1.0
