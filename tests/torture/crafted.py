"""Files put together byte by byte, for what no encoder writes: numbers and pixels in, the content of a file out."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence

from PIL import Image

ORIENTATION, ASCII, SHORT, LONG, RATIONAL, SRATIONAL = 0x0112, 2, 3, 4, 5, 10


def quadrants(width: int = 320, height: int = 240) -> Image.Image:
    """Red and green above blue and white: no two of its eight orientations look alike."""
    image = Image.new("RGB", (width, height), (255, 255, 255))
    image.paste((230, 20, 20), (0, 0, width // 2, height // 2))
    image.paste((20, 200, 20), (width // 2, 0, width, height // 2))
    image.paste((20, 20, 230), (0, height // 2, width // 2, height))
    return image


_UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def stored_as(image: Image.Image, orientation: int) -> Image.Image:
    """How a camera that writes ``orientation`` stores what is upright ``image``."""
    return image.transpose(_UNDO[orientation]) if orientation in _UNDO else image


def encoded(image: Image.Image, format_name: str, **options: object) -> bytes:
    """``image`` as a file of Pillow's ``format_name``."""
    target = io.BytesIO()
    if format_name == "HEIF":
        import pillow_heif  # it can write them; the application only reads, with the decoder that comes without an encoder

        pillow_heif.from_pillow(image).save(target, **options)
        return target.getvalue()
    image.save(target, format_name, **options)
    return target.getvalue()


def jpeg_xl(image: Image.Image, *, exif: bytes = b"", xmp: bytes = b"", is_packed: bool = False) -> bytes:
    """``image`` as a JPEG XL, with boxes of facts, which Brotli may have ``packed``."""
    import imagecodecs
    import numpy as np

    code = bytes(imagecodecs.jpegxl_encode(np.asarray(image), level=95, usecontainer=False))
    facts = [(b"Exif", b"\x00\x00\x00\x00" + exif.removeprefix(b"Exif\x00\x00"))] * bool(exif) + [(b"xml ", xmp)] * bool(xmp)
    if is_packed:
        facts = [(b"brob", name + bytes(imagecodecs.brotli_encode(body))) for name, body in facts]
    boxes = [(b"JXL ", b"\r\n\x87\n"), (b"ftyp", b"jxl \x00\x00\x00\x00jxl "), *facts, (b"jxlc", code)]
    return b"".join(struct.pack(">I", 8 + len(body)) + name + body for name, body in boxes)


def jpeg_in_jpeg_xl(jpeg: bytes) -> bytes:
    """A JPEG repacked without loss: its orientation then stands in the code stream and in its EXIF."""
    import imagecodecs

    return bytes(imagecodecs.jpegxl_encode_jpeg(jpeg, usecontainer=True))


def exif(entries: Sequence[tuple[int, int, int, bytes]], *, following: int = 0, tail: bytes = b"") -> bytes:
    """A big-endian EXIF block of one directory; each entry is tag, type, count and its four bytes of value."""
    table = b"".join(struct.pack(">HHI", tag, kind, count) + value for tag, kind, count, value in entries)
    head = b"MM\x00*" + struct.pack(">I", 8) + struct.pack(">H", len(entries))
    return b"Exif\x00\x00" + head + table + struct.pack(">I", following) + tail


def orientation_exif(value: int) -> bytes:
    """An EXIF block that says nothing but an orientation."""
    return exif([(ORIENTATION, SHORT, 1, struct.pack(">HH", value, 0))])


