"""``models list|use|verify``: which models are here, which one answers, and whether their files are whole."""

from __future__ import annotations

import click

from helios_desktop.app import build
from helios_desktop.cli.output import print_json

json_option = click.option("--json", "as_json", is_flag=True, help="One compact JSON object a line.")


@click.group("models")
def models_command() -> None:
    """List, choose and verify models."""


@models_command.command("list")
@json_option
def list_models(as_json: bool) -> int:
    """List the installed models and how many photos each has covered."""
    with build() as app:
        rows = app.models()
    for row in rows:
        if as_json:
            print_json(
                {
                    "name": row.name,
                    "id": row.model_id,
                    "title": row.title,
                    "dim": row.dim,
                    "bytes": row.size,
                    "photos": row.photos,
                    "in_use": row.is_in_use,
                    "licence": row.licence,
                }
            )
        else:
            mark = "*" if row.is_in_use else " "
            click.echo(f"{mark} {row.name:<24} {row.size / 1e6:6.1f} MB  {row.photos:>8,} photos  {row.title}")
    return 0


@models_command.command("use")
@click.argument("name")
@click.option("--now", "is_now", is_flag=True, help="Answer at once, though photos it has not seen are not found yet.")
@json_option
def use_model(name: str, is_now: bool, as_json: bool) -> int:
    """Let NAME answer as soon as it has seen every photo; the next index, watch or window shows them to it."""
    with build() as app:
        row = app.use_model(name, is_now=is_now)
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


@models_command.command("verify")
@click.argument("names", nargs=-1)
@json_option
def verify_models(names: tuple[str, ...], as_json: bool) -> int:
    """Compare every file of the models (all, or NAMES) with its checksum; exit code 3 where one differs."""
    is_sound = True
    with build() as app:
        for name, faults in app.verify_models(names):
            is_sound = is_sound and not faults
            if as_json:
                print_json({"name": name, "ok": not faults, "faults": faults})
            else:
                click.echo(f"{name}: {'; '.join(faults) if faults else 'every file is as it was published'}")
    return 0 if is_sound else 3
