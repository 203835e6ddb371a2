"""Places in questions: understood where photos were taken there, words elsewhere; always where they are meant."""

from __future__ import annotations

import hashlib
import os
from datetime import date

import pytest

from helios_desktop.catalog.facts import DecodedFacts, Ready
from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import (
    FileStat,
    Filter,
    FoundFile,
    Metadata,
    ModelId,
    PendingPhoto,
    ScanDelta,
    TextTerm,
)
from helios_desktop.errors import QueryError
from helios_desktop.geography import Area
from helios_desktop.paths import resources_dir
from helios_desktop.pipeline.place_finder import PlaceFinder
from helios_desktop.pipeline.query import parse, without
from helios_desktop.places.gazetteer import Gazetteer

PHOTOS = {
    "louvre.jpg": (48.8606, 2.3376),
    "versailles.jpg": (48.8049, 2.1204),
    "colosseum.jpg": (41.8902, 12.4922),
    "ostia.jpg": (41.7325, 12.2786),
    "fiesole.jpg": (43.8060, 11.2930),
    "nice.jpg": (43.7009, 7.2683),
    "suva.jpg": (-16.8, -179.99),
    "nowhere.jpg": (None, None),
}


@pytest.fixture(scope="module")
def gazetteer():
    return Gazetteer(resources_dir() / "places" / "gazetteer.npz")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    made = Catalog.open(tmp_path_factory.mktemp("places") / "catalog.sqlite")
    root = made.roots.add(b"/photos", "disk")
    stats = [FileStat(path=b"/photos/" + name.encode(), size=9, mtime_ns=10**18, inode=1, device=1) for name in PHOTOS]
    made.photos.record(root.root_id, ScanDelta(added=tuple(FoundFile(stat=stat) for stat in stats)))
    batch = []
    for name, (latitude, longitude) in PHOTOS.items():
        photo = made.photos.by_path(b"/photos/" + name.encode())
        meta = Metadata(latitude=latitude, longitude=longitude)
        batch.append(
            Ready(
                photo=PendingPhoto(photo_id=photo.photo_id, path=photo.path, size=9, mtime_ns=10**18, content_hash=None),
                content_hash=hashlib.sha256(name.encode()).digest(),
                decoded=DecodedFacts(width=4, height=3, format="JPEG", colour=0, metadata=meta),
                vector=None,
                model_id=ModelId("none"),
            )
        )
    made.photos.mark_ready([_with_vector(one) for one in batch])
    yield made
    made.close()


def _with_vector(ready):
    import dataclasses

    import numpy as np

    return dataclasses.replace(ready, vector=np.ones(4, np.float32))


@pytest.fixture(scope="module")
def places(catalog, gazetteer):
    return PlaceFinder(catalog, gazetteer)


def asked(text, places):
    return parse(text, places=places, today=date(2024, 6, 1))


def found(catalog, wanted):
    return {os.path.basename(os.fsdecode(photo.path)) for photo in catalog.photos.get(catalog.photos.browse(wanted))}


@pytest.mark.parametrize(
    ("text", "words", "photos"),
    [
        ("dog in Paris", "dog", {"louvre.jpg", "versailles.jpg"}),
        ("dog in paris", "dog", {"louvre.jpg", "versailles.jpg"}),
        ("a church near Rome", "a church", {"colosseum.jpg", "ostia.jpg"}),
        ("Kirche in Rom", "Kirche", {"colosseum.jpg"}),
        ("église à Rome", "église", {"colosseum.jpg"}),
        ("within 3 km of Rome ruins", "ruins", {"colosseum.jpg"}),
        ("im Umkreis von 30 km um Rom", "", {"colosseum.jpg", "ostia.jpg"}),
        ("à moins de 30 km de Rome", "", {"colosseum.jpg", "ostia.jpg"}),
        ("hills in Tuscany", "hills", {"fiesole.jpg"}),
        ("Hügel in der Toskana", "Hügel", {"fiesole.jpg"}),
        ("food in Italy", "food", {"colosseum.jpg", "ostia.jpg", "fiesole.jpg"}),
        ("boats in Nice", "boats", {"nice.jpg"}),
        ("near:Paris", "", {"louvre.jpg", "versailles.jpg"}),
        ('place:"Rome" ruins', "ruins", {"colosseum.jpg"}),
        ("beach in Fiji", "beach", {"suva.jpg"}),
    ],
)
def test_a_place_with_photos_narrows_and_its_words_go_to_nobody_else(catalog, places, text, words, photos):
    parsed = asked(text, places)
    assert found(catalog, parsed.query.filter) == photos
    assert parsed.query.terms == ((TextTerm(text=words),) if words else ())
    assert [part.kind for part in parsed.parts if part.kind != "words"] == ["place"]


