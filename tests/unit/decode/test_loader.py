"""From a path to everything that later steps need."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torture import crafted

from helios_desktop.decode import formats
from helios_desktop.decode.headers import jxl_whole_channels
from helios_desktop.decode.limits import Limits
from helios_desktop.decode.loader import content_hash, load
from helios_desktop.domain import SkipReason, View
from helios_desktop.errors import SkippedFileError

Save = Callable[..., bytes]
VIEW = View(width=224, height=224)


def photo(width: int, height: int) -> Image.Image:
    """Something with the smooth and the fine parts of a photograph."""
    random = np.random.default_rng(3)
    coarse = Image.fromarray(random.integers(0, 256, (height // 100, width // 100, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), dtype=np.int16)
    grain = random.integers(-12, 13, (height, width, 1), dtype=np.int16)
    return Image.fromarray(np.clip(smooth + grain, 0, 255).astype(np.uint8))


def reason(path: bytes, **options: object) -> SkipReason:
    with pytest.raises(SkippedFileError) as caught:
        load(path, views=[VIEW], **options)  # type: ignore[arg-type]
    assert caught.value.detail
    assert caught.value.remedy
    return caught.value.reason


def test_one_decode_gives_views_thumbnail_hash_and_facts(save: Save) -> None:
    path = save(photo(1600, 1200), "x.jpg", quality=90)
    decoded = load(path, views=[VIEW, View(width=64, height=32, fit="squash")])
    assert (decoded.width, decoded.height, decoded.format) == (1600, 1200, "JPEG")
    assert [view.shape for view in decoded.views] == [(224, 224, 3), (32, 64, 3)]
    assert decoded.content_hash == hashlib.sha256(Path(os.fsdecode(path)).read_bytes()).digest() == content_hash(path)
    with Image.open(io.BytesIO(decoded.thumbnail)) as thumbnail:
        assert thumbnail.size == (512, 384)


@pytest.mark.parametrize("is_progressive", [False, True])
def test_a_reduced_decode_cannot_be_told_from_a_full_one(save: Save, is_progressive: bool) -> None:
    path = save(photo(4000, 3000), "x.jpg", quality=92, progressive=is_progressive)
    decoded = load(path, views=[VIEW]).views[0].astype(float)
    with Image.open(os.fsdecode(path)) as full:
        resized = full.convert("RGB").resize((298, 224), Image.Resampling.BICUBIC).crop((37, 0, 261, 224))
    error = float(np.mean((decoded - np.asarray(resized, dtype=float)) ** 2))
    assert 10 * np.log10(255**2 / error) > 45


def test_a_large_png_is_reduced_in_bands_and_looks_the_same(save: Save) -> None:
    image = photo(5000, 4000)
    decoded = load(save(image, "x.png", "PNG", compress_level=1), views=[VIEW])
    expected = np.asarray(image.resize((280, 224), Image.Resampling.BICUBIC).crop((28, 0, 252, 224)), dtype=float)
    assert (decoded.width, decoded.height) == (5000, 4000)
    assert float(np.mean((decoded.views[0] - expected) ** 2)) < 4.0


@pytest.mark.parametrize(
    ("name", "format_name"), [("x.jp2", "JPEG2000"), ("x.bmp", "BMP"), ("x.ppm", "PPM"), ("x.gif", "GIF"), ("x.tif", "TIFF")]
)
def test_the_other_formats_give_the_same_colours(save: Save, name: str, format_name: str) -> None:
    decoded = load(save(crafted.quadrants(2400, 1800), name, format_name), views=[VIEW])
    assert decoded.format == format_name
    assert (decoded.width, decoded.height) == (2400, 1800)
    np.testing.assert_allclose(decoded.views[0][50, 50], (230, 20, 20), atol=8)
    np.testing.assert_allclose(decoded.views[0][180, 50], (20, 20, 230), atol=8)


def test_a_cut_jpeg_2000_is_damaged(save: Save) -> None:
    content = crafted.encoded(photo(400, 300), "JPEG2000")
    for length in (20, len(content) // 2, len(content) - 5, len(content) - 1):
        assert reason(save(content[:length], f"{length}.jp2")) is SkipReason.DAMAGED


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("way", ["plain", "packed", "jpeg"])
def test_a_jpeg_xl_is_upright(save: Save, orientation: int, way: str) -> None:
    pytest.importorskip("imagecodecs")
    facts = Image.Exif()
    facts[crafted.ORIENTATION] = orientation
    stored = crafted.stored_as(crafted.quadrants(), orientation)
    if way == "jpeg":
        content = crafted.jpeg_in_jpeg_xl(crafted.encoded(stored, "JPEG", quality=95, exif=facts))
    else:
        content = crafted.jpeg_xl(stored, exif=facts.tobytes(), is_packed=way == "packed")
    decoded = load(save(content, "x.jxl"), views=[View(width=64, height=64, fit="squash")])
    assert (decoded.width, decoded.height, decoded.format) == (320, 240, "JXL")
    np.testing.assert_allclose(decoded.views[0][16, 16], (230, 20, 20), atol=14)


def test_a_jpeg_xl_bomb_and_a_cut_one_are_skipped(save: Save) -> None:
    pytest.importorskip("imagecodecs")
    content = crafted.jpeg_xl(crafted.quadrants())
    assert reason(save(content[: len(content) // 2], "cut.jxl")) is SkipReason.DAMAGED
    assert reason(save(content, "small.jxl"), limits=Limits(other_pixels=320 * 240 - 1)) is SkipReason.TOO_LARGE


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "I;16"])
def test_grey_transparent_and_deep_jpeg_xls_show_their_tones(save: Save, mode: str) -> None:
    pytest.importorskip("imagecodecs")
    if mode == "I;16":
        image = Image.fromarray(np.full((48, 64), 40_000, dtype=np.uint16))
    else:
        image = Image.new("RGB", (64, 48), (156, 156, 156)).convert(mode)
    decoded = load(save(crafted.jpeg_xl(image), "x.jxl"), views=[View(width=32, height=32, fit="squash")])
    np.testing.assert_allclose(decoded.views[0][16, 16], (156, 156, 156), atol=3)


def test_the_facts_of_a_jpeg_xl_are_read_and_broken_ones_cost_nothing(save: Save) -> None:
    pytest.importorskip("imagecodecs")
    facts = Image.Exif()
    facts[0x010F], facts[0x0110], facts[0x0132] = "Canon", "EOS 80D", "2024:05:06 07:08:09"
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    packet += b'<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/></rdf:RDF></x:xmpmeta>'
    for is_packed in (False, True):
        content = crafted.jpeg_xl(crafted.quadrants(), exif=facts.tobytes(), xmp=packet, is_packed=is_packed)
        metadata = load(save(content, "x.jxl"), views=[VIEW]).metadata
        assert (metadata.camera, metadata.taken_at, metadata.rating) == ("Canon EOS 80D", "2024-05-06T07:08:09", 4)
        name = b"brobExif" if is_packed else b"Exif"
        start = content.index(name) + len(name)
        broken = content[:start] + b"\xff" * 12 + content[start + 12 :]
        decoded = load(save(broken, "y.jxl"), views=[VIEW])
        assert (decoded.width, decoded.metadata.rating) == (320, 4)


def test_raw_and_jpeg_xl_without_their_decoders_are_unsupported(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "has_raw", lambda: False)
    monkeypatch.setattr(formats, "has_jxl", lambda: False)
    assert not {"nef", "jxl"} & formats.supported_extensions()
    assert {"jpg", "heic", "hif", "mpo", "avif"} <= formats.supported_extensions()
    assert reason(save(b"\xff\x0a" + bytes(100), "x.jxl")) is SkipReason.UNSUPPORTED_FORMAT
    assert reason(save(crafted.encoded(crafted.quadrants(), "TIFF"), "x.nef")) is SkipReason.UNSUPPORTED_FORMAT
    assert reason(save(b"FUJIFILMCCD-RAW " + bytes(100), "x.raf")) is SkipReason.UNSUPPORTED_FORMAT


def test_a_broken_raw_is_damaged(save: Save) -> None:
    pytest.importorskip("rawpy")
    assert "nef" in formats.supported_extensions()
    assert reason(save(b"FUJIFILMCCD-RAW " + bytes(1000), "x.raf")) is SkipReason.DAMAGED


@pytest.mark.parametrize("has_preview", [False, True])
def test_a_raw_is_upright_and_as_large_as_its_sensor(save: Save, has_preview: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rawpy")
    if has_preview:
        preview = crafted.encoded(crafted.stored_as(crafted.quadrants(960, 720), 6), "JPEG")
        monkeypatch.setattr(formats, "_raw_preview", lambda *_: Image.open(io.BytesIO(preview), formats=["JPEG"]))
    decoded = load(save(crafted.negative(640, 480, orientation=6), "x.dng"), views=[View(width=64, height=64)])
    assert (decoded.width, decoded.height, decoded.format) == (480, 640, "RAW")
    if has_preview:
        np.testing.assert_allclose(decoded.views[0][16, 16], (230, 20, 20), atol=10)
    else:
        red, green, blue = decoded.views[0].mean(axis=(0, 1))
        assert red > 1.5 * green
        assert red > 1.5 * blue


def test_a_progressive_jpeg_that_needs_too_much_memory_is_too_large(save: Save) -> None:
    path = save(photo(800, 600), "x.jpg", progressive=True)
    limits = Limits(coefficient_bytes=800 * 600 * 2)
    assert reason(path, limits=limits) is SkipReason.TOO_LARGE
    assert load(save(photo(800, 600), "y.jpg"), views=[], limits=limits).width == 800


def test_a_file_that_changes_while_it_is_read_is_not_taken(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(photo(400, 300), "x.jpg")
    from helios_desktop.decode import loader

    decode = loader._decode

    def meanwhile(*arguments: object) -> object:
        with open(path, "ab") as file:
            file.write(b"more")
        return decode(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(loader, "_decode", meanwhile)
    assert reason(path) is SkipReason.DAMAGED


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    assert reason(bytes(tmp_path / "gone.jpg")) is SkipReason.UNREADABLE


@pytest.mark.parametrize("name", list(crafted.broken_exifs()))
@pytest.mark.parametrize("format_name", ["AVIF", "HEIF"])
def test_broken_exif_in_a_container_costs_the_metadata_only(save: Save, name: str, format_name: str) -> None:
    facts = Image.Exif()
    facts[0x013B] = "x" * 68000
    whole = facts.tobytes()[6:]
    content = crafted.encoded(crafted.quadrants(), format_name, exif=facts.tobytes())
    assert whole in content
    broken = crafted.broken_exifs()[name][6:].ljust(len(whole), b"\x00")
    path = save(content.replace(whole, broken), "x.bin")
    assert load(path, views=[VIEW]).width == 320


def test_random_damage_never_raises_anything_but_a_reason(save: Save) -> None:
    random = np.random.default_rng(11)
    for format_name in ("JPEG", "PNG", "GIF", "TIFF", "WEBP", "AVIF", "HEIF", "BMP", "PPM", "JPEG2000"):
        content = crafted.encoded(crafted.quadrants(64, 48), format_name)
        for turn in range(25):
            broken = bytearray(content)
            for place in random.integers(0, min(len(content), 400 if turn % 2 else len(content)), 4):
                broken[place] = random.integers(0, 256)
            try:
                load(save(bytes(broken), "x.bin"), views=[VIEW])
            except SkippedFileError as error:
                assert error.detail


@pytest.mark.parametrize(
    ("options", "shape", "depth", "channels"),
    [
        ({"distance": 1.0}, (30, 40, 3), np.uint8, 0),
        ({"distance": 1.0}, (30, 40, 3), np.float32, 0),
        ({"lossless": True}, (30, 40, 3), np.uint8, 3),
        ({"lossless": True}, (30, 40), np.uint16, 3),
        ({"lossless": True}, (30, 40, 4), np.uint8, 4),
    ],
)
def test_a_lossless_jpeg_xl_is_known_by_its_header(
    save: Save, options: dict[str, object], shape: tuple[int, ...], depth: type, channels: int
) -> None:
    codecs = pytest.importorskip("imagecodecs")
    for in_boxes in (False, True):
        path = save(codecs.jpegxl_encode(np.zeros(shape, depth), usecontainer=in_boxes, **options), "x.jxl")
        with open(path, "rb") as file:
            assert jxl_whole_channels(file) == channels
        narrow = Limits(coefficient_bytes=1000)
        if channels:
            assert reason(path, limits=narrow) is SkipReason.TOO_LARGE
        else:
            assert load(path, views=[VIEW], limits=narrow).width == 40
