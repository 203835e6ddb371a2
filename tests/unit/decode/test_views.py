"""What models see, and how many pixels that takes."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from helios_desktop.decode.views import (
    SPARE_PIXELS,
    SPARE_PIXELS_CENTRE,
    dominant_colour,
    make_pixels,
    make_thumbnail,
    make_view,
    reduction,
)
from helios_desktop.domain import View


def picture(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(width * height).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def as_torchvision(image: Image.Image, side: int) -> np.ndarray:
    """``Resize(side, bicubic)`` and ``CenterCrop(side)`` of torchvision, from their documented arithmetic."""
    width, height = image.size
    short, long = min(width, height), max(width, height)
    new_long = int(side * long / short)
    size = (side, new_long) if width <= height else (new_long, side)
    resized = image.resize(size, Image.Resampling.BICUBIC) if size != image.size else image
    top, left = round((resized.height - side) / 2.0), round((resized.width - side) / 2.0)
    return np.asarray(resized.crop((left, top, left + side, top + side)))


@pytest.mark.parametrize("size", [(640, 480), (480, 641), (300, 300), (501, 334), (100, 80), (224, 224), (1000, 333)])
def test_shortest_is_what_the_models_were_trained_with(size: tuple[int, int]) -> None:
    image = picture(*size)
    np.testing.assert_array_equal(make_view(image, View(width=224, height=224)), as_torchvision(image, 224))


def test_squash_takes_the_whole_picture() -> None:
    image = picture(300, 100)
    view = View(width=64, height=48, fit="squash", interpolation="bilinear")
    np.testing.assert_array_equal(make_view(image, view), np.asarray(image.resize((64, 48), Image.Resampling.BILINEAR)))


def test_centre_cuts_its_square_first() -> None:
    image = picture(400, 200)
    view = View(width=50, height=50, fit="centre", crop=0.5, interpolation="lanczos")
    expected = image.resize((50, 50), Image.Resampling.LANCZOS, box=(150, 50, 250, 150))
    np.testing.assert_array_equal(make_view(image, view), np.asarray(expected))


def test_the_centre_of_a_reduced_decode_is_the_same_place() -> None:
    smooth = picture(50, 38).resize((4000, 3000), Image.Resampling.BICUBIC)
    view = View(width=260, height=260, fit="centre", crop=0.65)
    reduced = smooth.reduce(4)  # its central square has edges between pixels: 487.5 of 750
    difference = make_view(smooth, view).astype(np.int16) - make_view(reduced, view)
    assert np.abs(difference).max() <= 2


def test_a_centre_that_is_no_square_is_cut_from_the_square() -> None:
    image = picture(400, 200)
    view = View(width=50, height=25, fit="centre", crop=0.5)
    expected = image.crop((150, 50, 250, 150)).resize((50, 50), Image.Resampling.BICUBIC).crop((0, 12, 50, 37))
    np.testing.assert_array_equal(make_view(image, view), np.asarray(expected))


@pytest.mark.parametrize("size", [(1, 30000), (30000, 1), (1, 1), (3, 2)])
@pytest.mark.parametrize("fit", ["shortest", "squash", "centre"])
def test_any_shape_becomes_a_view_of_the_size_asked_for(size: tuple[int, int], fit: str) -> None:
    view = View(width=224, height=224, fit=fit)  # type: ignore[arg-type]
    assert make_view(Image.new("RGB", size, (10, 200, 30)), view).shape == (224, 224, 3)


def test_pixels_are_kept_for_the_largest_view_and_the_thumbnail() -> None:
    views = [View(width=224, height=224), View(width=96, height=96, fit="squash")]
    assert reduction(4000, 3000, views, 512) == pytest.approx(3000 / (224 * SPARE_PIXELS))
    assert reduction(3000, 4000, views, 512) == pytest.approx(3000 / (224 * SPARE_PIXELS))
    assert reduction(4000, 3000, [], 512) == pytest.approx(4000 / 512)
    assert reduction(4000, 3000, [View(width=224, height=224, fit="centre", crop=0.5)], 0) == pytest.approx(
        1500 / (224 * SPARE_PIXELS_CENTRE)
    )
    assert reduction(300, 200, views, 512) == 1.0


def test_a_12_megapixel_photo_is_decoded_at_a_quarter_for_the_starter_model() -> None:
    views = [View(width=260, height=260, fit="squash"), View(width=260, height=260, fit="centre", crop=0.65)]
    assert reduction(4000, 3000, views, 512) >= 3.75


def test_a_thumbnail_is_a_small_jpeg_that_says_nothing_of_the_photo() -> None:
    image = picture(1000, 500)
    image.info = {"exif": b"Exif\x00\x00secret", "icc_profile": b"secret", "comment": b"secret"}
    content = make_thumbnail(image, 256)
    with Image.open(io.BytesIO(content)) as opened:
        assert (opened.format, opened.size) == ("JPEG", (256, 128))
    assert b"secret" not in content
    with Image.open(io.BytesIO(make_thumbnail(picture(20, 10), 256))) as opened:
        assert opened.size == (20, 10)


def test_the_dominant_colour_is_that_of_most_pixels() -> None:
    image = Image.new("RGB", (100, 100), (200, 30, 40))
    image.paste((0, 0, 255), (0, 0, 100, 30))
    assert dominant_colour(image) == 0xC81E28


@pytest.mark.parametrize(("size", "shown"), [((300, 200), (300, 200)), ((1000, 401), (300, 120)), ((20, 10), (20, 10))])
def test_pixels_for_the_screen_are_a_ppm_as_large_as_a_thumbnail(size, shown):
    original = picture(*size)
    with Image.open(io.BytesIO(make_pixels(original, 300))) as opened:
        assert (opened.format, opened.mode, opened.size) == ("PPM", "RGB", shown)
        assert opened.size != size or opened.tobytes() == original.tobytes()