def broken_exifs() -> dict[str, bytes]:
    """EXIF blocks that are wrong in the ways that cameras, editors and attackers have found."""
    data_at = 8 + 2 + 12 * 2 + 4
    return {
        "next directory is itself": exif([(ORIENTATION, SHORT, 1, b"\x00\x01\x00\x00")], following=8),
        "sub-directory is its parent": exif([(0x8769, LONG, 1, struct.pack(">I", 8)), (0x8825, LONG, 1, struct.pack(">I", 8))]),
        "values past the end": exif([(0x010F, ASCII, 4000, struct.pack(">I", 60000)), (0x8769, LONG, 1, b"\x7f\xff\xff\xff")]),
        "directory past the end": b"Exif\x00\x00MM\x00*\x7f\xff\xff\xff",
        "division by zero": exif(
            [(0x011A, RATIONAL, 1, struct.pack(">I", data_at)), (0x8825, LONG, 1, struct.pack(">I", data_at))],
            tail=struct.pack(">II", 7, 0),
        ),
        "orientation is a text": exif([(ORIENTATION, ASCII, 4, b"top\x00"), (0x0110, ASCII, 2, b"X\x00\x00\x00")]),
        "orientation is a division by zero": exif(
            [(ORIENTATION, RATIONAL, 1, struct.pack(">I", data_at)), (0x011A, RATIONAL, 1, struct.pack(">I", data_at))],
            tail=struct.pack(">II", 6, 0),
        ),
        "negative rationals": exif(
            [(0x011A, SRATIONAL, 1, struct.pack(">I", data_at)), (0x9204, SRATIONAL, 1, struct.pack(">I", data_at))],
            tail=struct.pack(">ii", -7, -3),
        ),
        "64 kB of it": exif([(0x927C, 7, 65000, struct.pack(">I", 26))], tail=b"\xa5" * 65000)[:65533],
        "65,535 entries": b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff" + b"\x01\x12\x00\x03" * 200,
        "no TIFF at all": b"Exif\x00\x00" + b"nothing of the kind",
        "nothing": b"Exif\x00\x00",
    }


def png_chunk(name: bytes, content: bytes) -> bytes:
    """One PNG chunk with its length and checksum."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, *, depth: int, colour: int, row: bytes, extra: bytes = b"") -> bytes:
    """A whole PNG whose rows are all ``row``, packed without ever holding its pixels; ``extra``: chunks before the pixels."""
    packer = zlib.compressobj(9)
    pixels = b"".join(packer.compress(b"\x00" + row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + extra + png_chunk(b"IDAT", pixels) + png_chunk(b"IEND", b"")


def zeros(count: int) -> bytes:
    """``count`` zero bytes, deflated."""
    return zlib.compress(bytes(count), 9)


def gif_bomb() -> bytes:
    """65,535 x 65,535 pixels in 35 bytes."""
    frame = b"," + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0)
    return b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0) + b"\x00\x00\x00\xff\xff\xff" + frame + b"\x02\x00;"


def webp_bomb() -> bytes:
    """A canvas of 16,384 x 16,384 around nothing."""
    canvas = b"VP8X" + struct.pack("<I", 10) + b"\x00\x00\x00\x00" + b"\xff\x3f\x00" * 2
    body = b"WEBP" + canvas + b"VP8L" + struct.pack("<I", 6) + b"\x2f\xff\xff\xff\x0f\x00"
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tiff(entries: Sequence[tuple[int, int, int, int]], strip: bytes) -> bytes:
    """A little-endian TIFF of one strip; entries are tag, type, count, value; tags 273 and 279 are added."""
    start = 8 + 2 + 12 * (len(entries) + 2) + 4
    rows = sorted([*entries, (273, LONG, 1, start), (279, LONG, 1, len(strip))])
    table = b"".join(struct.pack("<HHII", *row) for row in rows)
    return b"II*\x00" + struct.pack("<IH", 8, len(rows)) + table + struct.pack("<I", 0) + strip


def tiff_bomb() -> bytes:
    """60,000 x 60,000 bits in a hundred bytes."""
    bomb = [(256, LONG, 1, 60000), (257, LONG, 1, 60000), (258, SHORT, 1, 1), (259, SHORT, 1, 32773), (262, SHORT, 1, 1)]
    return tiff([*bomb, (277, SHORT, 1, 1), (278, LONG, 1, 60000)], b"\x81\x00" * 8)


def bitmap_bomb() -> bytes:
    """A BMP that promises 40,000 x 40,000 pixels."""
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 70, 0, 0, 54, 40, 40000, 40000, 1, 24, 0, 0, 0, 0, 0, 0) + bytes(16)


def swapping_cmyk_profile() -> bytes:
    """An ICC profile for CMYK in which cyan ink looks red, so that it shows whether a profile was used.

    A version 2 printer profile (ICC.1:2001-04): one ``mft1`` table of two grid points a channel, Lab behind it.
    """
    red, white = (136, 208, 195), (255, 128, 128)
    corners = [red if corner & 8 else white for corner in range(16)]
    ramp = bytes(range(256))
    matrix = struct.pack(">9i", *(65536 if at % 4 == 0 else 0 for at in range(9)))
    table = b"mft1\x00\x00\x00\x00" + bytes([4, 3, 2, 0]) + matrix + ramp * 4 + b"".join(map(bytes, corners)) + ramp * 3
    description = b"desc\x00\x00\x00\x00" + struct.pack(">I", 8) + b"Swapped\x00" + bytes(78)
    white_point = b"XYZ \x00\x00\x00\x00" + struct.pack(">3i", 63190, 65536, 54061)
    rights = b"text\x00\x00\x00\x00none\x00\x00\x00\x00"
    tags = {b"desc": description, b"A2B0": table, b"wtpt": white_point, b"cprt": rights}
    offset, index, content = 128 + 4 + 12 * len(tags), b"", b""
    for name, value in tags.items():
        padded = value + bytes(-len(value) % 4)
        index += name + struct.pack(">II", offset + len(content), len(value))
        content += padded
    size = offset + len(content)
    head = struct.pack(">I4sI4s4s4s", size, b"none", 0x02100000, b"prtr", b"CMYK", b"Lab ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\x00") + struct.pack(">I", len(tags)) + index + content


def xmp(inner: str) -> bytes:
    """An XMP packet around ``inner``, the properties of one description."""
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/">'
        f'{inner}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def laughing_xmp() -> bytes:
    """Entities within entities: three gigabytes of text, if anybody expanded them."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><x>&l9;</x>'.encode()


