"""``.env``: the variables of the compose files, with passwords that are made once. For this user alone, never committed.

What the user wrote stays as it is, comments too; only what is missing or empty is added.
"""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Mapping
from pathlib import Path

import bcrypt

from helios_desktop.errors import SettingsError
from helios_desktop.node.private_files import write_private

PASSWORDS = ("OPENSEARCH_PASSWORD", "OPENSEARCH_DASHBOARDS_PASSWORD", "ES_PASSWORD", "KIBANA_PASSWORD", "KIBANA_ENCRYPTION_KEY")
PASSWORD_CHARACTERS = 40
BCRYPT_ROUNDS = 12
MAX_BCRYPT_BYTES = 72

_ALPHABET = string.ascii_letters + string.digits  # needs no quoting in a URL, in a shell and in a compose file
_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*")


def read_variables(path: Path) -> dict[str, str]:
    """Return the variables of a file; none where it is missing. Raises ``SettingsError``."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read ({error}).", "Move it away; a new one is made.") from error
    found = (_LINE.fullmatch(line) for line in text.splitlines())
    return {match[1]: match[2].strip("'\"") for match in found if match}


def complete_variables(path: Path, example: Path) -> dict[str, str]:
    """Make the file from the example where it is missing, add passwords where there are none, and return all variables."""
    present = read_variables(path)
    text = path.read_text(encoding="utf-8") if path.exists() else example.read_text(encoding="utf-8")
    if not path.exists():
        present = read_variables(example)
    missing = [name for name in PASSWORDS if not present.get(name)]
    if missing or not path.exists():
        made = {name: new_password() for name in missing}
        kept = [line for line in text.splitlines() if not _is_one_of(line, missing)]
        lines = [*kept, *(f"{name}={value}" for name, value in made.items())]
        write_private(path, ("\n".join(lines) + "\n").encode())
        present |= made
    path.chmod(0o600)
    return present


def new_password() -> str:
    """Return a password that nobody can guess: 40 letters and digits, 238 bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(PASSWORD_CHARACTERS))


def opensearch_users(variables: Mapping[str, str]) -> bytes:
    """Return ``internal_users.yml`` for OpenSearch: its security plugin knows passwords by bcrypt. Raises ``SettingsError``."""
    users = {"admin": "OPENSEARCH_PASSWORD", "kibanaserver": "OPENSEARCH_DASHBOARDS_PASSWORD"}
    lines = ["---", "_meta:", '  type: "internalusers"', "  config_version: 2"]
    for user, name in users.items():
        password = variables[name].encode()
        if len(password) > MAX_BCRYPT_BYTES:
            raise SettingsError(f"{name} is longer than {MAX_BCRYPT_BYTES} bytes.", "Choose a shorter password.")
        digest = bcrypt.hashpw(password, bcrypt.gensalt(BCRYPT_ROUNDS, prefix=b"2b")).decode()
        lines += [f"{user}:", f'  hash: "{digest}"', "  reserved: true"]
        lines += ["  backend_roles:", '    - "admin"'] if user == "admin" else []
    return ("\n".join(lines) + "\n").encode()


def _is_one_of(line: str, names: list[str]) -> bool:
    match = _LINE.fullmatch(line)
    return match is not None and match[1] in names
