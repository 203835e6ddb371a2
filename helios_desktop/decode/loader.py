"""One file, decoded once: a path in, a ``DecodedPhoto`` out, or ``SkippedFileError`` with the reason.

The order matters: what the file is, whether it is whole and how large it would be are known before a pixel is decoded; a JPEG
is decoded at reduced scale before anything else touches it; EXIF is read after the pixels, since asking a PNG for it decodes.
"""

from __future__ import annotations

import importlib
import io
import os
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from PIL import Image, ImageFile, UnidentifiedImageError

from helios_desktop.decode import formats, metadata
from helios_desktop.decode.colour import to_srgb
from helios_desktop.decode.completeness import check_whole
from helios_desktop.decode.headers import Wavelets, jxl_whole_channels, promised_size, wavelets
from helios_desktop.decode.iso_media import turns_itself, without_exif
from helios_desktop.decode.jpeg_xl import open_jxl
from helios_desktop.decode.large_webp import LARGE_PIXELS, open_reduced
from helios_desktop.decode.limits import Limits
from helios_desktop.decode.reading import PhotoFile, opened
from helios_desktop.decode.reading import content_hash as hash_of
from helios_desktop.decode.sniff import HEAD_BYTES, Kind, sniff
from helios_desktop.decode.views import dominant_colour, make_pixels, make_thumbnail, make_view, reduction
from helios_desktop.domain import DecodedPhoto, SkipReason, View
from helios_desktop.errors import SkippedFileError

THUMBNAIL_PX = 512
JPEG_SCALES = (8, 4, 2, 1)
"""The reduced scales at which libjpeg decodes fastest, by leaving out DCT coefficients."""

_PLUGINS = {
    Kind.JPEG: "JpegImagePlugin",
    Kind.PNG: "PngImagePlugin",
    Kind.GIF: "GifImagePlugin",
    Kind.WEBP: "WebPImagePlugin",
    Kind.TIFF: "TiffImagePlugin",
    Kind.BMP: "BmpImagePlugin",
    Kind.AVIF: "AvifImagePlugin",
    Kind.JPEG2000: "Jpeg2KImagePlugin",
    Kind.PPM: "PpmImagePlugin",
}
_TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
    AssertionError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""What Pillow and its plugins raise on a broken file. Anything else, MemoryError first, ends the worker and is judged there."""


def load(
    path: bytes,
    *,
    views: Sequence[View],
    thumbnail_px: int = THUMBNAIL_PX,
    as_pixels: bool = False,
    limits: Limits | None = None,
) -> DecodedPhoto:
    """Decode one photo once, for all ``views`` and a thumbnail whose long side is at most ``thumbnail_px`` pixels.

    ``as_pixels``: the thumbnail is no JPEG but a PPM.

    Raises ``SkippedFileError`` with the reason; ``MemoryError`` where the limits were not narrow enough for this machine.
    """
    limits = limits or Limits()
    with opened(path, limits) as photo, _quiet():
        digest = hash_of(photo)
        kind = sniff(photo.file.read(HEAD_BYTES), _extension(path))
        check_whole(kind, photo.file, photo.size)
        with _decoder_errors():
            return _decode(photo, kind, digest, tuple(views), thumbnail_px, limits, as_pixels=as_pixels)


def content_hash(path: bytes, *, limits: Limits | None = None) -> bytes:
    """SHA-256 of a photo's content, 32 bytes. Raises ``SkippedFileError`` where it cannot be read."""
    with opened(path, limits or Limits()) as photo:
        return hash_of(photo)


def _extension(path: bytes) -> str:
    return os.path.splitext(os.fsdecode(path))[1][1:].lower()


def _decode(
    photo: PhotoFile,
    kind: Kind,
    digest: bytes,
    views: tuple[View, ...],
    thumbnail_px: int,
    limits: Limits,
    *,
    as_pixels: bool,
) -> DecodedPhoto:
    make_small = make_pixels if as_pixels else make_thumbnail
    promised = promised_size(kind, photo.file, photo.size)
    if promised is not None:
        limits.judge_picture(*promised, is_reducible=False)
    if kind is Kind.JXL and promised is not None:
        limits.judge_wavelets(promised[0] * promised[1], jxl_whole_channels(photo.file), "A lossless JPEG XL")
    waves = wavelets(photo.file) if kind is Kind.JPEG2000 else Wavelets()
    is_turned = kind is Kind.HEIF and turns_itself(photo.file, photo.size)
    photo.file.seek(0)
    with _open_large_webp(kind, photo, promised, views, thumbnail_px) or _open(kind, photo) as image:
        size: tuple[int, int] = image.info.get(formats.SENSOR_SIZE, image.size)
        factor = reduction(*image.size, views, thumbnail_px)
        _judge(image, kind, limits)
        limits.judge_wavelets(waves.tile_pixels >> 2 * _halvings(factor, waves), waves.components)
        left = _reduce_at_source(image, kind, factor, waves)
        if kind is Kind.TIFF:
            # Pillow asks a TIFF for its EXIF while it decodes, and a broken one would fail the pixels: here it may.
            metadata.orientation(image)
        image.load()
        facts = metadata.read(image)
        orientation = 1 if is_turned else metadata.orientation(image)
        picture = to_srgb(image, left)
    turn = _TRANSPOSITIONS.get(orientation)
    if turn is not None:
        picture = picture.transpose(turn)
    width, height = (size[1], size[0]) if orientation >= 5 else size
    return DecodedPhoto(
        content_hash=digest,
        width=width,
        height=height,
        format=image.format or kind.value,
        metadata=facts,
        views=tuple(make_view(picture, view) for view in views),
        thumbnail=make_small(picture, thumbnail_px) if thumbnail_px > 0 else b"",
        colour=dominant_colour(picture),
        sidecar=metadata.beside(photo.path),
    )


