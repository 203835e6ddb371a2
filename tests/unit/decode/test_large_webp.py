"""Large WebP pictures are decoded at a smaller size, and look as Pillow would show them."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from torture import crafted

from helios_desktop.decode import large_webp, loader
from helios_desktop.decode.loader import load
from helios_desktop.domain import SkipReason, View
from helios_desktop.errors import SkippedFileError

Save = Callable[..., bytes]

VIEW = View(width=64, height=64, fit="squash")
SIZE = (1600, 1200)
pytestmark = pytest.mark.skipif(large_webp._libwebp() is None, reason="Pillow was linked with libwebp statically")


@pytest.fixture(autouse=True)
def all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "LARGE_PIXELS", 0)


@pytest.fixture
def as_pillow_does(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], np.ndarray]:
    def view(path: bytes) -> np.ndarray:
        with monkeypatch.context() as patched:
            patched.setattr(loader, "LARGE_PIXELS", 1 << 40)
            return load(path, views=[VIEW]).views[0].astype(int)

    return view


def picture(mode: str = "RGB") -> Image.Image:
    """Waves of light, with a clear half where the mode has one."""
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    bands = [128 + 100 * np.sin(x / 70 + n) * np.cos(y / 90 - n) for n in range(3)]
    if mode == "RGBA":
        bands.append(np.where(x > SIZE[0] // 2, 255, 90))
    return Image.fromarray(np.stack(bands, axis=2).astype(np.uint8), mode)


@pytest.mark.filterwarnings("ignore:'mode' parameter is deprecated:DeprecationWarning")
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("options", [{"quality": 90}, {"lossless": True}], ids=["lossy", "lossless"])
def test_it_looks_as_pillow_shows_it(save: Save, mode: str, options: dict, as_pillow_does: Callable) -> None:
    path = save(crafted.encoded(picture(mode), "WEBP", **options), "x.webp")
    decoded = load(path, views=[VIEW])
    assert (decoded.width, decoded.height, decoded.format) == (*SIZE, "WEBP")
    assert np.abs(decoded.views[0] - as_pillow_does(path)).mean() < 1.5


def test_it_is_upright_and_keeps_exif_xmp_and_colours(save: Save, as_pillow_does: Callable) -> None:
    exif = Image.Exif()
    exif[274], exif[272] = 6, "X100"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    packet = crafted.xmp("<dc:title>Waves</dc:title>")
    path = save(crafted.encoded(picture(), "WEBP", exif=exif.tobytes(), xmp=packet, icc_profile=profile), "x.webp")
    decoded = load(path, views=[VIEW])
    assert (decoded.width, decoded.height) == SIZE[::-1]
    assert (decoded.metadata.camera, decoded.metadata.title) == ("X100", "Waves")
    assert np.abs(decoded.views[0] - as_pillow_does(path)).mean() < 1.5


@pytest.mark.filterwarnings("ignore:'mode' parameter is deprecated:DeprecationWarning")
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_of_an_animation_the_first_frame_is_shown(save: Save, mode: str, as_pillow_does: Callable) -> None:
    other = Image.new(mode, SIZE, "red")
    path = save(crafted.encoded(picture(mode), "WEBP", save_all=True, append_images=[other]), "x.webp")
    decoded = load(path, views=[VIEW])
    assert (decoded.width, decoded.height) == SIZE
    assert np.abs(decoded.views[0] - as_pillow_does(path)).mean() < 1.5


@pytest.mark.parametrize("animated", [False, True])
def test_one_that_was_cut_or_scrambled_is_damaged(save: Save, animated: bool) -> None:
    options = {"save_all": True, "append_images": [Image.new("RGB", SIZE)]} if animated else {}
    content = crafted.encoded(picture(), "WEBP", **options)
    for length in (40, len(content) // 3, *(() if animated else (len(content) - 100,))):
        short = content[:length]
        # The sizes in the headers are made to fit, so that only the decoder can tell.
        fitting = short[:4] + (length - 8).to_bytes(4, "little") + short[8:]
        with pytest.raises(SkippedFileError) as error:
            load(save(fitting, f"{length}.webp"), views=[VIEW])
        assert error.value.reason is SkipReason.DAMAGED


def test_where_libwebp_cannot_be_reached_pillow_decodes(save: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_path: str) -> object:
        raise OSError

    monkeypatch.setattr(ctypes, "CDLL", nothing)
    large_webp._libwebp.cache_clear()
    try:
        decoded = load(save(crafted.encoded(picture(), "WEBP"), "x.webp"), views=[VIEW])
    finally:
        large_webp._libwebp.cache_clear()
    assert (decoded.width, decoded.height) == SIZE


def test_a_picture_so_small_that_it_is_not_reduced(save: Save) -> None:
    path = save(crafted.encoded(Image.new("RGB", (7, 5), "blue"), "WEBP", lossless=True), "x.webp")
    decoded = load(path, views=[VIEW])
    assert (decoded.width, decoded.height) == (7, 5)
    assert tuple(decoded.views[0][32, 32]) == (0, 0, 255)


def test_its_path_is_only_read(save: Save, tmp_path: Path) -> None:
    content = crafted.encoded(picture(), "WEBP")
    load(save(content, "x.webp"), views=[VIEW])
    assert (tmp_path / "x.webp").read_bytes() == content
