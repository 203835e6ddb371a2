"""Facts that Pillow does not tell, or too late, since some of its decoders take memory when they merely open.

WebP container specification (Google) and JPEG XL (ISO/IEC 18181-1, 9.1 "SizeHeader" in 18181-2 boxes).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedReader

from helios_desktop.decode import iso_media
from helios_desktop.decode.sniff import Kind
from helios_desktop.domain import SkipReason
from helios_desktop.errors import SkippedFileError

MOST_BOXES = 64
_JXL_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_JXL_BITS = (9, 13, 18, 30)


def promised_size(kind: Kind, file: BufferedReader, size: int) -> tuple[int, int] | None:
    """Width and height by the header of a WebP, JPEG XL, HEIC or AVIF; None for formats that Pillow opens without harm.

    Raises ``SkippedFileError`` (damaged) where there is no such header.
    """
    file.seek(0)
    if kind is Kind.WEBP:
        return _webp_size(file.read(30))
    if kind is Kind.JXL:
        return _jxl_header(_jxl_code(file)).size
    if kind in {Kind.HEIF, Kind.AVIF}:
        return iso_media.promised_size(file, size)
    return None


def _damaged(kind: Kind) -> SkippedFileError:
    return SkippedFileError(SkipReason.DAMAGED, f"The {kind} header cannot be read.")


def _webp_size(head: bytes) -> tuple[int, int]:
    chunk = head[12:16]
    if len(head) == 30 and chunk == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if len(head) == 30 and chunk == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
    if len(head) >= 25 and chunk == b"VP8L" and head[20] == 0x2F:
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    raise _damaged(Kind.WEBP)


def _jxl_code(file: BufferedReader) -> bytes:
    """The first bytes of the code stream: the file itself, or the content of its first ``jxlc`` or ``jxlp`` box."""
    head = file.read(16)
    if head.startswith(b"\xff\x0a"):
        return head[2:]
    position = 0
    for _ in range(MOST_BOXES):
        file.seek(position)
        head = file.read(16)
        length, name, start = int.from_bytes(head[:4], "big"), head[4:8], 8
        if length == 1:
            length, start = int.from_bytes(head[8:16], "big"), 16
        if name in {b"jxlc", b"jxlp"}:
            file.seek(position + start + (4 if name == b"jxlp" else 0) + 2)
            return file.read(16)
        if length < start:
            break
        position += length
    raise _damaged(Kind.JXL)


def jxl_orientation(file: BufferedReader) -> int:
    """How the code stream of a JPEG XL is to be turned, numbered as in EXIF: 1 to 8. Raises ``SkippedFileError`` (damaged)."""
    return _jxl_header(_jxl_code(file)).orientation


def jxl_whole_channels(file: BufferedReader) -> int:
    """How many channels of a JPEG XL its decoder holds whole, in 32 bits each: none of a lossy one, else 3, or 4 to be sure.

    Raises ``SkippedFileError`` (damaged).
    """
    file.seek(0)
    return _jxl_header(_jxl_code(file)).whole_channels


@dataclass(frozen=True, slots=True)
class _JxlHeader:
    size: tuple[int, int]
    orientation: int
    whole_channels: int


def _jxl_header(code: bytes) -> _JxlHeader:
    """``SizeHeader`` and ``ImageMetadata`` up to ``xyb_encoded``, where nothing rare comes before that.

    Small pictures come in units of 8, with a ratio for a width where one of seven fits; bits count from the lowest.
    """
    bits, used = int.from_bytes(code, "little"), 0
    if len(code) < 10:
        raise _damaged(Kind.JXL)

    def take(count: int) -> int:
        nonlocal used
        value = bits >> used & ((1 << count) - 1)
        used += count
        return value

    def side() -> int:
        return 8 * (take(5) + 1) if is_small else take(_JXL_BITS[take(2)]) + 1

    is_small = take(1) == 1
    height = side()
    across, down = _JXL_RATIOS.get(take(3), (0, 0))
    width = height * across // down if down else side()
    orientation, whole_channels = 1, 0
    if not take(1):  # all_default: upright, in the colours of lossy pictures
        has_more = take(1) == 1
        orientation = 1 + take(3) if has_more else 1
        whole_channels = 4 if has_more and take(3) else _jxl_channels(take)
    return _JxlHeader((height, width) if orientation >= 5 else (width, height), orientation, whole_channels)


def _jxl_channels(take: Callable[[int], int]) -> int:
    """Read on from ``bit_depth``: 0 where the colours are those of lossy pictures (XYB)."""
    is_float = take(1) == 1
    if take(2) == 3:
        take(6)  # a depth of its own
    take(5 if is_float else 1)  # bits of the exponent; whether 16 bits suffice for modular buffers
    if take(2):  # channels beside the colours, each with a description of its own
        return 4
    return 0 if take(1) else 3


@dataclass(frozen=True, slots=True)
class Wavelets:
    """How a JPEG 2000 is laid out: how often it can be halved, the pixels of its largest tile, its components."""

    levels: int = 0
    tile_pixels: int = 0
    components: int = 0


def wavelets(file: BufferedReader) -> Wavelets:
    """Read the markers SIZ and COD (T.800, A.5.1 and A.6.1); nothing but zeros where they are not at the beginning."""
    file.seek(0)
    head = file.read(65536)
    start = head.find(b"\xff\x4f\xff\x51")
    cod = head.find(b"\xff\x52", max(start, 0))
    if start < 0 or len(head) < start + 44:
        return Wavelets()
    levels = min(head[cod + 9], 5) if 0 <= cod < len(head) - 9 else 0
    across, down, left, top, tile_across, tile_down = struct.unpack_from(">6I", head, start + 8)
    return Wavelets(
        levels, min(across - left, tile_across) * min(down - top, tile_down), *struct.unpack_from(">H", head, start + 40)
    )
