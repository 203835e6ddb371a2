"""Whether somebody uses this computer: seconds since the last key or mouse, and how busy other programs are.

What "last key or mouse" means differs, and is never more than the system tells: Windows and macOS tell of the whole session,
and so do X11 (its screen saver extension) and GNOME (Mutter, on the session bus). Elsewhere, as under most Wayland desktops,
only input to our own windows is known; there a busy computer is recognised by the load of other programs alone.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QGuiApplication

IDLE_SECONDS = 120.0
BUSY_SHARE = 0.5
"""Of all cores, by programs other than Helios and its workers: a compiler, a game, a film being cut."""

_INPUT = {
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
    QEvent.Type.TabletPress,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One look. ``idle_seconds``: since the last input; ``others_share``: load by other programs, 0 to 1 of all cores."""

    has_mains: bool = True
    idle_seconds: float = 0.0
    others_share: float = 0.0

    @property
    def is_idle(self) -> bool:
        """Whether nobody uses the computer, as far as can be told."""
        return self.idle_seconds >= IDLE_SECONDS and self.others_share < BUSY_SHARE


class OwnInput(QObject):
    """Remembers when a key or the mouse was last used in one of our windows."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._last = time.monotonic()
        app = QGuiApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Look at each event, and let it pass."""
        if event.type() in _INPUT:
            self._last = time.monotonic()
        return False

    def seconds(self) -> float:
        """Seconds since then."""
        return time.monotonic() - self._last


class OtherLoad:
    """Measures between two calls how busy other programs were; for one thread at a time."""

    def __init__(self) -> None:
        self._before: tuple[float, float, float] | None = None

    def share(self) -> float:
        """Return the share of all cores that others took since the last call; 0 at the first one."""
        now = (time.monotonic(), _busy_seconds(), _own_seconds())
        before, self._before = self._before, now
        if before is None or now[0] <= before[0]:
            return 0.0
        others = (now[1] - before[1]) - (now[2] - before[2])
        return min(1.0, max(0.0, others / ((now[0] - before[0]) * (psutil.cpu_count() or 1))))


def look(own_seconds: float, load: OtherLoad) -> Situation:
    """Look once; may take some milliseconds, so never in the GUI thread."""
    told = session_idle_seconds()
    return Situation(
        has_mains=has_mains(),
        idle_seconds=own_seconds if told is None else min(told, own_seconds),
        others_share=load.share(),
    )


def has_mains() -> bool:
    """Whether there is mains power, or no battery at all."""
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    return battery is None or bool(battery.power_plugged)


def session_idle_seconds() -> float | None:
    """Return the seconds since the last input to the whole session; None where this system does not tell."""
    if sys.platform == "win32":
        ask: Callable[[], float | None] = _of_windows
    elif sys.platform == "darwin":
        ask = _of_macos
    else:
        ask = _of_x11 if QGuiApplication.platformName() == "xcb" else _of_mutter
    try:
        return ask()
    except (OSError, AttributeError, ValueError):  # a library or a function that this system lacks
        return None


def _busy_seconds() -> float:
    """Processor time that anybody took since the start of the computer, all cores together."""
    times = psutil.cpu_times()
    guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)  # Linux counts them in "user" as well
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - guests)


def _own_seconds() -> float:
    """Processor time of Helios and its workers. What a worker that ended took is counted as others', once."""
    total = 0.0
    own = psutil.Process()
    for process in (own, *own.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system
    return total


def _of_windows() -> float | None:
    class LastInput(ctypes.Structure):
        _fields_ = (("size", ctypes.c_uint), ("tick", ctypes.c_uint))

    windll: Any = ctypes.windll  # type: ignore[attr-defined]
    last = LastInput(ctypes.sizeof(LastInput), 0)
    if not windll.user32.GetLastInputInfo(ctypes.byref(last)):
        return None
    return float((windll.kernel32.GetTickCount() - last.tick) % 2**32) / 1000.0


def _of_macos() -> float | None:
    name = ctypes.util.find_library("CoreGraphics") or ctypes.util.find_library("ApplicationServices")
    if name is None:
        return None
    ask = ctypes.CDLL(name).CGEventSourceSecondsSinceLastEventType
    ask.restype = ctypes.c_double
    ask.argtypes = (ctypes.c_int32, ctypes.c_uint32)
    return float(ask(0, 0xFFFFFFFF))  # the session as a whole, any kind of event


def _of_x11() -> float | None:
    class Info(ctypes.Structure):
        _fields_ = (
            ("window", ctypes.c_ulong),
            ("state", ctypes.c_int),
            ("kind", ctypes.c_int),
            ("til_or_since", ctypes.c_ulong),
            ("idle_milliseconds", ctypes.c_ulong),
            ("event_mask", ctypes.c_ulong),
        )

    x11, xss = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXss.so.1")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    display = x11.XOpenDisplay(None)
    if not display:
        return None
    try:
        info = Info()
        root = x11.XDefaultRootWindow
        root.restype, root.argtypes = ctypes.c_ulong, (ctypes.c_void_p,)
        query = xss.XScreenSaverQueryInfo
        query.argtypes = (ctypes.c_void_p, ctypes.c_ulong, ctypes.POINTER(Info))
        is_told = query(display, root(display), ctypes.byref(info))
        return float(info.idle_milliseconds) / 1000.0 if is_told else None
    finally:
        x11.XCloseDisplay.argtypes = (ctypes.c_void_p,)
        x11.XCloseDisplay(display)


def _of_mutter() -> float | None:
    from PySide6.QtDBus import QDBusConnection, QDBusMessage

    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return None
    name = "org.gnome.Mutter.IdleMonitor"
    call = QDBusMessage.createMethodCall(name, "/org/gnome/Mutter/IdleMonitor/Core", name, "GetIdletime")
    answer = bus.call(call, timeout=500)
    if answer.type() != QDBusMessage.MessageType.ReplyMessage or not answer.arguments():
        return None
    return float(answer.arguments()[0]) / 1000.0
