"""``catalog check|backup|restore|rebuild``: looking after the one file that is the truth."""

from __future__ import annotations

from pathlib import Path

import click

from helios_desktop.app import restore_catalog
from helios_desktop.cli.library import open_library
from helios_desktop.cli.output import note, print_json

json_option = click.option("--json", "as_json", is_flag=True, help="One compact JSON object a line.")


@click.group("catalog")
def catalog_command() -> None:
    """Check, back up, restore or rebuild the catalogue."""


@catalog_command.command("check")
@json_option
def check(as_json: bool) -> int:
    """Read the whole catalogue and say whether it is sound; exit code 3 where it is not."""
    with open_library() as app:
        faults = app.check_catalog()
    if as_json:
        print_json({"ok": not faults, "faults": faults})
    else:
        click.echo("\n".join(faults) if faults else "The catalogue is sound.")
    if faults:
        note("helios: the catalogue has faults.\n        Try helios catalog rebuild; if they stay, helios catalog restore.")
    return 3 if faults else 0


@catalog_command.command("backup")
@json_option
def backup(as_json: bool) -> int:
    """Write a backup now."""
    with open_library() as app:
        file = app.backup_catalog()
    if as_json:
        print_json({"backup": str(file)})
    else:
        click.echo(f"backed up to {file}")
    return 0


@catalog_command.command("restore")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@json_option
def restore(file: Path | None, as_json: bool) -> int:
    """Put a backup (the newest, or FILE) in place; the present catalogue is kept aside under another name."""
    restored, aside = restore_catalog(file)
    if as_json:
        print_json({"restored": str(restored), "kept_aside": None if aside is None else str(aside)})
    else:
        click.echo(f"restored {restored}" + (f"; the catalogue before it is kept as {aside}" if aside else ""))
    return 0


@catalog_command.command("rebuild")
@json_option
def rebuild(as_json: bool) -> int:
    """Make the search index and the word index again from the catalogue; nothing is embedded again."""
    with open_library() as app:
        count = app.rebuild()
    if as_json:
        print_json({"rebuilt": count})
    else:
        click.echo(f"rebuilt the index of {count:,} photos")
    return 0
