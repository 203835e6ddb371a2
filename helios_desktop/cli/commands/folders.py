"""``add``, ``remove``, ``index``, ``watch``: which folders Helios follows, and bringing the catalogue in step with them."""

from __future__ import annotations

import os

import click

from helios_desktop.cli.library import open_library
from helios_desktop.cli.output import note, print_json, printable, progress_record
from helios_desktop.cli.progress import ProgressPrinter
from helios_desktop.domain import Root

Folders = tuple[bytes, ...]

folders_argument = click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=bytes))
json_option = click.option("--json", "as_json", is_flag=True, help="One compact JSON object a line.")


def root_record(root: Root) -> dict[str, object]:
    """Return the stable keys of a folder."""
    return {"path": os.fsdecode(root.path), "present": root.is_present, "polled": root.is_polled}


@click.command("add")
@folders_argument
@json_option
def add_command(folders: Folders, as_json: bool) -> int:
    """Register folders. A folder inside one that is followed changes nothing; one above takes its place."""
    with open_library() as app:
        for folder in folders:
            root = app.add_root(folder)
            if as_json:
                print_json(root_record(root))
            else:
                click.echo(f"following {printable(root.path)}")
    return 0


@click.command("remove")
@click.argument("folder", type=click.Path(path_type=bytes))
@json_option
def remove_command(folder: bytes, as_json: bool) -> int:
    """Forget a folder: its photos, thumbnails and vectors leave Helios. The files themselves stay untouched."""
    with open_library() as app:
        root = app.remove_root_at(folder)
        if as_json:
            print_json({**root_record(root), "removed": True})
        else:
            click.echo(f"no longer following {printable(root.path)}; its files are untouched")
    return 0


@click.command("index")
@click.argument("folders", nargs=-1, type=click.Path(path_type=bytes))
@json_option
def index_command(folders: Folders, as_json: bool) -> int:
    """Index what is new or changed (in FOLDERS, added if needed, or everywhere) and wait until nothing is pending."""
    with open_library() as app, ProgressPrinter(as_json=as_json) as printer:
        summary = app.index(folders, printer.show)
        printer.close()
        if as_json:
            print_json({"event": "summary", **summary.record()})
        else:
            click.echo(summary.sentence())
    return 0


@click.command("watch")
@json_option
def watch_command(as_json: bool) -> int:
    """Follow the folders and index what changes, until interrupted."""
    with open_library() as app:
        if not app.roots():
            note("No folder is followed yet; add one with: helios add FOLDER")
        app.start()
        for progress in app.progress_until_interrupted():
            if as_json:
                print_json(progress_record(progress))
            else:
                click.echo(f"{progress.phase}: {progress.done:,} of {progress.total:,} {progress.message}".rstrip())
    return 0
