"""Decoders outside Pillow: HEIC always, RAW and JPEG XL where they are installed; each is loaded when its first file comes.

Out comes an open Pillow image, as for every other format, or ``SkippedFileError`` (unsupported-format).
"""

from __future__ import annotations

import importlib
import importlib.util
import io
from functools import lru_cache
from io import BufferedReader
from typing import TYPE_CHECKING, Any, cast

from helios_desktop.decode.sniff import JXL_EXTENSIONS, PHOTO_EXTENSIONS, RAW_EXTENSIONS
from helios_desktop.domain import SkipReason
from helios_desktop.errors import SkippedFileError

if TYPE_CHECKING:  # which extensions can be decoded is asked by processes that decode nothing
    from PIL import Image

SMALLEST_PREVIEW_PX = 640
"""A preview inside a RAW file serves if its long side has this many pixels; below, the sensor's data are developed."""
_FLIP_TO_ORIENTATION = {0: 1, 3: 3, 5: 8, 6: 6}
"""LibRaw's ``flip`` (0, 180, 90 left, 90 right) as EXIF orientation."""
_ORIENTATION_TAG = 274
SENSOR_SIZE = "sensor_size"
"""Where an opened RAW keeps the width and height of its sensor's picture, since its preview may be smaller."""


def has_raw() -> bool:
    """Whether RAW files can be decoded here."""
    return importlib.util.find_spec("rawpy") is not None


def has_jxl() -> bool:
    """Whether JPEG XL files can be decoded here."""
    return importlib.util.find_spec("imagecodecs") is not None


def supported_extensions() -> frozenset[str]:
    """The extensions of files that are worth opening here: lower case, without the dot."""
    return PHOTO_EXTENSIONS | (RAW_EXTENSIONS if has_raw() else frozenset()) | (JXL_EXTENSIONS if has_jxl() else frozenset())


@lru_cache(maxsize=1)
def register_heif() -> None:
    """Teach Pillow HEIC, once: one thread a worker, and no look at depth maps and thumbnails."""
    import pi_heif

    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)


def open_raw(file: BufferedReader) -> Image.Image:
    """The camera's own preview of a RAW file, else its sensor's data developed at half size.

    Raises ``SkippedFileError``: unsupported-format without rawpy, damaged where LibRaw cannot read the file.
    """
    if not has_raw():
        raise SkippedFileError(SkipReason.UNSUPPORTED_FORMAT, "RAW photos need the decoder rawpy.")
    from PIL import Image

    rawpy = cast("Any", importlib.import_module("rawpy"))
    try:
        with rawpy.imread(file) as raw:
            # Developing sets the flip to what was asked for, so it is read before.
            sizes = raw.sizes
            image = _raw_preview(rawpy, raw) or Image.fromarray(
                raw.postprocess(half_size=True, use_camera_wb=True, user_flip=0)
            )
            if image.getexif().get(_ORIENTATION_TAG, 1) == 1:
                image.getexif()[_ORIENTATION_TAG] = _FLIP_TO_ORIENTATION.get(sizes.flip, 1)
            image.info[SENSOR_SIZE] = (sizes.width, sizes.height)
            image.format = "RAW"
            return image
    except rawpy.LibRawError as error:
        raise SkippedFileError(SkipReason.DAMAGED, f"LibRaw cannot read it: {error}") from error


def _raw_preview(rawpy: Any, raw: Any) -> Image.Image | None:
    try:
        preview = raw.extract_thumb()
    except rawpy.LibRawError:
        return None
    from PIL import Image

    if preview.format is rawpy.ThumbFormat.JPEG:
        image: Image.Image = Image.open(io.BytesIO(preview.data), formats=["JPEG"])
    elif preview.format is rawpy.ThumbFormat.BITMAP:
        image = Image.fromarray(preview.data)
    else:
        return None
    return image if max(image.size) >= SMALLEST_PREVIEW_PX else None
