"""``/api/pair``: the code from the screen, once, for a cookie that only this device has. ``/api/leave`` gives it back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from helios_desktop.web.devices import Devices, Pairing
from helios_desktop.web.door import Door
from helios_desktop.web.options import ServeOptions
from helios_desktop.web.problems import Refusal, responses

COOKIE_SECONDS = 400 * 24 * 3600  # as long as browsers keep one


class PairingRequest(BaseModel):
    """What the pairing page sends: the code, and what the device calls itself."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(min_length=1, max_length=100)]
    name: Annotated[str, Field(max_length=100)] = ""


def pairing_routes(options: ServeOptions, door: Door, devices: Devices, pairing: Pairing) -> APIRouter:
    """Return the routes that let devices in, and out again."""
    router = APIRouter(prefix="/api", tags=["pairing"])

    @router.post(
        "/pair",
        summary="Pair this device with the code that is shown on the computer",
        status_code=204,
        response_model=None,
        responses=responses(400, 403, 422, 429),
    )
    def pair(asked: Annotated[PairingRequest, Body()]) -> Response:
        redeemed = pairing.redeem(asked.code, asked.name)
        if redeemed is None:
            raise Refusal(403, "This code was used already, or is of another server.", "Scan the code that is shown now.")
        response = Response(status_code=204)
        response.set_cookie(
            door.cookie_name,
            redeemed[1],
            max_age=COOKIE_SECONDS,
            path="/",
            secure=options.has_tls,
            httponly=True,
            samesite="strict",
        )
        return response

    @router.post("/leave", summary="Forget this device here", status_code=204, response_model=None, responses=responses(401))
    def leave(request: Request) -> Response:
        device = request.scope.get("helios.device")
        if device is not None:
            devices.revoke(device.device_id)
        response = Response(status_code=204)
        response.delete_cookie(door.cookie_name, path="/", secure=options.has_tls, httponly=True, samesite="strict")
        return response

    return router
