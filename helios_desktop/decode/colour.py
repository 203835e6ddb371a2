"""Tones and colours: a decoded picture of any mode in, an sRGB picture of as few pixels as needed out.

Large pictures go through in bands, so that no second copy of them is ever in memory. What is see-through lies on white.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms

BAND_PIXELS = 4_000_000
WHOLE_PIXELS = 16_000_000
"""Up to this many pixels a picture is not reduced by whole factors: the resampling filters do it better, and fast enough."""
WHITE = 255
DEEPEST_HDR = 16.0
"""Floats above 1 and up to here are highlights over white; above that the scale cannot have been 0..1."""

ImageCmsErrors = (ImageCms.PyCMSError, OSError, ValueError, TypeError, KeyError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tones:
    """How the values of a deep picture become 0..255: ``(value - black) * scale``."""

    black: float
    scale: float
    clear: int | None = None


def to_srgb(image: Image.Image, factor: float) -> Image.Image:
    """An RGB picture in sRGB of a loaded ``image``, not more than ``factor`` times smaller each way."""
    profile = image.info.get("icc_profile")
    plain = _plain(image, int(factor))
    return _convert(plain, profile if isinstance(profile, bytes) else b"")


def _plain(image: Image.Image, factor: int) -> Image.Image:
    """An opaque picture of 8 bits a channel: L, RGB, CMYK or LAB."""
    tones = _tones(image) if _is_deep(image.mode) else None
    if image.width * image.height <= WHOLE_PIXELS or factor <= 1:
        return _flatten(image, tones)
    result: Image.Image | None = None
    top = 0
    factor = _even(image, factor)
    for band in _bands(image, factor):
        part = _flatten(band, tones).reduce(factor)
        if result is None:
            result = Image.new(part.mode, (part.width, -(-image.height // factor)))
        result.paste(part, (0, top))
        top += part.height
    return result if result is not None else _flatten(image, tones)


def _even(image: Image.Image, factor: int) -> int:
    """The factor, or one a little below, that leaves whole columns and rows: a partial last one shifts the picture."""
    candidates = range(factor, max(1, factor * 2 // 3) - 1, -1)
    return min(candidates, key=lambda some: max(-image.width % some, -image.height % some) / some)


def _bands(image: Image.Image, factor: int = 1) -> Iterator[Image.Image]:
    """The picture from top to bottom, each band but the last a multiple of ``factor`` high."""
    rows = max(1, BAND_PIXELS // image.width // factor) * factor
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(image.height, top + rows)))


def _is_deep(mode: str) -> bool:
    return mode in {"I", "F"} or mode.startswith("I;")


def _flatten(image: Image.Image, tones: Tones | None) -> Image.Image:
    if tones is not None:
        return _shallow(image, tones)
    if image.mode in {"La", "RGBa"}:
        image = image.convert({"La": "LA", "RGBa": "RGBA"}[image.mode])
    if image.has_transparency_data:
        return _on_white(image)
    if image.mode in {"L", "RGB", "CMYK", "LAB"}:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _on_white(image: Image.Image) -> Image.Image:
    mode = "L" if image.mode == "LA" else "RGB"
    see_through = image if image.mode in {"LA", "RGBA"} else image.convert("RGBA")
    ground = Image.new(mode, image.size, WHITE if mode == "L" else (WHITE, WHITE, WHITE))
    ground.paste(see_through.convert(mode), mask=see_through.getchannel("A"))
    return ground


def _tones(image: Image.Image) -> Tones:
    """How deep the values are: by what the format says, else by the largest and smallest of them."""
    transparency = image.info.get("transparency")
    clear = transparency if isinstance(transparency, int) else None
    if image.mode.startswith("I;"):
        bits = _bits_per_sample(image)
        return Tones(black=0.0, scale=255.0 / (2**bits - 1), clear=clear)
    low, high = np.inf, -np.inf
    for band in _bands(image):
        values = np.asarray(band)
        values = values[np.isfinite(values)] if image.mode == "F" else values
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    if high < low:
        return Tones(black=0.0, scale=0.0)
    if low < 0 or high > 65535:
        return Tones(black=low, scale=255.0 / (high - low) if high > low else 0.0)
    if image.mode == "F" and high <= DEEPEST_HDR:
        return Tones(black=0.0, scale=255.0)
    return Tones(black=0.0, scale=1.0 if high <= 255 else 255.0 / 65535.0, clear=clear)


def _bits_per_sample(image: Image.Image) -> int:
    """TIFF keeps 12-bit samples in 16 bits without stretching them (tag 258, TIFF 6.0)."""
    tags = getattr(image, "tag_v2", None)
    bits = tags.get(258, (16,)) if tags is not None else (16,)
    return 12 if bits and bits[0] == 12 else 16


def _shallow(image: Image.Image, tones: Tones) -> Image.Image:
    values = np.asarray(image).astype(np.float32)
    grey = np.nan_to_num((values - tones.black) * tones.scale, nan=0.0, posinf=255.0, neginf=0.0)
    if tones.clear is not None:
        grey[values == tones.clear] = WHITE
    return Image.fromarray(np.rint(np.clip(grey, 0, 255)).astype(np.uint8))


def _convert(image: Image.Image, profile: bytes) -> Image.Image:
    """To sRGB by the picture's own profile where that works, by the plain formula where not."""
    try:
        converted = _through_profile(image, profile)
    except ImageCmsErrors:
        converted = None
    if converted is not None:
        return converted
    if image.mode == "LAB":
        return _from_lab(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image | None:
    if not profile:
        return None
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    space = str(source.profile.xcolor_space).strip()
    if {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK", "LAB": "Lab"}[image.mode] != space:
        return None
    description = source.profile.profile_description or ""
    if image.mode == "RGB" and description.startswith("sRGB"):
        return image
    return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")


def _from_lab(image: Image.Image) -> Image.Image:
    transform = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    converted = ImageCms.applyTransform(image, transform)
    return converted if converted is not None else image.convert("L").convert("RGB")