def _open_large_webp(
    kind: Kind, photo: PhotoFile, size: tuple[int, int] | None, views: tuple[View, ...], thumbnail_px: int
) -> Image.Image | None:
    """A WebP of so many pixels that it must not be decoded at its full size; None for all other pictures."""
    if kind is not Kind.WEBP or size is None or size[0] * size[1] <= LARGE_PIXELS:
        return None
    return open_reduced(photo.file, reduction(*size, views, thumbnail_px))


def _open(kind: Kind, photo: PhotoFile) -> Image.Image:
    """Open with the one plugin that fits the content: no other ever sees it, Ghostscript's least of all."""
    if kind is Kind.RAW:
        return formats.open_raw(photo.file)
    if kind is Kind.JXL:
        return open_jxl(photo.file)
    if kind is Kind.HEIF:
        formats.register_heif()
    else:
        plugin = importlib.import_module(f"PIL.{_PLUGINS[kind]}")
        if kind is Kind.AVIF:
            cast("Any", plugin).DEFAULT_MAX_THREADS = 1
    # Pillow's own limit is one for all formats and warns in between; ours is judged right after this.
    Image.MAX_IMAGE_PIXELS = None
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        return _open_avif(photo) if kind is Kind.AVIF else Image.open(photo.file, formats=[kind.value])
    except UnidentifiedImageError as error:
        if kind is Kind.TIFF:
            # Its layout was found whole, so it is one of the many kinds of TIFF that Pillow does not know.
            raise SkippedFileError(SkipReason.UNSUPPORTED_FORMAT, "This kind of TIFF cannot be decoded.") from error
        raise SkippedFileError(SkipReason.DAMAGED, f"The {kind} header cannot be read.") from error


def _open_avif(photo: PhotoFile) -> Image.Image:
    """libavif refuses the whole picture over a broken EXIF block, so the second try goes without it."""
    try:
        return Image.open(photo.file, formats=[Kind.AVIF.value])
    except (ValueError, UnidentifiedImageError):
        return Image.open(io.BytesIO(without_exif(photo.file, photo.size)), formats=[Kind.AVIF.value])


def _judge(image: Image.Image, kind: Kind, limits: Limits) -> None:
    limits.judge_picture(*image.size, is_reducible=kind is Kind.JPEG)
    if kind is Kind.JPEG and image.info.get("progressive"):
        layers: list[tuple[int, int, int, int]] = getattr(image, "layer", [])
        limits.judge_coefficients(*image.size, [(layer[1], layer[2]) for layer in layers])


def _halvings(factor: float, waves: Wavelets) -> int:
    """How often a JPEG 2000 is halved while it is decoded; openjpeg refuses to do it more often than it has levels."""
    return min(int(factor).bit_length() - 1, waves.levels)


def _reduce_at_source(image: Image.Image, kind: Kind, factor: float, waves: Wavelets) -> float:
    """Let the decoder make a smaller picture where it can; return how many times smaller it may still become."""
    if kind is Kind.JPEG and isinstance(image, ImageFile.ImageFile):
        scale = next(scale for scale in JPEG_SCALES if scale <= factor)
        image.draft(None, (max(1, image.width // scale), max(1, image.height // scale)))
        return factor / scale
    halvings = _halvings(factor, waves)
    if halvings:
        cast("Any", image).reduce = halvings
    return factor / (1 << halvings)


@contextmanager
def _decoder_errors() -> Iterator[None]:
    """What a decoder raises becomes ``SkippedFileError``: unreadable for the system's errors, damaged for its own."""
    try:
        yield
    except _DECODER_ERRORS as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise SkippedFileError(SkipReason.UNREADABLE, f"It cannot be read: {error.strerror}.") from error
        raise SkippedFileError(SkipReason.DAMAGED, f"The decoder gave up: {error or type(error).__name__}") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Pillow warns of what it repairs; nobody reads a worker's warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
