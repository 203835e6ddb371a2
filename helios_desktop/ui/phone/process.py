"""``helios serve --lan`` as a process of its own, seen from the window: started, heard, ended. All in the GUI thread.

A process, and not a thread of ours, so that no number of phones can make the window wait. It ends when its input closes: at
``stop``, with the window, and with a window that died.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

import helios_desktop
from helios_desktop.paths import own_command

LEAVE_MS = 5_000
ANY_PORT = 0
USUAL_PORT = 8000
TAKEN = "is taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneDevice:
    """One paired device."""

    device_id: str
    name: str
    is_connected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneState:
    """How the server stands. ``code``: what a phone scans; ``fault``: why it ended by itself."""

    is_wanted: bool = False
    address: str = ""
    code: str = ""
    fingerprint: str = ""
    devices: tuple[PhoneDevice, ...] = ()
    fault: str = ""


class PhoneServer(QObject):
    """The server's process. ``changed`` tells each new state."""

    changed = Signal(object)  # PhoneState

    def __init__(self, parent: QObject | None = None, *, port: int = USUAL_PORT) -> None:
        super().__init__(parent)
        self._port = port
        self._process: QProcess | None = None
        self.state = PhoneState()

    def start(self) -> None:
        """Start it; where it runs already nothing changes."""
        if self._process is None:
            self._start(self._port)

    def stop(self) -> None:
        """Have it end; what is paired stays paired."""
        process, self._process = self._process, None
        self._show(PhoneState())
        if process is None:
            return
        process.readyReadStandardOutput.disconnect()
        process.finished.disconnect()
        process.finished.connect(process.deleteLater)
        process.closeWriteChannel()
        QTimer.singleShot(LEAVE_MS, process, process.kill)

    def end(self) -> None:
        """Stop, and wait until nothing is left of it: the window closes."""
        process = self._process
        self.stop()
        if process is not None and not process.waitForFinished(LEAVE_MS):
            process.kill()
            process.waitForFinished(LEAVE_MS)

    def revoke(self, device_id: str) -> None:
        """Let a device in no more."""
        if self._process is not None:
            self._process.write(f"revoke {device_id}\n".encode())

    def _start(self, port: int) -> None:
        command = own_command("serve", "--lan", "--json", "--no-watch", "--until-input-closes", "--port", str(port))
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        package = str(Path(helios_desktop.__file__).parent.parent)
        environment.insert("PYTHONPATH", os.pathsep.join(filter(None, [package, environment.value("PYTHONPATH")])))
        process.setProcessEnvironment(environment)
        process.readyReadStandardOutput.connect(self._on_output)
        process.finished.connect(lambda code, _status: self._on_finished(port, code))
        process.errorOccurred.connect(self._on_error)
        self._process = process
        self._show(PhoneState(is_wanted=True))
        process.start(command[0], command[1:])

    def _on_output(self) -> None:
        process = self._process
        while process is not None and process.canReadLine():
            line = bytes(process.readLine().data())
            try:
                told = json.loads(line)
            except ValueError:
                continue
            self._hear(told)

    def _hear(self, told: dict[str, Any]) -> None:
        state = self.state
        address, code, fingerprint, devices = state.address, state.code, state.fingerprint, state.devices
        if told.get("event") == "serving":
            address, fingerprint = str(told["address"]), str(told["fingerprint"])
        elif told.get("event") == "pairing":
            code = str(told["address"])
        elif told.get("event") == "devices":
            devices = tuple(
                PhoneDevice(device_id=str(one["id"]), name=str(one["name"]), is_connected=bool(one["connected"]))
                for one in told["devices"]
            )
        self._show(PhoneState(is_wanted=True, address=address, code=code, fingerprint=fingerprint, devices=devices))

    def _on_finished(self, port: int, code: int) -> None:
        process, self._process = self._process, None
        said = "" if process is None else bytes(process.readAllStandardError().data()).decode("utf-8", "replace")
        if process is not None:
            process.deleteLater()
        if TAKEN in said and port != ANY_PORT:
            self._start(ANY_PORT)
            return
        lines = [line.removeprefix("helios:").strip() for line in said.splitlines() if line.strip()]
        self._show(PhoneState(fault=" ".join(lines[-2:]) or self.tr("The server ended (code {code}).").format(code=code)))

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            self._process.deleteLater()
            self._process = None
            self._show(PhoneState(fault=self.tr("The server could not be started; install Helios again.")))

    def _show(self, state: PhoneState) -> None:
        if state != self.state:
            self.state = state
            self.changed.emit(state)
