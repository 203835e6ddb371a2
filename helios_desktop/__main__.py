"""The door: ``helios`` (command line), ``helios-desktop`` (window), ``helios serve``, the check, and the decode workers' verb.

Each way imports only what it needs: a worker loads neither click nor ONNX Runtime, the command line neither Qt nor torch nor
FastAPI.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

DECODE_WORKER_VERB = "decode-worker"
CHECK_OPTION = "--check"


def main(argv: list[str] | None = None) -> int:
    """Run the command line (or one of the two other ways in) and return the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    _share_cores()
    if arguments[:1] == [DECODE_WORKER_VERB]:
        from helios_desktop.decode.worker import main as run_worker

        return run_worker()
    if arguments[:1] == [CHECK_OPTION]:
        return _check(arguments[1:])
    if arguments[:1] == ["gui"] and "--help" not in arguments:
        return desktop(arguments[1:])
    from helios_desktop.cli.interrupts import interruptible

    return interruptible(lambda: _command_line(arguments))


def _share_cores() -> None:
    """The index and the models share the cores by their own count of threads; OpenBLAS would add as many again, spinning."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _command_line(arguments: list[str]) -> int:
    from helios_desktop.cli.main import run

    if arguments[:1] == ["serve"]:
        from helios_desktop.web.command import serve_command

        return run(arguments[1:], serve_command, "helios serve")
    return run(arguments)


def _check(arguments: list[str]) -> int:
    from helios_desktop.cli.commands.check import check_command
    from helios_desktop.cli.interrupts import interruptible
    from helios_desktop.cli.main import run

    return interruptible(lambda: run(arguments, check_command(_paint, _serve_page), "helios --check"))


def _paint() -> str:
    from helios_desktop.ui.check import paint

    return paint()


def _serve_page(folder: Path) -> str:
    from helios_desktop.web.check import serve_page

    return serve_page(folder)


def desktop(argv: list[str] | None = None) -> int:
    """Open the window and return its exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    _share_cores()
    if arguments[:1] == [CHECK_OPTION]:
        return _check(arguments[1:])
    from helios_desktop.cli.interrupts import interruptible

    return interruptible(lambda: _window(arguments))


def _window(arguments: list[str]) -> int:
    # What a start makes stays: looking through it for garbage, again and again, would only delay the first paint, after which
    # the window switches the collector on.
    gc.disable()
    # Qt's support reads the source of each module that is loaded after it; numpy has a hundred, so it comes first.
    import numpy  # noqa: F401

    from helios_desktop.app import build
    from helios_desktop.ui.startup import run

    return run(build, arguments)


if __name__ == "__main__":
    sys.exit(main())
