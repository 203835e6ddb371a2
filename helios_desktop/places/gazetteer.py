"""Names -> where they are; a spot -> what it is called. The data are GeoNames' (CC BY 4.0), built by ``scripts/build_places``.

170,000 places of 1,000 inhabitants or more. They are read when the first name is asked for (some 100 ms) and kept as arrays;
a name is found by bisection, the place nearest to a spot among those of the cells around it.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from helios_desktop.domain import Float32Array, Int64Array, UInt8Array
from helios_desktop.geography import KM_A_DEGREE
from helios_desktop.places.folding import folded

PlaceKind = Literal["place", "region", "country"]
_KINDS: tuple[PlaceKind, ...] = ("place", "region", "country")
LANGUAGES = ("en", "fr", "de")
FARTHEST_KM = 100.0  # beyond this the nearest place says nothing of a spot: open sea, desert, ice
_CELL_DEGREES = 1.0
_ROWS, _COLUMNS = 180, 360
_RADII_KM = ((5_000_000, 30.0), (1_000_000, 20.0), (100_000, 12.0), (0, 8.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a name stands for. ``number`` counts within its kind; spot, radius and population are those of a place alone."""

    kind: PlaceKind
    number: int
    name: str
    latitude: float = 0.0
    longitude: float = 0.0
    radius_km: float = 0.0
    population: int = 0


class Gazetteer:
    """Looks names and spots up. For any thread."""

    def __init__(self, file: Path) -> None:
        """``file``: what ``scripts/build_places`` wrote; it is read when it is first needed."""
        self._file = file
        self._lock = threading.Lock()
        self._read: _Tables | None = None

    def named(self, name: str, language: str = "en") -> list[Place]:
        """Return what bears a name, countries first, then regions, then places, the most populous first."""
        tables = self._tables
        key = folded(name)
        found = [] if not key else sorted(tables.targets(key), key=lambda one: (-one[0], one[1]))
        return [self._place(_KINDS[kind], number, language) for kind, number in found]

    def name_of(self, latitude: float, longitude: float, language: str = "en") -> str:
        """Return what a spot is called, as in "Fiesole, Tuscany, Italy"; empty where nothing is near."""
        tables = self._tables
        [row] = self.nearest(np.array([latitude]), np.array([longitude])).tolist()
        if row < 0:
            return ""
        parts = [
            tables.names[row],
            tables.region_names[int(tables.region[row])],
            tables.country_name(int(tables.country[row]), language),
        ]
        return ", ".join(part for number, part in enumerate(parts) if part and part not in parts[:number])

    def region_and_country(self, rows: Int64Array) -> tuple[Int64Array, Int64Array]:
        """Return the numbers of regions and countries that places (by their rows, -1 for none) lie in, -1 for none."""
        tables = self._tables
        is_one = rows >= 0
        return (
            np.where(is_one, tables.region[rows].astype(np.int64), -1),
            np.where(is_one, tables.country[rows].astype(np.int64), -1),
        )

    def nearest(self, latitudes: NDArray[np.float64], longitudes: NDArray[np.float64]) -> Int64Array:
        """Return the row of the place nearest to each spot, -1 where none is near: float64 ``[n]`` twice, int64 ``[n]``."""
        tables = self._tables
        found = np.full(len(latitudes), -1, np.int64)
        cells = _cells(latitudes, longitudes)
        for cell in np.unique(cells):
            some = np.flatnonzero(cells == cell)
            near = tables.around(int(cell))
            if len(near):
                found[some] = _closest(tables, near, latitudes[some], longitudes[some])
        return found

    def _place(self, kind: PlaceKind, number: int, language: str) -> Place:
        tables = self._tables
        if kind == "country":
            return Place(kind=kind, number=number, name=tables.country_name(number, language))
        if kind == "region":
            return Place(kind=kind, number=number, name=tables.region_names[number])
        population = int(tables.population[number])
        return Place(
            kind=kind,
            number=number,
            name=tables.names[number],
            latitude=float(tables.latitude[number]),
            longitude=float(tables.longitude[number]),
            radius_km=next(radius for least, radius in _RADII_KM if population >= least),
            population=population,
        )

    @property
    def _tables(self) -> _Tables:
        with self._lock:
            if self._read is None:
                with np.load(self._file, allow_pickle=False) as archive:
                    self._read = _Tables({name: archive[name] for name in archive.files})
            return self._read


