"""Names from disk in, text that is safe to show out: a file's name may hold anything, and must not change what is around it."""

from __future__ import annotations

import html
import re
from pathlib import PurePath

from PySide6.QtCore import QLocale

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def one_line(text: str) -> str:
    """Return the text on one line: control characters, direction overrides and bytes that are no text become visible."""
    return _UNSAFE.sub(_REPLACEMENT, text)


def file_name(display: str) -> str:
    """Return the last part of a path, safe to show."""
    return one_line(PurePath(display).name or display)


def tooltip(*lines: str) -> str:
    """Return a tooltip that shows these lines as they are; Qt would read a name like ``<b>.jpg`` as markup."""
    body = "<br>".join(html.escape(one_line(line)) for line in lines if line)
    return f"<qt><p style='white-space:pre-wrap'>{body}</p></qt>"


def number(value: int) -> str:
    """Return the number as the user's language writes it, as in "12,300"."""
    locale = QLocale()
    if locale.language() == QLocale.Language.C:  # which writes 12300
        locale = QLocale(QLocale.Language.English)
    return locale.toString(value)
