"""``helios serve``: options in, a server until Ctrl-C; what it says goes to the terminal, or as JSON lines to the window.

Exit codes as everywhere. The window runs this as a process of its own: its input closing ends the server, a line
``revoke ID`` on it revokes a device.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from helios_desktop.errors import KnownError
from helios_desktop.paths import AppPaths
from helios_desktop.web.options import ANCESTORS_ORIGINS, DEFAULT_PORT, EVERY_ADDRESS, LOOPBACK_HOST, ServeOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from helios_desktop.web.server import WebServer

LOOK_SECONDS = 0.5
IN_CONTAINER = "HELIOS_IN_CONTAINER"


@click.command("serve")
@click.option("--host", default=LOOPBACK_HOST, show_default=True, help="The address to listen on; others need --lan.")
@click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0 takes a free one.")
@click.option("--engine", type=click.Choice(["embedded", "opensearch", "elasticsearch"]), help="Search by this one, this time.")
@click.option("--lan", is_flag=True, help="Let in other devices of this network, each paired once by a code.")
@click.option("--tls/--no-tls", default=None, help="Encrypt, with a certificate of our own; on with --lan.")
@click.option("--originals", is_flag=True, help="Give out the files themselves too, with all that is in them.")
@click.option("--places", is_flag=True, help="Tell where photos were taken.")
@click.option("--favourites", is_flag=True, help="Let pages mark favourites; nothing else can ever be changed.")
@click.option(
    "--allow-origin", "origins", multiple=True, metavar="ORIGIN", help="Pages from here may ask, as in http://nas:3000."
)
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME", help="A further name of this computer.")
@click.option("--watch/--no-watch", "is_watching", default=True, help="Follow the folders and index what changes meanwhile.")
@click.option("--devices", "lists_devices", is_flag=True, help="List the paired devices, and end.")
@click.option("--revoke", metavar="ID", help="Let this device in no more ('all': every one), and end.")
@click.option("--json", "as_json", is_flag=True, help="One compact JSON object a line.")
@click.option("--until-input-closes", is_flag=True, hidden=True)
def serve_command(  # one parameter an option: that is what the command offers
    host: str,
    port: int,
    engine: str | None,
    lan: bool,
    tls: bool | None,
    originals: bool,
    places: bool,
    favourites: bool,
    origins: tuple[str, ...],
    hosts: tuple[str, ...],
    is_watching: bool,
    lists_devices: bool,
    revoke: str | None,
    as_json: bool,
    until_input_closes: bool,
) -> int:
    """Serve the library to a browser: this computer's, and with --lan those of paired devices."""
    if lists_devices or revoke is not None:
        return _devices(revoke, as_json=as_json)
    options = ServeOptions(
        host=EVERY_ADDRESS if lan and host == LOOPBACK_HOST else host,
        port=port,
        is_lan=lan,
        has_tls=lan if tls is None else tls,
        shows_originals=originals,
        shows_places=places,
        allows_favourites=favourites,
        origins=(*ANCESTORS_ORIGINS, *origins),
        hosts=hosts,
        is_in_container=os.environ.get(IN_CONTAINER) == "1",
    )
    with _terminated() as stop:
        _serve(options, engine, stop, is_watching=is_watching, as_json=as_json, hears_input=until_input_closes)
    return 0


def _serve(
    options: ServeOptions, engine: str | None, stop: threading.Event, *, is_watching: bool, as_json: bool, hears_input: bool
) -> None:
    from helios_desktop.app import build
    from helios_desktop.web.server import WebServer

    with build() as library:
        if engine is not None:
            library.answer_with(engine)
        server = WebServer(library, options, AppPaths.from_environment().web)
        server.start()
        try:
            if hears_input:
                _hear_input(server, stop)
            if is_watching:
                library.start()
            say = _json_teller(server, options) if as_json else _teller(server, options)
            with _warming_up(library.warm_up):
                while not stop.wait(LOOK_SECONDS):
                    say()
        finally:
            server.stop()


