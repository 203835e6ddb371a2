"""Blocking work -> threads of the server's own, bounded: so many at once, so many that wait, and the next is sent away.

Threads are kept for good: each one has its own connection to the thumbnails, and a thread that comes and goes would leave it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from helios_desktop.web.options import Limits
from helios_desktop.web.problems import Refusal

Result = TypeVar("Result")
COME_BACK_SECONDS = 1


class Lane:
    """One kind of work. ``do`` belongs to the event loop of the server."""

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"serve-{name}")
        self._most = threads + waiting
        self._count = 0

    async def do(self, work: Callable[[], Result]) -> Result:
        """Do the work in a thread. Raises ``Refusal`` (503) where too much waits already, and what the work raises."""
        if self._count >= self._most:
            raise Refusal(
                503, "Too much is being asked at once.", "Try again in a moment.", {"Retry-After": str(COME_BACK_SECONDS)}
            )
        self._count += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, work)
        finally:
            self._count -= 1

    def close(self) -> None:
        """Drop what waits; what runs is left to end."""
        self._executor.shutdown(wait=False, cancel_futures=True)


class Lanes:
    """Searching, reading thumbnails, decoding: none holds up the others."""

    def __init__(self, limits: Limits) -> None:
        self.search = Lane("search", limits.searches, limits.waiting)
        self.pictures = Lane("pictures", limits.pictures, limits.waiting * 4)
        self.decode = Lane("decode", limits.decodes, limits.waiting // 4)

    def close(self) -> None:
        """Close all three."""
        for lane in (self.search, self.pictures, self.decode):
            lane.close()
