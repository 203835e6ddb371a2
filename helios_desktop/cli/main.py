"""The command table of ``helios``. A command's module is imported when the command is called, so that the start stays quick.

Exit codes: 0 found or done, 1 nothing found, 2 wrong usage, 3 a known error, 130 interrupted.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys

import click

from helios_desktop import __version__
from helios_desktop.cli.interrupts import EXIT_INTERRUPTED, SENTENCE
from helios_desktop.cli.output import note, print_error, print_json
from helios_desktop.errors import DiskFullError, KnownError

EXIT_KNOWN_ERROR = 3
EXIT_BROKEN_PIPE = 141
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

COMMANDS = {
    "add": ("folders", "Register folders; they are indexed by the next index, watch or window."),
    "remove": ("folders", "Forget a folder: its photos leave the catalogue, the files stay."),
    "index": ("folders", "Index what is new or changed, and wait until it is done."),
    "watch": ("folders", "Follow the folders and index what changes, until interrupted."),
    "list": ("browse", "List every file that a scan met, newest first."),
    "problems": ("browse", "List the photos that could not be read, and what to do."),
    "search": ("search", "Find photos by words, by pictures, or both."),
    "similar": ("search", "Find photos that look like a picture."),
    "unsplash": ("unsplash", "Import, remove or show the photos of an Unsplash data set."),
    "export": ("portable", "Write a library's vectors to a folder that other programs can read."),
    "import": ("portable", "Take in a folder that export wrote."),
    "status": ("status", "Show what is indexed and by which model."),
    "doctor": ("status", "Check that everything Helios needs is here and works."),
    "catalog": ("catalog", "Check, back up, restore or rebuild the catalogue."),
    "models": ("models", "List, choose and verify models."),
    "engine": ("engine", "Search by OpenSearch or Elasticsearch, or by the embedded index."),
    "serve": ("gui", "Search from a browser, and with --lan from a phone."),
    "gui": ("gui", "Open the window."),
}
"""Command -> (module under ``commands/``, one line of help)."""


class ReaderGoneError(Exception):
    """Whoever read standard output (head, less) is gone. Not an ``OSError``: click would make "nothing found" (1) of that."""


class CommandTable(click.Group):
    """A group that knows its commands by name and imports one only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command and return the command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"helios_desktop.cli.commands.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. Raises ``ReaderGoneError``."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGoneError from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table from its own texts, without importing any command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=CommandTable, context_settings={"help_option_names": ["--help"]})
@click.version_option(__version__, prog_name="helios")
@click.option(
    "--check", is_flag=True, expose_value=False, help="Use every part of this installation once (also --check --json)."
)
def helios() -> None:
    """Search your own photos with words, on your own computer, with nothing sent anywhere."""


def run(arguments: list[str], command: click.Command = helios, name: str = "helios") -> int:
    """Run one command line and return its exit code. The only place where errors become exit codes."""
    if sorted(arguments) == ["--json", "--version"]:
        print_json({"version": __version__})
        return 0
    try:
        result = command.main(args=arguments, prog_name=name, standalone_mode=False)
        return int(result or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 2
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.exceptions.Abort):
        note(SENTENCE)
        return EXIT_INTERRUPTED
    except KnownError as error:
        print_error(error)
        return EXIT_KNOWN_ERROR
    except ReaderGoneError:
        _forget_output()
        return EXIT_BROKEN_PIPE
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        _forget_output()
        print_error(DiskFullError("There is no room left on the device.", "Make room, then start again; nothing is lost."))
        return EXIT_KNOWN_ERROR


def _forget_output() -> None:
    """Say nothing more, and keep Python from trying to flush at exit what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
