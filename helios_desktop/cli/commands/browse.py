"""``list`` and ``problems``: every file that a scan met, and those that need attention."""

from __future__ import annotations

import os

import click

from helios_desktop.cli.library import open_library
from helios_desktop.cli.output import note, photo_record, print_json, printable, problem_record
from helios_desktop.domain import Filter, PhotoState

json_option = click.option("--json", "as_json", is_flag=True, help="One compact JSON object a line.")


@click.command("list")
@click.option("--in", "folders", multiple=True, type=click.Path(path_type=bytes), metavar="FOLDER", help="Only below it.")
@click.option("--state", type=click.Choice([str(state) for state in PhotoState]), help="Only files in this state.")
@json_option
def list_command(folders: tuple[bytes, ...], state: str | None, as_json: bool) -> int:
    """List every file that a scan met, newest first; skipped files say why."""
    wanted = Filter(folders=tuple(os.path.abspath(folder) for folder in folders))
    count = 0
    with open_library() as app:
        for photo in app.listing(wanted, PhotoState(state) if state else None):
            count += 1
            if as_json:
                print_json(photo_record(photo))
            else:
                why = f" ({photo.reason})" if photo.reason else ""
                click.echo(f"{photo.state}{why}  {printable(photo.path)}")
    return 0 if count else 1


@click.command("problems")
@json_option
def problems_command(as_json: bool) -> int:
    """List the files that look like photos and could not be read, with the reason and what to do."""
    count = 0
    with open_library() as app:
        for problem in app.problems():
            count += 1
            if as_json:
                print_json(problem_record(problem))
            else:
                click.echo(f"{printable(problem.path)}\n    {problem.reason}: {problem.detail}\n    {problem.remedy}")
    if not count:
        note("No problems.")
    return 0 if count else 1
