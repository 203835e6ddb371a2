"""Docker, as much as is needed of it: is it here, does it answer, and ``docker compose`` with our files. Never a shell."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from helios_desktop.errors import IndexUnavailableError

ASK_SECONDS = 30
START_SECONDS = 900  # the first start downloads two images of a gigabyte
MAX_ERROR_CHARACTERS = 2000

_INSTALL = "Install Docker Engine or Docker Desktop (https://docs.docker.com/engine/install/), then try again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Compose:
    """``docker compose`` with one file, in its folder, for some profiles. ``command``: how Docker is called."""

    file: Path
    project: str
    profiles: tuple[str, ...]
    command: tuple[str, ...] = ("docker",)

    def check(self) -> None:
        """Raise ``IndexUnavailableError`` unless Docker is installed, runs, and has compose 2."""
        self._ask(
            (*self.command, "version", "--format", "{{.Server.Version}}"),
            "Docker does not answer.",
            "Start Docker (sudo systemctl start docker, or open Docker Desktop), and see that you may use it"
            " (https://docs.docker.com/engine/install/linux-postinstall/).",
        )
        told = self._ask((*self.command, "compose", "version", "--short"), "Docker Compose is not installed.", _INSTALL)
        if told.strip().removeprefix("v").partition(".")[0] in {"", "0", "1"}:
            raise IndexUnavailableError(f"Docker Compose {told.strip()} is too old: version 2 is needed.", _INSTALL)

    def is_running(self, service: str) -> bool:
        """Whether a service of ours runs."""
        return bool(self._ask(self._compose("ps", "--quiet", "--status", "running", service), "Docker Compose failed.").strip())

    def up(self) -> None:
        """Start the services and wait until all are healthy; output goes to the terminal. Raises ``IndexUnavailableError``."""
        self._run("up", "--detach", "--wait", "--wait-timeout", str(START_SECONDS), "--remove-orphans")

    def down(self, *, with_data: bool) -> None:
        """Stop the services; ``with_data`` deletes what they stored too. Raises ``IndexUnavailableError``."""
        self._run("down", *(["--volumes"] if with_data else []))

    def _compose(self, *arguments: str) -> tuple[str, ...]:
        profiles = [part for profile in self.profiles for part in ("--profile", profile)]
        return (*self.command, "compose", "--project-name", self.project, "--file", str(self.file), *profiles, *arguments)

    def _run(self, *arguments: str) -> None:
        try:
            done = subprocess.run(self._compose(*arguments), stdin=subprocess.DEVNULL, check=False)
        except OSError as error:
            raise _missing(error) from error
        if done.returncode:
            logs = " ".join(self._compose("logs", "--tail", "50"))
            raise IndexUnavailableError(
                f"Docker Compose failed (exit code {done.returncode}); its own words are above.", f"Look at the logs: {logs}"
            )

    def _ask(self, command: Sequence[str], message: str, remedy: str = "Look at what Docker says.") -> str:
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ASK_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise IndexUnavailableError(f"Docker did not answer within {ASK_SECONDS} seconds.", remedy) from error
        except OSError as error:
            raise _missing(error) from error
        if done.returncode:
            detail = done.stderr.strip()[:MAX_ERROR_CHARACTERS]
            raise IndexUnavailableError(f"{message} It says: {detail}" if detail else message, remedy)
        return done.stdout


def _missing(error: OSError) -> IndexUnavailableError:
    return IndexUnavailableError(f"Docker cannot be called ({error.strerror}).", _INSTALL)
