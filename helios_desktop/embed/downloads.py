"""A model on the hub -> a folder in the layout of ready-made exports: checked, resumable, pinned to the revision first seen.

What arrives lies in a folder beside the models, file by file, the unfinished one as ``.part``; a stop of any kind keeps it, and
the next call goes on from there. ``origin.json`` is written before the first byte: repository, revision, and the hub's SHA-256
of every large file. From then on the revision is pinned, and files must match. Hashes that the hub does not tell stay empty.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helios_desktop.embed.hub import Body, Hub, InterruptedTransferError, Listing, RemoteFile, offline_error
from helios_desktop.embed.onnx_exports import missing_files, needed_files
from helios_desktop.errors import ModelError

ORIGIN_NAME = "origin.json"
SPARE_SHARE = 0.5
"""Room asked for beyond the files themselves: the 8-bit form, and its making."""
SPARE_BYTES = 200_000_000
TRIES = 5
"""Tries in a row without a single new byte, before the download gives up."""
RETRY_SECONDS = 2.0
RATE_SECONDS = 10.0
TELL_SECONDS = 0.2
_CHUNK_BYTES = 1 << 20
_SHA256_CHARACTERS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadProgress:
    """How far a download is: bytes of all files together. ``eta_seconds`` is None until there is a rate to judge by."""

    file: str
    done_bytes: int
    total_bytes: int
    bytes_per_second: float
    eta_seconds: float | None
    is_paused: bool = False


class DownloadCancelledError(ModelError):
    """The user stopped the download; what came so far is kept."""

    def __init__(self) -> None:
        super().__init__("The download was stopped; what came so far is kept.", "Ask for it again to go on from there.")


class DownloadControl:
    """Pause, resume and cancel, from any thread."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._running = threading.Event()
        self._running.set()

    def pause(self) -> None:
        """Let go of the connection at the next chunk, and wait."""
        self._running.clear()

    def resume(self) -> None:
        """Go on from where it stopped."""
        self._running.set()

    def cancel(self) -> None:
        """End the download at the next chunk."""
        self._cancelled.set()
        self._running.set()

    @property
    def is_paused(self) -> bool:
        """Whether it is to wait."""
        return not self._running.is_set()

    def pass_through(self) -> None:
        """Wait while paused. Raises ``DownloadCancelledError``."""
        self._running.wait()
        self.check()

    def check(self) -> None:
        """Raise ``DownloadCancelledError`` where it was cancelled."""
        if self._cancelled.is_set():
            raise DownloadCancelledError

    def wait(self, seconds: float) -> None:
        """Wait, unless it is cancelled meanwhile. Raises ``DownloadCancelledError``."""
        if self._cancelled.wait(seconds):
            raise DownloadCancelledError


