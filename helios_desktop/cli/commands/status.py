"""``status`` and ``doctor``: what is indexed, and whether all that Helios needs works."""

from __future__ import annotations

import click

from helios_desktop.app import build
from helios_desktop.cli.output import print_findings, print_json, printable

json_option = click.option("--json", "as_json", is_flag=True, help="One compact JSON object a line.")


@click.command("status")
@json_option
def status_command(as_json: bool) -> int:
    """Show what is indexed, by which model, and what waits."""
    with build() as app:
        status = app.status()
    if as_json:
        print_json(status.record())
        return 0
    counts = status.counts
    click.echo(f"{counts.indexed:,} photos indexed, {counts.pending:,} pending, {counts.skipped:,} skipped")
    if counts.absent:
        click.echo(f"{counts.absent:,} on drives that are not here")
    if counts.problems:
        click.echo(f"{counts.problems:,} need attention: helios problems")
    for root in status.roots:
        click.echo(f"  {printable(root.path)}{'' if root.is_present else '  (not here)'}")
    click.echo(f"answered by the {status.model_title} ({status.model_id}), {status.engine} index")
    if status.models.is_switching:
        click.echo(status.models.sentence())
    for notice in status.notices:
        click.echo(notice)
    return 0


@click.command("doctor")
@json_option
def doctor_command(as_json: bool) -> int:
    """Check that everything Helios needs is here and works; exit code 3 where something does not."""
    with build() as app:
        findings = app.doctor()
    return print_findings(findings, as_json=as_json)
