"""What can go wrong, in words for the person who sees it.

    HeliosError                 every error that Helios raises on purpose
    └── KnownError              what happened (message), and what to do (remedy)
        ├── SkippedFileError    one file cannot be indexed; carries its reason
        ├── CatalogError        the catalogue cannot be opened, read or written
        │   ├── CatalogDamagedError
        │   ├── CatalogTooNewError
        │   └── DiskFullError   no room left: work pauses and resumes
        ├── ModelError          a model pack is missing, damaged or unfit
        ├── IndexUnavailableError  a search index refused or failed
        ├── SettingsError       settings that cannot be used
        ├── QueryError          a question that cannot be answered as asked
        ├── ImportFileError     a file to import cannot be used, or an export cannot be written
        ├── WatchError          a folder cannot be watched
        └── WorkerError         a decode worker died or took too long

Anything that is not a ``HeliosError`` is a defect of ours and reaches the crash report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helios_desktop.domain import SkipReason


class HeliosError(Exception):
    """Every error that Helios raises on purpose."""


class KnownError(HeliosError):
    """An error that a person can act on: ``message`` says what and why, ``remedy`` what to do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class SkippedFileError(KnownError):
    """One file cannot be indexed: ``reason`` is the kind, ``detail`` the technical finding."""

    def __init__(self, reason: SkipReason, detail: str) -> None:
        super().__init__(f"This file was skipped ({reason}): {detail}", reason.remedy)
        self.reason = reason
        self.detail = detail


class CatalogError(KnownError):
    """The catalogue cannot be opened, read or written."""


class CatalogDamagedError(CatalogError):
    """The catalogue file is not a sound database."""


class CatalogTooNewError(CatalogError):
    """The catalogue was written by a newer version; it is left untouched."""


class DiskFullError(CatalogError):
    """No room left on the device: work pauses, and resumes when there is room."""


class ModelError(KnownError):
    """A model pack is missing, damaged or does not fit."""


class IndexUnavailableError(KnownError):
    """A search index refused, failed or cannot be reached."""


class SettingsError(KnownError):
    """Settings that cannot be used."""


class QueryError(KnownError):
    """A question that cannot be answered as asked."""


class ImportFileError(KnownError):
    """A file to import cannot be used, or an export cannot be written; nothing was changed by it."""


class WatchError(KnownError):
    """A folder cannot be watched or scanned."""


class WorkerError(KnownError):
    """A decode worker died or took too long over a file."""
