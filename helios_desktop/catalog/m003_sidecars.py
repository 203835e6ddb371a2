"""Step 3 of the catalogue: which XMP file lies beside a photo, and which folder a root was when its photos were last seen."""

from __future__ import annotations

import apsw

# Why it looks like this:
# - sidecar is the state of the file as the last scan saw it, sidecar_read the state whose words are in the row: 0 is none.
# - The index holds only the rows where the two differ, which are few: asking for them costs nothing.
# - contents.metadata is what the photo itself says: of two copies, one may lie beside an XMP file.
# - roots.inode tells an emptied folder from another one in its place, such as a mount point without its drive: 0 is unknown.
_M003 = """
ALTER TABLE photos ADD COLUMN sidecar INTEGER NOT NULL DEFAULT 0;
ALTER TABLE photos ADD COLUMN sidecar_read INTEGER NOT NULL DEFAULT 0;
CREATE INDEX photos_by_sidecar ON photos (photo_id) WHERE sidecar <> sidecar_read;
ALTER TABLE roots ADD COLUMN inode INTEGER NOT NULL DEFAULT 0;
"""


def m003_sidecars(connection: apsw.Connection) -> None:
    """Add the columns."""
    connection.execute(_M003)
