"""The whole application as a user has it: processes with a home of their own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLES = CHECKOUT / "resources" / "samples"
PATIENCE_SECONDS = 120


class Helios:
    """``helios`` with a fresh HELIOS_HOME."""

    def __init__(self, home):
        self.home = home
        self.environment = {**os.environ, "HELIOS_HOME": str(home), "NO_COLOR": "1"}
        self.command = [sys.executable, "-P", "-m", "helios_desktop"]

    def run(self, *arguments, cwd=None, stdout=subprocess.PIPE):
        """Run to the end; the result has ``returncode``, ``stdout`` and ``stderr`` as text."""
        return subprocess.run(
            [*self.command, *arguments],
            env=self.environment,
            cwd=cwd,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def ok(self, *arguments):
        """Run, expect success, return stdout."""
        result = self.run(*arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def json(self, *arguments):
        """Run with --json and return the objects printed; stdout must be ASCII, one object a line."""
        out = self.ok(*arguments, "--json")
        assert out.isascii()
        return [json.loads(line) for line in out.splitlines()]

    def start(self, *arguments):
        """Start and return the process."""
        return subprocess.Popen(
            [*self.command, *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


@pytest.fixture
def helios(tmp_path):
    # A shell that starts the tests in the background has Ctrl-C ignored in all that comes of it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield Helios(tmp_path / "home")
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def samples():
    return SAMPLES
