"""The address of a picture of another library in, a thumbnail out: fetched when it is looked at, decoded by our own workers.

Only https, redirects too, verified by the system's authorities; so many bytes at most; no cookies, no referrer: nothing but the
address itself leaves this computer. What came is kept in a file of its own that may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
import ssl
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import CancelledError
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from helios_desktop import __version__
from helios_desktop.decode.pool import DecodePool
from helios_desktop.decode.thumbnails import ThumbnailStore
from helios_desktop.domain import DecodedPhoto
from helios_desktop.errors import KnownError, QueryError, WorkerError

WIDTH_PX = 640
MOST_BYTES = 8_000_000
SILENCE_SECONDS = 15.0
CACHE_BYTES = 500_000_000
SHRINK_EVERY = 200
_CHUNK_BYTES = 1 << 16


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but never out of https."""

    max_redirections = 5

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        try:
            refuse_unless_https(newurl)
        except QueryError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class RemotePictures:
    """Gives thumbnails of pictures that lie elsewhere. Safe to call from several threads."""

    def __init__(
        self,
        *,
        cache: ThumbnailStore,
        decoder: Callable[[], DecodePool],
        folder: Path,
        context: ssl.SSLContext | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        """``folder``: where a picture lies while it is decoded; ``context``: whom to trust (None: the system's authorities)."""
        self._cache = cache
        self._decoder = decoder
        self._folder = folder
        self._most_bytes = most_bytes
        handler = urllib.request.HTTPSHandler(context=context or ssl.create_default_context())
        self._opener = urllib.request.build_opener(handler, _HttpsOnly())
        self._opener.addheaders = [("User-Agent", f"helios-desktop/{__version__}"), ("Accept", "image/*")]
        self._kept = 0

    def thumbnail(self, url: str) -> bytes:
        """Return a JPEG of at most 512 px on its longer side; blocks. Raises ``KnownError`` where it cannot be had."""
        refuse_unless_https(url)
        key = key_of(url)
        stored = self._cache.get(key)
        if stored is not None:
            return stored
        made = self._decoded(self._fetch(sized(url)))
        self._cache.put_many([(key, made)])
        self._kept += 1
        if self._kept % SHRINK_EVERY == 0:
            self._cache.shrink_to(CACHE_BYTES)
        return made

    def _fetch(self, url: str) -> bytes:
        host = urlsplit(url).hostname
        try:
            with self._opener.open(url, timeout=SILENCE_SECONDS) as answer:
                kind = answer.headers.get_content_type()
                if not kind.startswith("image/"):
                    raise KnownError(f"{host} sent {kind} instead of a picture.", "Look at the photo on its own page.")
                body = bytearray()
                while chunk := answer.read(_CHUNK_BYTES):
                    body += chunk
                    if len(body) > self._most_bytes:
                        raise KnownError(
                            f"The picture at {host} is larger than {self._most_bytes / 1e6:.0f} MB.",
                            "Look at the photo on its own page.",
                        )
                return bytes(body)
        except urllib.error.HTTPError as error:
            error.close()
            raise KnownError(
                f"{host} does not give out this picture ({error.code}).", "It may be gone; try it later."
            ) from error
        except (OSError, HTTPException) as error:  # no network, no such name, a certificate that is not trusted, silence
            raise KnownError(
                f"{host} cannot be reached ({_reason(error)}).", "Check the network connection and try again."
            ) from error

    def _decoded(self, body: bytes) -> bytes:
        """Decode in a worker, as any file that may be hostile."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix=".remote-", dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
            outcome = self._decoder().submit(os.fsencode(name), views=()).result()
        except (CancelledError, WorkerError) as error:
            raise KnownError("The picture was not decoded, since Helios is closing.", "Look at it again.") from error
        finally:
            Path(name).unlink(missing_ok=True)
        if not isinstance(outcome, DecodedPhoto):
            raise KnownError("What came is no picture that can be shown.", "Look at the photo on its own page.")
        return outcome.thumbnail


def key_of(url: str) -> bytes:
    """Return what stands for a picture where photos of one's own have the hash of their content: 32 bytes."""
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).digest()


def sized(url: str) -> str:
    """Return the address of a small picture, as Unsplash makes them."""
    return f"{url}{'&' if urlsplit(url).query else '?'}w={WIDTH_PX}"


def refuse_unless_https(url: str) -> None:
    """Raise ``QueryError`` for any address but an https one of a host."""
    try:
        part = urlsplit(url)
        is_https = part.scheme == "https" and bool(part.hostname)
    except ValueError:
        is_https = False
    if not is_https:
        raise QueryError(
            "This picture's address is not https, so it is not loaded.", "Import the library with https addresses."
        )


def _reason(error: BaseException) -> str:
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or reason)
