"""Names and spots, on the gazetteer that ships."""

from __future__ import annotations

import numpy as np
import pytest

from helios_desktop.paths import resources_dir
from helios_desktop.places.folding import folded
from helios_desktop.places.gazetteer import FARTHEST_KM, Gazetteer


@pytest.fixture(scope="module")
def gazetteer():
    return Gazetteer(resources_dir() / "places" / "gazetteer.npz")


@pytest.mark.parametrize("written", ["São Paulo", "sao paulo", "SAO-PAULO", " São  Paulo "])
def test_a_name_is_looked_up_however_it_is_written(written):
    assert folded(written) == "sao paulo"


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [
        ("paris", "place", "Paris"),
        ("Rom", "place", "Rome"),
        ("Cologne", "place", "Köln"),
        ("Florenz", "place", "Florence"),
        ("Londres", "place", "London"),
        ("Toskana", "region", "Tuscany"),
        ("Bavière", "region", "Bavaria"),
        ("Italie", "country", "Italy"),
        ("Deutschland", "country", "Germany"),
        ("USA", "country", "United States"),
    ],
)
def test_places_regions_and_countries_are_known_in_three_languages(gazetteer, name, kind, found):
    best = gazetteer.named(name)[0]
    assert (best.kind, best.name) == (kind, found)


def test_the_most_populous_of_a_name_comes_first(gazetteer):
    sizes = [place.population for place in gazetteer.named("Paris")]
    assert len(sizes) > 1
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize("name", ["", "  ", "Xyzzyville", "!", "\N{SNOWMAN}"])
def test_what_is_no_name_is_nothing(gazetteer, name):
    assert gazetteer.named(name) == []


def test_a_spot_is_called_by_the_place_nearest_to_it(gazetteer):
    assert gazetteer.name_of(43.806, 11.293) == "Fiesole, Tuscany, Italy"
    assert gazetteer.name_of(43.806, 11.293, "de") == "Fiesole, Tuscany, Italien"
    assert gazetteer.name_of(0.0, -30.0) == "", "in the middle of the ocean"


@pytest.mark.parametrize(("latitude", "longitude"), [(-16.8, 179.99), (-16.8, -179.99), (78.22, 15.64), (-54.8, -68.3)])
def test_the_edges_of_the_map_are_no_edges(gazetteer, latitude, longitude):
    assert gazetteer.name_of(latitude, longitude)


def test_the_nearest_is_the_nearest_of_all(gazetteer):
    tables = gazetteer._tables
    spots = np.random.default_rng(3).uniform((36, -9), (60, 25), (200, 2))
    found = gazetteer.nearest(spots[:, 0], spots[:, 1])
    north = tables.latitude[np.newaxis] - spots[:, :1]
    east = (tables.longitude[np.newaxis] - spots[:, 1:]) * np.cos(np.radians(spots[:, :1]))
    best = (north**2 + east**2).min(axis=1)
    for row, (latitude, longitude) in enumerate(spots):
        if found[row] < 0:
            assert best[row] > (FARTHEST_KM / 111.195) ** 2 * 0.999
            continue
        dy = tables.latitude[found[row]] - latitude
        dx = (tables.longitude[found[row]] - longitude) * np.cos(np.radians(latitude))
        assert dy**2 + dx**2 == pytest.approx(best[row], rel=1e-3)
