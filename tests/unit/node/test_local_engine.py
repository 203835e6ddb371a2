"""``engine up`` and ``down`` with a Docker that writes down how it was called."""

import json
import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from helios_desktop.errors import IndexUnavailableError, SettingsError
from helios_desktop.node.local_engine import LocalEngine, port_of, refuse_low_map_count, refuse_used_port, shipped_files

CHECKOUT = Path(__file__).resolve().parents[3]

DOCKER = """
import json, os, sys
folder = os.path.dirname(os.path.abspath(__file__))
answers = json.load(open(os.path.join(folder, "answers.json")))
arguments = sys.argv[1:]
with open(os.path.join(folder, "calls"), "a") as calls:
    calls.write(json.dumps(arguments) + "\\n")
for words, (code, out, err) in answers:
    if all(word in arguments for word in words):
        sys.stdout.write(out); sys.stderr.write(err); sys.exit(code)
"""


class FakeDocker:
    """A program in the place of ``docker``; ``answers``: words that must be among the arguments -> what it does."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        (folder / "docker.py").write_text(DOCKER, encoding="utf-8")
        self.command = (sys.executable, str(folder / "docker.py"))
        self.answer(["compose", "version"], out="2.29.1")

    def answer(self, words, code=0, out="", err=""):
        path = self.folder / "answers.json"
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        path.write_text(json.dumps([[words, [code, out, err]], *known]), encoding="utf-8")

    @property
    def calls(self):
        path = self.folder / "calls"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


@pytest.fixture
def docker(tmp_path):
    return FakeDocker(tmp_path / "docker")


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def folder(tmp_path, free_port):
    folder = tmp_path / "my engine"
    folder.mkdir()
    (folder / ".env").write_text(f"OPENSEARCH_PORT={free_port}\nES_PORT={free_port}\n", encoding="utf-8")
    return folder


@pytest.fixture
def engine(folder, docker, monkeypatch):
    monkeypatch.setattr("helios_desktop.node.local_engine.refuse_low_map_count", lambda: None)
    return LocalEngine(folder, CHECKOUT, docker=docker.command)


def test_up_prepares_starts_waits_and_says_what_is_next(engine, docker, folder, free_port):
    told = []
    running = engine.up("opensearch", tell=told.append)
    up = docker.calls[-1]
    file = str(folder / "docker-compose.yml")
    assert up[:7] == ["compose", "--project-name", "helios", "--file", file, "--profile", "opensearch"]
    assert {"up", "--detach", "--wait"} <= set(up)
    assert running.url == f"https://127.0.0.1:{free_port}"
    assert running.ca_file.is_file()
    assert told
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {".env", "docker-compose.yml", "certs/ca.pem", "certs/opensearch.key", "certs/internal_users.yml"} <= names


@pytest.mark.skipif(os.name == "nt", reason="the next command is for a POSIX shell")
def test_the_next_command_hands_the_password_over_unseen(engine, folder):
    running = engine.up("opensearch")
    password = next(
        line.partition("=")[2]
        for line in (folder / ".env").read_text(encoding="utf-8").splitlines()
        if line.startswith("OPENSEARCH_PASSWORD=")
    )
    assert password not in running.next_command
    shown = running.next_command.replace("| helios", "| printf '%s|%s|%s' \"$(cat)\"")
    done = subprocess.run(["sh", "-c", shown], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{password}|engine|use")
    assert running.url in running.next_command
    assert str(running.ca_file) in shlex.split(running.next_command)


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_everything_private_is_for_this_user_alone(engine, folder):
    engine.up("elasticsearch")
    for path in (folder / ".env", *(folder / "certs").glob("*.key"), folder / "certs" / "internal_users.yml"):
        assert path.stat().st_mode & 0o777 == 0o600, path


def test_doing_it_twice_changes_no_secret(engine, docker, folder):
    engine.up("opensearch")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    docker.answer(["ps", "opensearch"], out="0123456789ab\n")
    engine.up("opensearch")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_cluster_has_a_file_of_its_own(engine, docker, folder):
    engine.up("opensearch", is_cluster=True)
    file = str(folder / "docker-compose.cluster.yml")
    assert docker.calls[-1][:5] == ["compose", "--project-name", "helios-cluster", "--file", file]
    assert "--profile" not in docker.calls[-1]


@pytest.mark.parametrize(
    ("words", "answer", "says"),
    [
        (["version", "--format"], {"code": 1, "err": "Cannot connect to the Docker daemon"}, "Cannot connect"),
        (["compose", "version"], {"code": 1, "err": "unknown command"}, "Compose is not installed"),
        (["compose", "version"], {"out": "1.29.2"}, "too old"),
        (["up"], {"code": 17}, "exit code 17"),
    ],
)
def test_each_way_that_docker_fails_is_a_sentence(engine, docker, words, answer, says):
    docker.answer(words, **answer)
    with pytest.raises(IndexUnavailableError, match=says) as caught:
        engine.up("opensearch")
    assert caught.value.remedy


def test_without_docker_it_says_where_to_get_it(folder):
    with pytest.raises(IndexUnavailableError, match="cannot be called") as caught:
        LocalEngine(folder, CHECKOUT, docker=("no-such-program",)).up("opensearch")
    assert "docs.docker.com" in caught.value.remedy


def test_a_port_that_is_taken_is_named_with_its_variable(engine, docker, free_port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port))
        taken.listen()
        with pytest.raises(IndexUnavailableError, match=f"Port {free_port}") as caught:
            engine.up("opensearch")
        assert "OPENSEARCH_PORT" in caught.value.remedy
        docker.answer(["ps", "opensearch"], out="0123456789ab\n")  # it is ours that listens there
        engine.up("opensearch")


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "9200.5"])
def test_a_port_that_is_none_is_a_sentence(text):
    with pytest.raises(SettingsError, match="no port"):
        port_of({"ES_PORT": text}, "elasticsearch")


def test_a_free_port_passes(free_port):
    refuse_used_port(free_port, "ES_PORT", Path(".env"))


def test_too_few_memory_areas_are_a_sentence_with_the_command(tmp_path):
    file = tmp_path / "max_map_count"
    file.write_text("65530\n", encoding="ascii")
    with pytest.raises(IndexUnavailableError, match="65,530") as caught:
        refuse_low_map_count(file)
    assert "sudo sysctl -w vm.max_map_count=262144" in caught.value.remedy
    file.write_text("262144\n", encoding="ascii")
    refuse_low_map_count(file)
    refuse_low_map_count(tmp_path / "missing")


def test_down_stops_both_files_and_keeps_the_data_unless_told(engine, docker):
    assert engine.down() is False
    assert docker.calls == []
    engine.up("opensearch")
    assert engine.down() is True
    downs = [call for call in docker.calls if "down" in call]
    assert [Path(call[4]).name for call in downs] == ["docker-compose.yml", "docker-compose.cluster.yml"]
    assert all("--volumes" not in call for call in downs)
    engine.down(with_data=True)
    assert "--volumes" in docker.calls[-1]


def test_in_the_checkout_the_shipped_files_are_not_copied_over_themselves(tmp_path, docker):
    shipped = tmp_path / "checkout"
    shipped.mkdir()
    for name in ("docker-compose.yml", "docker-compose.cluster.yml", ".env.example"):
        (shipped / name).write_bytes((CHECKOUT / name).read_bytes())
    before = {path.name: path.stat().st_mtime_ns for path in shipped.iterdir()}
    LocalEngine(shipped, shipped, docker=docker.command).prepare()
    assert {name: (shipped / name).stat().st_mtime_ns for name in before} == before


def test_the_compose_files_are_found_or_missed(tmp_path):
    assert shipped_files((tmp_path, CHECKOUT)) == CHECKOUT
    with pytest.raises(SettingsError, match="missing"):
        shipped_files((tmp_path,))