@contextmanager
def _warming_up(work: Callable[[], None]) -> Iterator[None]:
    """Load what the first question needs beside the body, and wait for it at the end.

    A thread that is still inside a native library when Python ends takes the process down with it (``std::terminate``).
    """

    def run() -> None:
        with suppress(KnownError):  # no model here: the first question says so
            work()

    thread = threading.Thread(target=run, name="serve-warm-up")
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _json_teller(server: WebServer, options: ServeOptions) -> Callable[[], None]:
    """Return what tells, as JSON lines, where the server is, what to pair by, and who is connected, whenever that changes."""
    _print(
        {
            "event": "serving",
            "address": server.address,
            "lan": options.is_lan,
            "tls": options.has_tls,
            "fingerprint": server.fingerprint(),
        }
    )
    last: list[dict[str, Any]] = []

    def say() -> None:
        connected = {device.device_id for device in server.devices.connected()}
        rows = [
            {"id": one.device_id, "name": one.name, "connected": one.device_id in connected} for one in server.devices.all()
        ]
        now: list[dict[str, Any]] = [
            {"event": "pairing", "address": server.pairing_address},
            {"event": "devices", "devices": rows},
        ]
        for line in now:
            if line not in last:
                _print(line)
        last[:] = now

    if not options.is_lan:
        return lambda: None
    say()
    return say


def _teller(server: WebServer, options: ServeOptions) -> Callable[[], None]:
    """Return what tells a person the same: a new code as soon as the last one was used."""
    click.echo(f"Helios is at {server.address}  (end with Ctrl-C)")
    if not options.is_lan:
        click.echo("Only this computer can open it; --lan lets in your phone. For programs: " + server.address + "/docs")
        return lambda: None
    click.echo("Devices of this network may come in once they are paired. Each code lets one device in.")
    if options.has_tls:
        click.echo("The browser warns of a certificate that it does not know; its SHA-256 is")
        click.echo(f"  {server.fingerprint()}")
    else:
        click.echo("Nothing is encrypted: everybody in this network can read what is sent. Leave --no-tls out to change that.")
    shown = [""]

    def say() -> None:
        if server.pairing_address != shown[0]:
            shown[0] = server.pairing_address
            _show_code(shown[0])

    say()
    return say


def _show_code(address: str) -> None:
    import segno

    click.echo()
    segno.make(address, error="l", micro=False).terminal(compact=True)
    click.echo(f"Scan this, or open  {address}\n")


def _devices(revoke: str | None, *, as_json: bool) -> int:
    from helios_desktop.web.devices import Devices

    devices = Devices(AppPaths.from_environment().web)
    if revoke is not None:
        is_gone = devices.revoke(revoke)
        if as_json:
            _print({"revoked": is_gone})
        else:
            click.echo("It is let in no more." if is_gone else "No device has this id; list them with: helios serve --devices")
        return 0 if is_gone else 1
    found = devices.all()
    for device in found:
        if as_json:
            _print({"id": device.device_id, "name": device.name, "paired_at": device.paired_at})
        else:
            click.echo(f"{device.device_id}  {device.name}")
    return 0 if found else 1


def _hear_input(server: WebServer, stop: threading.Event) -> None:
    def listen() -> None:
        told = b""
        # Not through sys.stdin: a thread that waits in its buffer keeps Python from ending.
        while piece := os.read(0, 4096):
            *lines, told = (told + piece).split(b"\n")
            for line in lines:
                verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
                if verb == "revoke" and rest:
                    server.devices.revoke(rest)
        stop.set()

    threading.Thread(target=listen, name="serve-input", daemon=True).start()


@contextmanager
def _terminated() -> Iterator[threading.Event]:
    """Yield an event that a polite end (SIGTERM, as of a service or a container) sets; Ctrl-C interrupts as everywhere."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    before = signal.signal(signal.SIGTERM, on_signal)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGTERM, before)


def _print(value: dict[str, Any]) -> None:
    click.echo(json.dumps(value, ensure_ascii=True, separators=(",", ":")))
