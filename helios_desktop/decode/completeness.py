"""Whether a file is all there: an open file and its kind in, nothing out, or ``SkippedFileError`` (damaged).

Decoders are lenient about a missing end: libheif draws what it has, libjpeg and libwebp may fill with grey, a GIF or TIFF loses
pages. So the end is checked by the format's own structure, without decoding. Trailing bytes after a whole picture are fine.
"""

from __future__ import annotations

import re
from io import BufferedReader

from helios_desktop.decode.iso_media import check_boxes
from helios_desktop.decode.sniff import Kind
from helios_desktop.decode.tiff_layout import check_tiff
from helios_desktop.domain import SkipReason
from helios_desktop.errors import SkippedFileError

BLOCK_BYTES = 1 << 20
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_JPEG_ALONE = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})
_JPEG_END = 0xD9
_JPEG_SCAN = 0xDA


def check_whole(kind: Kind, file: BufferedReader, size: int) -> None:
    """Raise ``SkippedFileError`` (damaged) where the end of the picture is missing; the file is at its start afterwards."""
    check = _CHECKS.get(kind)
    if check is not None:
        file.seek(0)
        check(file, size)
    file.seek(0)


def _cut(what: str) -> SkippedFileError:
    return SkippedFileError(SkipReason.DAMAGED, f"The file was cut off: {what}.")


def _check_jpeg(file: BufferedReader, size: int) -> None:
    """The first picture reaches its EOI marker (T.81, B.1.1): at the very end as usual, else found by walking there."""
    file.seek(max(0, size - 4096))
    if file.read().rstrip(b"\x00").endswith(b"\xff\xd9"):
        return
    position = 2
    while True:
        file.seek(position)
        marker = file.read(4)
        while marker[:2] == b"\xff\xff":
            position += 1
            marker = marker[1:] + file.read(1)
        if len(marker) < 2 or marker[0] != 0xFF:
            raise _cut("the JPEG's markers end early")
        if marker[1] == _JPEG_END:
            return
        position += 2 if marker[1] in _JPEG_ALONE else 2 + int.from_bytes(marker[2:4], "big")
        if marker[1] == _JPEG_SCAN:
            position = _next_jpeg_marker(file, position)


def _next_jpeg_marker(file: BufferedReader, position: int) -> int:
    """Where the coded data that begins at ``position`` ends: at the next marker that is neither stuffing nor a restart."""
    file.seek(position)
    while block := file.read(BLOCK_BYTES):
        found = _JPEG_MARKER.search(block)
        if found is not None:
            return position + found.start()
        # One byte is read twice, since a marker may lie across two blocks.
        position += max(1, len(block) - 1)
        file.seek(position)
        if len(block) == 1:
            break
    raise _cut("the JPEG's end marker is missing")


def _check_png(file: BufferedReader, size: int) -> None:
    """Every chunk up to IEND lies within the file (PNG, 3rd edition, 5.3)."""
    position = 8
    while True:
        file.seek(position)
        head = file.read(8)
        if len(head) < 8:
            raise _cut("the PNG's last chunk is missing")
        position += 12 + int.from_bytes(head[:4], "big")
        if position > size:
            raise _cut("a PNG chunk ends after the file")
        if head[4:] == b"IEND":
            return


def _check_gif(file: BufferedReader, size: int) -> None:
    """Every block up to the trailer is there (GIF89a, appendix B)."""
    head = file.read(13)
    if len(head) < 13:
        raise _cut("the GIF's header is incomplete")
    _skip_colours(file, head[10])
    while True:
        introducer = file.read(1)
        if introducer == b";":
            return
        if introducer == b"!":
            file.seek(1, 1)
        elif introducer == b",":
            frame = file.read(9)
            if len(frame) < 9:
                raise _cut("a GIF frame is incomplete")
            _skip_colours(file, frame[8])
            file.seek(1, 1)
        elif introducer in {b"", b"\x00"} and file.tell() >= size:
            raise _cut("the GIF's trailer is missing")
        elif introducer == b"\x00":
            continue
        else:
            raise SkippedFileError(SkipReason.DAMAGED, "A GIF block is of no known kind.")
        _skip_gif_blocks(file)


def _skip_colours(file: BufferedReader, flags: int) -> None:
    if flags & 0x80:
        file.seek(3 << ((flags & 7) + 1), 1)


def _skip_gif_blocks(file: BufferedReader) -> None:
    while True:
        length = file.read(1)
        if not length:
            raise _cut("the GIF's blocks end early")
        if length == b"\x00":
            return
        file.seek(length[0], 1)


def _check_webp(file: BufferedReader, size: int) -> None:
    """The RIFF header counts the bytes that follow it (WebP container specification)."""
    head = file.read(12)
    promised = int.from_bytes(head[4:8], "little") + 8
    if promised > size:
        raise _cut(f"{promised:,} bytes were promised, {size:,} are there")


def _check_media(file: BufferedReader, size: int) -> None:
    check_boxes(file, size)


def _check_jpeg2000(file: BufferedReader, size: int) -> None:
    """The code stream ends with EOC (T.800, A.4.4), which here is the end of the last box or of the file."""
    file.seek(max(0, size - 4096))
    if b"\xff\xd9" not in file.read():
        raise _cut("the JPEG 2000 end marker is missing")


_CHECKS = {
    Kind.JPEG: _check_jpeg,
    Kind.PNG: _check_png,
    Kind.GIF: _check_gif,
    Kind.WEBP: _check_webp,
    Kind.TIFF: check_tiff,
    Kind.HEIF: _check_media,
    Kind.AVIF: _check_media,
    Kind.JPEG2000: _check_jpeg2000,
}
