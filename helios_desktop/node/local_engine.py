"""``helios engine up|down``: a folder with compose files, passwords and certificates -> a healthy engine on this computer.

In a checkout the folder is the checkout itself, so that ``docker compose`` works there by hand; an installed application keeps
a folder of its own with a copy of the files that ship with it.
"""

from __future__ import annotations

import shlex
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from helios_desktop.errors import IndexUnavailableError, SettingsError
from helios_desktop.node.certificates import make_certificates
from helios_desktop.node.docker import Compose
from helios_desktop.node.private_files import private_folder, write_private
from helios_desktop.node.secrets_file import complete_variables, opensearch_users

EngineName = Literal["opensearch", "elasticsearch"]

COMPOSE_NAME = "docker-compose.yml"
CLUSTER_NAME = "docker-compose.cluster.yml"
PROJECT = "helios"
CLUSTER_PROJECT = "helios-cluster"
EXAMPLE_NAME = ".env.example"
VARIABLES_NAME = ".env"
CERTIFICATES_NAME = "certs"
USERS_NAME = "internal_users.yml"
SHIPPED_NAMES = (COMPOSE_NAME, CLUSTER_NAME, EXAMPLE_NAME)
CLUSTER_NODES = ("opensearch-1", "opensearch-2", "opensearch-3")
NODES = ("opensearch", "elasticsearch", *CLUSTER_NODES)

MIN_MAP_COUNT = 262_144  # both engines' own minimum
MAP_COUNT_FILE = Path("/proc/sys/vm/max_map_count")
_PORT_VARIABLES = {"opensearch": "OPENSEARCH_PORT", "elasticsearch": "ES_PORT"}
_PASSWORD_VARIABLES = {"opensearch": "OPENSEARCH_PASSWORD", "elasticsearch": "ES_PASSWORD"}
_USERS = {"opensearch": "admin", "elasticsearch": "elastic"}
_DEFAULT_PORT = 9200


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningEngine:
    """Where the engine is and how to get in. ``variables_file`` holds the password, under ``password_variable``."""

    kind: EngineName
    url: str
    user: str
    ca_file: Path
    variables_file: Path
    password_variable: str

    @property
    def next_command(self) -> str:
        """The one command that lets Helios search there; the password goes from file to keyring, past the screen."""
        return (
            f"sed -n 's/^{self.password_variable}=//p' {shlex.quote(str(self.variables_file))} |"
            f" helios engine use {self.kind} --url {self.url} --user {self.user} --ca {shlex.quote(str(self.ca_file))}"
        )


class LocalEngine:
    """One folder and what runs from it. ``shipped``: where the compose files of the application lie."""

    def __init__(self, folder: Path, shipped: Path, *, docker: tuple[str, ...] = ("docker",)) -> None:
        self._folder = folder
        self._shipped = shipped
        self._docker = docker

    def prepare(self) -> dict[str, str]:
        """Make the folder's files: compose files, ``.env`` with passwords, certificates. Returns the variables."""
        private_folder(self._folder)
        if self._folder.resolve() != self._shipped.resolve():
            for name in SHIPPED_NAMES:
                write_private(self._folder / name, (self._shipped / name).read_bytes())
        variables = complete_variables(self._folder / VARIABLES_NAME, self._shipped / EXAMPLE_NAME)
        certificates = private_folder(self._folder / CERTIFICATES_NAME)
        make_certificates(certificates, NODES)
        if not (certificates / USERS_NAME).exists():
            write_private(certificates / USERS_NAME, opensearch_users(variables))
        return variables

    def up(self, kind: EngineName, *, is_cluster: bool = False, tell: Callable[[str], None] = lambda _: None) -> RunningEngine:
        """Start the engine and wait until it is healthy. Raises ``IndexUnavailableError`` and ``SettingsError``."""
        compose = self._compose((kind,), is_cluster=is_cluster)
        compose.check()
        refuse_low_map_count()
        variables = self.prepare()
        port = port_of(variables, kind)
        if not compose.is_running(CLUSTER_NODES[0] if is_cluster else kind):
            refuse_used_port(port, _PORT_VARIABLES[kind], self._folder / VARIABLES_NAME)
        tell(f"Starting {kind}; the first time, its images are downloaded (some gigabytes).")
        compose.up()
        return RunningEngine(
            kind=kind,
            url=f"https://127.0.0.1:{port}",
            user=_USERS[kind],
            ca_file=self._folder / CERTIFICATES_NAME / "ca.pem",
            variables_file=self._folder / VARIABLES_NAME,
            password_variable=_PASSWORD_VARIABLES[kind],
        )

    def down(self, *, with_data: bool = False) -> bool:
        """Stop whatever runs from the folder; False where nothing was ever started. Raises ``IndexUnavailableError``."""
        if not (self._folder / CERTIFICATES_NAME / USERS_NAME).exists():
            return False
        single = self._compose(("opensearch", "elasticsearch"), is_cluster=False)
        single.check()
        single.down(with_data=with_data)
        self._compose(("opensearch",), is_cluster=True).down(with_data=with_data)
        return True

    def _compose(self, profiles: tuple[str, ...], *, is_cluster: bool) -> Compose:
        if is_cluster:
            return Compose(file=self._folder / CLUSTER_NAME, project=CLUSTER_PROJECT, profiles=(), command=self._docker)
        return Compose(file=self._folder / COMPOSE_NAME, project=PROJECT, profiles=profiles, command=self._docker)


def port_of(variables: Mapping[str, str], kind: EngineName) -> int:
    """Return the port that the variables give an engine. Raises ``SettingsError``."""
    name = _PORT_VARIABLES[kind]
    text = variables.get(name) or str(_DEFAULT_PORT)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise SettingsError(f"{name} is {text[:40]!r}, which is no port.", "Choose one from 1024 to 65535.")
    return int(text)


def refuse_used_port(port: int, variable: str, file: Path) -> None:
    """Raise ``IndexUnavailableError`` where another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise IndexUnavailableError(
                f"Port {port} is used by another program ({error.strerror}).", f"Choose another one: {variable} in {file}"
            ) from error


def refuse_low_map_count(file: Path = MAP_COUNT_FILE) -> None:
    """Raise ``IndexUnavailableError`` where Linux lets a process map too few areas for a large index."""
    try:
        count = int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):  # not Linux: Docker Desktop sets it inside its own machine
        return
    if count < MIN_MAP_COUNT:
        raise IndexUnavailableError(
            f"vm.max_map_count is {count:,}; search engines need {MIN_MAP_COUNT:,}.",
            f"Run: sudo sysctl -w vm.max_map_count={MIN_MAP_COUNT} (and put it into /etc/sysctl.d to keep it).",
        )


def has_compose_files(folder: Path) -> bool:
    """Whether the compose files lie in a folder."""
    return all((folder / name).is_file() for name in SHIPPED_NAMES)


def shipped_files(candidates: Iterable[Path]) -> Path:
    """Return the first folder that holds the compose files. Raises ``SettingsError``."""
    for folder in candidates:
        if has_compose_files(folder):
            return folder
    raise SettingsError("The compose files are missing from this installation of Helios.", "Install it again.")
