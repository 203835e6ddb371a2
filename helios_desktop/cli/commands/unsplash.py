"""``unsplash import|remove|status``: the photos of an Unsplash data set, searched by features that others computed."""

from __future__ import annotations

from pathlib import Path

import click

from helios_desktop.app import build
from helios_desktop.cli.output import note, print_json
from helios_desktop.cli.progress import ProgressPrinter

UNSPLASH = "unsplash"
SHOWN_ZERO_IDS = 20

json_option = click.option("--json", "as_json", is_flag=True, help="One compact JSON object a line.")
file_type = click.Path(path_type=Path)


@click.group("unsplash")
def unsplash_command() -> None:
    """Import, remove or show the photos of an Unsplash data set."""


@unsplash_command.command("import")
@click.argument("photo_ids", type=file_type, metavar="PHOTO_IDS.csv")
@click.argument("features", type=file_type, metavar="FEATURES.npy")
@click.option("--start", type=int, default=None, metavar="N", help="First row, counted from 0.")
@click.option("--end", type=int, default=None, metavar="M", help="The row to stop before, as in a Python slice.")
@click.option("--dry-run", is_flag=True, help="Check both files and say what would be done.")
@click.option(
    "--model", metavar="ID", default=None, help="The model that made the features, where it is not OpenAI's ViT-B/32."
)
@json_option
def import_unsplash(
    photo_ids: Path, features: Path, start: int | None, end: int | None, dry_run: bool, model: str | None, as_json: bool
) -> int:
    """Import the photos of PHOTO_IDS.csv with the vectors of FEATURES.npy.

    Both files are checked completely first. What is there already is left alone: the same command resumes an import that was
    interrupted.
    """
    with build() as app, ProgressPrinter(as_json=as_json) as printer:
        summary = app.libraries.import_unsplash(
            photo_ids, features, start=start, end=end, model=model, is_dry_run=dry_run, listener=printer.show
        )
        printer.close()
        if as_json:
            print_json({"event": "summary", **summary.record()})
            return 0
        click.echo(summary.sentence())
        for photo_id in summary.zero[:SHOWN_ZERO_IDS]:
            note(f"  zero: {photo_id}")
        if len(summary.zero) > SHOWN_ZERO_IDS:
            note(f"  and {len(summary.zero) - SHOWN_ZERO_IDS:,} more; --json lists all")
    return 0


@unsplash_command.command("remove")
@json_option
def remove_unsplash(as_json: bool) -> int:
    """Forget all that was imported; exit code 1 where there was nothing."""
    with build() as app:
        library = app.libraries.remove(UNSPLASH)
    if as_json:
        print_json({"library": UNSPLASH, "removed": 0 if library is None else library.count})
    elif library is None:
        note("Nothing was imported.")
    else:
        click.echo(f"removed {library.count:,} photos")
    return 0 if library is not None else 1


@unsplash_command.command("status")
@json_option
def unsplash_status(as_json: bool) -> int:
    """Show how many photos were imported, and whether their model is here; exit code 1 where there are none."""
    with build() as app:
        library = app.libraries.get(UNSPLASH)
        is_installed = library is not None and app.libraries.is_installed(library)
    if as_json:
        print_json(
            {
                "library": UNSPLASH,
                "photos": 0 if library is None else library.count,
                "model": None if library is None else library.model_id,
                "dim": None if library is None else library.dim,
                "model_installed": is_installed,
            }
        )
    elif library is None:
        note("Nothing was imported yet: helios unsplash import PHOTO_IDS.csv FEATURES.npy")
    else:
        click.echo(f"{library.count:,} photos, vectors of {library.model_id} with {library.dim} numbers")
        if not is_installed:
            click.echo(f"Words need that model, which is not installed; helios similar ID --library {UNSPLASH} works without.")
    return 0 if library is not None else 1
