"""JPEG XL: an open file in, an upright Pillow image out, with its EXIF and XMP; libjxl decodes, as imagecodecs carries it.

Boxes are those of ISO/IEC 18181-2: ``Exif`` (an offset, then TIFF), ``xml `` (XMP), and ``brob`` around either (Brotli). The
picture is taken as sRGB: the decoder does not hand out the colour profile.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator
from io import BufferedReader
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from helios_desktop.decode import formats
from helios_desktop.decode.headers import jxl_orientation
from helios_desktop.domain import SkipReason
from helios_desktop.errors import SkippedFileError

if TYPE_CHECKING:
    from PIL import Image

MOST_BOXES = 64
MOST_METADATA_BYTES = 4 << 20
"""A longer EXIF or XMP is not read; nor is one that Brotli would make longer."""
MOST_CHANNELS = 4
"""Grey or colour, each with or without transparency."""


def open_jxl(file: BufferedReader) -> Image.Image:
    """The first frame of a JPEG XL, 8 bits a channel, turned as its code stream says.

    An orientation in its EXIF is kept only where the code stream has none: the latter is the one that counts.
    Raises ``SkippedFileError`` (unsupported-format) without the decoder; what the decoder raises passes through.
    """
    if not formats.has_jxl():
        raise SkippedFileError(SkipReason.UNSUPPORTED_FORMAT, "JPEG XL needs the decoder imagecodecs.")
    from PIL import Image

    codecs = cast("Any", importlib.import_module("imagecodecs"))
    file.seek(0)
    content = file.read()
    pixels = _eight_bits(codecs.jpegxl_decode(content, index=0, numthreads=1))
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    if channels > MOST_CHANNELS:
        raise SkippedFileError(SkipReason.UNSUPPORTED_FORMAT, f"A JPEG XL with {channels} channels cannot be shown.")
    image = Image.fromarray(pixels[..., 0] if channels == 1 and pixels.ndim == 3 else pixels)
    image.format = "JXL"
    for name, body in _metadata(content, codecs):
        if name == b"Exif" and len(body) > 4:
            start = 4 + int.from_bytes(body[:4], "big")
            image.info.setdefault("exif", b"Exif\x00\x00" + body[start:])
        elif name == b"xml ":
            image.info.setdefault("xmp", body)
    file.seek(0)
    if jxl_orientation(file) != 1:
        image.info["original_orientation"] = 1
    return image


def _eight_bits(pixels: Any) -> Any:
    """Deep and floating-point pixels (0 to 1) as 8 bits, rounded."""
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == np.uint16:
        return ((pixels.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
    return (np.clip(np.nan_to_num(pixels.astype(np.float32)), 0, 1) * 255 + 0.5).astype(np.uint8)


def _metadata(content: bytes, codecs: Any) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of each box; nothing in a box of facts ever fails a picture."""
    for name, body in _boxes(io.BytesIO(content), len(content)):
        if name != b"brob":
            yield name, body
            continue
        try:
            yield body[:4], bytes(codecs.brotli_decode(body[4:], out=MOST_METADATA_BYTES))
        except (RuntimeError, ValueError, TypeError):
            continue


def _boxes(file: io.BytesIO, size: int) -> Iterator[tuple[bytes, bytes]]:
    position = 0
    for _ in range(MOST_BOXES):
        file.seek(position)
        head = file.read(16)
        length, start = int.from_bytes(head[:4], "big"), 8
        if length == 1:
            length, start = int.from_bytes(head[8:16], "big"), 16
        if length == 0:
            length = size - position
        if len(head) < 8 or length < start or position + length > size:
            return
        if head[4:8] in {b"Exif", b"xml ", b"brob"} and length <= MOST_METADATA_BYTES:
            file.seek(position + start)
            yield head[4:8], file.read(length - start)
        position += length
