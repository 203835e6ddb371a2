"""ROOTS -> HINTS: tells, while it runs, in which folders something may have changed. The only file that imports watchdog.

In: the roots to watch. Out: calls of ``on_hint`` with a folder (bytes) to be rescanned, from one thread of its own. Events
are hints and never the truth: they are debounced, coalesced, and where some may have been lost the whole root is hinted.
Where the system has no watches left, or a drive tells nothing of changes made elsewhere, the root is polled: it is hinted
once in a while, and ``on_notice`` says so, once.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from watchdog import events
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver
from watchdog.utils import BaseThread

from helios_desktop.errors import WatchError
from helios_desktop.watch import volumes
from helios_desktop.watch.hints import DEBOUNCE_SECONDS, MAX_DELAY_SECONDS, HintBox
from helios_desktop.watch.ignore import IgnoreRules, is_sidecar
from helios_desktop.watch.limits import missing_watches
from helios_desktop.watch.notices import TroubleHandler, limit_notice, network_notice, other_notice
from helios_desktop.watch.scanner import SEPARATOR

CHECK_SECONDS = 2.0
"""How often it is asked whether each root is still the folder that is watched, and its threads alive."""

POLL_SECONDS = 60.0

RENEW_SECONDS = 10.0
"""A watch that is in doubt again and again is renewed no more often than this."""

BURST_EVENTS = 500 if sys.platform == "win32" else 4096
"""So many events in one debounce: the system's queue (16,384 on Linux, 64 kB on Windows) may have run over unseen."""

_NO_WATCHES = frozenset({errno.ENOSPC, errno.EMFILE})

# Opened and ClosedNoWrite are left out: they hear our own reading, and scanning would call for scanning without end.
# DirModified only doubles what the entry's own event says.
_WANTED = [
    kind
    for name in (
        *("FileCreatedEvent", "FileModifiedEvent", "FileAttribEvent", "FileClosedEvent", "FileMovedEvent", "FileDeletedEvent"),
        *("DirCreatedEvent", "DirAttribEvent", "DirMovedEvent", "DirDeletedEvent"),
    )
    if (kind := getattr(events, name, None)) is not None
]

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Backend:
    """What watches one root: watchdog's threads, and the folder they were started on."""

    observer: BaseObserver
    threads: Sequence[threading.Thread]
    identity: tuple[int, int]

    def is_sound(self, root: bytes) -> bool:
        return self.identity == _identity(root) and all(thread.is_alive() for thread in self.threads)

    def stop(self) -> None:
        _stop(self.observer)


@dataclass(slots=True)
class _Watched:
    """One root and its state."""

    root: bytes
    box: HintBox
    backend: _Backend | None = None
    is_polled: bool = False
    is_doubtful: bool = False
    poll_at: float = 0.0
    renew_at: float = 0.0


