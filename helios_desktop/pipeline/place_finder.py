"""Gazetteer and catalogue -> what a place's name means for this library, and what the spot of a photo is called."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import Float32Array, Int64Array, Metadata, Photo
from helios_desktop.errors import QueryError
from helios_desktop.geography import KM_A_DEGREE, SQUARES_A_DEGREE, Area, spot_of
from helios_desktop.pipeline.query_places import NEAR_FACTOR, NEAR_KM, PlacePhrase
from helios_desktop.places.gazetteer import Gazetteer, Place

LARGE_CITY = 500_000  # inhabitants: the city is meant before the region of the same name
SQUARE_KM = KM_A_DEGREE / SQUARES_A_DEGREE
PHOTO_KM = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Squares:
    """The squares in which photos were taken, int64 ``[n]``, and the middle of each, float32 ``[n, 2]``."""

    version: int = -1
    numbers: Int64Array = field(default_factory=lambda: np.empty(0, np.int64))
    spots: Float32Array = field(default_factory=lambda: np.empty((0, 2), np.float32))


class PlaceFinder:
    """Keeps ``query_places.Places``. For any thread; what it knows of the library is asked for anew when that changed."""

    def __init__(self, catalog: Catalog, gazetteer: Gazetteer, language: str = "en") -> None:
        self._catalog, self._gazetteer, self._language = catalog, gazetteer, language
        self._lock = threading.Lock()
        self._squares = _Squares()
        self._lands: dict[int, tuple[int, int]] = {}  # square -> region, country

    def find(self, name: str, radius_km: float | None, *, is_near: bool, is_meant: bool) -> PlacePhrase | None:
        """Return what a name stands for; of several, the one where photos were taken."""
        if not is_meant and not len(self._present().numbers):
            return None  # not one photo tells where it was taken
        candidates = sorted(self._gazetteer.named(name, self._language), key=_likeliest)
        phrases = (self._phrase(one, radius_km, is_near=is_near) for one in candidates)
        for place, phrase in zip(candidates, phrases, strict=False):
            if self._holds_photos(phrase):
                return phrase
            if is_meant and place is candidates[-1]:
                return self._phrase(candidates[0], radius_km, is_near=is_near)
        return None

    def around(self, name: str, radius_km: float | None) -> Area | tuple[int, ...]:
        """Return where a name is, for somebody who means it. Raises ``QueryError`` where nothing bears it."""
        found = self.find(name, radius_km, is_near=True, is_meant=True)
        if found is None:
            raise QueryError(f"No place called {name[:60]!r} is known.", "Check its name, or name a larger place close to it.")
        return found.area if found.area is not None else found.squares or ()

    def around_file(self, path: bytes, radius_km: float | None, read: Callable[[bytes], Metadata]) -> Area:
        """Return what lies around the spot of a photo. Raises ``QueryError`` where the photo does not tell it.

        ``read``: what a picture file that is not in the library says of itself.
        """
        photo = self._catalog.photos.by_path(path)
        meta = read(path) if photo is None or photo.content_hash is None else photo.metadata
        if meta.latitude is None or meta.longitude is None:
            raise QueryError(
                f"{os.fsdecode(path)!r} does not say where it was taken.", "Name a place, or a photo that holds a position."
            )
        return Area(latitude=meta.latitude, longitude=meta.longitude, radius_km=radius_km or PHOTO_KM)

    def name_of(self, photo: Photo) -> str:
        """Return what the spot of a photo is called, as in "Fiesole, Tuscany, Italy"; empty where that is not known."""
        meta = photo.metadata
        if meta.latitude is None or meta.longitude is None:
            return ""
        return self._gazetteer.name_of(meta.latitude, meta.longitude, self._language)

    def _phrase(self, place: Place, radius_km: float | None, *, is_near: bool) -> PlacePhrase:
        if place.kind == "place":
            usual = max(NEAR_KM, NEAR_FACTOR * place.radius_km) if is_near else place.radius_km
            area = Area(latitude=place.latitude, longitude=place.longitude, radius_km=radius_km or usual)
            return PlacePhrase(start=0, end=0, name=place.name, area=area)
        return PlacePhrase(start=0, end=0, name=place.name, squares=self._squares_of(place))

    def _holds_photos(self, phrase: PlacePhrase) -> bool:
        if phrase.area is None:
            return bool(phrase.squares)
        area, spots = phrase.area, self._present().spots
        north = (spots[:, 0] - area.latitude) * KM_A_DEGREE
        east = ((spots[:, 1] - area.longitude + 540) % 360 - 180) * KM_A_DEGREE * area.shrinking
        return bool((north**2 + east**2 <= (area.radius_km + SQUARE_KM) ** 2).any())

    def _squares_of(self, place: Place) -> tuple[int, ...]:
        """Return the squares with photos whose nearest place lies in a region or a country."""
        present = self._present()
        with self._lock:
            new = np.array([one for one in present.numbers.tolist() if one not in self._lands], np.int64)
            if len(new):
                spots = np.array([spot_of(one) for one in new.tolist()], np.float64)
                rows = self._gazetteer.nearest(spots[:, 0], spots[:, 1])
                regions, countries = self._gazetteer.region_and_country(rows)
                self._lands.update(zip(new.tolist(), zip(regions.tolist(), countries.tolist(), strict=True), strict=True))
            which = 0 if place.kind == "region" else 1
            return tuple(one for one in present.numbers.tolist() if self._lands[one][which] == place.number)

    def _present(self) -> _Squares:
        version = self._catalog.data_version()
        with self._lock:
            if self._squares.version != version:
                numbers = self._catalog.photos.squares()
                spots = np.array([spot_of(one) for one in numbers.tolist()], np.float32).reshape(-1, 2)
                self._squares = _Squares(version=version, numbers=numbers, spots=spots)
            return self._squares


def _likeliest(place: Place) -> tuple[int, int]:
    """Sort a large city before a country or a region of its name, these before smaller places, these by their size."""
    if place.kind == "place":
        return (0 if place.population >= LARGE_CITY else 2, -place.population)
    return 1, 0
