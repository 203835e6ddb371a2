"""From nothing to the window and back to the shell: exit codes, one instance, closing in every state, crashes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helios_desktop.ui.crash import CrashDialog, CrashHook, crash_report
from helios_desktop.ui.single_instance import SingleInstance

HERE = Path(__file__).parent


@pytest.fixture
def start():
    """Return how to start a window in a process; whatever still runs at the end is ended."""
    started = []

    def begin(home, *arguments, state="idle"):
        started.append(start_process(home, *arguments, state=state))
        return started[-1]

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def start_process(home, *arguments, state):
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HELIOS_HOME": str(home), "HELIOS_TEST_STATE": state}
    return subprocess.Popen(
        [sys.executable, str(HERE / "window_process.py"), *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process, seconds=20.0):
    out, error = process.communicate(timeout=seconds)
    return process.returncode, out, error


def wait_until_ready(process):
    assert process.stdout.readline().strip() == "ready"


@pytest.mark.parametrize("state", ["idle", "searching", "indexing", "typing", "hanging"])
def test_closing_in_every_state_is_clean_and_quick(start, tmp_path, state):
    process = start(tmp_path, state=state)
    wait_until_ready(process)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code, _out, error = finish(process)
    assert code == 0, error
    assert time.monotonic() - began < 4
    is_held_up = state in ("searching", "hanging")
    assert [line[:22] for line in error.splitlines()] == ["Work was still running"] * is_held_up


def test_the_window_closes_by_itself_when_asked_to_only_show_that_it_works(start, tmp_path):
    assert finish(start(tmp_path, "--close-when-ready"))[0] == 0


def test_a_second_start_brings_the_first_window_to_the_front_and_hands_over_its_folders(start, tmp_path):
    folder = tmp_path / "more"
    folder.mkdir()
    first = start(tmp_path / "home")
    wait_until_ready(first)
    code, _out, error = finish(start(tmp_path / "home", str(folder)))
    assert (code, error) == (0, "")
    assert first.stdout.readline().strip() == f"added {folder}"
    first.send_signal(signal.SIGINT)
    assert finish(first)[0] == 0


def test_a_lock_that_a_killed_window_left_does_not_keep_the_next_one_out(start, tmp_path):
    first = start(tmp_path)
    wait_until_ready(first)
    first.kill()
    finish(first)
    assert finish(start(tmp_path, "--close-when-ready"))[0] == 0


def test_a_library_that_cannot_be_opened_is_a_sentence_and_code_three(start, tmp_path):
    code, _out, error = finish(start(tmp_path, state="refusing"))
    assert code == 3
    assert error.strip() == "The catalogue was written by a newer Helios. Install that version."


def test_samples_are_added_only_to_an_empty_library(start, tmp_path):
    process = start(tmp_path, "--samples", state="empty")
    assert process.stdout.readline().strip().endswith("samples")
    wait_until_ready(process)
    process.send_signal(signal.SIGTERM)
    assert finish(process)[0] == 0


def test_a_message_that_is_no_message_of_ours_is_dropped(qapp, tmp_path, qtbot):
    from PySide6.QtNetwork import QLocalSocket

    first = SingleInstance(tmp_path)
    assert first.is_first()
    first.listen()
    heard = []
    first.called.connect(heard.append)
    for nonsense in (b"hello\n", b'{"folders": 3}\n', b"[1]\n"):
        socket = QLocalSocket()
        socket.connectToServer(first._name)
        assert socket.waitForConnected(2000)
        socket.write(nonsense)
        socket.flush()
        qtbot.waitUntil(lambda socket=socket: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState)
    assert heard == []
    first.close()


def test_the_crash_report_names_no_file_unless_it_is_asked_to():
    try:
        raise FileNotFoundError("/home/ada/secret photo.jpg")
    except FileNotFoundError as error:
        report, full = crash_report(error), crash_report(error, with_message=True)
    assert "secret" not in report
    assert str(HERE) not in report
    assert "FileNotFoundError" in report
    assert "secret" in full


def test_an_error_nobody_caught_opens_one_dialog_whose_report_can_be_copied(qapp, qtbot):
    hook = CrashHook()
    hook._on_error(ValueError, ValueError("first"), None)
    hook._on_error(ValueError, ValueError("second"), None)
    dialogs = [widget for widget in qapp.topLevelWidgets() if isinstance(widget, CrashDialog) and widget.isVisible()]
    assert len(dialogs) == 1
    assert "first" not in dialogs[0].report.toPlainText()
    dialogs[0].with_message.setChecked(True)
    assert "first" in dialogs[0].report.toPlainText()
    hook.remove()
