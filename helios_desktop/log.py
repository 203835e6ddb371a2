"""One log for every process: a rotating file for this user alone, and warnings on the console where asked.

Whatever looks like a credential is taken out before a line is written.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
from contextlib import suppress
from pathlib import Path

LOG_BYTES = 2_000_000
LOG_FILES = 3

_URL_PASSWORD = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^/\s@]+@")
_SECRET_FIELD = re.compile(
    r"(?P<name>(?:password|passwd|api[_-]?key|token|secret|authorization)['\"]?\s*[:=]\s*)"
    r"(?P<quote>['\"]?)(?:(?:basic|bearer|apikey)\s+)?[^\s'\",;]+",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Return the text with passwords in URLs and named secrets replaced by three asterisks."""
    text = _URL_PASSWORD.sub(r"\g<scheme>***@", text)
    return _SECRET_FIELD.sub(r"\g<name>\g<quote>***", text)


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, and takes credentials out of the whole of it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line to write."""
        return redact(super().format(record))


class QuietFileHandler(logging.handlers.RotatingFileHandler):
    """A log that cannot be written (full disk, no right) costs its line, never the work that it tells about."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 the name that logging calls
        """Say nothing: there is no other place to say it."""

    def close(self) -> None:
        """Close the file, without what no longer fits in."""
        with suppress(OSError):
            super().close()


def start_logging(folder: Path, *, is_verbose: bool = False) -> logging.Handler:
    """Send the records of ``helios_desktop`` to ``folder/helios.log`` (0600); return the handler, for ``end_logging``."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / "helios.log"
    file.touch(mode=0o600, exist_ok=True)
    handler = QuietFileHandler(
        file, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8", errors="backslashreplace", delay=True
    )
    handler.setFormatter(RedactingFormatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("helios_desktop")
    logger.setLevel(logging.DEBUG if is_verbose else logging.INFO)
    logger.addHandler(handler)
    if is_verbose:
        console = logging.StreamHandler(sys.stderr)
        console.setFormatter(RedactingFormatter("%(levelname)s %(name)s: %(message)s"))
        logger.addHandler(console)
    return handler


def end_logging(handler: logging.Handler) -> None:
    """Take the handler away and close its file."""
    logging.getLogger("helios_desktop").removeHandler(handler)
    handler.close()
