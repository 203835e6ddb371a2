"""Paired devices: a code that is shown once -> a token that only the device has; of both, this computer keeps hashes.

Tokens and codes are 256 random bits, so a plain SHA-256 keeps them: there is nothing to guess, and nothing in the file to use.
Several servers and commands share the file; each looks at it again when it changed, so that revoking counts at once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import filelock

from helios_desktop.node.private_files import private_folder, write_private

TOKEN_BYTES = 32
MOST_DEVICES = 100
NAME_CHARACTERS = 60
SEEN_SECONDS = 120.0
"""A device that asked for something within this time counts as connected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One paired device. ``token_hash``: SHA-256 of its token, hexadecimal. ``paired_at``: seconds since the epoch."""

    device_id: str
    name: str
    token_hash: str
    paired_at: int


class Devices:
    """The devices that may come in. For any thread; nothing is read or written before it is needed."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = folder / "devices.json"
        self._lock = threading.Lock()
        self._clock = clock
        self._stamp: tuple[int, int, int] | None = None
        self._known: dict[str, Device] = {}
        self._seen: dict[str, float] = {}

    def all(self) -> list[Device]:
        """Every paired device, the oldest first."""
        with self._lock:
            self._refresh()
            return sorted(self._known.values(), key=lambda device: (device.paired_at, device.device_id))

    def connected(self) -> list[Device]:
        """Those that asked for something lately."""
        now = self._clock()
        devices = self.all()
        with self._lock:
            return [one for one in devices if now - self._seen.get(one.device_id, float("-inf")) < SEEN_SECONDS]

    def find(self, token: str) -> Device | None:
        """Return the device that has this token, which counts as seen now."""
        if not token:
            return None
        with self._lock:
            self._refresh()
            device = self._known.get(hash_of(token))
            if device is not None:
                self._seen[device.device_id] = self._clock()
            return device

    def add(self, name: str) -> tuple[Device, str]:
        """Let a device in; return it and its token, which is kept nowhere here. The oldest go where there are too many."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        shown = "".join(letter for letter in name if letter.isprintable())[:NAME_CHARACTERS].strip() or "A device"
        device = Device(device_id=secrets.token_hex(4), name=shown, token_hash=hash_of(token), paired_at=int(time.time()))
        with self._changing() as known:
            known[device.token_hash] = device
            for old in sorted(known.values(), key=lambda one: one.paired_at)[:-MOST_DEVICES]:
                del known[old.token_hash]
        return device, token

    def revoke(self, device_id: str) -> bool:
        """Let a device in no more; ``all`` revokes every one. Return whether there was any."""
        with self._changing() as known:
            gone = [one.token_hash for one in known.values() if device_id in {"all", one.device_id}]
            for token_hash in gone:
                del known[token_hash]
        return bool(gone)

    def _changing(self) -> _Change:
        return _Change(self, self._lock)

    def _refresh(self) -> None:
        try:
            status = self._file.stat()
        except OSError:
            self._stamp, self._known = None, {}
            return
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        if stamp == self._stamp:
            return
        self._known = {}
        with suppress(OSError, ValueError, TypeError):  # a damaged file lets nobody in
            rows = json.loads(self._file.read_bytes())
            self._known = {row["token_hash"]: Device(**row) for row in rows}
        self._stamp = stamp

    def _write(self) -> None:
        rows = [asdict(device) for device in self._known.values()]
        write_private(self._file, json.dumps(rows, indent=1).encode())
        self._stamp = None


class _Change:
    """A moment in which the file is this process's alone."""

    def __init__(self, devices: Devices, lock: threading.Lock) -> None:
        self._devices = devices
        self._lock = lock

    def __enter__(self) -> dict[str, Device]:
        file = self._devices._file
        private_folder(file.parent)
        self._file_lock = filelock.FileLock(f"{file}.lock", mode=0o600, thread_local=False)
        self._lock.acquire()
        self._file_lock.acquire()
        self._devices._refresh()
        return self._devices._known

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._devices._write()
        finally:
            self._file_lock.release()
            self._lock.release()


class Pairing:
    """The code that lets the next device in, once; another takes its place then. For any thread."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._lock = threading.Lock()
        self._code = secrets.token_urlsafe(TOKEN_BYTES)

    @property
    def code(self) -> str:
        """The code to show now."""
        with self._lock:
            return self._code

    def redeem(self, code: str, name: str) -> tuple[Device, str] | None:
        """Exchange the code for a device's token; None for any other code."""
        with self._lock:
            if not hmac.compare_digest(self._code.encode(), code.encode("utf-8", "replace")):
                return None
            self._code = secrets.token_urlsafe(TOKEN_BYTES)
        return self._devices.add(name)


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
