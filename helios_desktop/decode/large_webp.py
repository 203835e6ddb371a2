"""A WebP of many pixels: the open file in, a Pillow image of its first frame out, as much smaller as it may be.

Pillow decodes every WebP as an animation, which takes four buffers of the whole picture: 2 GB at 128 Mpx. libwebp itself can
hand out a smaller picture and then holds the large one at most once (lossless) or never (lossy). It is the very library that
Pillow brings: asked through the handle of Pillow's module, which finds what that module was linked with. Where it was linked
statically (Windows), nothing is found, and Pillow decodes as ever.

``WebPDecoderConfig`` is laid out as in libwebp's decode.h, ABI version 2; the container as in the WebP container specification.
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from io import BufferedReader

from PIL import Image

from helios_desktop.decode import formats

LARGE_PIXELS = 24_000_000
_ABI_VERSION = 0x0209
_RGB, _RGBA = 0, 1  # WEBP_CSP_MODE
_OUT_OF_MEMORY = 1  # VP8StatusCode
_ANIMATION, _ALPHA = 0x02, 0x10  # flags of the chunk VP8X
_MOST_METADATA_BYTES = 16 << 20


class _Features(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int) for name in ("width", "height", "has_alpha", "has_animation", "format")),
        ("pad", ctypes.c_uint32 * 5),
    )


class _RgbaBuffer(ctypes.Structure):
    _fields_ = (("rgba", ctypes.c_void_p), ("stride", ctypes.c_int), ("size", ctypes.c_size_t))


class _YuvaBuffer(ctypes.Structure):
    _fields_ = (
        ("planes", ctypes.c_void_p * 4),
        ("strides", ctypes.c_int * 4),
        ("sizes", ctypes.c_size_t * 4),
    )


class _Pixels(ctypes.Union):
    _fields_ = (("rgba", _RgbaBuffer), ("yuva", _YuvaBuffer))


class _Output(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int) for name in ("colorspace", "width", "height", "is_external_memory")),
        ("pixels", _Pixels),
        ("pad", ctypes.c_uint32 * 4),
        ("private_memory", ctypes.c_void_p),
    )


class _Options(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_int) for name in ("bypass_filtering", "no_fancy_upsampling", "use_cropping")),
        *((name, ctypes.c_int) for name in ("crop_left", "crop_top", "crop_width", "crop_height")),
        *((name, ctypes.c_int) for name in ("use_scaling", "scaled_width", "scaled_height", "use_threads")),
        *((name, ctypes.c_int) for name in ("dithering_strength", "flip", "alpha_dithering_strength")),
        ("pad", ctypes.c_uint32 * 5),
    )


class _Config(ctypes.Structure):
    _fields_ = (("input", _Features), ("output", _Output), ("options", _Options))


def open_reduced(file: BufferedReader, factor: float) -> Image.Image | None:
    """The first frame, at most ``factor`` times smaller each way, with EXIF, XMP and profile; None where libwebp is not found.

    ``info`` holds the size of the whole picture under ``formats.SENSOR_SIZE``. Raises ``ValueError`` where the file is damaged.
    """
    library = _libwebp()
    if library is None:
        return None
    file.seek(0)
    content = file.read()
    chunks = _chunks(content, 12, len(content))
    flags = content[20] if content[12:16] == b"VP8X" else 0
    frame = _first_frame(content, chunks) if flags & _ANIMATION else content
    image = _decoded(library, frame, int(factor))
    image.format = "WEBP"
    for key, name in ((b"ICCP", "icc_profile"), (b"EXIF", "exif"), (b"XMP ", "xmp")):
        start, end = chunks.get(key, (0, 0))
        if 0 < end - start <= _MOST_METADATA_BYTES:
            image.info[name] = content[start:end]
    return image


@lru_cache(maxsize=1)
def _libwebp() -> ctypes.CDLL | None:
    from PIL import _webp

    try:
        library = ctypes.CDLL(_webp.__file__)
        library.WebPInitDecoderConfigInternal.argtypes = (ctypes.POINTER(_Config), ctypes.c_int)
        library.WebPGetFeaturesInternal.argtypes = (
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.POINTER(_Features),
            ctypes.c_int,
        )
        library.WebPDecode.argtypes = (ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(_Config))
        is_ours = bool(library.WebPInitDecoderConfigInternal(ctypes.byref(_Config()), _ABI_VERSION))
    except (AttributeError, OSError):
        return None
    return library if is_ours else None


def _decoded(library: ctypes.CDLL, content: bytes, shrink: int) -> Image.Image:
    config = _Config()
    library.WebPInitDecoderConfigInternal(ctypes.byref(config), _ABI_VERSION)
    _check(library.WebPGetFeaturesInternal(content, len(content), ctypes.byref(config.input), _ABI_VERSION))
    whole = (config.input.width, config.input.height)
    width, height = (max(1, round(side / shrink)) for side in whole)
    if shrink > 1:
        config.options.use_scaling, config.options.scaled_width, config.options.scaled_height = 1, width, height
    mode, channels = ("RGBA", 4) if config.input.has_alpha else ("RGB", 3)
    pixels = bytearray(width * height * channels)
    config.output.colorspace = _RGBA if channels == 4 else _RGB
    config.output.is_external_memory = 1
    config.output.pixels.rgba.rgba = ctypes.addressof(ctypes.c_char.from_buffer(pixels))
    config.output.pixels.rgba.stride, config.output.pixels.rgba.size = width * channels, len(pixels)
    _check(library.WebPDecode(content, len(content), ctypes.byref(config)))
    image = Image.frombuffer(mode, (width, height), pixels, "raw", mode, 0, 1)
    image.info[formats.SENSOR_SIZE] = whole
    return image


def _check(status: int) -> None:
    if status == _OUT_OF_MEMORY:
        raise MemoryError
    if status:
        raise ValueError(f"libwebp gave up with status {status}")


def _chunks(content: bytes, start: int, end: int) -> dict[bytes, tuple[int, int]]:
    """Where the content of the first chunk of each kind begins and ends."""
    found: dict[bytes, tuple[int, int]] = {}
    while start + 8 <= end:
        length = int.from_bytes(content[start + 4 : start + 8], "little")
        found.setdefault(content[start : start + 4], (start + 8, min(end, start + 8 + length)))
        start += 8 + length + length % 2
    return found


def _first_frame(content: bytes, chunks: dict[bytes, tuple[int, int]]) -> bytes:
    """A still picture of an animation's first frame. Raises ``ValueError`` where that is not the whole canvas."""
    start, end = chunks.get(b"ANMF", (0, 0))
    size = content[start + 6 : start + 12]
    if len(size) < 6 or content[start : start + 6] != bytes(6) or size != content[24:30]:
        raise ValueError("the first frame is not as large as the animation")
    body = content[start + 16 : end]
    alpha = _ALPHA if b"ALPH" in _chunks(content, start + 16, end) else 0
    head = b"VP8X" + (10).to_bytes(4, "little") + bytes((alpha, 0, 0, 0)) + size
    return b"RIFF" + (4 + len(head) + len(body)).to_bytes(4, "little") + b"WEBP" + head + body
