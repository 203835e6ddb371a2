"""Step 4: where photos were taken can be asked for."""

from __future__ import annotations

import apsw


def m004_positions(connection: apsw.Connection) -> None:
    """Make an index of the photos that tell their position: most libraries have some, few have all."""
    connection.execute("CREATE INDEX photos_by_position ON photos (latitude, longitude) WHERE latitude IS NOT NULL")
