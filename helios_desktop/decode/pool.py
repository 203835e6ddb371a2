"""Decoding in other processes: paths in, futures of ``DecodedPhoto``, ``Skipped``, hashes or sidecars out.

A file that crashes its worker, hangs it or eats its memory takes nobody with it: the worker is replaced, the file is tried once
more with no other retry beside it, and is then ``damaged`` with the finding. One file is in flight per worker, so the blame is
never shared. Callers bound how much they submit.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Literal, cast

from helios_desktop.decode.process import DefectError, WorkerLimits, WorkerProcess, default_command
from helios_desktop.decode.protocol import Answer, PhotoAnswer, Question, Task
from helios_desktop.domain import Metadata, Skipped, SkipReason, View
from helios_desktop.errors import WorkerError

THUMBNAIL_PX = 512
CHECK_SECONDS = 0.25
JOIN_SECONDS = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Job:
    question: Question
    future: Future[Answer]


class DecodePool:
    """A fixed number of decode workers, each with a thread that waits for it; none starts before its first file."""

    def __init__(
        self,
        workers: int,
        views: Sequence[View] = (),
        *,
        thumbnail_px: int = THUMBNAIL_PX,
        limits: WorkerLimits | None = None,
        command: Sequence[str] | None = None,
        is_background: bool = False,
    ) -> None:
        """``views`` and ``thumbnail_px`` are what ``submit`` asks for where it is not told otherwise.

        ``command``: what starts a worker; our own executable by default. ``is_background``: workers leave the cores to others.
        """
        self._views = tuple(views)
        self._thumbnail_px = thumbnail_px
        self._limits = limits or WorkerLimits()
        self._command = list(command or default_command())
        self._is_background = is_background
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._closing = Event()
        self._lock = Lock()
        self._retry = Lock()
        self._processes: set[WorkerProcess] = set()
        self._slots = [Thread(target=self._serve, name=f"decode-{number}") for number in range(max(1, workers))]
        self._watch = Thread(target=self._watch_processes, name="decode-watch")
        self._has_started = False

    def submit(
        self,
        path: bytes,
        task: Literal["decode", "hash"] = "decode",
        *,
        views: Sequence[View] | None = None,
        thumbnail_px: int | None = None,
        as_pixels: bool = False,
    ) -> Future[PhotoAnswer]:
        """Have one file decoded (``DecodedPhoto`` or ``Skipped``) or hashed (``bytes`` or ``Skipped``).

        A future that is cancelled before its turn is dropped. ``thumbnail_px`` 0 leaves the thumbnail out; a large one gives a
        preview for the viewer, ``as_pixels`` as a PPM. Raises ``WorkerError``
        where the pool is closed. The future raises ``WorkerError`` where no worker can be started, and ``CancelledError``
        where the pool was closed over it.
        """
        wanted = self._views if views is None else tuple(views)
        longest = self._thumbnail_px if thumbnail_px is None else thumbnail_px
        return cast("Future[PhotoAnswer]", self._submit(path, task, wanted, longest, as_pixels=as_pixels))

    def read_sidecar(self, path: bytes) -> Future[Metadata | Skipped]:
        """Have the XMP file beside a photo read: ``Metadata``, or ``Skipped`` where no worker survived it. As ``submit``."""
        return cast("Future[Metadata | Skipped]", self._submit(path, "sidecar", (), 0))

    def _submit(
        self, path: bytes, task: Task, views: tuple[View, ...], thumbnail_px: int, *, as_pixels: bool = False
    ) -> Future[Answer]:
        question = Question(path=path, task=task, views=views, thumbnail_px=thumbnail_px, as_pixels=as_pixels)
        job = _Job(question, Future())
        with self._lock:
            if self._closing.is_set():
                raise WorkerError("The decoder is closed.", "Start Helios again.")
            self._start()
            self._jobs.put(job)
        return job.future

    def close(self) -> None:
        """End all workers, in mid-file too, and wait until nothing of them is left. What waited is cancelled."""
        with self._lock:
            self._closing.set()
            has_started, processes = self._has_started, list(self._processes)
        for process in processes:
            process.kill()
        if not has_started:
            return
        for _ in self._slots:
            self._jobs.put(None)
        for thread in (*self._slots, self._watch):
            thread.join(JOIN_SECONDS)

    def __enter__(self) -> DecodePool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> None:
        if not self._has_started:
            self._has_started = True
            for thread in (*self._slots, self._watch):
                thread.start()

    def _watch_processes(self) -> None:
        while not self._closing.wait(CHECK_SECONDS):
            with self._lock:
                processes = list(self._processes)
            for process in processes:
                process.check()

    def _serve(self) -> None:
        """One slot: jobs one after another, on a worker that lives as long as it behaves."""
        process: WorkerProcess | None = None
        while (job := self._jobs.get()) is not None:
            if self._closing.is_set():
                job.future.cancel()
            elif job.future.set_running_or_notify_cancel():
                process = self._work(job, process)
        if process is not None:
            self._dismiss(process)

    def _work(self, job: _Job, process: WorkerProcess | None) -> WorkerProcess | None:
        """Answer one job; return the worker for the next one, None where a new one must be started."""
        try:
            process = process or self._hire()
            answer, process = self._ask(job.question, process)
        except (CancelledError, WorkerError, OSError) as error:
            job.future.set_exception(_as_known(error))
            return None
        except Exception as error:  # noqa: BLE001  a slot that dies of our own defect would leave every later future waiting
            job.future.set_exception(error)
            return None
        job.future.set_result(answer)
        if process is not None and process.is_heavy:
            self._dismiss(process)
            return None
        return process

    def _ask(self, question: Question, process: WorkerProcess) -> tuple[Answer, WorkerProcess | None]:
        try:
            return self._ask_once(question, process), process
        except WorkerError as error:
            self._dismiss(process)
            _log.info("A decode worker ended over %r: %s", question.path, error.message)
        if self._closing.is_set():
            raise CancelledError
        # Retries go one at a time: where two files together were too much for the machine, each gets its fair chance.
        with self._retry:
            process = self._hire()
            try:
                return self._ask_once(question, process), process
            except WorkerError as error:
                self._dismiss(process)
                if self._closing.is_set():
                    raise CancelledError from error
                return Skipped(reason=SkipReason.DAMAGED, detail=f"{error.message} Twice."), None

    def _ask_once(self, question: Question, process: WorkerProcess) -> Answer:
        try:
            return process.ask(question)
        except DefectError as error:
            _log.warning("The decoder met a defect of ours over %r: %s", question.path, error)
            last = str(error).strip().rsplit("\n", 1)[-1]
            return Skipped(reason=SkipReason.DAMAGED, detail=f"The decoder gave up: {last}")

    def _hire(self) -> WorkerProcess:
        process = WorkerProcess(self._command, self._limits, is_background=self._is_background)
        with self._lock:
            self._processes.add(process)
            is_closing = self._closing.is_set()
        if is_closing:
            self._dismiss(process)
            raise CancelledError
        return process

    def _dismiss(self, process: WorkerProcess) -> None:
        with self._lock:
            self._processes.discard(process)
        process.dismiss()


def _as_known(error: BaseException) -> BaseException:
    if isinstance(error, OSError):
        known = WorkerError(f"No decode worker can be started: {error}.", "Close other programs, or install Helios again.")
        known.__cause__ = error
        return known
    return error
