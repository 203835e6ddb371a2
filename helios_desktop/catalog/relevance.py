"""Quoted words -> how well each photo's names and texts fit them: BM25 over the catalogue's own full-text index.

Whichever engine finds the photos, this is computed here, so that their order does not depend on it.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from helios_desktop.catalog.database import as_list
from helios_desktop.catalog.texts import phrase

NAME, FOLDERS, TITLE, CAPTION, KEYWORDS = 4.0, 1.0, 4.0, 2.0, 4.0
"""What a word counts in each: what was given to this photo alone counts more than what a whole folder shares."""

_DIGITS = 9


def text_relevance(
    connection: apsw.Connection, texts: Sequence[str], photo_ids: Sequence[int] | None = None
) -> dict[int, float]:
    """Return photo id -> relevance, higher for better, of the photos that hold all the phrases. https://sqlite.org/fts5.html#bm25

    ``photo_ids``: only of these; a word that every photo holds has a relevance for each, and it is some hundred that are shown.
    """
    questions = [question for text in texts if (question := phrase(text)) is not None]
    if not questions:
        return {}
    # The unary plus has SQLite go through the matches once; asked for each row by itself, bm25 would count them all again.
    among, values = ("1", []) if photo_ids is None else ("+rowid IN (SELECT value FROM json_each(?))", [as_list(photo_ids)])
    found = connection.execute(
        f"SELECT rowid, bm25(names, {NAME}, {FOLDERS}, {TITLE}, {CAPTION}, {KEYWORDS}) FROM names"  # noqa: S608
        f" WHERE names MATCH ? AND {among}",
        (" AND ".join(questions), *values),
    )
    return {int(photo_id): round(-score, _DIGITS) for photo_id, score in found}
