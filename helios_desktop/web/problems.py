"""What went wrong, as ``application/problem+json`` (RFC 9457): ``title``, ``status``, ``detail`` and our ``remedy``."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.routing import Route

from helios_desktop.errors import IndexUnavailableError, KnownError, ModelError, QueryError, WorkerError

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "This cannot be answered as asked",
    401: "This device is not paired",
    403: "This is not allowed",
    404: "There is no such thing here",
    405: "This cannot be done here",
    408: "The request took too long",
    411: "The length is missing",
    413: "This is too large",
    415: "This is not a picture",
    416: "There is no such range",
    422: "A value does not fit",
    429: "Too many requests",
    431: "This says too much of itself",
    500: "A fault of Helios",
    503: "Not now",
}


class Problem(BaseModel):
    """One problem, RFC 9457. ``type`` names the kind, ``detail`` says what happened, ``remedy`` what to do."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": TITLES[400],
                    "status": 400,
                    "detail": "There are no words to look for.",
                    "remedy": 'Type what is in the photo, for example "a red boat".',
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    remedy: str = ""


class Refusal(Exception):  # noqa: N818 it is an answer, not a fault
    """Ends a request with a problem. ``headers`` go out with it."""

    def __init__(self, status: int, detail: str, remedy: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.remedy = remedy
        self.headers = headers or {}

    def answer(self) -> Response:
        """Return it as a response."""
        return problem(self.status, self.detail, self.remedy, self.headers)


def problem(status: int, detail: str, remedy: str = "", headers: dict[str, str] | None = None) -> Response:
    """Return a problem as a response; nobody keeps it."""
    body = {
        "type": "about:blank",
        "title": TITLES.get(status, "It did not work"),
        "status": status,
        "detail": detail,
        "remedy": remedy,
    }
    return Response(orjson.dumps(body), status, {"Cache-Control": "no-store", **(headers or {})}, media_type=MEDIA_TYPE)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entries for problems with these statuses."""
    schema = {"$ref": "#/components/schemas/Problem"}
    possible = sorted({*statuses, 431})  # whatever is asked, it can be asked in too many words
    return {status: {"description": TITLES[status], "content": {MEDIA_TYPE: {"schema": schema}}} for status in possible}


def status_of(error: KnownError) -> int:
    """Return the status for an error that a person can act on."""
    if isinstance(error, QueryError):
        return 400
    if isinstance(error, ModelError | IndexUnavailableError | WorkerError):
        return 503
    return 500


def _on_known(_: Request, error: Exception) -> Response:
    if not isinstance(error, KnownError):
        raise error
    return problem(status_of(error), error.message, error.remedy)


def _on_refusal(_: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    return error.answer()


def _on_unfit(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [f"{'.'.join(str(part) for part in one['loc'][1:])}: {one['msg']}" for one in error.errors()[:5]]
    return problem(422, "; ".join(faults), "The page /docs says what each value may be.")


def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_methods_at(request)))
        return problem(405, f"{request.method} is not answered here.", f"Ask with {headers['Allow']}.", headers)
    if error.status_code == 404:
        return problem(404, "There is nothing at this address.", "The page /docs lists what there is.", headers)
    return problem(error.status_code, "The request cannot be read.", "The page /docs says what is asked for.", headers)


def _methods_at(request: Request) -> set[str]:
    """Return the methods of every route at this address: the router names those of the first one alone."""
    found: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.path_regex.match(request.url.path):
            found |= route.methods or set()
    return found


def _on_fault(_: Request, __: Exception) -> Response:
    return problem(500, "Helios met a fault of its own; its log tells more.", "Try again; if it stays, report it.")


def install(app: FastAPI) -> None:
    """Have every error of the application leave as a problem."""
    app.add_exception_handler(KnownError, _on_known)
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(RequestValidationError, _on_unfit)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_fault)
