"""Say where the tree breaks its own rules: modules over 400 lines, forbidden names, files that should be executable."""

from __future__ import annotations

import os
import sys
from pathlib import Path

MAX_MODULE_LINES = 400
FORBIDDEN_STEMS = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}
CHECKOUT = Path(__file__).resolve().parent.parent


def faults() -> list[str]:
    """Return one sentence for each broken rule."""
    found = []
    for folder in ("helios_desktop", "scripts", "tests"):
        for path in sorted((CHECKOUT / folder).rglob("*.py")):
            name = path.relative_to(CHECKOUT)
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > MAX_MODULE_LINES:
                found.append(f"{name} has {lines} lines; {MAX_MODULE_LINES} is the most.")
            if path.stem in FORBIDDEN_STEMS:
                found.append(f"{name} does not say what it is.")
    for path in sorted((CHECKOUT / "scripts").iterdir()):
        is_script = path.is_file() and not path.suffix
        if is_script and not os.access(path, os.X_OK):
            found.append(f"{path.relative_to(CHECKOUT)} is not executable.")
    return found


def main() -> int:
    """Print the faults; 1 where there are any."""
    found = faults()
    for fault in found:
        print(fault)
    print(f"check_tree: {len(found)} faults" if found else "check_tree: no faults")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
