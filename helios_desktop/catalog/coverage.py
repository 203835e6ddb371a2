"""Which model answers, and how far another one is: in come model ids, out come counts of photos.

The id of the answering model lies in the catalogue, not in the settings: it follows from what the catalogue holds, any
process may move it on, and a restored backup brings back the one that its vectors belong to.
"""

from __future__ import annotations

from dataclasses import dataclass

from helios_desktop.catalog.database import Database
from helios_desktop.catalog.queue import WITHOUT_VECTOR
from helios_desktop.catalog.rows import INDEXED
from helios_desktop.catalog.vectors import model_number
from helios_desktop.domain import ModelId

_ANSWERING = "answering_model"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the indexed photos have a vector of one model; photos on drives that are away count as well."""

    covered: int
    total: int

    @property
    def is_complete(self) -> bool:
        """Whether no indexed photo lacks a vector."""
        return self.covered >= self.total


class ModelCoverage:
    """Answers for the models of one catalogue. For any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def answering(self) -> ModelId | None:
        """Return the model that answers, None where none was ever chosen. Cheap: asked at each search."""
        with self._database.reading() as connection:
            found = connection.execute("SELECT value FROM meta WHERE key = ?", (_ANSWERING,)).get
        return None if found is None else ModelId(str(found))

    def set_answering(self, model_id: ModelId) -> None:
        """Let this model answer from now on, in every process."""
        if self.answering() == model_id:
            return
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (_ANSWERING, model_id),
            )

    def of(self, model_id: ModelId) -> Coverage:
        """Count the indexed photos, and those of them that this model can find."""
        with self._database.reading() as connection:
            number = model_number(connection, model_id)
            total = int(connection.execute("SELECT count(*) FROM photos WHERE state = ?", (INDEXED,)).get)
            lacking = int(connection.execute(f"SELECT count(*) {WITHOUT_VECTOR}", (INDEXED, number)).get)
        return Coverage(covered=total - lacking, total=total)

    def is_complete(self, model_id: ModelId) -> bool:
        """Whether this model can find every indexed photo; stops at the first that it cannot."""
        with self._database.reading() as connection:
            number = model_number(connection, model_id)
            return not connection.execute(f"SELECT EXISTS (SELECT 1 {WITHOUT_VECTOR})", (INDEXED, number)).get
