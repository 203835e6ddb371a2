"""The one source of the version, for all that packages: ``helios_desktop/__init__.py``."""

from __future__ import annotations

import re
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def version() -> str:
    """Return the version as it stands in the package. Raises ``ValueError`` where it has none."""
    text = (CHECKOUT / "helios_desktop" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    if found is None:
        raise ValueError("helios_desktop/__init__.py has no __version__.")
    return found[1]


if __name__ == "__main__":
    print(version())