class FolderObserver:
    """Watches roots from ``follow`` to ``stop``; both may be called from any thread, also while events come in.

    ``on_hint``: a folder whose whole content is to be rescanned. ``on_own_entries``: one of which only its own entries are;
    where it is None, ``on_hint`` is told of these too. Neither is called any more once ``stop`` has returned.
    ``on_notice``: why a root is polled, as an error with its remedy (not raised), once for each kind; where it is None, the
    log is told.
    """

    def __init__(
        self,
        on_hint: Callable[[bytes], None],
        on_own_entries: Callable[[bytes], None] | None = None,
        *,
        on_notice: Callable[[WatchError], None] | None = None,
        ignore: IgnoreRules | None = None,
        debounce_seconds: float = DEBOUNCE_SECONDS,
        max_delay_seconds: float = MAX_DELAY_SECONDS,
        check_seconds: float = CHECK_SECONDS,
        poll_seconds: float = POLL_SECONDS,
        is_network: Callable[[bytes], bool] = volumes.is_network,
        make_observer: Callable[[], BaseObserver] = Observer,
    ) -> None:
        self._on_hint = on_hint
        self._on_own_entries = on_own_entries or on_hint
        self._on_notice = on_notice
        self._ignore = ignore or IgnoreRules()
        self._debounce, self._max_delay = debounce_seconds, max_delay_seconds
        self._check_seconds, self._poll_seconds = check_seconds, poll_seconds
        self._is_network = is_network
        self._make_observer = make_observer
        self._arming = threading.RLock()
        self._changed = threading.Condition()
        self._watched: dict[bytes, _Watched] = {}
        self._noticed: set[str] = set()
        self._is_stopped = False
        self._thread: threading.Thread | None = None
        self._trouble = TroubleHandler(self._doubt_all)

    def follow(self, roots: Collection[bytes]) -> None:
        """Watch exactly these roots from now on; when it returns, whatever changes below them will be hinted.

        A root that is not here is watched, and hinted, as soon as it is.
        """
        with self._arming:
            if self._is_stopped:
                return
            self._start_thread()
            for root in [root for root in self._watched if root not in roots]:
                self._disarm(self._watched[root])
                with self._changed:
                    del self._watched[root]
            for root in roots:
                if root not in self._watched:
                    box = HintBox(root, debounce_seconds=self._debounce, max_delay_seconds=self._max_delay)
                    watched = _Watched(root, box)
                    with self._changed:
                        self._watched[root] = watched
                    self._arm(watched)
        with self._changed:
            self._changed.notify_all()

    def polled(self) -> frozenset[bytes]:
        """Return the roots that are polled, since no events can be had of them."""
        with self._changed:
            return frozenset(root for root, watched in self._watched.items() if watched.is_polled)

    def stop(self) -> None:
        """End all threads and wait for them; calling it again does nothing."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        with self._arming:
            for watched in self._watched.values():
                self._disarm(watched)
            self._trouble.detach()

    def _start_thread(self) -> None:
        if self._thread is None:
            self._trouble.attach()
            self._thread = threading.Thread(target=self._run, name="helios-observer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        check_at = time.monotonic() + self._check_seconds
        while True:
            with self._changed:
                if not self._is_stopped:
                    self._changed.wait(max(0.0, self._next_moment(check_at) - time.monotonic()))
                if self._is_stopped:
                    return
                due = self._due(time.monotonic())
            for watched in due:
                self._tell(watched)
            if time.monotonic() >= check_at:
                self._check()
                check_at = time.monotonic() + self._check_seconds

    def _next_moment(self, check_at: float) -> float:
        moments = [moment for watched in self._watched.values() if (moment := watched.box.due_at()) is not None]
        return min([check_at, *moments])

    def _due(self, now: float) -> list[_Watched]:
        """Return all roots with hints as soon as one is due, so that both ends of a move are told together."""
        moments = [(watched, watched.box.due_at()) for watched in self._watched.values()]
        if not any(moment is not None and moment <= now for _, moment in moments):
            return []
        return [watched for watched, moment in moments if moment is not None]

    def _tell(self, watched: _Watched) -> None:
        with self._changed:
            has_burst = watched.box.events >= BURST_EVENTS
            hints = watched.box.take()
            watched.is_doubtful = watched.is_doubtful or has_burst
        skip = len(watched.root.rstrip(SEPARATOR)) + 1
        for hint in hints:
            if has_burst or hint.folder == watched.root:
                self._call(self._on_hint if has_burst or hint.is_recursive else self._on_own_entries, watched.root)
                if has_burst or hint.is_recursive:
                    return
            elif not self._ignore.is_folder_ignored(hint.folder[skip:]):
                self._call(self._on_hint if hint.is_recursive else self._on_own_entries, hint.folder)

    def _call(self, callback: Callable[[bytes], None], folder: bytes) -> None:
        try:
            callback(folder)
        except Exception:  # noqa: BLE001 the watching must outlive a defect of those who listen
            _log.exception("a hint could not be handed on")

    def _check(self) -> None:
        """Renew what no longer watches its root, or may have missed something; poll what is due."""
        now = time.monotonic()
        with self._arming:
            for watched in list(self._watched.values()):
                if self._is_stopped:
                    return
                if watched.is_polled:
                    self._poll(watched, now)
                elif watched.backend is None:
                    if _identity(watched.root) is not None and self._arm(watched):
                        self._hint_root(watched)
                elif not watched.backend.is_sound(watched.root):
                    self._disarm(watched)
                    self._arm(watched)
                    self._hint_root(watched)
                elif watched.is_doubtful and now >= watched.renew_at and watched.box.due_at() is None:
                    self._renew(watched, now)
                elif missing_watches(watched.root):
                    self._disarm(watched)
                    self._poll_from_now(watched, limit_notice())
                    self._hint_root(watched)

    def _renew(self, watched: _Watched, now: float) -> None:
        """After lost events folders may be without a watch: start anew before the old one stops, then look at everything."""
        watched.is_doubtful = False
        watched.renew_at = now + RENEW_SECONDS
        old, watched.backend = watched.backend, None
        self._arm(watched)
        if old is not None:
            old.stop()
        self._hint_root(watched)

    def _poll(self, watched: _Watched, now: float) -> None:
        if now >= watched.poll_at:
            watched.poll_at = now + self._poll_seconds
            self._hint_root(watched)

    def _hint_root(self, watched: _Watched) -> None:
        self._note(watched, watched.root, is_recursive=True)

    def _note(self, watched: _Watched, folder: bytes, *, is_recursive: bool) -> None:
        with self._changed:
            was_idle = watched.box.due_at() is None
            watched.box.add(folder, time.monotonic(), is_recursive=is_recursive)
            if was_idle:
                self._changed.notify_all()

    def _doubt_all(self) -> None:
        """Watchdog warned of something, an overflow for one: believe nothing until every root was looked at."""
        with self._changed:
            for watched in self._watched.values():
                watched.is_doubtful = True

    def _arm(self, watched: _Watched) -> bool:
        """Begin to watch a root; False where it is not here. Polls it where watching is impossible or says too little."""
        if self._is_network(watched.root):
            self._poll_from_now(watched, network_notice(watched.root))
            return True
        identity = _identity(watched.root)
        if identity is None:
            return False
        try:
            watched.backend = _start(self._make_observer, watched.root, identity, self._listener(watched))
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR):
                return False
            self._poll_from_now(watched, limit_notice() if error.errno in _NO_WATCHES else other_notice(watched.root, error))
            return True
        if missing_watches(watched.root):
            self._disarm(watched)
            self._poll_from_now(watched, limit_notice())
        return True

    def _listener(self, watched: _Watched) -> _Listener:
        def note(folder: bytes, is_recursive: bool) -> None:
            self._note(watched, folder, is_recursive=is_recursive)

        return _Listener(watched.root, self._ignore, note)

    def _disarm(self, watched: _Watched) -> None:
        backend, watched.backend = watched.backend, None
        if backend is not None:
            backend.stop()

    def _poll_from_now(self, watched: _Watched, notice: WatchError) -> None:
        with self._changed:
            watched.is_polled = True
            watched.poll_at = time.monotonic() + self._poll_seconds
        if notice.remedy in self._noticed:
            return
        self._noticed.add(notice.remedy)
        if self._on_notice is None:
            _log.warning("%s", notice)
        else:
            self._on_notice(notice)


class _Listener(events.FileSystemEventHandler):
    """Turns watchdog's events of one root into folders, as they are called below the root that the user named."""

    def __init__(self, root: bytes, ignore: IgnoreRules, note: Callable[[bytes, bool], None]) -> None:
        self._root = root.rstrip(SEPARATOR)
        self._real = os.path.realpath(root).rstrip(SEPARATOR)
        self._ignore = ignore
        self._note = note

    def dispatch(self, event: events.FileSystemEvent) -> None:
        """Note the folder of each path that the event names."""
        for text in (event.src_path, event.dest_path):
            if text:
                self._look(os.fsencode(text), is_folder=event.is_directory)

    def _look(self, path: bytes, *, is_folder: bool) -> None:
        below = path[len(self._real) :]
        if not path.startswith(self._real) or below[:1] not in (b"", SEPARATOR):
            return
        here = self._root + below
        if self._ignore.is_own(path if is_folder else path.rpartition(SEPARATOR)[0]):
            return
        if is_folder:
            self._note(here or SEPARATOR, True)
            return
        folder, _, name = here.rpartition(SEPARATOR)
        if is_sidecar(name) or not self._ignore.is_ignored(name, name, is_folder=False):
            self._note(folder or SEPARATOR, False)


def _start(make_observer: Callable[[], BaseObserver], root: bytes, identity: tuple[int, int], listener: _Listener) -> _Backend:
    """Start watchdog on one root. Raises ``OSError``, with no thread left behind."""
    before = set(threading.enumerate())
    observer = make_observer()
    try:
        # The root may be a link, which inotify is told not to follow; macOS speaks of real paths only.
        observer.schedule(listener, os.fsdecode(os.path.realpath(root)), recursive=True, event_filter=_WANTED)
        observer.start()
    except OSError:
        _stop(observer)
        raise
    threads = [thread for thread in threading.enumerate() if isinstance(thread, BaseThread) and thread not in before]
    return _Backend(observer, threads, identity)


def _stop(observer: BaseObserver) -> None:
    observer.stop()
    if observer.ident is not None:
        observer.join()


def _identity(root: bytes) -> tuple[int, int] | None:
    try:
        status = os.stat(root)
    except OSError:
        return None
    return status.st_dev, status.st_ino
