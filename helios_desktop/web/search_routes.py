"""``/api/search``, ``/api/search/image``: questions over HTTP, answered as everywhere else."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from helios_desktop.domain import Filter, Hit, ImageTerm, SearchResult
from helios_desktop.domain import Query as DomainQuery
from helios_desktop.index.engine_connection import EngineKind
from helios_desktop.web.answers import json_answer
from helios_desktop.web.problems import Refusal, responses
from helios_desktop.web.questions import Question, SearchParameters
from helios_desktop.web.records import good_in, hit_record
from helios_desktop.web.schemas import SearchAnswer
from helios_desktop.web.site import Site

ENGINES: tuple[EngineKind, ...] = ("opensearch", "elasticsearch")
"""What the index that the ancestor's variables name is called as a library."""
Asked = Annotated[SearchParameters, Query()]
_PICTURE = {
    "requestBody": {
        "required": True,
        "description": "A picture file as it is: JPEG, PNG, HEIC, whatever the library reads.",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/*", "application/octet-stream")
        },
    }
}


def search_routes(site: Site) -> APIRouter:
    """Return the routes that answer questions."""
    router = APIRouter(tags=["search"])

    @router.get(
        "/api/search",
        summary="Find photos by words, by likeness, by filters; without any, all photos, newest first",
        response_model=None,
        responses={200: {"model": SearchAnswer}, **responses(400, 422, 429, 503)},
    )
    async def search(request: Request, asked: Asked) -> Response:
        answer = await site.lanes.search.do(lambda: answered(site, asked, "/api/search"))
        return json_answer(request, answer)

    @router.post(
        "/api/search/image",
        summary="Find photos like a picture, and like words too",
        response_model=None,
        openapi_extra=_PICTURE,
        responses={200: {"model": SearchAnswer}, **responses(400, 408, 413, 415, 422, 429, 503)},
    )
    async def search_by_image(request: Request, asked: Asked) -> Response:
        with tempfile.TemporaryDirectory(prefix="helios-upload-") as folder:
            file = Path(folder) / "picture"
            if not await _received(request, file, site.options.limits.upload_seconds):
                raise Refusal(400, "There is no picture in the request.", "Send the file itself as the body.")
            pictures = (ImageTerm(path=os.fsencode(file)),)
            answer = await site.lanes.decode.do(_naming_no_file(lambda: answered(site, asked, None, pictures)))
        return json_answer(request, answer)

    return router


def answered(site: Site, asked: SearchParameters, path: str | None, pictures: tuple[ImageTerm, ...] = ()) -> dict[str, Any]:
    """Answer a question, in the thread that calls. ``path``: where the next page is asked for, where that is possible."""
    question = Question(asked, site.library, pictures)
    result = _browsed(site, question) if question.is_empty else _found(site, question.query)
    return {
        "hits": [hit_record(hit) for hit in result.hits],
        "parts": question.parts(),
        "total": result.total,
        "limit": question.query.limit,
        "offset": question.query.offset,
        "good": good_in(result),
        "next": None if path is None else question.next_address(path, result.total),
        "elapsed_ms": round(result.elapsed_seconds * 1000, 1),
        "model": str(result.model_id),
        "engine": result.engine,
    }


def _found(site: Site, query: DomainQuery) -> SearchResult:
    for kind in ENGINES:
        if query.library == kind and (found := site.library.libraries.named_search(query, kind)) is not None:
            return found
    return site.library.search(query)


def _browsed(site: Site, question: Question) -> SearchResult:
    started = time.perf_counter()
    ids = site.library.browse(Filter())
    query = question.query
    page = [int(photo_id) for photo_id in ids[query.offset : query.offset + query.limit]]
    return SearchResult(
        hits=tuple(Hit(photo=photo, score=None) for photo in site.library.photos(page)),
        total=len(ids),
        elapsed_seconds=time.perf_counter() - started,
        model_id=site.library.model_id,
        engine=site.library.engine,
    )


async def _received(request: Request, file: Path, seconds: float) -> int:
    """Write the body to a file, piece by piece; return its length. Raises ``Refusal`` (408) where it takes too long."""
    length = 0
    try:
        async with asyncio.timeout(seconds):
            with file.open("wb") as out:
                async for piece in request.stream():
                    out.write(piece)
                    length += len(piece)
    except TimeoutError as error:
        raise Refusal(408, "The picture took too long to arrive.", "Send a smaller one.") from error
    return length


def _naming_no_file(work: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Do the work; what it says of our temporary file is said without its path."""
    from helios_desktop.errors import QueryError

    def done() -> dict[str, Any]:
        try:
            return work()
        except QueryError as error:
            if "helios-upload-" in error.message:
                raise Refusal(
                    415, "The picture to search by cannot be read.", "Choose another picture, or a whole copy of this one."
                ) from error
            raise

    return done
