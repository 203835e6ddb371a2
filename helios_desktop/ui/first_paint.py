"""A window in, a line in the log out, once it was painted for the first time: what a person waits for, in time that adds up."""

from __future__ import annotations

import logging

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

MESSAGE = "The window is painted."
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
            QTimer.singleShot(0, self, lambda: _logger.info(MESSAGE))
        return super().eventFilter(watched, event)
