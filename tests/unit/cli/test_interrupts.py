"""Ctrl-C in processes of their own, at moments that are chosen and not hit by chance."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")

PRESS_WHILE_IMPORTING = """
import importlib.abc, os, signal, sys

class Finger(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == MODULE:
            sys.meta_path.remove(self)
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt:
                if IS_NATIVE:
                    raise ImportError("initialization failed")
                raise

sys.meta_path.insert(0, Finger())
from helios_desktop.__main__ import main
sys.exit(main([COMMAND]))
"""

PRESS_TWICE = """
import signal, sys, time
from helios_desktop.cli import interrupts

def work():
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        interrupts.CLOSING_SECONDS = PATIENCE
        signal.raise_signal(signal.SIGINT)
        print("closed", flush=True)
    return 0

sys.exit(interrupts.interruptible(work))
"""


LISTEN = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
"""A shell that starts the tests in the background has SIGINT ignored in all that comes of it."""


def run(code: str, home: Path, **names: object) -> subprocess.CompletedProcess[str]:
    head = "".join(f"{name} = {value!r}\n" for name, value in names.items())
    environment = {**os.environ, "HELIOS_HOME": str(home)}
    command = [sys.executable, "-P", "-c", LISTEN + head + code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("module", ["click", "helios_desktop.cli.commands.status", "helios_desktop.app", "apsw"])
@pytest.mark.parametrize("is_native", [False, True])
def test_an_interrupt_while_something_is_imported_is_exit_code_130(module: str, is_native: bool, tmp_path: Path) -> None:
    done = run(PRESS_WHILE_IMPORTING, tmp_path, MODULE=module, IS_NATIVE=is_native, COMMAND="status")
    assert done.returncode == 130, done.stderr
    assert done.stderr == "\nhelios: interrupted; what was done so far is kept.\n"


@pytest.mark.parametrize("module", ["helios_desktop.app", "PySide6.QtWidgets"])
def test_an_interrupt_before_the_window_is_there_is_exit_code_130(module: str, tmp_path: Path) -> None:
    done = run(PRESS_WHILE_IMPORTING, tmp_path, MODULE=module, IS_NATIVE=False, COMMAND="gui")
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr


def test_an_import_that_fails_by_itself_is_no_interrupt(tmp_path: Path) -> None:
    code = PRESS_WHILE_IMPORTING.replace("signal.raise_signal(signal.SIGINT)", "raise ImportError('missing')")
    done = run(code, tmp_path, MODULE="apsw", IS_NATIVE=False, COMMAND="status")
    assert done.returncode == 1
    assert "missing" in done.stderr


def test_an_interrupt_in_generated_code_is_no_death_by_signal(tmp_path: Path) -> None:
    """Python counts such an interrupt as unhandled for good, and kills itself with SIGINT at the end."""
    code = "import collections, signal\nsignal.raise_signal(signal.SIGINT)\n"
    head = f"exec({code!r})"
    done = run(PRESS_TWICE.replace("signal.raise_signal(signal.SIGINT)", head), tmp_path, PATIENCE=60.0)
    assert done.returncode == 130, done.stderr


def test_a_second_interrupt_does_not_disturb_closing(tmp_path: Path) -> None:
    done = run(PRESS_TWICE, tmp_path, PATIENCE=60.0)
    assert (done.returncode, done.stdout) == (130, "closed\n")


def test_a_second_interrupt_ends_a_process_that_takes_too_long_to_close(tmp_path: Path) -> None:
    done = run(PRESS_TWICE, tmp_path, PATIENCE=-1.0)
    assert (done.returncode, done.stdout) == (130, "")


def test_an_interrupt_that_the_caller_ignores_stays_ignored(tmp_path: Path) -> None:
    code = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + PRESS_TWICE
    done = run(code, tmp_path, PATIENCE=-1.0)
    assert (done.returncode, done.stdout) == (0, "closed\n")
