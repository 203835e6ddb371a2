"""``helios --check``: is all that Helios is built on here, and does it work? The packaging test, and what support asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from helios_desktop.check.run import check_installation
from helios_desktop.cli.output import print_findings


def check_command(paint: Callable[[], str], serve: Callable[[Path], str]) -> click.Command:
    """The command line of the check. The door passes in what uses Qt and FastAPI, so that no command knows them."""

    @click.command("--check")
    @click.option("--json", "as_json", is_flag=True, help="One compact JSON object a line.")
    def check(as_json: bool) -> int:
        """Use every part of this installation once, in a temporary folder; exit code 3 where something does not work."""
        return print_findings(check_installation(paint, serve), as_json=as_json)

    return check
