"""One window a library: a lock file decides who is first, and a local socket carries "come to the front" to the first one.

The socket alone cannot decide: a server started with user access takes over the socket of one that is alive.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

TIMEOUT_MS = 2000
MESSAGE_BYTES_MAX = 65_536


class SingleInstance(QObject):
    """Belongs to one folder of our own data."""

    called = Signal(list)  # folders, as text, that a later start was given
    quick_called = Signal()

    def __init__(self, data: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        name = hashlib.sha256(str(data.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:20]
        self._name = f"helios-{name}"
        self._lock = QLockFile(str(data / "window.lock"))
        self._lock.setStaleLockTime(0)
        self._server: QLocalServer | None = None

    def is_first(self) -> bool:
        """Take the lock; True where nobody else has it. A lock left by a process that died is nobody's."""
        return self._lock.tryLock(0)

    def listen(self) -> None:
        """Hear later starts. Only after ``is_first``."""
        QLocalServer.removeServer(self._name)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        self._server.listen(self._name)

    def call_first(self, folders: Sequence[str], *, is_quick: bool = False) -> bool:
        """Tell the first instance to come to the front, or to show its quick search; False where it does not answer."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(TIMEOUT_MS):
            return False
        socket.write(json.dumps({"folders": list(folders), "quick": is_quick}).encode("ascii") + b"\n")
        was_written = socket.waitForBytesWritten(TIMEOUT_MS)
        was_heard = was_written and socket.waitForReadyRead(TIMEOUT_MS)
        socket.disconnectFromServer()
        return was_heard

    def close(self) -> None:
        """Stop listening and give the lock back."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._lock.unlock()

    def _on_connection(self) -> None:
        while self._server is not None and (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda socket=socket: self._on_ready(socket))
            socket.disconnected.connect(socket.deleteLater)
            if socket.canReadLine():
                self._on_ready(socket)

    def _on_ready(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > MESSAGE_BYTES_MAX:
                socket.abort()
            return
        try:
            message = json.loads(bytes(socket.readLine(MESSAGE_BYTES_MAX).data()))
            folders = [folder for folder in message["folders"] if isinstance(folder, str)]
        except (ValueError, KeyError, TypeError):
            socket.abort()
            return
        socket.write(b"heard\n")
        socket.flush()
        if message.get("quick") is True:
            self.quick_called.emit()
        else:
            self.called.emit(folders)
