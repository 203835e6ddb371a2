"""One decode worker, seen from its parent: a question in, an answer out, or why the process had to end.

A worker is a process of our own executable, never a fork, so that it works frozen and on every system. One thread of the parent
waits for the answer; another calls ``check`` from time to time and kills a worker that takes too long, which ends the wait.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import IO, Any

import psutil

import helios_desktop
from helios_desktop.decode.protocol import Answer, Question, parse_answer, question_header, read_frame, write_frame
from helios_desktop.errors import WorkerError
from helios_desktop.paths import own_command

VERB = "decode-worker"
HAS_WIDE_PIPES = sys.platform == "linux"
"""Whether pixels of a screen cross the pipe sooner than a JPEG of them is encoded and decoded."""
PIPE_BYTES = 1 << 20
LEAVE_SECONDS = 0.3
BACKGROUND_NICENESS = 8
LEAST_PRIORITY = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """What one file may cost, and what a worker may weigh between two files before it is replaced."""

    cpu_seconds: float = 10.0
    wall_seconds: float = 60.0
    resident_bytes: int = 400_000_000


def default_command() -> list[str]:
    """The command that starts a worker of this very installation."""
    return own_command(VERB)


class DefectError(Exception):
    """The worker met an error that no decoder should raise: a defect of ours, with its trace."""


class WorkerProcess:
    """A running worker. ``ask`` belongs to one thread; ``check`` and ``kill`` may come from any."""

    def __init__(self, command: Sequence[str], limits: WorkerLimits, *, is_background: bool = False) -> None:
        self._limits = limits
        self._lock = Lock()
        self._busy_since: float | None = None
        self._cpu_before = 0.0
        self._verdict = ""
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            **_apart(),
        )
        _widen(self._process.stdout)
        try:
            self._usage = psutil.Process(self._process.pid)
        except psutil.Error as error:
            self.dismiss()
            raise OSError("it ended at once") from error
        if is_background:
            _give_way(self._usage)

    @property
    def pid(self) -> int:
        """The process's id."""
        return int(self._process.pid)

    def ask(self, question: Question) -> Answer:
        """Send one question and wait for its answer.

        Raises ``WorkerError`` where the worker died, was killed or answered nonsense, ``DefectError`` where it met our own
        defect; it cannot be asked again after the former.
        """
        assert self._process.stdin is not None  # noqa: S101
        assert self._process.stdout is not None  # noqa: S101
        self._begin()
        try:
            write_frame(self._process.stdin, question_header(question))
            frame = read_frame(self._process.stdout)
        except OSError:
            frame = None
        finally:
            with self._lock:
                self._busy_since = None
        if frame is None:
            raise WorkerError(self._why_it_ended(), "The file is tried once more, then left out.")
        header, body = frame
        if header.get("kind") == "defect":
            raise DefectError(str(header.get("trace", "")))
        return parse_answer(header, body)

    def check(self) -> None:
        """Kill the worker if its file takes too long."""
        with self._lock:
            if self._busy_since is None:
                return
            wall = time.monotonic() - self._busy_since
            if wall > self._limits.wall_seconds:
                self._verdict = f"decoding took longer than {self._limits.wall_seconds:g} s"
            elif wall > self._limits.cpu_seconds and self._cpu_seconds() - self._cpu_before > self._limits.cpu_seconds:
                self._verdict = f"decoding took more than {self._limits.cpu_seconds:g} s of CPU"
            else:
                return
            self._process.kill()

    @property
    def is_heavy(self) -> bool:
        """Whether it keeps so much memory that a new worker is better, or is gone already."""
        try:
            return bool(self._usage.memory_info().rss > self._limits.resident_bytes)
        except psutil.Error:
            return True

    def kill(self) -> None:
        """End it at once; ``ask`` in another thread then raises."""
        with suppress(OSError):
            self._process.kill()

    def dismiss(self) -> None:
        """Let an idle worker end by closing its input, or kill it where it does not; nothing of it is left afterwards."""
        with suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(LEAVE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _begin(self) -> None:
        with self._lock:
            self._cpu_before = self._cpu_seconds()
            self._busy_since = time.monotonic()

    def _cpu_seconds(self) -> float:
        try:
            times = self._usage.cpu_times()
        except psutil.Error:
            return 0.0
        return float(times.user + times.system)

    def _why_it_ended(self) -> str:
        self._process.kill()
        code = self._process.wait()
        if self._verdict:
            return f"The decoder was stopped: {self._verdict}."
        if code == 3:
            return "The decoder ran out of memory."
        return f"The decoder crashed (exit code {code})."


def _environment() -> dict[str, str]:
    """Where our package is, and one thread for numpy's library: a worker is one worker."""
    package = str(Path(helios_desktop.__file__).parent.parent)
    paths = [package, os.environ.get("PYTHONPATH", "")]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def _widen(pipe: IO[bytes] | None) -> None:
    """Let a picture pass in a few steps: at 64 KiB each, 8 MB have both processes wake each other 130 times."""
    if sys.platform == "linux" and pipe is not None:
        import fcntl

        with suppress(OSError):  # one user's pipes may hold so much together; then it stays narrow
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def _give_way(process: psutil.Process) -> None:
    """Let others go first: the model that waits for nothing but a core, and what a person does meanwhile."""
    with suppress(psutil.Error, OSError):
        if sys.platform == "win32":
            process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            process.nice(min(process.nice() + BACKGROUND_NICENESS, LEAST_PRIORITY))


def _apart() -> dict[str, Any]:
    """Ctrl-C in the terminal must not reach a worker before its parent has decided; on Windows no console may flash up."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"process_group": 0}
