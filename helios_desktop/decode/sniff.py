"""What a file is, by its first bytes: up to 4 KiB in, a ``Kind`` out. Its name is asked only where the bytes leave it open.

Signatures are those of the formats' own specifications: JPEG (T.81), PNG, GIF89a, RIFF/WebP, TIFF 6 and BigTIFF, BMP,
ISO base media files (HEIF, AVIF, JPEG 2000, JPEG XL, CR3), Netpbm, and the makers' variations on TIFF for RAW.
"""

from __future__ import annotations

from enum import StrEnum

from helios_desktop.domain import SkipReason
from helios_desktop.errors import SkippedFileError

HEAD_BYTES = 4096
"""Enough to tell text from noise, and to hold every list of brands."""


class Kind(StrEnum):
    """A format that Helios can decode, some only with their optional decoder."""

    JPEG = "JPEG"
    PNG = "PNG"
    GIF = "GIF"
    WEBP = "WEBP"
    TIFF = "TIFF"
    BMP = "BMP"
    AVIF = "AVIF"
    HEIF = "HEIF"
    JPEG2000 = "JPEG2000"
    PPM = "PPM"
    JXL = "JXL"
    RAW = "RAW"


RAW_EXTENSIONS = frozenset(
    [
        "3fr",
        "arw",
        "cr2",
        "cr3",
        "crw",
        "dcr",
        "dng",
        "erf",
        "iiq",
        "kdc",
        "mef",
        "mos",
        "mrw",
        "nef",
        "nrw",
        "orf",
        "pef",
        "raf",
        "raw",
        "rw2",
        "rwl",
        "sr2",
        "srf",
        "srw",
        "x3f",
    ]
)
JXL_EXTENSIONS = frozenset({"jxl"})
PHOTO_EXTENSIONS = frozenset(
    [
        "jpg",
        "jpeg",
        "jpe",
        "jfif",
        "png",
        "gif",
        "webp",
        "tif",
        "tiff",
        "bmp",
        "avif",
        "mpo",
        "jp2",
        "pnm",
        "ppm",
        "pgm",
        "pbm",
        "heic",
        "heif",
        "hif",
    ]
)

_JP2_BOX = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_JXL_BOX = b"\x00\x00\x00\x0cJXL \r\n\x87\n"
_SIGNATURES = (
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (_JP2_BOX, Kind.JPEG2000),
    (b"\xff\x4f\xff\x51", Kind.JPEG2000),
    (_JXL_BOX, Kind.JXL),
    (b"\xff\x0a", Kind.JXL),
    (b"FUJIFILMCCD-RAW", Kind.RAW),
    (b"IIRO", Kind.RAW),
    (b"IIRS", Kind.RAW),
    (b"MMOR", Kind.RAW),
    (b"IIU\x00", Kind.RAW),
    (b"FOVb", Kind.RAW),
    (b"\x00MRM", Kind.RAW),
    (b"II\x1a\x00\x00\x00HEAPCCDR", Kind.RAW),
    (b"II*\x00", Kind.TIFF),
    (b"MM\x00*", Kind.TIFF),
    (b"II+\x00\x08\x00", Kind.TIFF),
    (b"MM\x00+\x00\x08", Kind.TIFF),
)
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript document"),
    (b"\x1a\x45\xdf\xa3", "a video (Matroska)"),
    (b"FLV\x01", "a video (Flash)"),
    (b"\x00\x00\x01\xba", "a video (MPEG)"),
    (b"\x00\x00\x01\xb3", "a video (MPEG)"),
    (b"OggS", "an Ogg recording"),
    (b"ID3", "a sound file"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
_OTHER_PICTURES = (
    (b"8BPS", "Photoshop"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"v/1\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"gimp xcf", "GIMP"),
)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEVC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_PICTURE_BRANDS = frozenset({b"mif1", b"mif2", b"msf1", b"miaf"})
_FILM_BOXES = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_TEXT_BYTES = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0C, 0x0D}


def sniff(head: bytes, extension: str) -> Kind:
    """Say what a file is.

    ``head``: its first bytes, up to ``HEAD_BYTES``; ``extension``: lower case, without the dot.
    Raises ``SkippedFileError``: not-an-image, unsupported-format (a picture of a kind we cannot read), damaged (nothing left
    of it but a part of its signature).
    """
    kind = _picture_kind(head, extension)
    if kind is not None:
        return kind
    for signature, name in _OTHER_PICTURES:
        if head.startswith(signature):
            raise SkippedFileError(SkipReason.UNSUPPORTED_FORMAT, f"This is a picture of another kind: {name}.")
    if _is_cut_signature(head, extension):
        raise SkippedFileError(SkipReason.DAMAGED, f"Only the first {len(head)} bytes of the file are there.")
    raise SkippedFileError(SkipReason.NOT_AN_IMAGE, f"The content is {_describe(head)}.")


def _picture_kind(head: bytes, extension: str) -> Kind | None:
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return _raw_or_tiff(head, extension) if kind is Kind.TIFF else kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[4:8] == b"ftyp":
        return _media_kind(head)
    if _is_bitmap(head):
        return Kind.BMP
    if len(head) > 2 and head[:1] == b"P" and head[1:2] in b"123456" and head[2:3] in b" \t\r\n#":
        return Kind.PPM
    return None


def _raw_or_tiff(head: bytes, extension: str) -> Kind:
    """Most RAW files call themselves TIFF; only Canon's says more, so the name decides for the others."""
    return Kind.RAW if head[8:10] == b"CR" or extension in RAW_EXTENSIONS else Kind.TIFF


def _media_kind(head: bytes) -> Kind | None:
    size = int.from_bytes(head[:4], "big")
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, min(size, len(head)), 4))]
    if brands[0] == b"crx ":
        return Kind.RAW
    if brands[0] in _AVIF_BRANDS:
        return Kind.AVIF
    if brands[0] in _HEVC_BRANDS:
        return Kind.HEIF
    if brands[0] in _PICTURE_BRANDS:
        return Kind.AVIF if _AVIF_BRANDS.intersection(brands) else Kind.HEIF
    return None


