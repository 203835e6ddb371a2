"""``/api/status`` and ``/api/events``: how the library stands, once or as it changes."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from helios_desktop.web.answers import json_answer
from helios_desktop.web.events import Newsroom
from helios_desktop.web.problems import responses
from helios_desktop.web.records import status_record
from helios_desktop.web.schemas import StatusAnswer
from helios_desktop.web.search_routes import ENGINES
from helios_desktop.web.site import Site

_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `progress` and `library`, each with one JSON object.",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": 'event: library\ndata: {"indexed":2048,"pending":0,"skipped":3,"absent":0,"problems":3}\n\n',
            }
        },
    }
}


def status_routes(site: Site, newsroom: Newsroom) -> APIRouter:
    """Return the routes that tell how the library stands."""
    router = APIRouter(prefix="/api", tags=["library"])

    @router.get(
        "/status",
        summary="One look at the library",
        response_model=None,
        responses={200: {"model": StatusAnswer}, **responses(503)},
    )
    async def status(request: Request) -> Response:
        return json_answer(request, await site.lanes.search.do(lambda: _status(site)))

    @router.get(
        "/events", summary="What changes, as server-sent events", response_model=None, responses={**_EVENTS, **responses(503)}
    )
    async def events() -> Response:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(newsroom.listen(), headers=headers, media_type="text/event-stream")

    return router


def _status(site: Site) -> dict[str, Any]:
    others = site.library.libraries
    libraries = [{"name": one.name, "photos": one.count, "words": others.is_installed(one)} for one in others.all()]
    for kind in ENGINES:
        count = others.named_count(kind)
        if count is not None and others.get(kind) is None:
            libraries.append({"name": kind, "photos": count, "words": True})
    return status_record(site.library.status(), site.library.progress, libraries, site.options)
