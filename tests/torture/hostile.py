"""The table of BAD_INPUT.md as files: a folder in, every kind of file that may be thrown at Helios out, with what must happen.

Everything is generated, small and the same each time. ``cases()`` lists them; ``write`` puts one on the disk.
"""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image
from torture import crafted
from torture.crafted import encoded, quadrants

RGB = tuple[int, int, int]
Maker = Callable[[], bytes] | Callable[[bytes], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostileFile:
    """One file: ``row`` of the table, its ``name``, how it is made, and what must come of it.

    ``expected``: "indexed" or a reason. Where it is indexed: ``size`` upright, and ``corners``, the colours of the four
    quadrants from left to right and top to bottom. ``make`` gives the content; ``place`` puts something else than a file there.
    """

    row: str
    name: bytes
    expected: str = "indexed"
    make: Callable[[], bytes] | None = None
    place: Callable[[bytes], None] | None = None
    size: tuple[int, int] | None = None
    corners: tuple[RGB, RGB, RGB, RGB] | None = None
    mode: int = 0o644

    def write(self, folder: bytes) -> bytes:
        """Put it into ``folder``; return its path."""
        path = os.path.join(folder, self.name)
        if self.place is not None:
            self.place(path)
        else:
            assert self.make is not None
            with open(path, "wb") as file:
                file.write(self.make())
            os.chmod(path, self.mode)
        return path


RED, GREEN, BLUE, WHITE = (230, 20, 20), (20, 200, 20), (20, 20, 230), (255, 255, 255)
UPRIGHT = (RED, GREEN, BLUE, WHITE)
SIZE = (320, 240)


def cases() -> list[HostileFile]:
    """Every file of the table, in its order."""
    groups = (
        _no_pictures,
        _liars,
        _unsupported,
        _bombs,
        _tones,
        _inks,
        _animated,
        _orientations,
        _broken_facts,
        _others,
        _names,
    )
    return [case for group in groups for case in group()]


@cache
def whole_files() -> dict[str, bytes]:
    """One whole file of each kind that may be cut, by extension or a telling name."""
    picture = Image.fromarray(np.asarray(quadrants()) ^ _noise(240, 320, 3, most=24))
    return {
        "jpg": encoded(picture, "JPEG", quality=85),
        "progressive.jpg": encoded(picture, "JPEG", progressive=True),
        "exif.jpg": encoded(picture, "JPEG", exif=crafted.orientation_exif(6), restart_marker_blocks=4),
        "png": encoded(picture, "PNG"),
        "gif": encoded(picture, "GIF"),
        "animated.gif": encoded(picture, "GIF", save_all=True, append_images=[quadrants()]),
        "tif": encoded(picture, "TIFF"),
        "lzw.tif": encoded(picture, "TIFF", compression="tiff_lzw"),
        "jpeg.tif": encoded(picture, "TIFF", compression="jpeg"),
        # Four bytes of padding follow the last page; without them no byte can be spared.
        "pages.tif": encoded(picture, "TIFF", save_all=True, append_images=[quadrants()])[:-4],
        "webp": encoded(picture, "WEBP"),
        "lossless.webp": encoded(picture, "WEBP", lossless=True),
        "animated.webp": encoded(picture, "WEBP", save_all=True, append_images=[quadrants()]),
        "heic": encoded(picture, "HEIF", quality=60),
        "avif": encoded(picture, "AVIF", speed=10),
    }


def _noise(*shape: int, most: int = 256) -> np.ndarray:
    return np.random.default_rng(7).integers(0, most, shape, dtype=np.uint8)


def _case(row: str, name: str | bytes, make: Callable[[], bytes], expected: str = "indexed", **more: object) -> HostileFile:
    stored = name if isinstance(name, bytes) else os.fsencode(name)
    return HostileFile(row=row, name=stored, make=make, expected=expected, **more)  # type: ignore[arg-type]


def _good(row: str, name: str | bytes, make: Callable[[], bytes], **more: object) -> HostileFile:
    return _case(row, name, make, size=SIZE, corners=UPRIGHT, **more)


def _no_pictures() -> Iterator[HostileFile]:
    row = "zero bytes, text, HTML, noise, PDF, SVG, EPS under an image name"
    contents = {
        "text": b"Dear diary, the camera broke today.\n" * 20,
        "html": b"<!DOCTYPE html><html><body>404 not found</body></html>",
        "noise": random.Random(1).randbytes(5000),
        "zeros": bytes(5000),
        "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n%%EOF",
        "svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>',
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n%%EOF",
        "dos-eps": b"\xc5\xd0\xd3\xc6" + bytes(26) + b"%!PS-Adobe-3.0 EPSF-3.0\n",
        "film": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(200),
    }
    for extension in ("jpg", "png", "heic", "tif"):
        yield _case(row, f"zero-bytes.{extension}", lambda: b"", "empty")
        for what, content in contents.items():
            yield _case(row, f"{what}.{extension}", lambda content=content: content, "not-an-image")


def _liars() -> Iterator[HostileFile]:
    row = "the extension lies"
    yield _good(row, "jpeg-called.png", lambda: encoded(quadrants(), "JPEG", quality=95))
    yield _good(row, "webp-called.jpg", lambda: encoded(quadrants(), "WEBP", quality=95))
    yield _good(row, "png-called.heic", lambda: encoded(quadrants(), "PNG"))
    yield _good(row, "heic-called.jpg", lambda: encoded(quadrants(), "HEIF", quality=95))
    yield _good(row, "avif-called.jpg", lambda: encoded(quadrants(), "AVIF", quality=95, speed=10))
    yield _good(row, "gif-called.TIFF", lambda: encoded(quadrants(), "GIF"))
    yield _good(row, "tiff-called.gif", lambda: encoded(quadrants(), "TIFF"))


def _unsupported() -> Iterator[HostileFile]:
    row = "extension not on the list"
    yield _case(row, "photoshop.jpg", lambda: b"8BPS\x00\x01" + bytes(60), "unsupported-format")
    yield _case(row, "icon.png", lambda: encoded(quadrants(64, 64), "ICO"), "unsupported-format")
    odd = [(256, 4, 1, 8), (257, 4, 1, 8), (258, 3, 1, 64), (259, 3, 1, 1), (262, 3, 1, 1), (277, 3, 1, 1), (339, 3, 1, 3)]
    yield _case(row, "doubles.tif", lambda: crafted.tiff(odd, bytes(512)), "unsupported-format")


def _bombs() -> Iterator[HostileFile]:
    row = "bombs"
    one_bit = lambda side: crafted.png(side, side, depth=1, colour=0, row=bytes(side // 8 + 1 - (side % 8 == 0)))  # noqa: E731
    yield _case(row, "30000.png", lambda: one_bit(30000), "too-large")
    yield _case(row, "13000.png", lambda: one_bit(13000), "too-large")
    yield _case(row, "bomb.gif", crafted.gif_bomb, "too-large")
    yield _case(row, "bomb.webp", crafted.webp_bomb, "too-large")
    yield _case(row, "bomb.tif", crafted.tiff_bomb, "too-large")
    yield _case(row, "bomb.bmp", crafted.bitmap_bomb, "too-large")
    yield _case(row, "bomb.heic", lambda: _stretched("HEIF"), "too-large")
    yield _case(row, "bomb.avif", lambda: _stretched("AVIF"), "too-large")
    yield _case(row, "bomb.ppm", lambda: b"P6 50000 50000 255\n" + bytes(100), "too-large")
    row = "PNG text or profile chunk that inflates without end"
    flood = crafted.zeros(50_000_000)
    for name, chunk in (
        ("text", crafted.png_chunk(b"zTXt", b"Comment\x00\x00" + flood)),
        ("international-text", crafted.png_chunk(b"iTXt", b"Comment\x00\x01\x00\x00\x00" + flood)),
        ("profile", crafted.png_chunk(b"iCCP", b"icc\x00\x00" + flood)),
    ):
        make = lambda chunk=chunk: crafted.png(8, 8, depth=8, colour=0, row=bytes(8), extra=chunk)  # noqa: E731
        yield _case(row, f"{name}-bomb.png", make, "damaged")


def _stretched(format_name: str) -> bytes:
    """A small HEIC or AVIF whose ``ispe`` box promises 30,000 x 30,000 pixels."""
    content = encoded(quadrants(), format_name)
    promise = content.index(b"ispe") + 8
    return content[:promise] + (30000).to_bytes(4, "big") * 2 + content[promise + 8 :]


def _tones() -> Iterator[HostileFile]:
    row = "16-bit grey, 32-bit float, Lab, 1-bit, LA, palette with tRNS, transparent RGBA"
    steps = np.array([[0.0, 0.25], [0.5, 1.0]]).repeat(120, 0).repeat(160, 1)
    greys = tuple((round(255 * value),) * 3 for value in (0.0, 0.25, 0.5, 1.0))
    deep = Image.fromarray((steps * 65535).astype(np.uint16))
    floats = Image.fromarray(steps.astype(np.float32))
    grey = Image.fromarray((steps * 255).round().astype(np.uint8))
    lab = np.zeros((240, 320, 3), np.uint8)
    lab[..., 0] = (steps * 255).round()
    see_through = np.dstack([np.asarray(quadrants()), np.full((240, 320), 255, np.uint8)])
    see_through[:120, :160, 3] = 0
    grey_alpha = Image.merge("LA", [grey, Image.fromarray(np.where(steps == 0.0, 0, 255).astype(np.uint8))])
    palette = quadrants().quantize(4)
    holes = {name: quadrants().convert(mode) for name, mode in (("one-bit.png", "1"), ("one-bit.tif", "1"))}
    for name, image, format_name in (
        ("grey16.png", deep, "PNG"),
        ("grey16.tif", deep, "TIFF"),
        ("float.tif", floats, "TIFF"),
        ("float255.tif", Image.fromarray((steps * 255).astype(np.float32)), "TIFF"),
        ("lab.tif", Image.frombytes("LAB", (320, 240), lab.tobytes()), "TIFF"),
    ):
        make = lambda image=image, format_name=format_name: encoded(image, format_name)  # noqa: E731
        yield _case(row, name, make, size=SIZE, corners=greys)
    for name, image in holes.items():
        make = lambda image=image, name=name: encoded(image, "PNG" if name.endswith("png") else "TIFF")  # noqa: E731
        yield _case(row, name, make, size=SIZE)
    clear = (WHITE, *UPRIGHT[1:])
    yield _case(row, "grey-alpha.png", lambda: encoded(grey_alpha, "PNG"), size=SIZE, corners=(WHITE, *greys[1:]))
    for name, format_name in (("clear.png", "PNG"), ("clear.webp", "WEBP"), ("clear.tif", "TIFF"), ("clear.avif", "AVIF")):
        options = {"lossless": True} if format_name == "WEBP" else {}
        make = lambda f=format_name, o=options: encoded(Image.fromarray(see_through), f, **o)  # noqa: E731
        yield _case(row, name, make, size=SIZE, corners=clear)
    hole = palette.getpixel((10, 10))
    for name, format_name in (("palette.png", "PNG"), ("palette.gif", "GIF")):
        make = lambda f=format_name: encoded(palette, f, transparency=hole)  # noqa: E731
        yield _case(row, name, make, size=SIZE, corners=clear)


def _inks() -> Iterator[HostileFile]:
    row = "CMYK JPEG with, without, with a broken ICC profile"
    cyan = Image.new("CMYK", SIZE, (255, 0, 0, 0))
    plain, swapped = ((0, 255, 255),) * 4, ((116, 0, 11),) * 4
    for name, profile, corners in (
        ("cmyk.jpg", None, plain),
        ("cmyk-profile.jpg", crafted.swapping_cmyk_profile(), swapped),
        ("cmyk-broken-profile.jpg", b"no profile at all", plain),
        ("cmyk-cut-profile.jpg", crafted.swapping_cmyk_profile()[:300], plain),
    ):
        make = lambda profile=profile: encoded(cyan, "JPEG", quality=95, icc_profile=profile)  # noqa: E731
        yield _case(row, name, make, size=SIZE, corners=corners)
    yield _good(row, "rgb-broken-profile.png", lambda: encoded(quadrants(), "PNG", icc_profile=b"nonsense" * 40))


def _animated() -> Iterator[HostileFile]:
    row = "animated GIF/WebP/APNG, multi-page TIFF, MPO: first frame, never counting frames"
    others = [Image.new("RGB", SIZE, (tone, tone, 0)) for tone in (40, 90, 140)]
    for name, format_name in (
        ("film.gif", "GIF"),
        ("film.webp", "WEBP"),
        ("film.png", "PNG"),
        ("pages.tif", "TIFF"),
        ("3d.mpo", "MPO"),
    ):
        options = {"lossless": True} if format_name == "WEBP" else {"quality": 95} if format_name == "MPO" else {}
        make = lambda f=format_name, o=options: encoded(quadrants(), f, save_all=True, append_images=others, **o)  # noqa: E731
        yield _good(row, name, make)
    row = "a GIF of 20,000 frames"
    yield _case(row, "endless.gif", lambda: _endless_gif(20_000), size=(1, 1))


def _endless_gif(frames: int) -> bytes:
    content = encoded(Image.new("P", (1, 1)), "GIF")
    start = content.index(b",")
    return content[:start] + content[start:-1] * frames + b";"


def _orientations() -> Iterator[HostileFile]:
    row = "EXIF orientation 1-8; 0 and 9 as stored"
    kinds = {"jpg": ("JPEG", {"quality": 95}), "png": ("PNG", {}), "webp": ("WEBP", {"quality": 95}), "tif": ("TIFF", {})}
    kinds |= {"heic": ("HEIF", {"quality": 95}), "avif": ("AVIF", {"quality": 95, "speed": 10})}
    for extension, (format_name, options) in kinds.items():
        for value in range(10):
            if value in {0, 9} and extension in {"heic", "avif"}:
                continue
            yield _good(row, f"orientation-{value}.{extension}", _turned(value, format_name, options))


def _turned(value: int, format_name: str, options: dict[str, object]) -> Callable[[], bytes]:
    stored = crafted.stored_as(quadrants(), value)
    facts = Image.Exif()
    facts[crafted.ORIENTATION] = value
    return lambda: encoded(stored, format_name, exif=facts, **options)


def _broken_facts() -> Iterator[HostileFile]:
    row = "broken EXIF, broken XMP: indexed, metadata left out"
    for number, (_, block) in enumerate(crafted.broken_exifs().items()):
        for extension, format_name in (("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP")):
            make = lambda f=format_name, b=block: encoded(quadrants(), f, exif=b, quality=95)  # noqa: E731
            yield _good(row, f"exif-{number}.{extension}", make)
    for name, packet in (
        ("broken", b"<x:xmpmeta><rdf"),
        ("laughing", crafted.laughing_xmp()),
        ("noise", _noise(4000).tobytes()),
    ):
        make = lambda packet=packet: encoded(quadrants(), "JPEG", quality=95, xmp=packet)  # noqa: E731
        yield _good(row, f"xmp-{name}.jpg", make)


def _others() -> Iterator[HostileFile]:
    row = "FIFO, socket, device named x.jpg"
    yield HostileFile(row=row, name=b"pipe.jpg", place=os.mkfifo, expected="not-a-regular-file")
    yield HostileFile(row=row, name=b"socket.jpg", place=_socket, expected="not-a-regular-file")
    yield HostileFile(row=row, name=b"folder.jpg", place=os.mkdir, expected="not-a-regular-file")
    row = "symbolic links, loops, broken links"
    yield HostileFile(row=row, name=b"loop.jpg", place=lambda path: os.symlink(path, path), expected="link")
    yield HostileFile(row=row, name=b"broken-link.jpg", place=lambda path: os.symlink(b"nowhere", path), expected="link")
    yield HostileFile(row=row, name=b"link.jpg", place=lambda path: os.symlink(b"jpeg-called.png", path), expected="link")
    row = "a placeholder of a cloud drive"
    yield HostileFile(row=row, name=b"placeholder.jpg", place=lambda path: _sparse(path, 1_000_000), expected="not-downloaded")
    row = "any file <= 512 MiB"
    yield HostileFile(row=row, name=b"heavy.jpg", place=_heavy, expected="too-large")
    row = "mode 000"
    if hasattr(os, "geteuid") and os.geteuid() != 0:
        yield _case(row, "secret.jpg", lambda: encoded(quadrants(), "JPEG"), "unreadable", mode=0)


def _socket(path: bytes) -> None:
    # A socket's address holds some hundred bytes only, so it is bound by its name alone.
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(os.path.dirname(path))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(os.path.basename(path))
    finally:
        os.fchdir(here)
        os.close(here)


def _sparse(path: bytes, size: int) -> None:
    with open(path, "wb") as file:
        file.truncate(size)


def _heavy(path: bytes) -> None:
    with open(path, "wb") as file:
        file.write(encoded(quadrants(), "JPEG"))
        file.truncate(513 * 1024 * 1024)


def _names() -> Iterator[HostileFile]:
    row = "emoji, newline, RTL override, NFC and NFD twins, 255-byte names, -rf, $(..), %s, HTML, SQL, non-UTF-8 bytes"
    names = [
        "\N{CAMERA} \N{SMILING FACE WITH OPEN MOUTH}.jpg".encode(),
        b"two\nlines.jpg",
        "photo\N{RIGHT-TO-LEFT OVERRIDE}gpj.jpg".encode(),
        "caf\u00e9.jpg".encode(),
        "cafe\u0301.jpg".encode(),
        b"x" * 251 + b".jpg",
        b"-rf.jpg",
        b"$(touch pwned).jpg",
        b"%s%n%d.jpg",
        b"<img src=x onerror=alert(1)>.jpg",
        b"'; DROP TABLE photos; --.jpg",
        b"latin-1 caf\xe9 \xff\xfe.jpg",
        b"trailing space .JPG",
    ]
    content = encoded(quadrants(), "JPEG", quality=95)
    for name in names:
        yield _good(row, name, lambda: content)


def write_all(folder: Path) -> dict[bytes, HostileFile]:
    """Put every case into ``folder``; return them by path."""
    return {case.write(os.fsencode(folder)): case for case in cases()}
