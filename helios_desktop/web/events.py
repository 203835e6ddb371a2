"""What happens in the library -> server-sent events, for as many listeners as the limits allow.

One task looks for all of them, and only while somebody listens: progress as it is told, and what the catalogue counts after
each change, whichever process made it. A listener that does not keep up misses the older events, never the newest.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

import orjson

from helios_desktop.domain import Progress
from helios_desktop.web.problems import Refusal
from helios_desktop.web.records import progress_record
from helios_desktop.web.site import Site

LOOK_SECONDS = 1.0
KEEP_ALIVE_SECONDS = 15.0
MOST_WAITING = 16


class Newsroom:
    """Hears the library and tells its listeners. Belongs to one event loop."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._listeners: set[asyncio.Queue[bytes | None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    def listen(self) -> AsyncIterator[bytes]:
        """Return the events from now on, the present state first. Raises ``Refusal`` (503) where too many listen."""
        if self._is_closed or len(self._listeners) >= self._site.options.limits.streams:
            raise Refusal(503, "Too many are listening already.", "Close another page of this server.", {"Retry-After": "30"})
        heard: asyncio.Queue[bytes | None] = asyncio.Queue(MOST_WAITING)
        self._listeners.add(heard)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look())
        return self._events(heard)

    def close(self) -> None:
        """End every stream."""
        self._is_closed = True
        for heard in self._listeners:
            _put(heard, None)
        if self._task is not None:
            self._task.cancel()

    async def _events(self, heard: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
        try:
            yield _event("progress", progress_record(self._site.library.progress))
            yield _event("library", await self._counts())
            while True:
                try:
                    event = await asyncio.wait_for(heard.get(), KEEP_ALIVE_SECONDS)
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                if event is None:
                    return
                yield event
        finally:
            self._listeners.discard(heard)

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()

        def on_progress(progress: Progress) -> None:
            loop.call_soon_threadsafe(self._tell, _event("progress", progress_record(progress)))

        unsubscribe = self._site.library.subscribe(on_progress)
        try:
            token = self._site.library.change_token()
            while self._listeners:
                await asyncio.sleep(LOOK_SECONDS)
                latest = self._site.library.change_token()
                if latest != token:
                    token = latest
                    self._tell(_event("library", await self._counts()))
        finally:
            unsubscribe()

    async def _counts(self) -> dict[str, Any]:
        counts = await self._site.lanes.search.do(self._site.library.counts)
        return asdict(counts)

    def _tell(self, event: bytes) -> None:
        for heard in self._listeners:
            _put(heard, event)


def _put(heard: asyncio.Queue[bytes | None], event: bytes | None) -> None:
    if heard.full():
        heard.get_nowait()
    heard.put_nowait(event)


def _event(name: str, value: dict[str, Any]) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(value) + b"\n\n"
