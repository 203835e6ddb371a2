"""What a benchmark found: rows in, a plain table or one JSON object out."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Value = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """``rows``: the measurements, all with the same keys. ``ratios``: what goals are stated in. ``notes``: how to read it."""

    benchmark: str
    rows: Sequence[Mapping[str, Value]]
    ratios: Mapping[str, float] = field(default_factory=dict)
    notes: Sequence[str] = ()

    def as_dict(self) -> dict[str, object]:
        """Return it as one object for ``json.dumps``."""
        return {
            "benchmark": self.benchmark,
            "machine": machine(),
            "rows": [dict(row) for row in self.rows],
            "ratios": dict(self.ratios),
            "notes": list(self.notes),
        }

    def as_text(self) -> str:
        """Return it as plain text for a terminal."""
        parts = [f"{self.benchmark}  ({machine()})", "", table(self.rows)]
        if self.ratios:
            parts += ["", table([{"ratio": name, "value": value} for name, value in self.ratios.items()])]
        if self.notes:
            parts += ["", *self.notes]
        return "\n".join(parts)


def table(rows: Sequence[Mapping[str, Value]]) -> str:
    """Lay rows out in columns: texts to the left, numbers to the right. A row may lack what others have."""
    if not rows:
        return "(nothing was measured)"
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[_shown(row.get(name)) for name in names] for row in rows]
    widths = [max(len(line[at]) for line in [names, *cells]) for at in range(len(names))]
    is_text = [any(isinstance(row.get(name), str) for row in rows) for name in names]

    def laid_out(line: Sequence[str]) -> str:
        padded = (
            cell.ljust(width) if left else cell.rjust(width) for cell, width, left in zip(line, widths, is_text, strict=True)
        )
        return "  ".join(padded).rstrip()

    return "\n".join([laid_out(names), "  ".join("-" * width for width in widths), *map(laid_out, cells)])


def machine() -> str:
    """Name the machine as far as figures depend on it."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _shown(value: Value) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else value