def negative(width: int, height: int, *, orientation: int) -> bytes:
    """A DNG (1.4) of a reddish grey: one uncompressed strip of a Bayer sensor, without a preview."""
    sensor = (b"\x28\x23\xd0\x07" * (width // 2) + b"\xd0\x07\xd0\x07" * (width // 2)) * (height // 2 - 8)
    # Some white at the bottom, since developing stretches the brightest percent to white.
    sensor += b"\xff\x3f" * (width * (height - 2 * (height // 2 - 8)))
    plain = [
        (254, LONG, 1, 0),
        (256, LONG, 1, width),
        (257, LONG, 1, height),
        (258, SHORT, 1, 16),
        (259, SHORT, 1, 1),
        (262, SHORT, 1, 32803),
        (274, SHORT, 1, orientation),
        (277, SHORT, 1, 1),
        (278, LONG, 1, height),
        (33421, SHORT, 2, 2 | 2 << 16),
        (33422, 1, 4, 0x02010100),
        (50706, 1, 4, 0x00000401),
        (50708, ASCII, 4, 0x00535554),
        (50717, SHORT, 1, 16383),
        (50778, SHORT, 1, 21),
    ]
    # The colour matrix and the neutral point do not fit into their entries, so they follow the sensor's data.
    after = 8 + 2 + 12 * (len(plain) + 4) + 4 + len(sensor)
    matrix = struct.pack("<18i", *(value for at in range(9) for value in (1 if at % 4 == 0 else 0, 1)))
    neutral = struct.pack("<6I", 1, 1, 1, 1, 1, 1)
    far = [(50721, SRATIONAL, 9, after), (50728, RATIONAL, 3, after + len(matrix))]
    return tiff([*plain, *far], sensor + matrix + neutral)
