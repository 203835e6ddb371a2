"""Which names a scan passes over: built-in rules for what is never a photo of the user's, and the user's own patterns.

In: one name below a root, and the path below the root. Out: whether it is ignored. Names of the root itself are never judged.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

_NAMES = frozenset(
    {
        b"@eadir",
        b"#recycle",
        b"$recycle.bin",
        b"node_modules",
        b"system volume information",
        b"thumbs.db",
        b"desktop.ini",
    }
)
_SIDECAR = b".xmp"
_ENDINGS = (b".tmp", b".part", b".crdownload", b"~", _SIDECAR)


def is_sidecar(name: bytes) -> bool:
    """Whether this is the name of an XMP file: no photo, but what one says of itself may lie in it."""
    return name.lower().endswith(_SIDECAR) and not name.startswith(b".")


class IgnoreRules:
    """The built-in rules and the user's patterns, any case.

    A pattern without a slash is held against each file's and folder's name (``*.png``, ``exports``). One with a slash is held
    against the path below the root (``2019/drafts``, ``**/raw/*.tif``); ``*`` and ``?`` stay within one name, ``**`` does not.
    A slash at the end means folders only. Folders that are ignored are not walked. Empty lines and lines that
    begin with a hash and a blank do nothing.
    """

    def __init__(self, patterns: Iterable[str] = (), own_folders: Iterable[bytes] = ()) -> None:
        """``own_folders``: where the application keeps its own files, links resolved; each commit changes files there."""
        self._own = frozenset(map(os.path.normcase, own_folders))
        self.become(patterns)

    def become(self, patterns: Iterable[str]) -> None:
        """Take other patterns from now on. A scan under way may still use the old ones: look again after it."""
        wanted = [text.strip() for text in patterns]
        self.patterns = tuple(text for text in wanted if text and not text.startswith("# "))
        on_folders = [text.rstrip("/") for text in self.patterns]
        on_files = [text for text in self.patterns if not text.endswith("/")]
        self._folder_names = _any_of([text for text in on_folders if "/" not in text])
        self._folder_paths = _any_of([text for text in on_folders if "/" in text])
        self._file_names = _any_of([text for text in on_files if "/" not in text])
        self._file_paths = _any_of([text for text in on_files if "/" in text])

    def is_ignored(self, name: bytes, path_below_root: bytes, *, is_folder: bool) -> bool:
        """Whether this entry is passed over; its parents are taken to have been judged before."""
        if name[:1] == b".":
            return True
        lowered = name.lower()
        if lowered in _NAMES or (not is_folder and lowered.endswith(_ENDINGS)):
            return True
        return bool(self.patterns) and self._matches_pattern(name, path_below_root, is_folder=is_folder)

    def is_own(self, folder: bytes) -> bool:
        """Whether this folder (absolute, links resolved) is one of the application's own, or lies in one."""
        if not self._own:
            return False
        here = os.path.normcase(folder)
        return here in self._own or any(here.startswith(own + _SEPARATOR) for own in self._own)

    def is_folder_ignored(self, path_below_root: bytes) -> bool:
        """Whether this folder, or any on the way to it from the root, is ignored."""
        parts = path_below_root.split(_SEPARATOR)
        return any(
            self.is_ignored(name, _SEPARATOR.join(parts[:depth]), is_folder=True) for depth, name in enumerate(parts, start=1)
        )

    def _matches_pattern(self, name: bytes, path_below_root: bytes, *, is_folder: bool) -> bool:
        names, paths = (self._folder_names, self._folder_paths) if is_folder else (self._file_names, self._file_paths)
        if names is not None and names.match(os.fsdecode(name)):
            return True
        return paths is not None and paths.match(os.fsdecode(path_below_root).replace(os.sep, "/")) is not None


_SEPARATOR = os.fsencode(os.sep)


def _any_of(patterns: list[str]) -> re.Pattern[str] | None:
    if not patterns:
        return None
    return re.compile("|".join(f"(?:{_to_regex(text)})" for text in patterns), re.IGNORECASE)


def _to_regex(pattern: str) -> str:
    """Translate a glob: ``**/`` is any folders or none, ``**`` anything, ``*`` and ``?`` stop at a slash, ``[ab]`` is a set."""
    pattern = pattern.lstrip("/")
    out: list[str] = []
    at = 0
    for token in re.finditer(r"\*\*/|\*\*|\*|\?|\[!?[^\]/]+\]", pattern):
        out.append(re.escape(pattern[at : token.start()]))
        out.append(_WILDCARDS.get(token.group()) or _set_of(token.group()))
        at = token.end()
    out.append(re.escape(pattern[at:]))
    return "".join(out) + r"\Z"


_WILDCARDS = {"**/": r"(?:.*/)?", "**": r"(?s:.*)", "*": r"[^/]*", "?": r"[^/]"}


def _set_of(token: str) -> str:
    """Translate ``[a-c]`` and ``[!a-c]``; a range that runs backwards is taken letter by letter."""
    inner = token[1:-1]
    is_negated = inner.startswith("!") and len(inner) > 1
    inner = inner[1:] if is_negated else inner
    escaped = re.sub(r"([\\\^\[\]&~|])", r"\\\1", inner)
    try:
        re.compile(f"[{escaped}]")
    except re.error:
        escaped = re.escape(inner)
    return f"[{'^' if is_negated else ''}{escaped}]"
