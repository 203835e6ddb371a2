"""Files for this user alone: written whole under another name, then put in place."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from helios_desktop.errors import SettingsError


def private_folder(folder: Path) -> Path:
    """Make a folder for this user alone. Raises ``SettingsError``."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return folder


def write_private(path: Path, content: bytes) -> None:
    """Write a file with mode 0600, all or nothing. Raises ``SettingsError``."""
    temporary = None
    try:
        private_folder(path.parent)
        handle, temporary = tempfile.mkstemp(prefix=".new-", dir=path.parent)  # mkstemp makes it 0600
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        raise _unwritable(path.parent, error) from error


def _unwritable(folder: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"Files for the engine could not be written to {folder} ({error.strerror}).",
        "Make room there or give yourself the right to write, then try again.",
    )
