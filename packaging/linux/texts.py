"""The command line in, its man pages and shell completions out. Usage: ``texts.py FOLDER`` (a root to lay them below).

They come from the commands themselves (click), so that they never say what the program does not do.
"""

from __future__ import annotations

import datetime
import gzip
import os
import re
import sys
from pathlib import Path

import click
from bundle_version import version
from click.shell_completion import get_completion_class

from helios_desktop.cli.main import CommandTable, helios
from helios_desktop.web.command import serve_command

SHELLS = {
    "bash": "usr/share/bash-completion/completions/helios",
    "zsh": "usr/share/zsh/vendor-completions/_helios",
    "fish": "usr/share/fish/vendor_completions.d/helios.fish",
}
WINDOW_OPTIONS = (
    ("FOLDER...", "Follow these folders as well."),
    ("--quick", "Show only the quick search: a box for a key of the desktop to open."),
    ("--samples", "On the very first start, follow the sample photos."),
    ("--check", "Use every part of the installation once and say what works; see helios(1)."),
)
CODES = (
    ("0", "found or done"),
    ("1", "nothing found"),
    ("2", "wrong usage"),
    ("3", "an error, with its remedy on standard error"),
    ("130", "interrupted; nothing is lost"),
)


def main(root: Path) -> None:
    """Write two man pages and three completions."""
    _write(root / "usr/share/man/man1/helios.1.gz", _zipped(helios_page()))
    _write(root / "usr/share/man/man1/helios-desktop.1.gz", _zipped(window_page()))
    for shell, place in SHELLS.items():
        kind = get_completion_class(shell)
        if kind is None:
            raise SystemExit(f"click knows no {shell}.")
        _write(root / place, kind(helios, {}, "helios", "_HELIOS_COMPLETE").source().encode())


def helios_page() -> str:
    """``helios(1)``: the commands with their options."""
    lines = [_head("HELIOS"), ".SH NAME", "helios \\- search your own photos with words", ".SH SYNOPSIS"]
    lines += [".B helios", "\\fICOMMAND\\fR [\\fIARGUMENT\\fR]...", ".br", ".B helios \\-\\-check", "[\\-\\-json]"]
    lines += [".SH DESCRIPTION", _text(helios.help or ""), _text(f"Without a network, and without changing a photo. {_HOME}")]
    lines += [".SH COMMANDS"]
    with click.Context(helios, info_name="helios") as context:
        for name, command in _commands(helios, context):
            lines += [f".SS {_text(name)}", _text((command.help or command.short_help or "").split("\f")[0])]
            for parameter in command.params:
                record = parameter.get_help_record(click.Context(command))
                if record is not None:
                    lines += [".TP", f".B {_text(record[0])}", *filter(None, [_text(record[1])])]
    lines += [".SH EXIT STATUS"]
    for code, meaning in CODES:
        lines += [".TP", f".B {code}", _text(meaning)]
    lines += [".SH SEE ALSO", ".BR helios-desktop (1)"]
    return "\n".join(lines) + "\n"


def window_page() -> str:
    """``helios-desktop(1)``."""
    lines = [_head("HELIOS-DESKTOP"), ".SH NAME", "helios-desktop \\- the window of Helios, a photo search", ".SH SYNOPSIS"]
    lines += [".B helios-desktop", "[\\fIFOLDER\\fR]...", ".SH DESCRIPTION", _text("Opens the window; a second start brings")]
    lines += [_text(f"the first window to the front. {_HOME}"), ".SH OPTIONS"]
    for name, meaning in WINDOW_OPTIONS:
        lines += [".TP", f".B {_text(name)}", _text(meaning)]
    return "\n".join([*lines, ".SH SEE ALSO", ".BR helios (1)"]) + "\n"


_HOME = "HELIOS_HOME names a folder for everything that Helios keeps; without it, the usual places are used."


def _commands(group: click.Group, context: click.Context, before: str = "") -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    for name in group.list_commands(context):
        command = serve_command if name == "serve" and not before else group.get_command(context, name)
        if command is None:
            continue
        found.append((f"{before}{name}", command))
        if isinstance(command, click.Group) and not isinstance(command, CommandTable):
            found += _commands(command, context, f"{before}{name} ")
    return found


def _head(title: str) -> str:
    moment = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), datetime.UTC)
    return f'.TH {title} 1 "{moment:%B %Y}" "Helios {version()}" "User Commands"'


def _text(text: str) -> str:
    """Prose as roff: backslashes, dashes and leading dots are characters like others."""
    text = re.sub(r"\s+", " ", text.replace("\b", "")).strip().replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def _zipped(text: str) -> bytes:
    return gzip.compress(text.encode(), 9, mtime=0)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
