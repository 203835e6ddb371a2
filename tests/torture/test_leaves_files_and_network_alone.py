"""Indexing and searching, seen through Python's audit events in every process of it: no photo is touched (P1), nobody is
connected to (P12), and all of it works where there is no network at all."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

# Every Python imports this by itself, workers too. Events go to one file, a line each, appended by one write.
LISTENER = """
import os, sys
_log = os.open(os.environ["AUDIT_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
_root = os.environ["AUDIT_ROOT"]
_changing = {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.utime", "os.truncate", "os.link",
             "os.symlink", "os.setxattr", "os.removexattr"}
_writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

def _is_inside(path):
    try:
        return os.fsdecode(path).startswith(_root)
    except TypeError:
        return False

def _hear(event, args):
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"}:
        where = args[-1] if event.startswith("socket.get") else args[1]
        if not isinstance(where, (str, bytes)) or event.startswith("socket.get"):
            os.write(_log, f"network {event} {where!r}\\n".encode())
    elif event == "open":
        path, _, flags = args
        if _is_inside(path):
            os.write(_log, (f"read {os.getpid()}\\n" if not flags & _writing else f"write open {path!r}\\n").encode())
    elif event in _changing and any(_is_inside(arg) for arg in args if isinstance(arg, (str, bytes))):
        os.write(_log, f"write {event} {args!r}\\n".encode())

sys.addaudithook(_hear)
"""


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for source in sorted((CHECKOUT / "resources" / "samples").glob("*.jpg"))[:6]:
        shutil.copy2(source, folder / source.name)
    (folder / "broken.jpg").write_bytes((folder / source.name).read_bytes()[:3000])
    return folder


@pytest.fixture
def heard(tmp_path, photos):
    """The environment that has everything written down, and the file it is written to."""
    (tmp_path / "listener").mkdir()
    (tmp_path / "listener" / "sitecustomize.py").write_text(LISTENER, encoding="utf-8")
    log = tmp_path / "heard.txt"
    environment = {
        **os.environ,
        "HELIOS_HOME": str(tmp_path / "home"),
        "PYTHONPATH": os.pathsep.join([str(tmp_path / "listener"), str(CHECKOUT)]),
        "AUDIT_LOG": str(log),
        "AUDIT_ROOT": str(photos),
    }
    return environment, log


COMMANDS = (
    ("search", "a cat", "--in", "PHOTOS", "--json"),
    ("similar", "FIRST", "--json"),
    ("list", "--json"),
    ("problems", "--json"),
    ("status", "--json"),
    ("models", "list", "--json"),
    ("catalog", "backup", "--json"),
    ("catalog", "check", "--json"),
    ("doctor", "--json"),
)


def run_all(photos, environment, *before):
    first = sorted(photos.glob("I*.jpg"))[0]
    printed = {}
    for command in COMMANDS:
        words = [{"PHOTOS": str(photos), "FIRST": str(first)}.get(word, word) for word in command]
        done = subprocess.run(
            [*before, sys.executable, "-P", "-m", "helios_desktop", *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=250,
        )
        if before and "unshare" in done.stderr:
            pytest.skip("no right to a network namespace")
        assert done.returncode == 0, (command, done.stderr)
        printed[command[0]] = [json.loads(line) for line in done.stdout.splitlines()]
    return printed


def state_of(folder):
    return {
        path.name: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode, path.stat().st_ctime_ns)
        for path in folder.iterdir()
    }


def test_no_photo_is_touched_and_nobody_is_connected_to(photos, heard):
    environment, log = heard
    before = state_of(photos)
    run_all(photos, environment)
    lines = log.read_text().splitlines()
    assert [line for line in lines if not line.startswith("read ")] == []
    assert len({line for line in lines if line.startswith("read ")}) >= 2  # a worker or more, and whoever asked for one like it
    assert state_of(photos) == before


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("unshare"), reason="network namespaces")
def test_everything_works_without_a_network(photos, tmp_path):
    environment = {**os.environ, "HELIOS_HOME": str(tmp_path / "home"), "PYTHONPATH": str(CHECKOUT)}
    printed = run_all(photos, environment, "unshare", "-r", "-n")
    assert len(printed["search"]) == 6
    assert [row["reason"] for row in printed["problems"]] == ["damaged"]
    assert all(row["ok"] for row in printed["doctor"]), printed["doctor"]


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("unshare"), reason="mount namespaces")
def test_photos_on_a_disk_that_cannot_be_written_are_indexed(photos, tmp_path):
    script = f'mount --bind "{photos}" "{photos}" && mount -o remount,ro,bind "{photos}" && exec "$@"'
    environment = {**os.environ, "HELIOS_HOME": str(tmp_path / "home"), "PYTHONPATH": str(CHECKOUT)}
    command = [sys.executable, "-P", "-m", "helios_desktop", "index", str(photos), "--json"]
    done = subprocess.run(
        ["unshare", "-r", "-m", "sh", "-c", script, "sh", *command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip("no right to mount")
    summary = json.loads(done.stdout.splitlines()[-1])
    assert (summary["indexed"], summary["skipped"]) == (6, 1), done.stderr
