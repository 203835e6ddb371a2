"""The commands of es-clip-image-search under their names: an engine is filled without a catalogue.

    python -m helios_desktop.cli.streaming create-opensearch-index
    python -m helios_desktop.cli.streaming index-unsplash-opensearch --start 0 --end 10000 photo_ids.csv features.npy

Names may be written with hyphens or underscores, options too. ``OPENSEARCH_URL``, ``ES_URL`` and ``INDEX_NAME`` are read. The
password stands in the address or, better, in ``HELIOS_ENGINE_PASSWORD`` (or ``OPENSEARCH_PASSWORD``, ``ES_PASSWORD``).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from helios_desktop.cli.main import run
from helios_desktop.cli.output import note
from helios_desktop.cli.progress import ProgressPrinter

if TYPE_CHECKING:
    from helios_desktop.index.engine_base import Engine
    from helios_desktop.index.engine_connection import EngineKind

DEFAULT_URL = "http://127.0.0.1:9200"
file_type = click.Path(path_type=Path)
Options = dict[str, Any]


def _with_engine(kind: EngineKind) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Add the options that say which engine and index."""
    url = ("--opensearch_url", "--opensearch-url") if kind == "opensearch" else ("--es_url", "--es-url")
    variable = "OPENSEARCH_URL" if kind == "opensearch" else "ES_URL"
    options = [
        click.option(*url, "url", envvar=variable, default=DEFAULT_URL, show_default=True, help=f"Its address ({variable})."),
        click.option("--index_name", "--index-name", "index", envvar="INDEX_NAME", default="images", show_default=True),
        click.option("--ca", "ca_file", type=file_type, envvar="HELIOS_ENGINE_CA", help="The engine's CA file, for https."),
        click.option("--fingerprint", default="", help="SHA-256 of the engine's certificate, for https."),
    ]

    def add(command: Callable[..., int]) -> Callable[..., int]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def _create_command(name: str, kind: EngineKind) -> click.Command:
    @click.command(name, help="Make the index; one that is there already stays as it is.")
    @_with_engine(kind)
    def create(**options: Any) -> int:
        from helios_desktop.pipeline.streaming import StreamedIndex

        with _connected(kind, options) as engine:
            is_new = StreamedIndex(engine, options["index"]).create()
        click.echo(f"Index '{options['index']}' created." if is_new else f"Index '{options['index']}' exists already.")
        return 0

    return create


def _load_command(name: str, kind: EngineKind) -> click.Command:
    @click.command(name, help="Load PHOTO_IDS.csv and FEATURES.npy into the index, which is made where it is not there.")
    @click.argument("photo_ids", type=file_type)
    @click.argument("features", type=file_type)
    @click.option("--start", type=int, default=None, help="First row, counted from 0.")
    @click.option("--end", type=int, default=None, help="The row to stop before, as in a Python slice.")
    @_with_engine(kind)
    def load(photo_ids: Path, features: Path, start: int | None, end: int | None, **options: Any) -> int:
        from helios_desktop.pipeline.jobs import CancelToken
        from helios_desktop.pipeline.progress import ProgressBoard
        from helios_desktop.pipeline.streaming import StreamedIndex, load_files, refuse_losses

        board = ProgressBoard()
        with ProgressPrinter(as_json=False) as printer:
            board.subscribe(printer.show)
            files = load_files(photo_ids, features, board)
            with _connected(kind, options) as engine:
                index = StreamedIndex(engine, options["index"])
                summary = index.load(files, start=start, end=end, board=board, token=CancelToken())
        click.echo(f"{summary.sent:,} documents indexed into '{summary.index}'.")
        if summary.zero:
            note(f"{len(summary.zero):,} left out, since their vectors are zero: {', '.join(summary.zero[:20])}")
        refuse_losses(summary)
        return 0

    return load


class _connected:  # noqa: N801 - reads as a verb at its uses
    """The engine that the options name, closed at the end."""

    def __init__(self, kind: EngineKind, options: Options) -> None:
        self._kind = kind
        self._options = options

    def __enter__(self) -> Engine:
        from helios_desktop.index.engines import connect
        from helios_desktop.pipeline.streaming import named_connection

        connection = named_connection(
            self._kind, self._options["url"], ca_file=self._options["ca_file"], fingerprint=self._options["fingerprint"]
        )
        if connection is None:
            raise click.UsageError("Name the address of the engine.")
        self._engine, _ = connect(connection, self._kind)
        return self._engine

    def __exit__(self, *_: object) -> None:
        self._engine.close()


COMMANDS = {
    "create-opensearch-index": _create_command("create-opensearch-index", "opensearch"),
    "create-elasticsearch-index": _create_command("create-elasticsearch-index", "elasticsearch"),
    "index-unsplash-opensearch": _load_command("index-unsplash-opensearch", "opensearch"),
    "index-unsplash-elasticsearch": _load_command("index-unsplash-elasticsearch", "elasticsearch"),
    "index-precomputed": _load_command("index-precomputed", "elasticsearch"),
}


def main(arguments: list[str]) -> int:
    """Run one of the commands; its name comes first. Returns the exit code."""
    name = arguments[0].replace("_", "-") if arguments else ""
    command = COMMANDS.get(name)
    if command is None:
        note(f"Choose one of: {', '.join(COMMANDS)}")
        return 2
    return run(arguments[1:], command, name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
