"""``helios serve`` as people and scripts start and end it, and beside other processes on one library."""

import http.client
import json
import re
import shutil
import signal
import socket
import sys
import time

import pytest

PATIENCE_SECONDS = 60

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")


@pytest.fixture
def serve(helios):
    processes = []

    def start(*arguments):
        """Start a server on a free port; return the process and its first line."""
        process = helios.start("serve", "--port", "0", "--json", *arguments)
        processes.append(process)
        line = process.stdout.readline()
        assert line, process.stderr.read()
        return process, json.loads(line)

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def get(told, path):
    address = told["address"].partition("//")[2]
    connection = http.client.HTTPConnection(address, timeout=PATIENCE_SECONDS)
    connection.request("GET", path)
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer


def test_it_serves_what_was_indexed_and_what_another_process_indexes_meanwhile(helios, serve, samples, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    shutil.copy(samples / "IMG_0112.jpg", photos)
    helios.ok("index", str(photos))
    _, told = serve("--no-watch")
    assert told == {**told, "event": "serving", "lan": False, "tls": False}
    status, body = get(told, "/api/search?q=a+cat")
    assert status == 200
    assert [hit["name"] for hit in json.loads(body)["hits"]] == ["IMG_0112.jpg"]
    shutil.copy(samples / "IMG_0101.jpg", photos)
    helios.ok("index", str(photos))
    _, body = get(told, "/api/search?q=a+cat")
    assert [hit["name"] for hit in json.loads(body)["hits"]] == ["IMG_0112.jpg", "IMG_0101.jpg"]


def test_it_follows_the_folders_by_itself(helios, serve, samples, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    helios.ok("add", str(photos))
    _, told = serve()
    shutil.copy(samples / "IMG_0112.jpg", photos)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while json.loads(get(told, "/api/search?q=a+cat")[1])["total"] < 1:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_polite_end_ends_it_well_even_while_somebody_listens(serve):
    process, told = serve()
    connection = http.client.HTTPConnection(told["address"].partition("//")[2], timeout=PATIENCE_SECONDS)
    connection.request("GET", "/api/events")
    assert connection.getresponse().readline()
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_SECONDS) == 0
    connection.close()


def test_it_ends_well_in_the_middle_of_its_start(serve):
    for _ in range(3):
        process, _ = serve()  # the model is being loaded now
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0, process.stderr.read()


def test_a_polite_end_ends_it_well_while_its_input_is_open(helios):
    import subprocess

    process = subprocess.Popen(
        [*helios.command, "serve", "--port", "0", "--json", "--until-input-closes"],
        env=helios.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0


def test_ctrl_c_interrupts_it(serve):
    process, _ = serve()
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_SECONDS) == 130
    assert "interrupted" in process.stderr.read()


def test_its_input_closing_ends_it_where_that_is_asked_for(helios, serve):
    import subprocess

    process = subprocess.Popen(
        [*helios.command, "serve", "--port", "0", "--json", "--until-input-closes"],
        env=helios.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline()
    process.stdin.close()
    assert process.wait(PATIENCE_SECONDS) == 0
    process.stdout.close()


def test_a_port_that_is_taken_is_said_with_what_to_do(helios):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = helios.run("serve", "--port", str(taken.getsockname()[1]))
    assert result.returncode == 3
    assert "is taken" in result.stderr
    assert "--port" in result.stderr


def test_other_addresses_are_refused_without_lan(helios):
    result = helios.run("serve", "--host", "0.0.0.0", "--port", "0")
    assert result.returncode == 3
    assert "--lan" in result.stderr


def test_lan_shows_a_code_encrypts_and_its_devices_can_be_listed_and_revoked(helios, serve):
    process, told = serve("--lan", "--no-watch")
    assert (told["lan"], told["tls"]) == (True, True)
    assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", told["fingerprint"])
    pairing = json.loads(process.stdout.readline())
    assert re.fullmatch(re.escape(told["address"]) + r"/pair#[\w-]{43}", pairing["address"])
    assert json.loads(process.stdout.readline()) == {"event": "devices", "devices": []}
    assert helios.run("serve", "--devices").returncode == 1
    assert helios.run("serve", "--revoke", "all").returncode == 1


def test_the_terminal_shows_a_code_to_scan(helios):
    process = helios.start("serve", "--port", "0", "--lan", "--no-tls")
    lines = []
    while not lines or "/pair#" not in lines[-1]:
        lines.append(process.stdout.readline())
        assert lines[-1], process.stderr.read()
    process.terminate()
    process.communicate()
    text = "".join(lines)
    assert "Nothing is encrypted" in text
    assert "▄" in text
