"""``engine use|status|sync|rebuild|verify|forget|up|down``: search by a server of OpenSearch or Elasticsearch, or by none."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

import click

from helios_desktop.app import build
from helios_desktop.cli.output import note, print_error, print_json
from helios_desktop.engine_control import EngineChoice
from helios_desktop.errors import KnownError
from helios_desktop.passwords import PASSWORD_VARIABLE

if TYPE_CHECKING:
    from helios_desktop.pipeline.engine_status import EngineStatus
    from helios_desktop.pipeline.sync import SyncReport

EXIT_PAUSED = 3
ENGINES = ("embedded", "opensearch", "elasticsearch")
NODE_COMMANDS = {
    "up": "Start a node of your own with Docker, and say the one next command.",
    "down": "Stop it; what it holds stays.",
}
"""Their module is imported when one of them is called: most users of the others have no Docker."""

json_option = click.option("--json", "as_json", is_flag=True, help="One compact JSON object a line.")


class EngineCommands(click.Group):
    """The group, with two commands that live elsewhere."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names."""
        return [*super().list_commands(ctx), *NODE_COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one of ours, or import the module of the other two."""
        if cmd_name not in NODE_COMMANDS:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(
            importlib.import_module("helios_desktop.cli.commands.engine_up"), f"{cmd_name}_command"
        )
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table without importing the other module."""
        own = [(name, command.get_short_help_str(80)) for name, command in sorted(self.commands.items())]
        with formatter.section("Commands"):
            formatter.write_dl([*own, *NODE_COMMANDS.items()])


@click.group("engine", cls=EngineCommands)
def engine_command() -> None:
    """Choose what answers searches: the embedded index, or a server of OpenSearch or Elasticsearch."""


@engine_command.command("use")
@click.argument("engine", type=click.Choice(ENGINES))
@click.option(
    "--url", "urls", multiple=True, metavar="URL", help="Where it is, as in http://127.0.0.1:9200; more than one for a cluster."
)
@click.option("--index", default="images", show_default=True, metavar="NAME", help="The alias of your indices there.")
@click.option("--user", default="", metavar="NAME", help=f"Its password is asked for, or read from {PASSWORD_VARIABLE}.")
@click.option("--ca", default="", metavar="FILE", help="The certificate authority that the server's certificate is from.")
@click.option("--fingerprint", default="", metavar="SHA256", help="The server's own certificate, pinned.")
@click.option("--api-key-env", default="", metavar="NAME", help="The environment variable that holds an API key.")
@json_option
def use(
    engine: str, urls: tuple[str, ...], index: str, user: str, ca: str, fingerprint: str, api_key_env: str, as_json: bool
) -> int:
    """Let ENGINE answer as soon as it holds everything; until then, and whenever it is away, the embedded index answers."""
    choice = EngineChoice(
        engine=engine,
        urls=urls,
        index=index,
        user=user,
        ca=ca,
        fingerprint=fingerprint,
        api_key_env=api_key_env,
        password=_password(user) if user else None,
    )
    with build() as app:
        status = app.search_engine.use(choice)
    _print_status(status, as_json=as_json)
    if status.engine != "embedded" and status.behind and not as_json:
        note("Bring it in step with: helios engine sync")
    return 0


def _password(user: str) -> str:
    given = os.environ.get(PASSWORD_VARIABLE)
    if given:
        return given
    if sys.stdin.isatty():
        return str(click.prompt(f"Password of {user}", hide_input=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


@engine_command.command("status")
@json_option
def status_command(as_json: bool) -> int:
    """Show the engine in use, how far it is, and why sending stands still; exit code 3 where it cannot be used."""
    with build() as app:
        status = app.search_engine.status()
    _print_status(status, as_json=as_json)
    return EXIT_PAUSED if status.problem else 0


@engine_command.command("sync")
@json_option
def sync(as_json: bool) -> int:
    """Send what the engine has not heard and wait for it; exit code 3 where sending has to pause."""
    return _send(as_json=as_json, is_rebuild=False)


@engine_command.command("rebuild")
@json_option
def rebuild(as_json: bool) -> int:
    """Fill new indices from the catalogue, beside those that answer meanwhile; nothing is embedded again."""
    return _send(as_json=as_json, is_rebuild=True)


def _send(*, as_json: bool, is_rebuild: bool) -> int:
    def show(rows: int) -> None:
        if not as_json and sys.stderr.isatty():
            click.echo(f"\r{rows:,} changes", err=True, nl=False)

    with build() as app:
        try:
            reports = app.search_engine.sync(on_progress=show, is_rebuild=is_rebuild)
        except KnownError as error:
            if as_json:
                print_json({"event": "paused", "message": error.message, "remedy": error.remedy})
            else:
                print_error(error)
            return EXIT_PAUSED
    for report in reports:
        _print_report(report, as_json=as_json)
    return 0


def _print_report(report: SyncReport, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "event": "synced",
                "index": report.index,
                "sent": report.sent,
                "removed": report.removed,
                "refused": report.refused,
            }
        )
        return
    click.echo(f"{report.index}: in step; {report.sent:,} sent, {report.removed:,} removed")
    if report.refused:
        note(f"{report.refused:,} documents were refused: {report.first_refusal}")


@engine_command.command("verify")
@json_option
def verify(as_json: bool) -> int:
    """Compare the engine with the catalogue, ids and a sample of vectors, and mend what differs; exit code 1 where it did."""
    with build() as app:
        found = app.search_engine.verify()
    for one in found:
        if as_json:
            print_json(one.record())
        elif one.is_sound:
            click.echo(f"{one.index}: {one.photos:,} photos, all there; {one.sampled:,} vectors compared")
        else:
            click.echo(
                f"{one.index}: mended {one.missing:,} missing, {one.extra:,} too many and {one.differing:,} that differed"
            )
    return 0 if all(one.is_sound for one in found) else 1


@engine_command.command("forget")
@json_option
def forget(as_json: bool) -> int:
    """Delete your indices on the engine and its password here, and go back to the embedded index; nothing else is lost."""
    with build() as app:
        deleted = app.search_engine.forget()
    if as_json:
        print_json({"deleted": deleted, "engine": "embedded"})
    else:
        click.echo("\n".join(f"deleted {name}" for name in deleted) or "There was nothing to delete.")
        click.echo("the embedded index answers from now on")
    return 0


def _print_status(status: EngineStatus, *, as_json: bool) -> None:
    if as_json:
        print_json(status.record())
        return
    if status.engine == "embedded":
        click.echo("the embedded index answers")
        return
    click.echo(f"{status.server or status.engine} at {', '.join(status.urls)}, alias {status.alias}")
    for one in status.libraries:
        place = one.index or "not built yet"
        click.echo(f"  {one.library}: {place}; {one.there:,} of {one.photos:,} photos there, {one.behind:,} changes behind")
    if status.problem:
        click.echo(f"{status.problem} {status.remedy}".strip())
        click.echo("the embedded index answers meanwhile")
    elif status.pause is not None:
        click.echo(status.pause.sentence())
