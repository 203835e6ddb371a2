"""Stopping and holding work."""

import threading

import pytest

from helios_desktop.pipeline.jobs import CancelledError, CancelToken, PauseGate


def test_a_cancelled_token_stops_checks_and_waits():
    token = CancelToken()
    token.check()
    token.cancel()
    assert token.is_cancelled
    with pytest.raises(CancelledError):
        token.check()
    with pytest.raises(CancelledError):
        token.wait(60)


def test_a_closed_gate_holds_until_it_is_opened():
    gate, token, passed = PauseGate(), CancelToken(), threading.Event()
    gate.pause()

    def work():
        gate.pass_through(token)
        passed.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert not passed.wait(0.3)
    gate.resume()
    assert passed.wait(10)
    thread.join(10)


def test_a_held_loop_can_be_cancelled():
    gate, token, stopped = PauseGate(), CancelToken(), threading.Event()
    gate.pause()

    def work():
        with pytest.raises(CancelledError):
            gate.pass_through(token)
        stopped.set()

    thread = threading.Thread(target=work)
    thread.start()
    token.cancel()
    assert stopped.wait(10)
    thread.join(10)
