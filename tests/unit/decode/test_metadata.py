"""What a photo says of itself, from four places."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from torture import crafted

from helios_desktop.catalog.facts import with_sidecar
from helios_desktop.decode import iptc, xmp
from helios_desktop.decode.loader import load
from helios_desktop.domain import Metadata

Save = Callable[..., bytes]

PROPERTIES = (
    "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Harbour</rdf:li></rdf:Alt></dc:title>"
    "<dc:description><rdf:Alt><rdf:li xml:lang='x-default'>Boats at\n dawn</rdf:li></rdf:Alt></dc:description>"
    "<dc:subject><rdf:Bag><rdf:li>boats</rdf:li><rdf:li>sea</rdf:li><rdf:li>boats</rdf:li></rdf:Bag></dc:subject>"
    "<xmp:Rating>4</xmp:Rating><photoshop:DateCreated>2021-06-05T04:03:02.5Z</photoshop:DateCreated>"
)


def camera_facts() -> Image.Exif:
    facts = Image.Exif()
    facts[0x010F], facts[0x0110], facts[0x0132] = "Canon", "Canon EOS R6", "2022:01:01 00:00:00"
    details = facts.get_ifd(0x8769)
    details[0x9003], details[0x9011], details[0xA434] = "2020:02:29 12:34:56", "+02:00", "RF 50mm"
    place = facts.get_ifd(0x8825)
    place[1], place[2] = "S", (IFDRational(33), IFDRational(51), IFDRational(54, 1))
    place[3], place[4] = "E", (IFDRational(151), IFDRational(12), IFDRational(36, 1))
    return facts


@pytest.mark.parametrize(("name", "format_name"), [("x.jpg", "JPEG"), ("x.png", "PNG"), ("x.webp", "WEBP"), ("x.heic", "HEIF")])
def test_exif_gives_time_camera_lens_and_place(save: Save, name: str, format_name: str) -> None:
    facts = load(save(crafted.quadrants(), name, format_name, exif=camera_facts().tobytes()), views=[]).metadata
    assert facts.taken_at == "2020-02-29T12:34:56+02:00"
    assert facts.camera == "Canon EOS R6"
    assert facts.lens == "RF 50mm"
    assert facts.latitude == pytest.approx(-33.865)
    assert facts.longitude == pytest.approx(151.21)


@pytest.mark.parametrize(
    ("name", "format_name"), [("x.jpg", "JPEG"), ("x.webp", "WEBP"), ("x.avif", "AVIF"), ("x.heic", "HEIF")]
)
def test_xmp_gives_title_caption_keywords_rating_and_time(save: Save, name: str, format_name: str) -> None:
    facts = load(save(crafted.quadrants(), name, format_name, xmp=crafted.xmp(PROPERTIES)), views=[]).metadata
    assert facts == Metadata(
        taken_at="2021-06-05T04:03:02+00:00", rating=4, title="Harbour", caption="Boats at dawn", keywords=("boats", "sea")
    )


@pytest.mark.parametrize("name", ["x.xmp", "x.jpg.xmp"])
def test_a_sidecar_speaks_before_the_photo(save: Save, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(crafted.xmp("<dc:title>Mine</dc:title><xmp:Rating>2</xmp:Rating>"))
    photo = load(save(crafted.quadrants(), "x.jpg", xmp=crafted.xmp(PROPERTIES)), views=[])
    facts = with_sidecar(photo.metadata, photo.sidecar)
    assert (facts.title, facts.rating, facts.caption) == ("Mine", 2, "Boats at dawn")
    assert photo.metadata.title == "Harbour"


def test_a_sidecar_that_is_a_link_or_a_bomb_is_left_alone(save: Save, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(crafted.xmp("<dc:title>secret</dc:title>"))
    (tmp_path / "x.xmp").symlink_to(tmp_path / "secret")
    (tmp_path / "x.jpg.xmp").write_bytes(crafted.laughing_xmp())
    photo = load(save(crafted.quadrants(), "x.jpg"), views=[])
    assert photo.metadata == photo.sidecar == Metadata()


def test_iptc_gives_title_caption_and_keywords(save: Save) -> None:
    def record(dataset: int, text: bytes) -> bytes:
        return struct.pack(">BBBH", 0x1C, 2, dataset, len(text)) + text

    block = record(5, b"Caf\xe9") + record(120, "Müller".encode()) + record(25, b"one") + record(25, b"two")
    resource = b"8BIM\x04\x04\x00\x00" + struct.pack(">I", len(block)) + block + bytes(len(block) % 2)
    content = crafted.encoded(crafted.quadrants(), "JPEG")
    segment = b"Photoshop 3.0\x00" + resource
    marked = content[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + content[2:]
    facts = load(save(marked, "x.jpg"), views=[]).metadata
    assert (facts.title, facts.caption, facts.keywords) == ("Café", "Müller", ("one", "two"))


def test_broken_iptc_gives_what_came_before() -> None:
    assert iptc.parse(b"\x1c\x02\x05\x00\x03abc\x1c\x02\x19\x90\x00xx").title == "abc"
    assert iptc.parse(b"") == iptc.parse(b"no records") == iptc.Records()


@pytest.mark.parametrize(
    "packet",
    [b"", b"<x", b"\xff\xfe\x00", crafted.laughing_xmp(), b'<?xml version="1.0" encoding="nowhere"?><a/>', b"<a>" * 5000],
)
def test_a_broken_packet_says_nothing(packet: bytes) -> None:
    assert xmp.parse(packet) == xmp.Packet()


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "2020:13:01 00:00:00", "yesterday", "", "    :  :     :  :  "])
def test_a_time_that_never_was_is_unknown(save: Save, text: str) -> None:
    facts = Image.Exif()
    facts.get_ifd(0x8769)[0x9003] = text
    facts[0x0110] = "X100"
    read = load(save(crafted.quadrants(), "x.jpg", exif=facts.tobytes()), views=[]).metadata
    assert (read.taken_at, read.camera) == (None, "X100")


@pytest.mark.parametrize(
    "parts",
    [(IFDRational(91), IFDRational(0), IFDRational(0)), (IFDRational(1, 0), IFDRational(0), IFDRational(0)), (IFDRational(0),)],
)
def test_a_place_that_cannot_be_is_unknown(save: Save, parts: tuple[IFDRational, ...]) -> None:
    facts = camera_facts()
    facts.get_ifd(0x8825)[2] = parts
    facts.get_ifd(0x8825)[4] = (IFDRational(0),)
    read = load(save(crafted.quadrants(), "x.jpg", exif=facts.tobytes()), views=[]).metadata
    assert (read.latitude, read.longitude) == (None, None)