Listener = Callable[[DownloadProgress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a model came from. ``sha256`` per file as the hub told it, empty where it did not."""

    repository: str
    revision: str
    endpoint: str
    licence: str
    sha256: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> Origin | None:
        """Read the record of an earlier download; None where there is none that can be read."""
        try:
            content = json.loads((folder / ORIGIN_NAME).read_text(encoding="utf-8"))
            return cls(
                repository=str(content["repository"]),
                revision=str(content["revision"]),
                endpoint=str(content["endpoint"]),
                licence=str(content["licence"]),
                sha256={str(name): str(value) for name, value in content["sha256"].items()},
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, folder: Path) -> None:
        """Keep the record."""
        content: dict[str, Any] = {
            "repository": self.repository,
            "revision": self.revision,
            "endpoint": self.endpoint,
            "licence": self.licence,
            "sha256": dict(self.sha256),
        }
        fresh = folder / f".{ORIGIN_NAME}.new"
        fresh.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        fresh.replace(folder / ORIGIN_NAME)


def download_export(
    hub: Hub,
    repository: str,
    folder: Path,
    *,
    pinned: Origin | None = None,
    listener: Listener = lambda _: None,
    control: DownloadControl | None = None,
    retry_seconds: float = RETRY_SECONDS,
) -> Origin:
    """Bring all files of an export into ``folder``, which may hold a part of them from an earlier call.

    ``pinned``: the record of an earlier, complete download, whose revision and hashes count. Raises ``DownloadCancelledError``
    and ``ModelError``; ``folder`` then keeps what came, except a file that turned out to be a wrong one.
    """
    control = control or DownloadControl()
    pinned = pinned or _own(Origin.read(folder), repository)
    if hub.is_offline:
        return _from_cache(hub, repository, folder, pinned)
    listing = hub.listing(repository, pinned.revision if pinned else None)
    files = _wanted(repository, listing)
    origin = Origin(
        repository=repository,
        revision=listing.revision,
        endpoint=hub.endpoint,
        licence=listing.licence,
        sha256={file.name: file.sha256 for file in files},
    )
    _refuse_other_hashes(pinned, origin)
    folder.mkdir(parents=True, exist_ok=True)
    _refuse_without_room(folder, files)
    origin.write(folder)
    download = _Download(hub, origin, folder, files, listener, control, retry_seconds)
    for file in files:
        download.fetch(file)
    return origin


class _Download:
    """The transfer of some files, one after the other: the hub serves one stream as fast as several."""

    def __init__(
        self,
        hub: Hub,
        origin: Origin,
        folder: Path,
        files: list[RemoteFile],
        listener: Listener,
        control: DownloadControl,
        retry_seconds: float,
    ) -> None:
        self._hub = hub
        self._origin = origin
        self._folder = folder
        self._listener = listener
        self._control = control
        self._retry_seconds = retry_seconds
        self._total = sum(file.bytes for file in files)
        self._finished = 0
        self._samples: list[tuple[float, int]] = []
        self._told = 0.0

    def fetch(self, file: RemoteFile) -> None:
        """Bring one file, from where an earlier try stopped. A file that is there and right is not fetched again."""
        target = self._folder / file.name
        part = target.with_name(target.name + ".part")
        target.parent.mkdir(parents=True, exist_ok=True)
        if not (target.is_file() and target.stat().st_size == file.bytes and _is_right(target, file)):
            self._fill(file, part)
            if not _is_right(part, file):
                part.unlink()
                raise ModelError(
                    f"{file.name} of {self._origin.repository} is not the file that its publisher lists: something changed it"
                    " on its way here.",
                    "Try again, over another network if you can. Nothing was installed.",
                )
            part.replace(target)
        self._finished += file.bytes
        self._tell(file, 0, is_due=True)

    def _fill(self, file: RemoteFile, part: Path) -> None:
        tries = 0
        while (offset := _size(part)) != file.bytes or not part.exists():
            self._tell(file, offset, is_due=True)
            if self._control.is_paused:  # the listener may have asked for it just now
                self._tell(file, offset, is_due=True)
            self._control.pass_through()
            try:
                self._stream(file, part, 0 if offset > file.bytes else offset)
            except InterruptedTransferError:
                tries = 0 if _size(part) > offset else tries + 1
                if tries >= TRIES:
                    raise
                self._control.wait(self._retry_seconds)
            except OSError as error:
                raise ModelError(
                    f"{part.name} cannot be written ({error.strerror or error}).",
                    "Make room on this disk, then try again: what came so far is kept.",
                ) from error

    def _stream(self, file: RemoteFile, part: Path, offset: int) -> None:
        with self._hub.body(self._origin.repository, self._origin.revision, file, offset) as body:
            done = self._write(file, part, body)
        if done < file.bytes and not self._control.is_paused:
            raise InterruptedTransferError(
                f"Only {done:,} of {file.bytes:,} bytes of {file.name} came.", "Try again: it goes on from there."
            )

    def _write(self, file: RemoteFile, part: Path, body: Body) -> int:
        """Append what comes, until it ends or somebody pauses; return how long the file is then."""
        done = body.offset
        with part.open("r+b" if done else "wb") as target:
            target.seek(done)
            for chunk in body.chunks:
                if done + len(chunk) > file.bytes:
                    raise ModelError(
                        f"{file.name} of {self._origin.repository} is longer than the hub says.",
                        "Try again later, over another network if you can. Nothing was installed.",
                    )
                target.write(chunk)
                done += len(chunk)
                self._tell(file, done)
                self._control.check()
                if self._control.is_paused:
                    break
        return done

    def _tell(self, file: RemoteFile, done: int, *, is_due: bool = False) -> None:
        now = time.monotonic()
        if not is_due and now - self._told < TELL_SECONDS:
            return
        self._told = now
        total_done = self._finished + done
        self._samples = [one for one in self._samples if now - one[0] <= RATE_SECONDS and one[1] <= total_done]
        self._samples.append((now, total_done))
        first_time, first_done = self._samples[0]
        rate = (total_done - first_done) / (now - first_time) if now > first_time else 0.0
        self._listener(
            DownloadProgress(
                file=file.name,
                done_bytes=total_done,
                total_bytes=self._total,
                bytes_per_second=rate,
                eta_seconds=(self._total - total_done) / rate if rate > 0 else None,
                is_paused=self._control.is_paused,
            )
        )


def _own(origin: Origin | None, repository: str) -> Origin | None:
    return origin if origin is not None and origin.repository == repository else None


def _wanted(repository: str, listing: Listing) -> list[RemoteFile]:
    """The files that a pack needs, small ones first: what is wrong with a model shows before its gigabyte came."""
    names = [file.name for file in listing.files]
    if missing := missing_files(names):
        raise ModelError(
            f"{repository} holds no model that runs here: it lacks {', '.join(missing)}.",
            "Choose a model from: helios models list",
        )
    needed = set(needed_files(names))
    return sorted((file for file in listing.files if file.name in needed), key=lambda file: (file.bytes, file.name))


def _refuse_other_hashes(pinned: Origin | None, now: Origin) -> None:
    if pinned is None:
        return
    changed = [name for name, value in pinned.sha256.items() if value and now.sha256.get(name, "") != value]
    if changed or (pinned.revision and pinned.revision != now.revision):
        raise ModelError(
            f"{now.repository} is no longer what was downloaded at first ({', '.join(changed) or 'another revision'}).",
            "Somebody changed published files. If you trust the change, remove the model and download it anew.",
        )


def _refuse_without_room(folder: Path, files: list[RemoteFile]) -> None:
    have = sum(_size(folder / file.name) or _size(folder / f"{file.name}.part") for file in files)
    total = sum(file.bytes for file in files)
    needed = max(0, total - have) + int(SPARE_SHARE * total) + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ModelError(
            f"The download needs {needed / 1e9:.1f} GB on the disk of {folder.parent}, and {free / 1e9:.1f} GB are free.",
            "Make room on this disk, or choose a smaller model.",
        )


def _from_cache(hub: Hub, repository: str, folder: Path, pinned: Origin | None) -> Origin:
    """Copy an export from the hub's own cache, where connections are forbidden; large files there are named by hash."""
    source = hub.cached(repository, pinned.revision if pinned else None)
    if source is None:
        raise offline_error()
    names = [path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()]
    if missing := missing_files(names):
        raise ModelError(
            f"The hub's cache on this computer holds {repository} without {', '.join(missing)}.",
            "Unset HF_HUB_OFFLINE and try again.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    sizes = [RemoteFile(name=name, bytes=(source / name).stat().st_size) for name in needed_files(names)]
    _refuse_without_room(folder, sizes)
    try:
        hashes = {name: _copied(source, folder, name) for name in needed_files(names)}
    except OSError as error:
        raise ModelError(
            f"{repository} cannot be copied from the hub's cache on this computer ({error.strerror or error}).",
            "Make room on this disk, or look at the rights of that cache.",
        ) from error
    origin = Origin(
        repository=repository,
        revision=source.name,
        endpoint=hub.endpoint,
        licence=pinned.licence if pinned else "",
        sha256=hashes,
    )
    _refuse_other_hashes(pinned, origin)
    origin.write(folder)
    return origin


def _copied(source: Path, folder: Path, name: str) -> str:
    """Copy one file of the cache; return the SHA-256 that the cache calls it by, where it is a large one."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / name, target)
    blob = (source / name).resolve().name
    sha256 = blob if len(blob) == _SHA256_CHARACTERS else ""
    if not _is_right(target, RemoteFile(name=name, bytes=target.stat().st_size, sha256=sha256)):
        raise ModelError(f"{name} in the hub's cache on this computer is damaged.", "Delete that cache and try again.")
    return sha256


def _is_right(path: Path, file: RemoteFile) -> bool:
    """Compare with the hub's SHA-256, or with git's own checksum of small files; True where it told neither."""
    if not (file.sha256 or file.git_sha1):
        return True
    digest = hashlib.sha256() if file.sha256 else hashlib.sha1(usedforsecurity=False)
    if not file.sha256:
        digest.update(f"blob {path.stat().st_size}\0".encode())
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest() == (file.sha256 or file.git_sha1)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
