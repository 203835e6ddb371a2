"""The window is closed in every state it may be in, by a signal, its button and its key: code 0, soon, and nobody complains."""

import importlib.util
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from clip_layout import write_export

HERE = Path(__file__).parent
CLOSES = 50
PROMISED_SECONDS = 3.0
PATIENCE_SECONDS = 60
SEED = 20_240_611
STATES = (
    "starting",
    "idle",
    "indexing",
    "searching",
    "typing",
    "downloading",
    "settings",
    "importing",
    "helping",
    "viewing",
    "looking",
    "unsplash",
    "quick",
    "scrolling",
)
WAYS = ("signal", "close", "quit")
COMPLAINTS = (" helios_desktop.qt: ", " CRITICAL ", " ERROR ")
LEFT_BEHIND = "Work was still running after the window closed"

_spec = importlib.util.spec_from_file_location("hub_server_for_closes", HERE.parent / "unit" / "embed" / "hub_server.py")
hub_server = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hub_server)


@dataclass(frozen=True)
class Closed:
    """How one close went."""

    state: str
    way: str
    code: int
    seconds: float
    complaints: tuple[str, ...]
    is_left_behind: bool


@pytest.fixture(scope="module")
def library(tmp_path_factory, samples_folder):
    """A home whose photos are indexed, to be copied; and the folder of its photos."""
    home = tmp_path_factory.mktemp("closes") / "home"
    environment = {**os.environ, "HELIOS_HOME": str(home), "NO_COLOR": "1"}
    command = [sys.executable, "-P", "-m", "helios_desktop", "index", str(samples_folder)]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=PATIENCE_SECONDS * 3)
    return home


@pytest.fixture(scope="module")
def samples_folder():
    return HERE.parents[1] / "resources" / "samples"


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A hub that sends some pieces of its largest file and then lets one wait, as a slow network does."""
    files = hub_server.files_of(write_export(tmp_path_factory.mktemp("export") / "export"))
    server = hub_server.HubServer({**files, "visual/model.onnx_data": bytes(range(256)) * 20_000})
    yield server
    server.close()


@pytest.fixture
def close(tmp_path, library, hub, samples_folder):
    """Open the window, bring it into a state, close it, and say how that went."""
    count = iter(range(1000))

    def close(state, way):
        home = tmp_path / f"home-{next(count)}"
        if state != "indexing":
            shutil.copytree(library, home)
        hub.gate = threading.Semaphore(40)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
            "HELIOS_HOME": str(home),
            "QT_QPA_PLATFORM": "offscreen",
            "HF_ENDPOINT": hub.url,
            "HF_HOME": str(home / "hf"),
        }
        environment.pop("HF_HUB_OFFLINE", None)
        process = subprocess.Popen(
            [
                sys.executable,
                "-P",
                str(HERE / "closing_process.py"),
                state,
                way,
                *([str(samples_folder)] * (state == "indexing")),
            ],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        guard = threading.Timer(PATIENCE_SECONDS * 2, process.kill)
        guard.start()
        try:
            assert process.stdout.readline().strip() == "ready", process.communicate()[1]
            began = time.monotonic()
            if way == "signal":
                process.send_signal(signal.SIGTERM)
            process.wait()
            seconds = time.monotonic() - began
            _out, errors = process.communicate()
        finally:
            guard.cancel()
            hub.gate.release(10_000)
        complaints = [line for line in errors.splitlines() if LEFT_BEHIND not in line]
        lines = (home / "log" / "helios.log").read_text(encoding="utf-8").splitlines()
        complaints += [line for line in lines if any(mark in line for mark in COMPLAINTS)]
        shutil.rmtree(home, ignore_errors=True)
        return Closed(state, way, process.returncode, seconds, tuple(complaints), LEFT_BEHIND in errors)

    return close


@pytest.mark.parametrize(
    ("state", "way"),
    [
        ("starting", "signal"),
        ("indexing", "signal"),
        ("searching", "close"),
        ("downloading", "quit"),
        ("settings", "close"),
        ("looking", "signal"),
    ],
)
def test_a_close_in_the_middle_of_something_is_clean(close, state, way):
    closed = close(state, way)
    assert (closed.code, closed.complaints) == (0, ())


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_fifty_closes_in_random_states_are_clean_and_quick(close):
    dice = random.Random(SEED)  # the same fifty each time
    drawn = [*STATES, *dice.choices(STATES, k=CLOSES - len(STATES))]
    done = [close(state, dice.choice(WAYS)) for state in drawn]
    for one in done:
        print(f"{one.state:<12} {one.way:<7} code {one.code}  {one.seconds:.2f} s{'  left behind' * one.is_left_behind}")
    print(f"slowest {max(one.seconds for one in done):.2f} s, left behind {sum(one.is_left_behind for one in done)}")
    assert [one for one in done if one.code or one.complaints] == []
    assert max(one.seconds for one in done) <= PROMISED_SECONDS
