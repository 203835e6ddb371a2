"""``build_application``: the routes joined, the guard before them. What a server runs, and what tests may ask without one."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.types import ASGIApp

from helios_desktop import __version__
from helios_desktop.web import problems
from helios_desktop.web.devices import Devices, Pairing
from helios_desktop.web.door import Door
from helios_desktop.web.events import Newsroom
from helios_desktop.web.guard import Guard
from helios_desktop.web.page_routes import page_routes
from helios_desktop.web.pairing_routes import pairing_routes
from helios_desktop.web.photo_routes import photo_routes
from helios_desktop.web.search_routes import search_routes
from helios_desktop.web.site import Site
from helios_desktop.web.status_routes import status_routes

DESCRIPTION = """Search the photos of this computer. Nothing over HTTP changes the library, except favourites where that is on.

Errors are problem details (RFC 9457) with a `remedy`. Answers carry an ETag; pictures whose address has a `v` may be kept."""


def build_application(
    site: Site, *, newsroom: Newsroom, devices: Devices, pairing: Pairing, own_hosts: frozenset[str]
) -> ASGIApp:
    """Join the parts of one server."""
    app = FastAPI(title="Helios", version=__version__, description=DESCRIPTION, openapi_url=None, docs_url=None, redoc_url=None)
    problems.install(app)
    door = Door(site.options, devices, own_hosts)
    app.include_router(search_routes(site))
    app.include_router(photo_routes(site))
    app.include_router(status_routes(site, newsroom))
    app.include_router(page_routes(site, app))
    if site.options.is_lan:
        app.include_router(pairing_routes(site.options, door, devices, pairing))
    _describe_problems(app)
    return Guard(app, door=door, options=site.options)


def _describe_problems(app: FastAPI) -> None:
    """Have the description hold the schema of problems, which no route returns by itself."""
    made = app.openapi

    def openapi() -> dict[str, object]:
        schema = made()
        components = schema.setdefault("components", {}).setdefault("schemas", {})
        components.setdefault("Problem", problems.Problem.model_json_schema())
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
