"""A window in, a signal and a line in the log out, once it was painted for the first time: what a person waits for."""

from __future__ import annotations

import logging
import time

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

MESSAGE = "The window is painted; CPU so far: %.0f ms"
LATEST_MS = 3000
"""A window that is shown minimised is painted by nobody: what waits for it begins then."""
_logger = logging.getLogger(__name__)


class FirstPaint(QObject):
    """Watches one window. ``passed`` comes once: after the first paint, or when none came for long."""

    passed = Signal()

    def __init__(self, window: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._latest = QTimer(self, singleShot=True, interval=LATEST_MS)
        self._latest.timeout.connect(self._on_passed)
        self._latest.start()
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hear of the first paint; what waits begins when the window's whole turn of painting is over."""
        if event.type() is QEvent.Type.Paint:
            self._window.removeEventFilter(self)
            QTimer.singleShot(0, self, self._on_painted)
        return super().eventFilter(watched, event)

    def _on_painted(self) -> None:
        _logger.info(MESSAGE, time.process_time() * 1000)
        if self._latest.isActive():
            self._on_passed()

    def _on_passed(self) -> None:
        self._latest.stop()
        self.passed.emit()
