"""Thumbnails, and what is made again when they are lost."""

import io
import os

import pytest
from PIL import Image

from helios_desktop.decode.process import HAS_WIDE_PIPES
from helios_desktop.errors import KnownError
from helios_desktop.pipeline.pictures import Pictures


def pictures(library):
    return Pictures(catalog=library.catalog, thumbnails=library.thumbnails, decoder=lambda: library.decoder)


def test_a_lost_thumbnail_is_made_again_and_kept(library, paint):
    paint(library.folder / "red.jpg", "red")
    library.add()
    library.index()
    [photo] = library.catalog.photos.listing()
    before = library.thumbnails.get(photo.content_hash)
    library.thumbnails.delete_many([photo.content_hash])
    assert pictures(library).thumbnail(photo.content_hash) == before
    assert library.thumbnails.get(photo.content_hash) == before


def test_a_copy_serves_where_the_first_photo_is_gone(library, paint):
    photo = paint(library.folder / "red.jpg", "red")
    (library.folder / "copy.jpg").write_bytes(photo.read_bytes())
    library.add()
    library.index()
    content_hash = library.catalog.photos.by_path(os.fsencode(photo)).content_hash
    library.thumbnails.delete_many([content_hash])
    photo.unlink()
    assert pictures(library).thumbnail(content_hash) is not None


def test_a_photo_that_changed_since_gives_no_thumbnail_of_the_new_content(library, paint):
    photo = paint(library.folder / "red.jpg", "red")
    library.add()
    library.index()
    content_hash = library.catalog.photos.by_path(os.fsencode(photo)).content_hash
    library.thumbnails.delete_many([content_hash])
    paint(photo, "blue")
    assert pictures(library).thumbnail(content_hash) is None


def test_an_unknown_content_has_none(library):
    assert pictures(library).thumbnail(bytes(32)) is None


def test_a_preview_is_as_large_as_asked_and_never_larger_than_the_photo(library, paint):
    photo = os.fsencode(paint(library.folder / "wide.jpg", "green", size=(400, 300)))
    sizes = [Image.open(io.BytesIO(pictures(library).preview(photo, longest_px))).size for longest_px in (200, 4000)]
    assert sizes == [(200, 150), (400, 300)]


def test_a_preview_in_pixels_has_the_size_asked_and_is_what_the_jpeg_shows(library, paint):
    photo = os.fsencode(paint(library.folder / "wide.jpg", "green", size=(1000, 500)))
    for longest_px, size in ((300, (300, 150)), (4000, (1000, 500))):
        content = pictures(library).preview(photo, longest_px, as_pixels=True)
        with Image.open(io.BytesIO(content)) as shown, Image.open(io.BytesIO(pictures(library).preview(photo, 200))) as jpeg:
            assert (shown.format == "PPM") is HAS_WIDE_PIPES
            assert shown.size == size
            ink, expected = (one.resize((1, 1)).getpixel((0, 0)) for one in (shown, jpeg))
        assert all(abs(one - other) <= 3 for one, other in zip(ink, expected, strict=True))


def test_a_photo_that_cannot_be_read_gives_its_remedy_in_place_of_a_preview(library):
    broken = library.folder / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 not much of a JPEG")
    with pytest.raises(KnownError, match="cannot be shown") as caught:
        pictures(library).preview(os.fsencode(broken), 200)
    assert caught.value.remedy