class Texts(Sequence[str]):
    """Many texts in one array of UTF-8 bytes."""

    def __init__(self, letters: UInt8Array, starts: NDArray[np.int32]) -> None:
        self._letters, self._starts = letters.tobytes(), starts

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, row: int) -> str:  # type: ignore[override]  # nobody asks for slices
        return self._letters[self._starts[row] : self._starts[row + 1]].decode("utf-8")


class _Tables:
    """The file, in memory."""

    def __init__(self, arrays: dict[str, NDArray[np.generic]]) -> None:
        self.latitude: Float32Array = arrays["latitude"].astype(np.float32)
        self.longitude: Float32Array = arrays["longitude"].astype(np.float32)
        self.population = arrays["population"].astype(np.int32)
        self.country = arrays["country"].astype(np.uint8)
        self.region = arrays["region"].astype(np.uint16)
        self._kinds = arrays["key_kind"].astype(np.uint8)
        self._targets = arrays["key_target"].astype(np.int32)

        def texts(name: str) -> Texts:
            return Texts(arrays[name].astype(np.uint8), arrays[f"{name}_at"].astype(np.int32))

        self.names, self._keys = texts("names"), texts("keys")
        self.region_names, self._country_names = texts("region_names"), texts("country_names")

    def country_name(self, number: int, language: str) -> str:
        """Return what a country is called in a language, in English where that is none of ours."""
        names = self._country_names[number].split("\t")
        return names[LANGUAGES.index(language)] if language in LANGUAGES else names[0]

    def targets(self, key: str) -> list[tuple[int, int]]:
        """Return kinds and numbers of what is known by a folded name."""
        low, high = 0, len(self._keys)
        while low < high:
            middle = (low + high) // 2
            if self._keys[middle] < key:
                low = middle + 1
            else:
                high = middle
        found = []
        while low < len(self._keys) and self._keys[low] == key:
            found.append((int(self._kinds[low]), int(self._targets[low])))
            low += 1
        return found

    @cached_property
    def _by_cell(self) -> tuple[Int64Array, Int64Array]:
        cells = _cells(self.latitude.astype(np.float64), self.longitude.astype(np.float64))
        order = np.argsort(cells, kind="stable")
        return order, cells[order]

    def around(self, cell: int) -> Int64Array:
        """Return the rows of the places in a cell and those around it, more of them near the poles, where cells are thin."""
        order, cells = self._by_cell
        row, column = divmod(cell, _COLUMNS)
        northmost = max(abs(row - _ROWS // 2), abs(row + 1 - _ROWS // 2))
        reach = math.ceil(FARTHEST_KM / (KM_A_DEGREE * max(0.01, math.cos(math.radians(northmost)))))
        wanted = [
            line * _COLUMNS + (column + step) % _COLUMNS
            for line in range(max(0, row - 1), min(_ROWS, row + 2))
            for step in range(-min(reach, _COLUMNS // 2), min(reach, _COLUMNS // 2 - 1) + 1)
        ]
        starts, ends = np.searchsorted(cells, wanted), np.searchsorted(cells, wanted, side="right")
        return np.concatenate([order[start:end] for start, end in zip(starts, ends, strict=True)])


def _cells(latitudes: NDArray[np.float64], longitudes: NDArray[np.float64]) -> Int64Array:
    rows = np.clip(np.floor((latitudes + 90) / _CELL_DEGREES), 0, _ROWS - 1).astype(np.int64)
    columns = np.floor((longitudes + 180) / _CELL_DEGREES).astype(np.int64) % _COLUMNS
    cells: Int64Array = rows * _COLUMNS + columns
    return cells


def _closest(tables: _Tables, near: Int64Array, latitudes: NDArray[np.float64], longitudes: NDArray[np.float64]) -> Int64Array:
    """Return the closest of some places to each of some spots that lie in one cell. A flat map will do at these distances."""
    found = np.empty(len(latitudes), np.int64)
    for start in range(0, len(latitudes), 256):
        some = slice(start, start + 256)
        north = tables.latitude[near][np.newaxis] - latitudes[some, np.newaxis]
        east = (tables.longitude[near][np.newaxis] - longitudes[some, np.newaxis] + 540) % 360 - 180
        east *= np.cos(np.radians(latitudes[some, np.newaxis]))
        squared = north**2 + east**2
        best = squared.argmin(axis=1)
        is_near = squared[np.arange(len(best)), best] <= (FARTHEST_KM / KM_A_DEGREE) ** 2
        found[some] = np.where(is_near, near[best], -1)
    return found
