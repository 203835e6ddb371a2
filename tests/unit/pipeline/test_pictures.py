"""Thumbnails, and what is made again when they are lost."""

import os

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
