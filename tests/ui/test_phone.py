"""Search from your phone: the code that is painted, what the dialog says, and the real server behind it."""

import http.client
import json
import os
import ssl

import pytest
import segno
from PySide6.QtCore import QProcess, Qt
from PySide6.QtGui import QImage

from helios_desktop.ui.phone.code import QUIET_MODULES, QrCode
from helios_desktop.ui.phone.dialog import PhoneDialog
from helios_desktop.ui.phone.process import PhoneDevice, PhoneServer, PhoneState

PATIENCE_MS = 60_000
ADDRESS = "https://192.168.178.20:8000"
CODE = f"{ADDRESS}/pair#{'k3' * 21}x"
FINGERPRINT = ":".join(["A7"] * 32)
READY = PhoneState(
    is_wanted=True,
    address=ADDRESS,
    code=CODE,
    fingerprint=FINGERPRINT,
    devices=(
        PhoneDevice(device_id="1", name="Ada's phone", is_connected=True),
        PhoneDevice(device_id="2", name="Tablet", is_connected=False),
    ),
)


def test_the_code_is_painted_module_by_module_with_a_quiet_margin(qtbot):
    code = QrCode()
    qtbot.addWidget(code)
    code.show_text(CODE)
    code.resize(code.sizeHint())
    image = code.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    matrix = segno.make(CODE, error="l", micro=False).matrix
    count = len(matrix) + 2 * QUIET_MODULES
    module = image.width() // count
    assert module >= 4
    left = (image.width() - module * count) // 2
    for y in range(count):
        for x in range(count):
            inside = QUIET_MODULES <= x < count - QUIET_MODULES and QUIET_MODULES <= y < count - QUIET_MODULES
            is_dark = inside and bool(matrix[y - QUIET_MODULES][x - QUIET_MODULES])
            at = image.pixelColor(left + x * module + module // 2, left + y * module + module // 2)
            assert (at.lightness() < 128) is is_dark, (x, y)


def test_the_dialog_says_how_it_stands_and_what_a_person_can_do(qtbot):
    dialog = PhoneDialog()
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    assert dialog.start_button.isVisible()
    assert not dialog.stop_button.isVisible()
    with qtbot.waitSignal(dialog.start_wanted):
        qtbot.mouseClick(dialog.start_button, Qt.MouseButton.LeftButton)
    dialog.show_state(READY)
    assert dialog.code.text == CODE
    assert dialog.code.isVisible()
    assert dialog.address.text() == ADDRESS
    assert "A7 A7" in dialog.fingerprint.text()
    assert not dialog.start_button.isVisible()
    with qtbot.waitSignal(dialog.revoke_wanted) as wanted:
        qtbot.mouseClick(dialog.revoke_buttons["2"], Qt.MouseButton.LeftButton)
    assert wanted.args == ["2"]
    with qtbot.waitSignal(dialog.stop_wanted):
        qtbot.mouseClick(dialog.stop_button, Qt.MouseButton.LeftButton)
    dialog.show_state(PhoneState(fault="There is no room left on the device."))
    assert "no room" in dialog.sentence.text()
    assert not dialog.code.isVisible()


@pytest.fixture
def server(qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("HELIOS_HOME", str(tmp_path / "home"))
    made = PhoneServer(port=0)
    yield made
    made.end()


def ready(qtbot, server):
    qtbot.waitUntil(lambda: bool(server.state.code) or bool(server.state.fault), timeout=PATIENCE_MS)
    assert not server.state.fault
    return server.state


def ask(state, method, path, body=None):
    port = int(state.address.rpartition(":")[2])
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)
    connection.request(method, path, body=body, headers={"Content-Type": "application/json"})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def test_a_phone_is_paired_shown_and_removed_and_nothing_is_left_at_the_end(qtbot, server):
    server.start()
    state = ready(qtbot, server)
    assert state.code.startswith(f"{state.address}/pair#")
    assert state.address.startswith("https://")
    code = state.code.partition("#")[2]
    assert ask(state, "POST", "/api/pair", json.dumps({"code": code, "name": "Ada's phone"})) == 204
    qtbot.waitUntil(lambda: [one.name for one in server.state.devices] == ["Ada's phone"], timeout=PATIENCE_MS)
    assert server.state.code != state.code
    server.revoke(server.state.devices[0].device_id)
    qtbot.waitUntil(lambda: server.state.devices == (), timeout=PATIENCE_MS)
    process = server._process
    server.end()
    assert process.state() == QProcess.ProcessState.NotRunning
    assert process.exitStatus() == QProcess.ExitStatus.NormalExit
    assert server.state == PhoneState()


def test_a_port_that_is_taken_is_no_reason_not_to_serve(qtbot, server, monkeypatch):
    import socket

    with socket.create_server(("0.0.0.0", 0)) as taken:
        server._port = taken.getsockname()[1]
        server.start()
        state = ready(qtbot, server)
        assert int(state.address.rpartition(":")[2]) != server._port


def test_why_it_ended_by_itself_is_said(qtbot, server, tmp_path, monkeypatch):
    (tmp_path / "home").write_text("no folder", encoding="utf-8")
    server.start()
    qtbot.waitUntil(lambda: bool(server.state.fault), timeout=PATIENCE_MS)
    assert "home" in server.state.fault
    assert not server.state.is_wanted


@pytest.mark.parametrize(("theme", "scale"), [("light", 1), ("dark", 1), ("light", 2)])
def test_the_dialog_can_be_looked_at(qtbot, qapp, tmp_path, theme, scale):
    from pathlib import Path

    from helios_desktop.ui.theme.palette import apply_theme

    apply_theme(qapp, theme)
    try:
        dialog = PhoneDialog()
        qtbot.addWidget(dialog)
        folder = Path(os.environ.get("HELIOS_GRABS") or tmp_path)
        for name, state in (("off", PhoneState()), ("on", READY)):
            dialog.show_state(state)
            dialog.adjustSize()
            image = QImage(dialog.size() * scale, QImage.Format.Format_RGB32)
            image.setDevicePixelRatio(scale)
            dialog.render(image)
            assert image.save(str(folder / f"phone-{name}-{theme}-{scale}x.png"))
    finally:
        apply_theme(qapp, "light")
