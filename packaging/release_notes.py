"""A version in, what CHANGELOG.md says of it out. Usage: ``release_notes.py [VERSION]``; the version's own by default.

Fails where there is no such part, so that no release goes out without its notes.
"""

from __future__ import annotations

import re
import sys

from bundle_version import CHECKOUT, version


def notes(changelog: str, number: str) -> str:
    """The text below ``## [number]``, up to the next version. Raises ``ValueError`` where it is missing or empty."""
    found = re.search(rf"^## \[{re.escape(number)}\][^\n]*\n(.*?)(?=^## \[|\Z)", changelog, re.MULTILINE | re.DOTALL)
    if found is None or not found[1].strip():
        raise ValueError(f"CHANGELOG.md says nothing of {number}: move what is under Unreleased below a heading of its own.")
    return found[1].strip() + "\n"


if __name__ == "__main__":
    try:
        text = notes((CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8"), sys.argv[1] if len(sys.argv) > 1 else version())
    except ValueError as error:
        raise SystemExit(str(error)) from error
    sys.stdout.write(text)
