"""A photo's file -> the file, open, if it is still a plain file below its root -> a response that reads it piece by piece.

The catalogue may be older than the disk: a folder can have become a link to somewhere else since.
"""

from __future__ import annotations

import os
import stat
from typing import BinaryIO

from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from helios_desktop.domain import Photo, Root
from helios_desktop.web.lanes import Lane
from helios_desktop.web.problems import Refusal

PIECE_BYTES = 256 * 2**10


def is_inside(photo: Photo, root: Root) -> bool:
    """Whether the file, with every link on the way to it followed, lies below the root, with links followed too."""
    top = os.path.realpath(root.path)
    return os.path.realpath(photo.path).startswith(top.rstrip(os.fsencode(os.sep)) + os.fsencode(os.sep))


def open_inside(photo: Photo, root: Root) -> BinaryIO:
    """Open a photo's file. Raises ``Refusal`` (404) where it is gone, is a link now, or leads out of its root."""
    gone = Refusal(404, "The file of this photo is not there now.", "Connect its drive, or search again.")
    if not is_inside(photo, root):
        raise gone
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(photo.path, flags)
    except OSError as error:
        raise gone from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise gone
    return os.fdopen(descriptor, "rb", buffering=0)


class FileAnswer(Response):
    """Sends the bytes ``[start, end)`` of an open file, and closes it however that ends."""

    def __init__(
        self, file: BinaryIO, lane: Lane, *, span: tuple[int, int], status: int, headers: dict[str, str], media_type: str
    ) -> None:
        super().__init__(status_code=status, headers=headers, media_type=media_type)
        self._file = file
        self._lane = lane
        self._start, self._end = span
        self.headers["content-length"] = str(self._end - self._start)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; a file that became shorter meanwhile ends the connection, so that nobody takes it for whole."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            position = self._start
            while position < self._end:
                piece = await self._lane.do(lambda at=position: self._read(at))  # type: ignore[misc]
                if not piece:
                    return
                position += len(piece)
                await send({"type": "http.response.body", "body": piece, "more_body": position < self._end})
            if self._start == self._end:
                await send({"type": "http.response.body", "body": b""})
        finally:
            self._file.close()

    def _read(self, position: int) -> bytes:
        self._file.seek(position)
        return self._file.read(min(PIECE_BYTES, self._end - position))
