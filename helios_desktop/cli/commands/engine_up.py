"""``engine up|down``: a search engine in Docker on this computer, with passwords and certificates of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from helios_desktop.cli.output import note, print_json

if TYPE_CHECKING:
    from helios_desktop.node.local_engine import LocalEngine

json_option = click.option("--json", "as_json", is_flag=True, help="One compact JSON object a line.")
folder_option = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="HELIOS_ENGINE_FOLDER",
    help="Where the compose files, passwords and certificates are kept, instead of in Helios' own folder.",
)


@click.command("up")
@click.argument("engine", type=click.Choice(["opensearch", "elasticsearch"]))
@click.option("--cluster", is_flag=True, help="Three nodes of OpenSearch instead of one.")
@folder_option
@json_option
def up_command(engine: str, cluster: bool, folder: Path | None, as_json: bool) -> int:
    """Start OpenSearch or Elasticsearch with Docker, wait until it is healthy, and say what to do next."""
    if cluster and engine != "opensearch":
        raise click.UsageError("--cluster is for opensearch.")
    local = _local(folder)
    running = local.up("opensearch" if engine == "opensearch" else "elasticsearch", is_cluster=cluster, tell=note)
    if as_json:
        print_json(
            {
                "engine": running.kind,
                "url": running.url,
                "user": running.user,
                "ca": str(running.ca_file),
                "password_file": str(running.variables_file),
                "password_variable": running.password_variable,
                "next": running.next_command,
            }
        )
    else:
        click.echo(f"{running.kind} is healthy at {running.url}. Its password is in {running.variables_file}. Next:")
        click.echo(f"  {running.next_command}")
    return 0


@click.command("down")
@click.option("--delete-data", is_flag=True, help="Delete what the engine stored too; Helios can send it again.")
@folder_option
@json_option
def down_command(delete_data: bool, folder: Path | None, as_json: bool) -> int:
    """Stop what `engine up` started; exit code 1 where nothing was."""
    is_stopped = _local(folder).down(with_data=delete_data)
    if as_json:
        print_json({"stopped": is_stopped, "data_deleted": is_stopped and delete_data})
    else:
        note("Stopped." if is_stopped else "Nothing was started from here.")
    return 0 if is_stopped else 1


def _local(folder: Path | None) -> LocalEngine:
    from helios_desktop.node.local_engine import LocalEngine, shipped_files
    from helios_desktop.paths import AppPaths, resources_dir

    resources = resources_dir()
    shipped = shipped_files((resources / "docker", resources.parent))
    return LocalEngine(folder or AppPaths.from_environment().data / "engine", shipped)
