"""``models list|use|download|install|verify|remove``: which models are here, which one answers, and how others get here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from helios_desktop.app import App
from helios_desktop.cli.commands.model_export import export_model
from helios_desktop.cli.library import open_library
from helios_desktop.cli.output import note, print_json
from helios_desktop.domain import ModelId

if TYPE_CHECKING:
    from helios_desktop.pipeline.status import ModelChoice, ModelChoices, ModelRow

json_option = click.option("--json", "as_json", is_flag=True, help="One compact JSON object a line.")


@click.group("models")
def models_command() -> None:
    """List, choose, download, install, verify and remove models."""


models_command.add_command(export_model)


@models_command.command("list")
@click.option("--measure", "is_measured", is_flag=True, help="Measure this computer for ten seconds before recommending.")
@json_option
def list_models(is_measured: bool, as_json: bool) -> int:
    """List the installed models with how many photos each has seen, those to download, and the one for this computer."""
    with open_library() as app:
        choices = app.model_store.choices(is_measured=is_measured)
        rows = {row.model_id: row for row in app.model_store.rows()}
        models = app.status().models
    if as_json:
        for one in choices.rows:
            row = _record(rows[ModelId(one.name)]) if one.is_installed else _offer(one)
            print_json({**row, "recommended": one.is_recommended})
        return 0
    for one in choices.rows:
        if one.is_installed:
            mark = "*" if one.is_in_use else " "
            click.echo(f"{mark} {one.name:<24} {one.bytes / 1e6:6.1f} MB  {one.photos:>8,} photos  {one.title}")
    if models.is_switching:
        click.echo(models.sentence())
    _print_offers(choices)
    return 0


def _print_offers(choices: ModelChoices) -> None:
    click.echo("\nTo download, with: helios models download NAME")
    for one in choices.rows:
        if one.is_installed:
            continue
        licence = one.licence or "see its publisher"
        came = f" ({one.came_bytes / 1e9:.1f} GB came already)" if one.came_bytes else ""
        click.echo(f"  {one.name}")
        click.echo(
            f"      {one.bytes / 1e9:.1f} GB{came}, {one.speed}; languages: {one.languages}; licence: {licence}; {one.good_at}"
        )
    click.echo(f"\nrecommended here: {choices.recommended.name}; {choices.reason}")


@models_command.command("use")
@click.argument("name")
@click.option("--now", "is_now", is_flag=True, help="Answer at once, though photos it has not seen are not found yet.")
@json_option
def use_model(name: str, is_now: bool, as_json: bool) -> int:
    """Let NAME answer as soon as it has seen every photo; the next index, watch or window shows them to it."""
    with open_library() as app:
        row = app.model_store.use(name, is_now=is_now)
        models = app.status().models
    if as_json:
        print_json(
            {"name": row.name, "id": row.model_id, "answers": row.is_in_use, "photos": models.covered, "of": models.total}
        )
    elif row.is_in_use:
        click.echo(f"{row.title} answers from now on")
    else:
        click.echo(models.sentence())
        click.echo("Go on with: helios index")
    return 0


@models_command.command("download")
@click.argument("name")
@click.option("--full-precision", "is_full", is_flag=True, help="Make no 8-bit form.")
@json_option
def download_model(name: str, is_full: bool, as_json: bool) -> int:
    """Fetch NAME from the model hub and make it fast on this computer; again after a stop, it goes on from there."""
    from helios_desktop.cli.transfer import TransferPrinter

    with open_library() as app, TransferPrinter(as_json=as_json) as printer:
        row = app.model_store.download(name, listener=printer.show)
        printer.close()
        return _finish(app, row, is_full=is_full, as_json=as_json)


@models_command.command("install")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--full-precision", "is_full", is_flag=True, help="Make no 8-bit form.")
@json_option
def install_model(file: Path, is_full: bool, as_json: bool) -> int:
    """Install the model in FILE, a zip or a folder, with no network: a pack of ours, or a ready-made ONNX export."""
    with open_library() as app:
        return _finish(app, app.model_store.install(file), is_full=is_full, as_json=as_json)


def _finish(app: App, row: ModelRow, *, is_full: bool, as_json: bool) -> int:
    """Make the 8-bit form of a fresh model, and say what is here now."""
    made = None
    if not (is_full or row.is_small):
        made = app.model_store.make_small(row.name, say=lambda text: None if as_json else note(text))
        row = next(one for one in app.model_store.rows() if one.model_id == row.model_id)
    if as_json:
        print_json({"event": "installed", **_record(row)})
        return 0
    click.echo(f"installed {row.name}: {row.title}, {row.dim} dimensions, {row.size / 1e6:.1f} MB")
    click.echo(f"licence: {row.licence or 'not stated; see its publisher'}")
    if made is not None:
        click.echo(made.sentence())
    click.echo(f"use it with: helios models use {row.name}")
    return 0


@models_command.command("verify")
@click.argument("names", nargs=-1)
@json_option
def verify_models(names: tuple[str, ...], as_json: bool) -> int:
    """Compare every file of the models (all, or NAMES) with its checksum; exit code 3 where one differs."""
    is_sound = True
    with open_library() as app:
        for name, faults in app.model_store.verify(names):
            is_sound = is_sound and not faults
            if as_json:
                print_json({"name": name, "ok": not faults, "faults": faults})
            else:
                click.echo(f"{name}: {'; '.join(faults) if faults else 'every file is as it was published'}")
    return 0 if is_sound else 3


@models_command.command("remove")
@click.argument("name")
@click.option("--with-vectors", is_flag=True, help="Forget what it knows of the photos too; a return of the model starts anew.")
@json_option
def remove_model(name: str, with_vectors: bool, as_json: bool) -> int:
    """Remove the files of NAME; what it knows of the photos stays for its return, unless --with-vectors."""
    with open_library() as app:
        size = app.model_store.remove(name, with_vectors=with_vectors)
    if as_json:
        print_json({"name": name, "bytes": size, "vectors": not with_vectors})
    else:
        kept = "and its vectors" if with_vectors else "its vectors are kept"
        click.echo(f"removed {name} ({size / 1e6:.1f} MB); {kept}")
    return 0


def _record(row: ModelRow) -> dict[str, object]:
    return {
        "name": row.name,
        "id": row.model_id,
        "title": row.title,
        "installed": True,
        "dim": row.dim,
        "bytes": row.size,
        "photos": row.photos,
        "in_use": row.is_in_use,
        "int8": row.is_small,
        "licence": row.licence,
    }


def _offer(one: ModelChoice) -> dict[str, object]:
    return {
        "name": one.name,
        "id": one.name,
        "title": one.title,
        "installed": False,
        "bytes": one.bytes,
        "came": one.came_bytes,
        "memory_mib": one.memory_bytes // 2**20,
        "recall": one.recall,
        "speed": one.speed,
        "languages": one.languages,
        "good_at": one.good_at,
        "licence": one.licence,
        "verified": one.is_verified,
    }
