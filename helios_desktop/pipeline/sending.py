"""Lines for an engine, sent until they are there: two senders, retries with jittered back-off, each document on its own.

Passing faults (no connection, time-outs, 429, 5xx) are tried again for as long as ``Patience`` says; a document that the engine
will never take is put down and left; anything else ends the sending with its ``EngineError``.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from types import TracebackType
from typing import TypeVar

from helios_desktop.index.engine_bulk import BulkOutcome, Refusal
from helios_desktop.index.engine_errors import EngineError
from helios_desktop.pipeline.jobs import CancelToken

Answer = TypeVar("Answer")

SENDERS = 2
BATCH_BYTES = 1_500_000
"""Some 300 documents of 512 numbers: engines parse that in a quarter of a second, and two requests overlap well."""

LOOK_SECONDS = 0.1
WAITING_REQUESTS = 2 * SENDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long passing faults are tried again. Waits grow from ``first_seconds`` by two, up to ``longest_seconds``, each
    shortened at random, so that several senders do not come back at once.
    """

    first_seconds: float = 0.2
    longest_seconds: float = 5.0
    tries: int = 8

    def wait_before(self, attempt: int) -> float:
        """Return the seconds before try number ``attempt``, counted from 1."""
        longest = min(self.longest_seconds, self.first_seconds * 2.0 ** (attempt - 1))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 jitter, not a secret


def patiently(ask: Callable[[], Answer], patience: Patience, token: CancelToken) -> Answer:
    """Ask something that may be asked twice, until there is an answer. Raises ``EngineError`` where waiting does not help."""
    attempt = 0
    while True:
        try:
            return ask()
        except EngineError as error:
            attempt += 1
            if not error.fault.is_passing or attempt >= patience.tries:
                raise
        token.wait(patience.wait_before(attempt))


Send = Callable[[Sequence[bytes]], BulkOutcome]


class Sending:
    """Takes lines in order and tells, in order, what is there: ``on_done(sequence, documents)`` means all up to it is.

    Used as a context: leaving it waits for what is on its way. For one thread.
    """

    def __init__(self, send: Send, patience: Patience, token: CancelToken, on_done: Callable[[int, int], None]) -> None:
        self._send = send
        self._patience = patience
        self._token = token
        self._on_done = on_done
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="helios-send")
        self._on_their_way: deque[tuple[Future[list[Refusal]], int | None, int]] = deque()
        self._stop = CancelToken()
        self.refused: list[Refusal] = []

    def __enter__(self) -> Sending:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is not None:
            self._stop.cancel()
        self._pool.shutdown(wait=True, cancel_futures=kind is not None)

    def put(self, lines: Sequence[bytes], sequence: int) -> None:
        """Send these; ``sequence``: where the log is once they are there. Raises ``EngineError`` of any earlier ones."""
        batches = _by_bytes(lines)
        for number, batch in enumerate(batches, start=1):
            self._token.check()
            while len(self._on_their_way) >= WAITING_REQUESTS:
                self._take_first()
            future = self._pool.submit(self._deliver, batch)
            self._on_their_way.append((future, sequence if number == len(batches) else None, len(batch)))
        if not batches:
            while self._on_their_way:
                self._take_first()
            self._on_done(sequence, 0)

    def finish(self) -> None:
        """Wait until all is there. Raises ``EngineError`` where something could not be sent."""
        while self._on_their_way:
            self._take_first()

    def _take_first(self) -> None:
        future, sequence, count = self._on_their_way.popleft()
        while not wait((future,), LOOK_SECONDS).done:
            self._token.check()  # leaving the context ends what the senders wait for
        self.refused += future.result()
        if sequence is not None:
            self._on_done(sequence, count)

    def _deliver(self, lines: Sequence[bytes]) -> list[Refusal]:
        refused: list[Refusal] = []
        attempt = 0
        while True:
            self._token.check()
            self._stop.check()
            before = len(lines)
            try:
                outcome = self._send(lines)
                fault = outcome.fault
                refused += outcome.refused
                lines = [lines[place] for place in outcome.again]
            except EngineError as error:
                fault = error
            if fault is None:
                return refused
            attempt = 1 if len(lines) < before else attempt + 1  # what gets on gets its patience anew
            if not fault.fault.is_passing or attempt >= self._patience.tries:
                raise fault
            self._stop.wait(self._patience.wait_before(attempt))


def _by_bytes(lines: Sequence[bytes]) -> list[list[bytes]]:
    """Cut lines into requests of about ``BATCH_BYTES``."""
    batches: list[list[bytes]] = []
    size = BATCH_BYTES
    for line in lines:
        if size + len(line) > BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(line)
        size += len(line)
    return batches
