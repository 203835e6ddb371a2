"""What a library can be narrowed by."""

from __future__ import annotations

from helios_desktop.catalog.facets import Facets


def test_cameras_and_formats_are_counted_the_most_frequent_first(shelf):
    shelf.index("a.jpg", "b.jpg", camera="Lumen X100")
    shelf.index("c.jpg", camera="Apple iPhone 13")
    shelf.index("d.jpg")
    shelf.add("pending.jpg")
    found = shelf.catalog.facets.count()
    assert found.cameras == (("Lumen X100", 2), ("Apple iPhone 13", 1))
    assert sum(count for _, count in found.formats) == 4


def test_an_empty_library_offers_nothing(shelf):
    assert shelf.catalog.facets.count() == Facets()
