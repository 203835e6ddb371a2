"""What a library can be narrowed by: its cameras and its formats, with how many photos each has."""

from __future__ import annotations

from dataclasses import dataclass

from helios_desktop.catalog.database import Database
from helios_desktop.catalog.rows import INDEXED

MOST = 30  # of each: a menu is no catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """Cameras and formats of indexed photos and their counts, the most frequent first."""

    cameras: tuple[tuple[str, int], ...] = ()
    formats: tuple[tuple[str, int], ...] = ()


class FacetCounts:
    """Counts them anew each time; some 50 ms for 100,000 photos."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self) -> Facets:
        """Return what the library holds now."""
        with self._database.reading() as connection:
            cameras, formats = (
                tuple(
                    (str(name), int(count))
                    for name, count in connection.execute(
                        f"SELECT {column}, count(*) FROM photos WHERE {column} IS NOT NULL AND +state = ?"  # noqa: S608
                        " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
                        (INDEXED, MOST),
                    )
                )
                for column in ("camera", "format")
            )
        return Facets(cameras=cameras, formats=formats)
