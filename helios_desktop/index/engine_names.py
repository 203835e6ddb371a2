"""How indices and aliases of an engine are called.

images                                  alias: the one index that the ancestor's readers ask
images-photos, images-unsplash          alias of a library: its index of the model in use
images-photos-starter-1-v3              an index: third of its kind
images-photos-starter-1-v3-write        alias of that index alone: writes go through it, so that an index that somebody
                                        deleted is not made again by a write, with a guessed mapping
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from helios_desktop.errors import SettingsError

DEFAULT_ALIAS = "images"
MAX_NAME_BYTES = 200  # engines allow 255 for an index; the longest addition is "-v9999999-write"

_ALIAS = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_UNFIT = re.compile(r"[^a-z0-9_.-]+")


def checked_alias(alias: str) -> str:
    """Return a name that both engines take as an index. Raises ``SettingsError`` otherwise."""
    if not _ALIAS.fullmatch(alias) or alias.endswith("-write"):
        raise SettingsError(
            f"{alias[:80]!r} cannot be the name of an index.",
            "Use at most 64 small letters, digits, hyphens, dots and underscores, a letter or digit first.",
        )
    return alias


def fitting(text: str) -> str:
    """Return ``text`` as a part of an index's name. Where something had to be changed a short hash keeps it apart."""
    simple = _UNFIT.sub("-", text.lower()).strip("-._") or "x"
    simple = simple[:80]
    return simple if simple == text else f"{simple}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexNames:
    """The names that belong to one library and model below one alias."""

    alias: str
    library: str
    model_id: str

    @property
    def library_alias(self) -> str:
        """The alias of the library."""
        return f"{self.alias}-{fitting(self.library)}"

    @property
    def base(self) -> str:
        """What all versions of the index begin with."""
        return f"{self.library_alias}-{fitting(self.model_id)}"[:MAX_NAME_BYTES]

    @property
    def pattern(self) -> str:
        """Fits every version, and perhaps more: see ``version_of``."""
        return f"{self.base}-v*"

    def versioned(self, version: int) -> str:
        """Return the name of one version."""
        return f"{self.base}-v{version}"

    def version_of(self, name: str) -> int | None:
        """Return the version that an index of ours has by its name, else None."""
        found = re.fullmatch(re.escape(self.base) + r"-v(\d{1,7})", name)
        return int(found[1]) if found else None


def write_alias(index: str) -> str:
    """Return the alias through which an index is written."""
    return f"{index}-write"
