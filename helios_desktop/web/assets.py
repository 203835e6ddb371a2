"""The files of the page (resources/web) -> responses: read once, packed once, told apart by their content."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response

from helios_desktop.paths import resources_dir
from helios_desktop.web.answers import ASK_AGAIN, has_it, takes_gzip
from helios_desktop.web.problems import Refusal

FOLDER = "web"
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
    ".json": "application/json",
}
BEST_LEVEL = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file in memory. ``packed`` is empty where gzip would save nothing."""

    body: bytes
    packed: bytes
    media_type: str
    tag: str

    @classmethod
    def of(cls, body: bytes, suffix: str) -> Asset:
        """Make one of bytes."""
        packed = b"" if suffix == ".png" else gzip.compress(body, BEST_LEVEL, mtime=0)
        return cls(
            body=body,
            packed=packed if len(packed) < len(body) else b"",
            media_type=MEDIA_TYPES[suffix],
            tag=f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"',
        )

    def answer(self, request: Request) -> Response:
        """Return it, packed where the caller takes that, or 304 where it is there already."""
        headers = {"ETag": self.tag, "Cache-Control": ASK_AGAIN, "Vary": "Accept-Encoding"}
        if has_it(request, self.tag):
            return Response(status_code=304, headers=headers)
        if self.packed and takes_gzip(request):
            headers["Content-Encoding"] = "gzip"
            return Response(self.packed, headers=headers, media_type=self.media_type)
        return Response(self.body, headers=headers, media_type=self.media_type)


class Assets:
    """All files of the page, by name."""

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or resources_dir() / FOLDER
        self._files = {
            file.name: Asset.of(file.read_bytes(), file.suffix)
            for file in sorted(folder.iterdir())
            if file.suffix in MEDIA_TYPES
        }

    def get(self, name: str) -> Asset:
        """Return one. Raises ``Refusal`` (404)."""
        if name not in self._files:
            raise Refusal(404, "There is no such file.", "Open the page at /")
        return self._files[name]
