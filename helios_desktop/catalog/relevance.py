"""Quoted words -> how well each photo's names and texts fit them: BM25 over the catalogue's own full-text index.

Whichever engine finds the photos, this is computed here, so that their order does not depend on it.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from helios_desktop.catalog.texts import phrase

NAME, FOLDERS, TITLE, CAPTION, KEYWORDS = 4.0, 1.0, 4.0, 2.0, 4.0
"""What a word counts in each: what was given to this photo alone counts more than what a whole folder shares."""

_DIGITS = 9


def text_relevance(connection: apsw.Connection, texts: Sequence[str]) -> dict[int, float]:
    """Return photo id -> relevance, higher for better, of the photos that hold all the phrases. https://sqlite.org/fts5.html#bm25"""
    questions = [question for text in texts if (question := phrase(text)) is not None]
    if not questions:
        return {}
    found = connection.execute(
        f"SELECT rowid, bm25(names, {NAME}, {FOLDERS}, {TITLE}, {CAPTION}, {KEYWORDS}) FROM names WHERE names MATCH ?",  # noqa: S608
        (" AND ".join(questions),),
    )
    return {int(photo_id): round(-score, _DIGITS) for photo_id, score in found}
