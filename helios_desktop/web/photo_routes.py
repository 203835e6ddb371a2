"""``/api/photos/{id}`` and its pictures: thumbnail, preview, and the original where that is switched on."""

from __future__ import annotations

import os
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from helios_desktop.domain import Photo, PhotoState, Root
from helios_desktop.errors import KnownError, WorkerError
from helios_desktop.web.answers import ASK_AGAIN, FOR_GOOD, bytes_answer, has_it, json_answer, wanted_range
from helios_desktop.web.files import FileAnswer, is_inside, open_inside
from helios_desktop.web.problems import Refusal, responses
from helios_desktop.web.questions import LARGEST_ID
from helios_desktop.web.records import VERSION_HEX, name_of, photo_record
from helios_desktop.web.schemas import FavouriteRecord, PhotoRecord
from helios_desktop.web.site import Site

PREVIEW_SIZES_PX = (640, 1024, 1600, 2048, 3072, 4096)
"""A preview is made in the next of these sizes, so that screens of all sizes share what was kept."""
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
    "BMP": "image/bmp",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
    "HEIC": "image/heic",
    "JXL": "image/jxl",
    "JPEG2000": "image/jp2",
}

PhotoId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Version = Annotated[str, Query(max_length=64, description="What the address of a hit carries; it changes with the content.")]
Answers = dict[int | str, dict[str, Any]]
_JPEG: Answers = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}, "description": "A JPEG."}
}
_FILE: Answers = {200: {"content": {"image/*": {"schema": {"type": "string", "format": "binary"}}}, "description": "The file."}}
_PART: Answers = {206: {"description": "The range that was asked for."}, 304: {"description": "The caller has it already."}}


def photo_routes(site: Site) -> APIRouter:
    """Return the routes of single photos."""
    router = APIRouter(prefix="/api/photos/{photo_id}", tags=["photos"])

    @router.get(
        "",
        summary="What is known of a photo",
        response_model=None,
        responses={200: {"model": PhotoRecord}, **responses(404, 422)},
    )
    async def photo(request: Request, photo_id: PhotoId) -> Response:
        found, root = await site.lanes.search.do(lambda: _photo(site, photo_id))
        return json_answer(request, photo_record(found, root, site.options))

    @router.get(
        "/thumbnail",
        summary="A JPEG of at most 512 pixels",
        response_model=None,
        responses={**_JPEG, **_PART, **responses(404, 416, 422, 429, 503)},
    )
    async def thumbnail(request: Request, photo_id: PhotoId, v: Version = "") -> Response:
        found = await site.lanes.pictures.do(lambda: _thumbnail(site, photo_id))
        content, jpeg = found
        return bytes_answer(request, jpeg, f'"{content}"', "image/jpeg", _keeping(content, v))

    @router.get(
        "/preview",
        summary="A reduced JPEG, upright, without what the file says of its place",
        response_model=None,
        responses={**_JPEG, **_PART, **responses(404, 416, 422, 429, 503)},
    )
    async def preview(
        request: Request,
        photo_id: PhotoId,
        size: Annotated[int, Query(ge=1, le=PREVIEW_SIZES_PX[-1], description="Pixels of the long side, at least.")] = 1600,
        v: Version = "",
    ) -> Response:
        found, root = await site.lanes.search.do(lambda: _photo(site, photo_id))
        longest_px = next(one for one in PREVIEW_SIZES_PX if one >= size)
        content = _content(found)
        tag = f'"{content}-{longest_px}"'
        if has_it(request, tag):
            return bytes_answer(request, b"", tag, "image/jpeg", _keeping(content, v))
        jpeg = await site.lanes.decode.do(lambda: _preview(site, found, root, longest_px))
        return bytes_answer(request, jpeg, tag, "image/jpeg", _keeping(content, v))

    @router.get(
        "/original",
        summary="The file itself, where that is switched on",
        response_model=None,
        responses={**_FILE, **_PART, **responses(403, 404, 416, 422, 503)},
    )
    async def original(request: Request, photo_id: PhotoId, v: Version = "") -> Response:  # noqa: ARG001 hits carry it
        if not site.options.shows_originals:
            raise Refusal(403, "This server does not give out the files themselves.", "Start it with --originals.")
        return await _original(site, request, photo_id)

    _add_favourites(site, router)
    return router


