"""Photos that need no file: coloured JPEGs, and rows of a catalogue that stand for them."""

from __future__ import annotations

import colorsys
import functools
import hashlib
import io
import os

import numpy as np
from PIL import Image, ImageDraw

from helios_desktop.domain import Metadata, Photo, PhotoState, Root

WORDS = ("beach", "mountain", "dog", "cat", "forest", "city", "boat", "bread", "snow", "garden")


@functools.lru_cache(maxsize=256)
def coloured_jpeg(number: int, side: int = 256) -> bytes:
    """Return a JPEG with a gradient and a shape, different for each number."""
    hue = (number * 0.137) % 1.0
    top = np.array(colorsys.hsv_to_rgb(hue, 0.55, 0.95)) * 255
    bottom = np.array(colorsys.hsv_to_rgb((hue + 0.08) % 1, 0.75, 0.45)) * 255
    height = side * 3 // 4
    ramp = np.linspace(0, 1, height)[:, None, None]
    pixels = (top * (1 - ramp) + bottom * ramp) * np.ones((1, side, 1))
    image = Image.fromarray(pixels.astype(np.uint8))
    draw = ImageDraw.Draw(image)
    x = (number * 37) % side
    draw.ellipse((x, height // 3, x + side // 4, height // 3 + side // 4), fill=tuple(int(v) for v in 255 - bottom))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def make_photo(number: int, root: Root, *, name: str | None = None, state: PhotoState = PhotoState.INDEXED) -> Photo:
    """Return an indexed photo; higher numbers are newer."""
    name = name or f"{WORDS[number % len(WORDS)]}-{number:05d}.jpg"
    path = root.path + b"/" + os.fsencode(name)
    red, green, blue = colorsys.hsv_to_rgb((number * 0.137) % 1.0, 0.6, 0.7)
    return Photo(
        photo_id=number + 1,
        root_id=root.root_id,
        path=path,
        display=os.fsdecode(path),
        size=1000 + number,
        mtime_ns=number * 10**9,
        state=state,
        content_hash=hashlib.sha256(str(number).encode()).digest(),
        width=4000,
        height=3000,
        format="JPEG",
        colour=int(red * 255) << 16 | int(green * 255) << 8 | int(blue * 255),
        metadata=Metadata(taken_at=f"2024-{number % 12 + 1:02d}-{number % 28 + 1:02d}T12:00:00", camera="Lumen X100"),
    )
