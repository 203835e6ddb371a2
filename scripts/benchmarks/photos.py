"""Photos for benchmarks: JPEGs like a camera's in size and detail, each with content of its own, made in little time.

A few pictures are drawn (smooth light, edges, and texture as fine as the pixels), encoded once, and copied with an EXIF block
and a comment of their own: a decoder has all its work with each, and no two have the same hash.
"""

from __future__ import annotations

import io
import struct
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image

QUALITY = 90
OCTAVES = ((6, 8, 70.0), (48, 64, 28.0), (375, 500, 14.0))
"""Rows and columns of coloured noise that are blown up to the whole picture, and how strong each is."""
GRAIN = 5.0
FIRST_MOMENT = datetime(2015, 1, 1, 12, 0, 0)
CAMERAS = (("Canon", "EOS 80D"), ("NIKON CORPORATION", "D7500"), ("Apple", "iPhone 13"), ("Google", "Pixel 7"))
ORIENTATIONS = (1, 1, 1, 6)
MIXED_EVERY = 20
MIXED = {1: "PNG", 4: "WEBP", 7: "TIFF", 10: "GIF", 13: "PNG", 16: "WEBP", 18: "damaged", 19: "large"}
_EXIF_MAKE, _EXIF_MODEL, _EXIF_ORIENTATION, _EXIF_TIME = 271, 272, 274, 306


def write_photos(folder: Path, count: int, *, width: int = 4000, height: int = 3000, drawn: int = 4) -> list[Path]:
    """Write ``count`` JPEGs of ``width`` x ``height`` into ``folder``; return them in the order of their names."""
    folder.mkdir(parents=True, exist_ok=True)
    jpegs = [_drawn(width, height, seed) for seed in range(min(drawn, count))]
    files = []
    for number in range(count):
        file = folder / f"IMG_{number:05d}.jpg"
        file.write_bytes(_own(jpegs[number % len(jpegs)], number))
        files.append(file)
    return files


def write_mixed(folder: Path, count: int, width: int, height: int) -> None:
    """Write ``count`` images as a library has them: mostly JPEG, some PNG, WebP, TIFF and GIF, some damaged, some of 12 Mpx."""
    files = write_photos(folder, count, width=width, height=height, drawn=16)
    (large,) = write_photos(folder.parent / "large", 1, drawn=1)
    for number, file in enumerate(files):
        kind = MIXED.get(number % MIXED_EVERY)
        if kind == "large":
            file.write_bytes(_own(large.read_bytes(), number))
        elif kind == "damaged":
            file.write_bytes(file.read_bytes()[:-2000])
        elif kind is not None:
            with Image.open(file) as image:
                image.putpixel((number % width, number // width), (number % 256, 0, 0))
                image.save(file.with_suffix(f".{kind.lower()}"), kind)
            file.unlink()


def _drawn(width: int, height: int, seed: int) -> bytes:
    random = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), 128.0, np.float32)
    for rows, columns, strength in OCTAVES:
        coarse = random.normal(0, 1, (rows, columns, 3)).astype(np.float32)
        for channel in range(3):
            layer = Image.fromarray(coarse[..., channel]).resize((width, height), Image.Resampling.BICUBIC)
            pixels[..., channel] += strength * np.asarray(layer)
    for _ in range(30):  # things with edges
        top, left = int(random.integers(0, height)), int(random.integers(0, width))
        tall, wide = (int(side) for side in random.integers(height // 20, height // 4, 2))
        pixels[top : top + tall, left : left + wide] += random.normal(0, 40, 3).astype(np.float32)
    pixels += GRAIN * random.standard_normal((height, width, 1), dtype=np.float32)
    out = io.BytesIO()
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _own(jpeg: bytes, number: int) -> bytes:
    """The same pixels with an EXIF block and a comment of this number, right behind the start marker."""
    exif = Image.Exif()
    exif[_EXIF_MAKE], exif[_EXIF_MODEL] = CAMERAS[number % len(CAMERAS)]
    exif[_EXIF_ORIENTATION] = ORIENTATIONS[number // len(CAMERAS) % len(ORIENTATIONS)]
    exif[_EXIF_TIME] = f"{FIRST_MOMENT + timedelta(hours=7 * number):%Y:%m:%d %H:%M:%S}"
    block = exif.tobytes()
    comment = f"benchmark photo {number}".encode("ascii")
    segments = b"".join(
        marker + struct.pack(">H", len(content) + 2) + content
        for marker, content in ((b"\xff\xe1", block), (b"\xff\xfe", comment))
    )
    return jpeg[:2] + segments + jpeg[2:]
