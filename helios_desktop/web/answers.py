"""Bytes -> responses that browsers can keep: ETag, 304, one range, JSON by orjson.

Method: RFC 9110 (conditional requests, ranges), RFC 9111 (caching). Several ranges at once are answered with the whole.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import Response

from helios_desktop.web.problems import Refusal

ASK_AGAIN = "private, no-cache"
FOR_GOOD = "private, max-age=31536000, immutable"
SMALLEST_PACKED_BYTES = 1024
QUICK_LEVEL = 1

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def json_answer(request: Request, value: Any) -> Response:
    """Return a value as JSON, or 304 where the caller has it already."""
    body = orjson.dumps(value)
    tag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": ASK_AGAIN, "Vary": "Accept-Encoding"}
    if has_it(request, tag):
        return Response(status_code=304, headers=headers)
    if len(body) >= SMALLEST_PACKED_BYTES and takes_gzip(request):
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body, QUICK_LEVEL, mtime=0)
    return Response(body, headers=headers, media_type="application/json")


def takes_gzip(request: Request) -> bool:
    """Whether the caller unpacks gzip."""
    offers = [one.strip().lower() for one in request.headers.get("accept-encoding", "").split(",")]
    return any(one == "gzip" or (one.startswith("gzip;") and not one.endswith(("q=0", "q=0.0"))) for one in offers)


def has_it(request: Request, tag: str) -> bool:
    """Whether ``If-None-Match`` names this entity (weak comparison)."""
    given = request.headers.get("if-none-match", "")
    plain = tag.removeprefix("W/")
    return given.strip() == "*" or any(one.strip().removeprefix("W/") == plain for one in given.split(","))


def wanted_range(request: Request, tag: str, length: int) -> tuple[int, int] | None:
    """Return the one range ``[start, end)`` that is asked for; None for the whole. Raises ``Refusal`` (416)."""
    header = request.headers.get("range", "")
    condition = request.headers.get("if-range")
    match = _RANGE.fullmatch(header.strip())
    if match is None or (condition is not None and condition.strip() != tag) or not (match[1] or match[2]):
        return None
    if match[1]:
        start, end = int(match[1]), min(int(match[2]) + 1, length) if match[2] else length
        if match[2] and int(match[2]) < int(match[1]):
            return None
    else:
        start, end = max(0, length - int(match[2])), length
    if start >= end:
        raise Refusal(416, "The file is shorter than that.", "", {"Content-Range": f"bytes */{length}"})
    return start, end


def bytes_answer(request: Request, body: bytes, tag: str, media_type: str, cache: str) -> Response:
    """Return bytes, a range of them, or 304 where the caller has them already. ``tag`` is quoted and strong."""
    headers = {"ETag": tag, "Cache-Control": cache, "Accept-Ranges": "bytes"}
    if has_it(request, tag):
        return Response(status_code=304, headers=headers)
    part = wanted_range(request, tag, len(body))
    if part is None:
        return Response(body, headers=headers, media_type=media_type)
    start, end = part
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(body)}"
    return Response(body[start:end], 206, headers, media_type=media_type)
