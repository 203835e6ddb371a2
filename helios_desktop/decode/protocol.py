"""How a decode worker is spoken to: questions and answers as frames over its standard input and output.

A frame is two lengths (JSON header, body; 4 and 8 bytes, little-endian), then both. Names of files travel as hex, pixels and
thumbnails as they are. Pipes were chosen over shared memory on purpose: a view is 150 KB, copying it takes microseconds, and
whatever is killed at whatever moment leaves nothing behind. There is no pickle: a worker that a hostile file has taken over can
send nothing but numbers and bytes, and those are checked here.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import IO, Any, Literal

import numpy as np

from helios_desktop.domain import DecodedPhoto, Metadata, Skipped, SkipReason, View
from helios_desktop.errors import WorkerError

Task = Literal["decode", "hash", "sidecar"]
PhotoAnswer = DecodedPhoto | Skipped | bytes
"""A decoded photo, the reason why there is none, or (task ``hash``) the SHA-256 of its content."""
Answer = PhotoAnswer | Metadata
"""The same, or (task ``sidecar``) what the XMP file beside it says."""

_LENGTHS = struct.Struct("<IQ")
MOST_HEADER_BYTES = 1 << 20
MOST_BODY_BYTES = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One file to look at."""

    path: bytes
    task: Task
    views: tuple[View, ...]
    thumbnail_px: int
    as_pixels: bool = False


def write_frame(stream: IO[bytes], header: dict[str, Any], body: Sequence[bytes] = ()) -> None:
    """Write one frame and flush it. Raises ``OSError`` where the other end is gone."""
    text = json.dumps(header).encode("ascii")
    stream.write(_LENGTHS.pack(len(text), sum(map(len, body))) + text)
    for part in body:
        stream.write(part)
    stream.flush()


def read_frame(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """Read one frame; None where the other end closed. Raises ``WorkerError`` on anything that is no frame."""
    head = stream.read(_LENGTHS.size)
    if len(head) < _LENGTHS.size:
        return None
    header_bytes, body_bytes = _LENGTHS.unpack(head)
    if header_bytes > MOST_HEADER_BYTES or body_bytes > MOST_BODY_BYTES:
        raise _senseless("a frame is longer than any should be")
    text, body = stream.read(header_bytes), stream.read(body_bytes)
    if len(text) < header_bytes or len(body) < body_bytes:
        return None
    try:
        header = json.loads(text)
    except ValueError as error:
        raise _senseless("a header is no JSON") from error
    if not isinstance(header, dict):
        raise _senseless("a header is no object")
    return header, body


def question_header(question: Question) -> dict[str, Any]:
    """The header of the frame that asks ``question``; it has no body."""
    return {
        "path": question.path.hex(),
        "task": question.task,
        "views": [asdict(view) for view in question.views],
        "thumbnail_px": question.thumbnail_px,
        "as_pixels": question.as_pixels,
    }


def parse_question(header: dict[str, Any]) -> Question:
    """The question of a frame's header."""
    return Question(
        path=bytes.fromhex(header["path"]),
        task=header["task"],
        views=tuple(View(**view) for view in header["views"]),
        thumbnail_px=header["thumbnail_px"],
        as_pixels=header["as_pixels"],
    )


def answer_frame(answer: Answer) -> tuple[dict[str, Any], list[bytes]]:
    """Header and body of the frame that carries ``answer``."""
    if isinstance(answer, bytes):
        return {"kind": "hash"}, [answer]
    if isinstance(answer, Skipped):
        return {"kind": "skipped", "reason": answer.reason.value, "detail": answer.detail}, []
    if isinstance(answer, Metadata):
        return {"kind": "sidecar", "metadata": asdict(answer)}, []
    header = {
        "kind": "photo",
        "hash": answer.content_hash.hex(),
        "width": answer.width,
        "height": answer.height,
        "format": answer.format,
        "metadata": asdict(answer.metadata),
        "sidecar": asdict(answer.sidecar),
        "colour": answer.colour,
        "thumbnail": len(answer.thumbnail),
        "views": [view.shape[:2] for view in answer.views],
    }
    return header, [answer.thumbnail, *(view.tobytes() for view in answer.views)]


def parse_answer(header: dict[str, Any], body: bytes) -> Answer:
    """The answer of a frame. Raises ``WorkerError`` where it is none."""
    try:
        if header["kind"] == "hash":
            return body
        if header["kind"] == "skipped":
            return Skipped(reason=SkipReason(header["reason"]), detail=str(header["detail"]))
        if header["kind"] == "sidecar":
            return _parse_metadata(header["metadata"])
        return _parse_photo(header, body)
    except (KeyError, TypeError, ValueError) as error:
        raise _senseless(f"an answer cannot be read ({error})") from error


def _parse_photo(header: dict[str, Any], body: bytes) -> DecodedPhoto:
    start = int(header["thumbnail"])
    views = []
    for height, width in header["views"]:
        pixels = np.frombuffer(body, np.uint8, count=height * width * 3, offset=start)
        views.append(pixels.reshape(height, width, 3))
        start += pixels.size
    return DecodedPhoto(
        content_hash=bytes.fromhex(header["hash"]),
        width=int(header["width"]),
        height=int(header["height"]),
        format=str(header["format"]),
        metadata=_parse_metadata(header["metadata"]),
        views=tuple(views),
        thumbnail=body[: int(header["thumbnail"])],
        colour=int(header["colour"]),
        sidecar=_parse_metadata(header["sidecar"]),
    )


def _parse_metadata(stored: dict[str, Any]) -> Metadata:
    return Metadata(**{**stored, "keywords": tuple(stored["keywords"])})


def _senseless(what: str) -> WorkerError:
    return WorkerError(f"A decode worker answered nonsense: {what}.", "It is replaced; the file is tried once more.")