def _add_favourites(site: Site, router: APIRouter) -> None:
    async def mark(request: Request, photo_id: int, is_favourite: bool) -> Response:
        if not site.options.allows_favourites:
            raise Refusal(403, "This server changes nothing.", "Start it with --favourites to mark favourites.")

        def work() -> None:
            _photo(site, photo_id)
            site.library.marks.favourite(photo_id, is_favourite)

        await site.lanes.search.do(work)
        return json_answer(request, {"id": str(photo_id), "favourite": is_favourite})

    answers = {200: {"model": FavouriteRecord}, **responses(403, 404, 422, 503)}

    @router.put("/favourite", summary="Make it a favourite, where that is switched on", response_model=None, responses=answers)
    async def favour(request: Request, photo_id: PhotoId) -> Response:
        return await mark(request, photo_id, True)

    @router.delete("/favourite", summary="Make it none, where that is switched on", response_model=None, responses=answers)
    async def disfavour(request: Request, photo_id: PhotoId) -> Response:
        return await mark(request, photo_id, False)


def _photo(site: Site, photo_id: int) -> tuple[Photo, Root]:
    """Return an indexed photo of a followed folder, and the folder. Raises ``Refusal`` (404)."""
    found = site.library.photos([photo_id])
    if found and found[0].state in {PhotoState.INDEXED, PhotoState.ABSENT} and found[0].content_hash is not None:
        for root in site.library.roots():
            if root.root_id == found[0].root_id:
                return found[0], root
    raise Refusal(404, f"There is no photo {photo_id} here.", "Search again.")


def _content(photo: Photo) -> str:
    return (photo.content_hash or b"").hex()


def _keeping(content: str, version: str) -> str:
    """An address with the right version never means another picture; without one it may."""
    return FOR_GOOD if version == content[:VERSION_HEX] else ASK_AGAIN


def _thumbnail(site: Site, photo_id: int) -> tuple[str, bytes]:
    found = site.library.photos([photo_id])
    content = found[0].content_hash if found else None
    jpeg = None if content is None else site.library.thumbnail(content)
    if content is None or jpeg is None:
        raise Refusal(404, f"There is no thumbnail of photo {photo_id}.", "Search again.")
    return content.hex(), jpeg


def _preview(site: Site, photo: Photo, root: Root, longest_px: int) -> bytes:
    if not is_inside(photo, root):
        raise Refusal(404, "The file of this photo is not there now.", "Connect its drive, or search again.")
    try:
        return site.library.preview(photo.path, longest_px)
    except WorkerError:
        raise
    except KnownError as error:
        raise Refusal(404, error.message, error.remedy) from error


async def _original(site: Site, request: Request, photo_id: int) -> Response:
    found, root = await site.lanes.search.do(lambda: _photo(site, photo_id))
    file = await site.lanes.pictures.do(lambda: open_inside(found, root))
    try:
        status = os.fstat(file.fileno())
        tag = f'"{status.st_mtime_ns:x}-{status.st_size:x}"'
        headers = {
            "ETag": tag,
            "Cache-Control": ASK_AGAIN,
            "Accept-Ranges": "bytes",
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(name_of(found), safe='')}",
        }
        if has_it(request, tag):
            file.close()
            return Response(status_code=304, headers=headers)
        part = wanted_range(request, tag, status.st_size)
    except BaseException:
        file.close()
        raise
    if part is not None:
        headers["Content-Range"] = f"bytes {part[0]}-{part[1] - 1}/{status.st_size}"
    return FileAnswer(
        file,
        site.lanes.pictures,
        span=part or (0, status.st_size),
        status=200 if part is None else 206,
        headers=headers,
        media_type=MEDIA_TYPES.get((found.format or "").upper(), "application/octet-stream"),
    )