@pytest.mark.parametrize(
    "text",
    [
        "a dog in nice light",  # Nice has photos, but nobody writes it so
        "dog in Berlin",  # no photo was taken there
        "children in winter",
        "in",
        "a boat in the",
        "in 5 km",
        "woman in red near a tree",
    ],
)
def test_other_words_stay_words(places, text):
    parsed = asked(text, places)
    assert parsed.query.filter == Filter()
    assert [part.kind for part in parsed.parts] == ["words"]
    assert parsed.query.terms == (TextTerm(text=text),)


def test_a_place_that_is_meant_narrows_even_where_there_is_no_photo(catalog, places):
    assert found(catalog, asked("dog within 20 km of Berlin", places).query.filter) == set()
    assert found(catalog, asked("dog place:Berlin", places).query.filter) == set()
    assert found(catalog, asked("dog place:Peru", places).query.filter) == set()


def test_quoted_words_and_negatives_are_no_places(places):
    assert [part.kind for part in asked('"in Paris"', places).parts] == ["exact"]
    assert "place" not in [part.kind for part in asked("dog -in Paris", places).parts]


def test_a_date_and_a_place_stand_side_by_side(catalog, places):
    parsed = asked("dog in Paris in 2023", places)
    assert [part.kind for part in parsed.parts] == ["words", "place", "date"]
    assert parsed.query.filter.near
    assert parsed.query.filter.taken_after == "2023-01-01"


def test_a_place_can_be_taken_out_of_the_words_again(places):
    parsed = asked("dog in Paris running", places)
    [place] = [part for part in parsed.parts if part.kind == "place"]
    assert (place.text, place.said) == ("Paris", "in Paris")
    assert without("dog in Paris running", place) == "dog running"


def test_two_lands_mean_either_and_an_area_narrows_them(catalog, places):
    assert found(catalog, asked("in Italy in Fiji", places).query.filter) >= {"suva.jpg", "ostia.jpg"}
    narrowed = asked("in Italy", places).query.filter
    assert found(catalog, parse("in Fiji", base=narrowed, places=places).query.filter) == set()


def test_a_library_without_positions_asks_nothing_of_the_gazetteer(tmp_path):
    empty = Catalog.open(tmp_path / "catalog.sqlite")
    finder = PlaceFinder(empty, Gazetteer(tmp_path / "there is none.npz"))
    assert asked("dog in Paris", finder).query.terms == (TextTerm(text="dog in Paris"),)
    empty.close()


def test_somebody_who_means_an_unknown_place_is_told(places):
    with pytest.raises(QueryError, match="No place called 'Xyzzyville'"):
        places.around("Xyzzyville", None)
    assert places.around("Rome", 7).radius_km == 7


def test_around_a_photo_is_where_it_was_taken(catalog, places):
    area = places.around_file(b"/photos/colosseum.jpg", None, lambda _path: Metadata())
    assert found(catalog, Filter(near=(area,))) == {"colosseum.jpg"}
    read = []
    outside = places.around_file(b"/elsewhere.jpg", 10, lambda path: read.append(path) or Metadata(latitude=1.0, longitude=2.0))
    assert (outside, read) == (Area(latitude=1.0, longitude=2.0, radius_km=10), [b"/elsewhere.jpg"])
    with pytest.raises(QueryError, match="does not say where"):
        places.around_file(b"/photos/nowhere.jpg", None, lambda _path: Metadata())


def test_distances_are_right_across_the_date_line_and_far_north(catalog):
    assert found(catalog, Filter(near=(Area(latitude=-16.8, longitude=179.99, radius_km=5),))) == {"suva.jpg"}
    assert found(catalog, Filter(near=(Area(latitude=48.8606, longitude=2.3376, radius_km=0.1),))) == {"louvre.jpg"}


def test_what_photos_are_called(catalog, places):
    photo = catalog.photos.by_path(b"/photos/fiesole.jpg")
    assert places.name_of(photo) == "Fiesole, Tuscany, Italy"
    assert places.name_of(catalog.photos.by_path(b"/photos/nowhere.jpg")) == ""
