"""``/``, its files, the description of the API, and the one question that the ancestor's callers ask at ``/``."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import Response

from helios_desktop.web.ancestor import engine_answer, engine_called
from helios_desktop.web.answers import json_answer
from helios_desktop.web.assets import Asset, Assets
from helios_desktop.web.problems import responses
from helios_desktop.web.site import Site

_ENGINE_ANSWER = {
    "took": 21,
    "timed_out": False,
    "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
    "hits": {
        "total": {"value": 1, "relation": "eq"},
        "max_score": 0.64,
        "hits": [
            {
                "_index": "images",
                "_id": "https://unsplash.com/photos/xyz/",
                "_score": 0.64,
                "_source": {
                    "url": "https://unsplash.com/photos/xyz/download",
                    "sourceUrl": "https://unsplash.com/photos/xyz/",
                    "@timestamp": "2026-01-31T12:00:00+00:00",
                },
            }
        ],
    },
}
Search = Annotated[
    str | None,
    Query(max_length=2_000, description="Words to search the Unsplash library by, as es-clip-image-search's callers do."),
]
Database = Annotated[str, Query(max_length=100, description="In whose way the score is told: opensearch or elasticsearch.")]


def page_routes(site: Site, app: FastAPI) -> APIRouter:
    """Return the routes of the page. ``app``: whose description is served."""
    router = APIRouter()
    assets = Assets()
    described: list[Asset] = []

    @router.get(
        "/",
        tags=["es-clip-image-search"],
        summary="The page; with search, the answer that es-clip-image-search's callers expect",
        response_model=None,
        responses={
            200: {
                "description": "The page, or the engine's answer.",
                "content": {"application/json": {"example": _ENGINE_ANSWER}, "text/html": {"schema": {"type": "string"}}},
            },
            **responses(400, 422, 429, 503),
        },
    )
    async def page(request: Request, search: Search = None, db: Database = "elasticsearch") -> Response:
        if search is None:
            return assets.get("index.html").answer(request)
        engine = engine_called(db)
        return json_answer(request, await site.lanes.search.do(lambda: engine_answer(site, search, engine)))

    @router.get("/static/{name}", include_in_schema=False)
    async def static(request: Request, name: str) -> Response:
        return assets.get(name).answer(request)

    for path, name in (
        ("/pair", "pair.html"),
        ("/docs", "docs.html"),
        ("/favicon.ico", "icon.svg"),
        ("/manifest.webmanifest", "manifest.webmanifest"),
    ):
        router.add_api_route(path, _serving(assets.get(name)), include_in_schema=False)

    @router.get("/openapi.json", include_in_schema=False)
    async def description(request: Request) -> Response:
        if not described:
            described.append(Asset.of(orjson.dumps(app.openapi()), ".json"))
        return described[0].answer(request)

    return router


def _serving(asset: Asset):  # type: ignore[no-untyped-def]
    async def serve(request: Request) -> Response:
        return asset.answer(request)

    return serve
