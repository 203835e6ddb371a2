"""A path in, the system's own viewer or file manager out. Names may hold any bytes; nothing goes through a shell."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Protocol
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

from helios_desktop.ui.grid.model import file_url


class FileOpener(Protocol):
    """How the window reaches the system; a test puts its own in."""

    def open(self, path: bytes) -> bool:
        """Open a file or folder with what the system has for it; False where that failed."""

    def show_in_folder(self, path: bytes) -> bool:
        """Show a file in its folder; False where that failed."""

    def open_page(self, url: str) -> bool:
        """Open an https page in the browser; False where that failed, and for any other address."""


class SystemOpener:
    """Asks the desktop."""

    def open(self, path: bytes) -> bool:
        """Open a file or folder with what the system has for it."""
        return QDesktopServices.openUrl(file_url(path))

    def open_page(self, url: str) -> bool:
        """Open an https page in the browser; False where that failed, and for any other address."""
        address = QUrl(url, QUrl.ParsingMode.StrictMode)
        return address.isValid() and address.scheme() == "https" and QDesktopServices.openUrl(address)

    def show_in_folder(self, path: bytes) -> bool:
        """Show a file in its folder, marked where the file manager can."""
        if sys.platform == "win32":
            started = QProcess.startDetached("explorer.exe", ["/select,", os.fsdecode(path)])
            return _was_started(started)
        if sys.platform == "darwin":
            return _was_started(QProcess.startDetached("open", ["-R", os.fsdecode(path)]))
        return _ask_file_manager(path) or self.open(os.path.dirname(path) or b"/")


def _was_started(answer: object) -> bool:
    return bool(answer[0]) if isinstance(answer, tuple) else bool(answer)


def _ask_file_manager(path: bytes) -> bool:
    """Ask the file manager on the session bus to mark the file (org.freedesktop.FileManager1, the freedesktop.org way)."""
    from PySide6.QtDBus import QDBusConnection, QDBusMessage

    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return False
    call = QDBusMessage.createMethodCall(
        "org.freedesktop.FileManager1", "/org/freedesktop/FileManager1", "org.freedesktop.FileManager1", "ShowItems"
    )
    call.setArguments([[bytes(file_url(path).toEncoded().data()).decode("ascii")], ""])
    answer = bus.call(call, timeout=1000)
    return answer.type() == QDBusMessage.MessageType.ReplyMessage


def dropped_paths(urls: Iterable[QUrl]) -> list[bytes]:
    """Return the local paths of dropped URLs, byte for byte, also where a name is not UTF-8."""
    paths = []
    for url in urls:
        if url.isLocalFile():
            if os.name == "nt":
                paths.append(os.fsencode(url.toLocalFile()))
            else:
                encoded = bytes(url.toEncoded(QUrl.ComponentFormattingOption.FullyEncoded).data())
                paths.append(unquote_to_bytes(encoded.removeprefix(b"file://")))
    return [path.rstrip(b"/") or b"/" for path in paths]
