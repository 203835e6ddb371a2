"""The lane sends when something changed, pauses where that is of no use, and always ends."""

import threading

from helios_desktop.errors import KnownError
from helios_desktop.pipeline import engine_lane
from helios_desktop.pipeline.engine_lane import EngineLane
from helios_desktop.pipeline.jobs import CancelledError

WAIT_SECONDS = 10.0


class Scene:
    def __init__(self):
        self.token = 1
        self.in_use = True
        self.calls = 0
        self.called = threading.Semaphore(0)
        self.error = None

    def sync(self, token):
        self.calls += 1
        self.called.release()
        if self.error is not None:
            raise self.error

    def lane(self):
        return EngineLane(sync=self.sync, changes=lambda: self.token, is_in_use=lambda: self.in_use)

    def wait_for_call(self):
        assert self.called.acquire(timeout=WAIT_SECONDS)


def test_it_sends_at_once_and_again_when_something_changed(monkeypatch):
    monkeypatch.setattr(engine_lane, "LOOK_SECONDS", 0.01)
    scene = Scene()
    lane = scene.lane()
    lane.start()
    lane.start()
    scene.wait_for_call()
    scene.token = 2
    scene.wait_for_call()
    lane.stop()
    assert scene.calls == 2


def test_a_pause_ends_when_told_to_try_again():
    scene = Scene()
    scene.error = KnownError("away")
    lane = scene.lane()
    lane.start()
    scene.wait_for_call()
    scene.error = None
    lane.wake()
    scene.wait_for_call()
    lane.stop()
    lane.stop()


def test_without_an_engine_it_sends_nothing(monkeypatch):
    monkeypatch.setattr(engine_lane, "LOOK_SECONDS", 0.01)
    scene = Scene()
    scene.in_use = False
    lane = scene.lane()
    lane.start()
    lane.wake()
    scene.in_use = True
    lane.wake()
    scene.wait_for_call()
    lane.stop()
    assert scene.calls == 1


def test_a_cancelled_sending_ends_the_thread_quietly(caplog):
    scene = Scene()
    scene.error = CancelledError()
    lane = scene.lane()
    lane.start()
    scene.wait_for_call()
    lane.stop()
    assert caplog.text == ""
