"""A language in, the window's words in it out: one table a language, English to French or German.

A table is looked up by the English text alone, whatever class says it, so that a sentence is translated once. What is missing
is shown in English.
"""

from __future__ import annotations

import json

from PySide6.QtCore import QCoreApplication, QLocale, QObject, QTranslator

from helios_desktop.paths import resources_dir

LANGUAGES = ("fr", "de")


class TableTranslator(QTranslator):
    """Answers Qt's questions from a table."""

    def __init__(self, table: dict[str, str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table = table

    def isEmpty(self) -> bool:
        """Whether there is nothing to answer with."""
        return not self._table

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
        """Return a text in this language, itself where it is not known: an empty answer would be shown as such."""
        return self._table.get(text, text)


def read_table(language: str) -> dict[str, str]:
    """Return the table of a language; an empty one for English and languages that nobody has translated yet."""
    if language not in LANGUAGES:
        return {}
    text = (resources_dir() / "translations" / f"{language}.json").read_text(encoding="utf-8")
    table = json.loads(text)
    return {key: value for key, value in table.items() if isinstance(key, str) and isinstance(value, str)}


def speak(app: QCoreApplication, wanted: str) -> TableTranslator | None:
    """Have the application speak a language (empty: the system's), dates and numbers too. Before any window is made."""
    language = wanted or QLocale.system().name()[:2]
    QLocale.setDefault(QLocale(wanted) if wanted else QLocale.system())
    table = read_table(language)
    if not table:
        return None
    translator = TableTranslator(table, app)
    app.installTranslator(translator)
    return translator
