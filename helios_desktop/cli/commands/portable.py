"""``export`` and ``import``: the portable index, which other programs and other computers can read."""

from __future__ import annotations

from pathlib import Path

import click

from helios_desktop.app import build
from helios_desktop.cli.output import print_json
from helios_desktop.cli.progress import ProgressPrinter
from helios_desktop.domain import PHOTOS_LIBRARY

json_option = click.option("--json", "as_json", is_flag=True, help="One compact JSON object a line.")
folder_argument = click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")


@click.command("export")
@folder_argument
@click.option("--library", default=PHOTOS_LIBRARY, show_default=True, metavar="NAME", help="Which library.")
@click.option("--model", metavar="ID", default=None, help="Whose vectors of your photos; those of the model in use by default.")
@json_option
def export_command(folder: Path, library: str, model: str | None, as_json: bool) -> int:
    """Write a library's vectors to DIR: ids.csv, features.npy (float16) and manifest.json."""
    with build() as app, ProgressPrinter(as_json=as_json) as printer:
        summary = app.libraries.export(folder, library, model, printer.show)
        printer.close()
        if as_json:
            print_json({"event": "summary", "folder": str(folder), **summary.record()})
        else:
            click.echo(f"exported {summary.rows:,} rows of '{summary.library}' ({summary.model_id}) to {folder}")
    return 0


@click.command("import")
@folder_argument
@click.option("--dry-run", is_flag=True, help="Check everything and say what would be done.")
@json_option
def import_command(folder: Path, dry_run: bool, as_json: bool) -> int:
    """Take in what `helios export` wrote to DIR.

    Vectors of photos are known by content: files with the same bytes are not embedded again. Other libraries come whole.
    """
    with build() as app, ProgressPrinter(as_json=as_json) as printer:
        summary = app.libraries.take_in(folder, is_dry_run=dry_run, listener=printer.show)
        printer.close()
        if as_json:
            print_json({"event": "summary", "folder": str(folder), **summary.record()})
        else:
            added, verb = summary.added, "would be " if dry_run else ""
            click.echo(
                f"{added.new:,} of {summary.rows:,} rows {verb}imported into '{summary.library}',"
                f" {added.changed:,} {verb}changed, {added.same:,} there already"
            )
    return 0
