"""The pictures that models want: an upright sRGB picture in, uint8 pixels out; and how many pixels they need to begin with."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from helios_desktop.domain import UInt8Array, View

SPARE_PIXELS = 2.0
"""A view is made from that many times its own pixels each way, or more: a reduced decode is then 50 dB from a full one."""
SPARE_PIXELS_CENTRE = 1.85
"""The same for a view of the centre. Not 2: 12 Mpx photos (3,000 pixels high) would be decoded at half instead of a quarter of
their scale for the starter model's central view, which takes twice the time.
"""
LONGEST_STRIP = 16
"""A strip longer than this many times its width is cut to its middle first; resizing all of it could take gigabytes."""
THUMBNAIL_QUALITY = 80
COLOUR_SAMPLE_PX = 48

_FILTERS = {
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
    "nearest": Image.Resampling.NEAREST,
    "lanczos": Image.Resampling.LANCZOS,
}


def reduction(width: int, height: int, views: Sequence[View], thumbnail_px: int) -> float:
    """How many times smaller a picture of this size may be decoded, at least 1: all views and the thumbnail keep their pixels.

    Which side is the short one after orientation does not matter, so this can be asked before it is known.
    """
    short, long = min(width, height), max(width, height)
    factors = [long / thumbnail_px] if thumbnail_px > 0 else []
    for view in views:
        share, spare = (view.crop, SPARE_PIXELS_CENTRE) if view.fit == "centre" else (1.0, SPARE_PIXELS)
        factors.append(short * share / (spare * max(view.width, view.height)))
    return max(1.0, min(factors, default=1.0))


def make_view(image: Image.Image, view: View) -> UInt8Array:
    """uint8 ``[view.height, view.width, 3]`` of an upright RGB picture.

    ``shortest`` is what torchvision's ``Resize`` and ``CenterCrop`` do to a PIL image, rounding included.
    """
    resample = _FILTERS[view.interpolation]
    if view.fit == "squash":
        return _pixels(image.resize((view.width, view.height), resample))
    if view.fit == "centre":
        if view.width == view.height:
            # In fractions of a pixel: rounded edges would make a reduced decode a picture of another place.
            return _pixels(image.resize((view.width, view.height), resample, box=_central_box(image, view.crop)))
        left, top, right, bottom = _central_box(image, view.crop)
        image = image.crop((round(left), round(top), round(right), round(bottom)))
    return _pixels(_crop_centre(_cover(image, view, resample), view.width, view.height))


def make_thumbnail(image: Image.Image, longest_px: int) -> bytes:
    """A JPEG of an upright RGB picture, its long side at most ``longest_px``; a smaller picture keeps its size."""
    target = io.BytesIO()
    # Into a copy without info: the photo's own EXIF and profile would otherwise go into every thumbnail.
    clean = _shrink(image, longest_px).copy()
    clean.info = {}
    clean.save(target, "JPEG", quality=THUMBNAIL_QUALITY)
    return target.getvalue()


def make_pixels(image: Image.Image, longest_px: int) -> bytes:
    """The same as a PPM: nothing is lost, and nobody encodes it and decodes it again."""
    small = _shrink(image, longest_px)
    return b"P6 %d %d 255\n" % small.size + small.tobytes()


def _shrink(image: Image.Image, longest_px: int) -> Image.Image:
    scale = min(1.0, longest_px / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    # Hamming looks like bicubic when a picture shrinks, and takes half the time.
    return image if size == image.size else image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)


def dominant_colour(image: Image.Image) -> int:
    """The colour that most of a picture has, 0xRRGGBB: the mean of the fullest cell of an 8 x 8 x 8 colour cube."""
    sample = image.resize((COLOUR_SAMPLE_PX, COLOUR_SAMPLE_PX), Image.Resampling.BOX, reducing_gap=2.0)
    pixels = np.asarray(sample, dtype=np.uint8).reshape(-1, 3)
    cells = (pixels >> 5).astype(np.int64) @ np.array([64, 8, 1])
    fullest = int(np.bincount(cells, minlength=512).argmax())
    red, green, blue = (round(float(value)) for value in pixels[cells == fullest].mean(axis=0))
    return red << 16 | green << 8 | blue


def _cover(image: Image.Image, view: View, resample: Image.Resampling) -> Image.Image:
    """Resize so that the view is just covered, proportions kept."""
    width, height = image.size
    if max(width, height) > LONGEST_STRIP * min(width, height):
        image = _shorten(image)
        width, height = image.size
    if view.width * height >= view.height * width:
        size = (view.width, max(view.height, int(view.width * height / width)))
    else:
        size = (max(view.width, int(view.height * width / height)), view.height)
    return image if size == image.size else image.resize(size, resample)


def _shorten(image: Image.Image) -> Image.Image:
    long = LONGEST_STRIP // 2 * min(image.size)
    return _crop_centre(image, min(image.width, long), min(image.height, long))


def _crop_centre(image: Image.Image, width: int, height: int) -> Image.Image:
    left = round((image.width - width) / 2.0)
    top = round((image.height - height) / 2.0)
    return image.crop((left, top, left + width, top + height))


def _central_box(image: Image.Image, share: float) -> tuple[float, float, float, float]:
    side = max(1.0, min(image.size) * share)
    left, top = (image.width - side) / 2, (image.height - side) / 2
    return left, top, left + side, top + side


def _pixels(image: Image.Image) -> UInt8Array:
    return np.array(image, dtype=np.uint8)
