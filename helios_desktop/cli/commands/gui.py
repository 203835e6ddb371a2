"""``gui`` and ``serve``: only their names live here; the door in ``__main__`` opens the window and starts the server.

So no command ever loads Qt or FastAPI.
"""

from __future__ import annotations

import click


@click.command("gui")
@click.option("--samples", is_flag=True, help="On the very first start, follow the sample photos that ship with Helios.")
@click.option("--quick", is_flag=True, help="Show only the quick search: a box for a key of the desktop to open.")
def gui_command(samples: bool, quick: bool) -> int:
    """Open the window. A second start brings the first window to the front."""
    del samples, quick
    raise click.UsageError("Open the window with: helios gui")


@click.command("serve")
def serve_command() -> int:
    """Search from a browser, and with --lan from a phone."""
    raise click.UsageError("Start the server with: helios serve")
