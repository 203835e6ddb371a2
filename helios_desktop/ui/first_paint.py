"""A window in, a line in the log out, once it was painted for the first time: what a person waits for, and what it cost."""

from __future__ import annotations

import logging
import time

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

MESSAGE = "The window is painted; CPU so far: %.0f ms"
_logger = logging.getLogger(__name__)


class FirstPaint(QObject):
    """Belongs to the window that it watches, until that is painted."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hear of the first paint, and log when the window's whole turn of painting is over."""
        if event.type() is QEvent.Type.Paint:
            self._window.removeEventFilter(self)
            QTimer.singleShot(0, self, lambda: _logger.info(MESSAGE, time.process_time() * 1000))
        return super().eventFilter(watched, event)