def _is_bitmap(head: bytes) -> bool:
    """``BM`` alone may begin a text: the length of the next header must be one that exists (12 to 124 bytes)."""
    return (
        head.startswith(b"BM")
        and len(head) >= 18
        and int.from_bytes(head[14:18], "little") in {12, 16, 40, 52, 56, 64, 108, 124}
    )


_FAMILIES: dict[str, tuple[bytes, ...]] = {
    "png": (b"\x89PNG\r\n\x1a\n",),
    "gif": (b"GIF89a", b"GIF87a"),
    "webp": (b"RIFF",),
    "tif": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    "bmp": (b"BM",),
    "jp2": (_JP2_BOX,),
    "jxl": (_JXL_BOX, b"\xff\x0a"),
    "ppm": (b"P6", b"P5", b"P4", b"P3", b"P2", b"P1"),
}
_FAMILIES |= {"tiff": _FAMILIES["tif"], "pnm": _FAMILIES["ppm"], "pgm": _FAMILIES["ppm"], "pbm": _FAMILIES["ppm"]}
_FAMILIES |= dict.fromkeys(("jpg", "jpeg", "jpe", "jfif", "mpo"), (b"\xff\xd8\xff",))
_MEDIA_EXTENSIONS = frozenset({"heic", "heif", "hif", "avif"})


def _is_cut_signature(head: bytes, extension: str) -> bool:
    """Whether so little is left that only the name and a part of the signature tell what it was."""
    if len(head) >= 18:
        return False
    if extension in _MEDIA_EXTENSIONS:
        return head[:3] == b"\x00\x00\x00"[: len(head)] and b"ftyp".startswith(head[4:8])
    return any(head[: len(mark)] == mark[: len(head)] for mark in _FAMILIES.get(extension, ()))


def _describe(head: bytes) -> str:
    for signature, name in _OTHERS:
        if head.startswith(signature):
            return name
    if head[4:8] == b"ftyp" or head[4:8] in _FILM_BOXES:
        return "a video"
    if head.startswith(b"RIFF"):
        return "a video" if head[8:12] == b"AVI " else "a RIFF file, but no WebP"
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:512].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page"
    if b"<svg" in start:
        return "an SVG drawing"
    if start.startswith(b"<?xml"):
        return "an XML text"
    if sum(byte in _TEXT_BYTES for byte in head) > 0.9 * len(head):
        return "a text"
    return "no known picture format"
