"""How long commands and the window take to start: wall and CPU time, against Python itself and against ``import numpy``.

Each command runs in a process of its own on a library of the sample photos, indexed first; the modules and files are in the
disk cache, as they are for everyone but the first start of the day. CPU time (user and system, children included) is the
figure to trust on a machine that does other things; rounds go through all commands in turn, so that a busy moment hits all.
``--frozen FOLDER`` measures a packaged Helios (``dist/helios-standard``) in the place of the checkout.
The window is drawn offscreen and closed once it shows its photos; it takes part where Qt is installed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.tables import Report

DESCRIPTION = "Start of commands (--version, status, list, search), a decode worker and the window."
CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLES = CHECKOUT / "resources" / "samples"
CHECKED_OUT = [sys.executable, "-P", "-m", "helios_desktop"]
PYTHON, NUMPY = "python -c pass", "python -c 'import numpy'"
REFERENCES: dict[str, list[str]] = {
    PYTHON: [sys.executable, "-c", "pass"],
    NUMPY: [sys.executable, "-c", "import numpy"],
}
COMMANDS: dict[str, list[str]] = {
    "helios --version": ["--version"],
    "helios status": ["status"],
    "helios list": ["list"],
    "helios index (nothing new)": ["index"],
    "helios search (cold)": ["search", "a cat on a chair"],
    "decode worker": ["decode-worker"],
}
WINDOW = {"window to its photos": ["gui", "--close-when-ready"]}
FIRST_PAINT = "window to its first paint"
PAINTED = "The window is painted; CPU so far: "
PAINT_GOAL_MS = 600
RUN_SCRIPT = {"scripts/run --version": [str(CHECKOUT / "scripts" / "run"), "--version"]}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this benchmark."""
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--no-window", action="store_true")
    parser.add_argument("--frozen", type=Path, metavar="FOLDER", help="a bundle made by packaging/build")


def run(options: argparse.Namespace) -> Report:
    """Index the samples, then measure every command in turn, round after round."""
    helios = [str(options.frozen.resolve() / "helios")] if options.frozen else CHECKED_OUT
    asked = COMMANDS if options.no_window else COMMANDS | WINDOW
    commands = REFERENCES | {name: [*helios, *arguments] for name, arguments in asked.items()}
    has_run_script = os.name == "posix" and not options.frozen
    if has_run_script:
        commands |= RUN_SCRIPT
    with tempfile.TemporaryDirectory(prefix="helios-bench-") as home:
        environment = {**os.environ, "HELIOS_HOME": home, "QT_QPA_PLATFORM": "offscreen", "NO_COLOR": "1"}
        subprocess.run([*helios, "index", str(SAMPLES)], env=environment, check=True, stdout=subprocess.DEVNULL)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        paints: list[tuple[float, float]] = []
        for _ in range(options.rounds + 1):
            for name, command in commands.items():
                started = time.time()
                times[name].append(cost(command, environment))
                if name in WINDOW:
                    paints.append(painted_after(Path(home) / "log", started))
    measured = {
        name: (median(wall for wall, _ in found[1:]), median(cpu for _, cpu in found[1:])) for name, found in times.items()
    }
    rows = [row(name, wall, cpu, measured) for name, (wall, cpu) in measured.items()]
    if paints:
        walls, cpus = zip(*paints[1:], strict=True)
        rows.append({"what": FIRST_PAINT, "wall_ms": median(walls), "cpu_ms": median(cpus)})
    ratios = {
        f"{name} over numpy, cpu": cpu / (measured[NUMPY][1] or 1)
        for name, (_, cpu) in measured.items()
        if name.startswith("helios")
    }
    if has_run_script:
        ratios["scripts/run adds, ms"] = measured["scripts/run --version"][1] - measured["helios --version"][1]
    notes = [
        f"medians of {options.rounds} rounds; goal: status and list below 300 ms on a quiet machine.",
        f"first paint: from the start until the log tells of it; goal: {PAINT_GOAL_MS} ms, packaged, on a quiet machine.",
        "over_python, over_numpy: CPU time as a multiple of those rows.",
    ]
    if not (CHECKOUT / "helios_desktop" / "__pycache__").exists():
        notes.append("Helios is not compiled here and compiles itself at each start: run scripts/install once.")
    return Report(benchmark="start", rows=rows, ratios=ratios, notes=notes)


def row(name: str, wall: float, cpu: float, measured: dict[str, tuple[float, float]]) -> dict[str, Any]:
    """Return one line of the table; times in milliseconds."""
    return {
        "what": name,
        "wall_ms": wall,
        "cpu_ms": cpu,
        "over_python": cpu / (measured[PYTHON][1] or 1),
        "over_numpy": cpu / (measured[NUMPY][1] or 1),
    }


def cost(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run a command to its end; return its wall and its CPU time in milliseconds."""
    before, started = children_seconds(), time.perf_counter()
    process = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    wall = time.perf_counter() - started
    if process.returncode not in {0, 1}:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {process.stderr.decode(errors='replace')}")
    return wall * 1000, (children_seconds() - before) * 1000


def painted_after(log: Path, started: float) -> tuple[float, float]:
    """Return when a window that opened at ``started`` was painted: wall and CPU milliseconds since, by its own log."""
    lines = [line for file in log.glob("*.log") for line in file.read_text(encoding="utf-8").splitlines() if PAINTED in line]
    found = [(datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S,%f").timestamp() - started, line) for line in lines]
    wall, line = min((wall, line) for wall, line in found if wall >= -0.001)
    return wall * 1000, float(line.rpartition(PAINTED)[2].split()[0])


def children_seconds() -> float:
    """CPU that all ended child processes took so far."""
    if sys.platform == "win32":
        return 0.0  # it does not tell
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
