"""The small parts of the server, each by itself: hosts, rates, devices, lanes, ranges."""

import asyncio
import contextlib
import socket
import threading

import pytest

from helios_desktop.errors import SettingsError
from helios_desktop.web.devices import MOST_DEVICES, Devices, Pairing
from helios_desktop.web.lanes import Lane
from helios_desktop.web.options import ServeOptions, host_name, is_loopback
from helios_desktop.web.problems import Refusal
from helios_desktop.web.rates import MOST_CLIENTS, Rate
from helios_desktop.web.server import listening_socket


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "LocalHost.", "::ffff:127.0.0.1"])
def test_this_computer_is_known_by_all_its_own_names(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "10.0.0.1", "localhost.example", "127.0.0.1.example", "2130706433", "0x7f.1"]
)
def test_what_only_looks_like_this_computer_is_another_one(host):
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("localhost:8000", "localhost"),
        ("[::1]:8000", "::1"),
        ("Photos.Example.", "photos.example"),
        ("user@localhost", ""),
        ("localhost/x", ""),
        ("localhost:port", ""),
        ("localhost?x", ""),
        ("[::1", ""),
        ("", ""),
    ],
)
def test_a_host_header_is_a_name_and_a_port_and_nothing_else(header, name):
    assert host_name(header) == name


@pytest.mark.parametrize("origin", ["*", "localhost:3000", "http://localhost:3000/", "file:///x", "http://", "null"])
def test_an_origin_that_is_none_is_refused(origin):
    with pytest.raises(SettingsError, match="not an origin"):
        ServeOptions(origins=(origin,))


def test_a_rate_lets_a_burst_through_then_so_many_a_second_for_each_client():
    now = [0.0]
    rate = Rate(2.0, 3.0, clock=lambda: now[0])
    assert [rate.seconds_to_wait("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert rate.seconds_to_wait("b") == 0
    now[0] = 0.5
    assert rate.seconds_to_wait("a") == 0
    assert rate.seconds_to_wait("a") == 0.5
    now[0] = 1000.0
    assert [rate.seconds_to_wait("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_a_rate_remembers_only_so_many_clients():
    rate = Rate(1.0, 1.0, clock=lambda: 0.0)
    for number in range(MOST_CLIENTS + 100):
        rate.seconds_to_wait(str(number))
    assert len(rate._left) == MOST_CLIENTS
    assert rate.seconds_to_wait(str(MOST_CLIENTS + 99)) > 0


def test_a_token_is_known_again_by_every_process_and_the_oldest_devices_go(tmp_path):
    here, elsewhere = Devices(tmp_path), Devices(tmp_path)
    tokens = [here.add(f"device {number}")[1] for number in range(MOST_DEVICES + 2)]
    assert len(here.all()) == len(elsewhere.all()) == MOST_DEVICES
    assert elsewhere.find(tokens[-1]).name == f"device {MOST_DEVICES + 1}"
    assert elsewhere.find("") is None
    assert here.revoke("no such id") is False
    assert elsewhere.revoke("all") is True
    assert here.find(tokens[-1]) is None


def test_a_name_of_a_device_is_one_short_printable_line(tmp_path):
    devices = Devices(tmp_path)
    assert devices.add("a\nb\x1b[31m" + "c" * 200)[0].name == ("ab[31m" + "c" * 200)[:60]
    assert devices.add("\u202e")[0].name == "A device"


def test_two_who_have_one_code_race_and_one_comes_in(tmp_path):
    pairing = Pairing(Devices(tmp_path))
    code = pairing.code
    found = []
    threads = [threading.Thread(target=lambda: found.append(pairing.redeem(code, "x"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one is not None for one in found) == 1
    assert pairing.code != code


def test_a_lane_sends_away_what_it_cannot_hold_and_takes_it_again_later():
    async def work():
        lane = Lane("test", 1, 1)
        go = threading.Event()
        held = [asyncio.create_task(lane.do(go.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Refusal) as refused:
            await lane.do(lambda: None)
        assert refused.value.status == 503
        assert refused.value.headers["Retry-After"]
        go.set()
        assert await asyncio.gather(*held) == [True, True]
        assert await lane.do(lambda: 7) == 7
        lane.close()

    asyncio.run(work())


def test_answers_are_sent_at_once_and_do_not_wait_for_the_last_one_to_be_acknowledged():
    taken = []

    async def work():
        with contextlib.closing(listening_socket("127.0.0.1", 0)) as listener:
            server = await asyncio.start_server(lambda _, writer: taken.append(writer), sock=listener)
            _, writer = await asyncio.open_connection(*listener.getsockname())
            while not taken:
                await asyncio.sleep(0)
            accepted = taken[0].get_extra_info("socket")
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            for one in (writer, taken[0]):
                one.close()
                await one.wait_closed()
            server.close()

    asyncio.run(work())
