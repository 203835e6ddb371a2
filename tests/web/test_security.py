"""What a server refuses, line by line, over real sockets. The guide page "From another device" promises each."""

import io
import json
import os
import re
import socket
import ssl
import threading
from contextlib import suppress

import pytest
from PIL import Image

from helios_desktop.errors import SettingsError
from helios_desktop.web.addresses import own_names
from helios_desktop.web.devices import Devices
from helios_desktop.web.options import Limits, ServeOptions

CODE = re.compile(r"/pair#(.+)$")


@pytest.fixture
def lan(serve):
    """A server for the whole network, and a client that does not come as this computer itself."""
    server, client = serve(is_lan=True, host="0.0.0.0")
    return server, client, sorted(own_names())[0]


def paired(server, client, name="A phone", **headers):
    code = CODE.search(server.pairing_address)[1]
    body = json.dumps({"code": code, "name": name})
    return client.ask("/api/pair", "POST", body, Content_Type="application/json", **headers)


# --- where it listens


def test_only_this_computer_can_connect_without_lan(serve):
    server, _ = serve()
    assert server.address == f"http://127.0.0.1:{server.port}"
    assert server._socket.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_any_other_address_needs_lan(host):
    with pytest.raises(SettingsError, match="--lan"):
        ServeOptions(host=host)


def test_a_container_may_listen_everywhere_without_lan():
    assert ServeOptions(host="0.0.0.0", is_in_container=True).host == "0.0.0.0"


# --- who may come in


@pytest.mark.parametrize(
    "path", ["/api/search?q=cat", "/api/status", "/api/photos/1", "/api/photos/1/thumbnail", "/api/events", "/docs"]
)
def test_another_device_needs_a_token_for_everything_of_the_library(lan, path):
    _, client, name = lan
    refused = client.get(path, Host=name)
    assert refused.status == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    for wrong in ("Bearer nonsense", "Basic YTpi", "Bearer"):
        assert client.get(path, Host=name, Authorization=wrong).status == 401
    assert client.get(path, Host=name, Cookie="helios_device=nonsense").status == 401


def test_another_device_that_is_not_paired_is_shown_how_to_pair(lan):
    _, client, name = lan
    visit = client.get("/", Host=name)
    assert (visit.status, visit.headers["location"]) == (303, "/pair")
    assert client.get("/pair", Host=name).status == 200


def test_this_computer_itself_needs_no_token(lan):
    _, client, _ = lan
    assert client.get("/api/status").status == 200


def test_a_code_lets_one_device_in_once(lan):
    server, client, name = lan
    first = server.pairing_address
    answer = paired(server, client, Host=name)
    assert answer.status == 204
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert client.get("/api/status", Host=name, Cookie=cookie.partition(";")[0]).status == 200
    token = cookie.partition(";")[0].partition("=")[2]
    assert client.get("/api/status", Host=name, Authorization=f"Bearer {token}").status == 200
    assert server.pairing_address != first
    body = json.dumps({"code": CODE.search(first)[1]})
    assert client.ask("/api/pair", "POST", body, Host=name, Content_Type="application/json").status == 403


def test_a_pairing_request_that_is_no_text_is_refused_as_such(lan):
    _, client, name = lan
    refused = client.ask("/api/pair", "POST", b"\xff\xfe{", Host=name, Content_Type="application/json")
    assert refused.status in {400, 422}
    assert "address" not in refused.json()["detail"]


def test_guessing_codes_is_slowed_down(lan):
    _, client, name = lan
    statuses = [
        client.ask("/api/pair", "POST", '{"code": "guess"}', Host=name, Content_Type="application/json").status
        for _ in range(8)
    ]
    assert statuses[:5] == [403] * 5
    assert statuses[5:] == [429] * 3


def test_of_tokens_only_hashes_are_kept_for_this_user_alone(lan, tmp_path):
    server, client, name = lan
    token = paired(server, client, Host=name).headers["set-cookie"].partition(";")[0].partition("=")[2]
    file = tmp_path / "web" / "devices.json"
    for kept in (tmp_path / "web").rglob("*"):
        if kept.is_file():
            assert token.encode() not in kept.read_bytes()
            assert CODE.search(server.pairing_address)[1].encode() not in kept.read_bytes()
    assert json.loads(file.read_bytes())[0]["name"] == "A phone"
    if os.name != "nt":
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_revoked_device_is_out_at_once_whoever_revoked_it(lan, tmp_path):
    server, client, name = lan
    cookie = paired(server, client, Host=name).headers["set-cookie"].partition(";")[0]
    assert [device.name for device in server.devices.connected()] == []
    assert client.get("/api/status", Host=name, Cookie=cookie).status == 200
    assert [device.name for device in server.devices.connected()] == ["A phone"]
    other_process = Devices(tmp_path / "web")
    assert other_process.revoke(other_process.all()[0].device_id)
    assert client.get("/api/status", Host=name, Cookie=cookie).status == 401


def test_a_device_can_leave_by_itself(lan):
    server, client, name = lan
    cookie = paired(server, client, Host=name).headers["set-cookie"].partition(";")[0]
    assert client.ask("/api/leave", "POST", Host=name, Cookie=cookie).status == 204
    assert client.get("/api/status", Host=name, Cookie=cookie).status == 401


def test_a_damaged_list_of_devices_lets_nobody_in(lan, tmp_path):
    server, client, name = lan
    cookie = paired(server, client, Host=name).headers["set-cookie"].partition(";")[0]
    (tmp_path / "web" / "devices.json").write_bytes(b'[{"token_hash": 1}]')
    assert client.get("/api/status", Host=name, Cookie=cookie).status == 401


# --- TLS


def test_tls_is_spoken_with_a_certificate_for_every_name_of_this_computer(serve):
    server, client = serve(is_lan=True, host="0.0.0.0", has_tls=True)
    assert server.address.startswith("https://")
    assert client.get("/api/status").status == 200  # verified against our own authority, by address
    with socket.create_connection(("127.0.0.1", server.port)) as plain:
        for name in own_names():
            with socket.create_connection(("127.0.0.1", server.port)) as raw:
                client.tls.wrap_socket(raw, server_hostname=name).close()
        plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with suppress(ConnectionError):
            assert b"HTTP/1.1 200" not in plain.recv(100)
    assert re.fullmatch(r"([0-9A-F]{2}:){31}[0-9A-F]{2}", server.fingerprint())
    cookie = paired(server, client, Host=sorted(own_names())[0]).headers["set-cookie"]
    assert cookie.startswith("__Host-helios_device=")
    assert "secure" in cookie.lower()


def test_old_tls_is_refused(serve):
    server, _ = serve(is_lan=True, host="0.0.0.0", has_tls=True)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", server.port)) as raw, pytest.raises(ssl.SSLError):
        old.wrap_socket(raw)


# --- Host and Origin


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "a@localhost"]
)
@pytest.mark.parametrize("path", ["/", "/api/search?q=cat", "/static/main.js", "/openapi.json"])
def test_a_page_that_points_its_own_name_here_is_refused(client, host, path):
    assert client.get(path, Host=host).status == 403


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1234", "[::1]:8000", "LOCALHOST."])
def test_names_of_this_computer_are_answered(client, host):
    assert client.get("/api/status", Host=host).status == 200


def test_a_host_that_is_said_twice_is_refused(client):
    with socket.create_connection(("127.0.0.1", client.port)) as raw:
        raw.sendall(b"GET /api/status HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.split()[1] in {b"400", b"403"}


def test_a_further_name_is_answered_where_it_was_allowed(serve):
    _, client = serve(hosts=("photos.example",))
    assert client.get("/api/status", Host="photos.example:8000").status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:3001", "https://localhost:3000", ""])
def test_pages_of_other_origins_may_not_ask(client, origin):
    refused = client.get("/api/search?q=cat", Origin=origin)
    assert refused.status == 403
    assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1:3000"])
def test_pages_of_named_origins_may_read_and_no_more(serve, id_of, origin):
    _, client = serve(allows_favourites=True)
    answer = client.get("/api/search?q=cat", Origin=origin)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, origin)
    assert "access-control-allow-credentials" not in answer.headers
    preflight = client.ask("/api/search", "OPTIONS", Origin=origin, Access_Control_Request_Method="GET")
    assert (preflight.status, preflight.headers["access-control-allow-methods"]) == (204, "GET")
    assert client.ask(f"/api/photos/{id_of['IMG_0112.jpg']}/favourite", "PUT", Origin=origin).status == 403
    assert client.ask("/api/search/image", "POST", b"x", Origin=origin).status == 403


def test_our_own_page_may_change_what_is_switched_on_and_other_sites_may_not(serve, id_of):
    _, client = serve(allows_favourites=True)
    address = f"/api/photos/{id_of['IMG_0112.jpg']}/favourite"
    own = f"http://127.0.0.1:{client.port}"
    assert client.ask(address, "DELETE", Origin=own).status == 200
    assert client.ask(address, "DELETE", Origin="http://127.0.0.1:1").status == 403
    assert client.ask(address, "DELETE", Sec_Fetch_Site="cross-site").status == 403
    assert client.get(f"/api/photos/{id_of['IMG_0112.jpg']}/thumbnail", Sec_Fetch_Site="cross-site").status == 403
    assert client.get("/", Sec_Fetch_Site="cross-site").status == 200  # a link that somebody followed


# --- headers


def test_every_answer_carries_a_strict_policy(client):
    for path in ("/", "/api/status", "/static/main.js", "/nothing", "/pair"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "*" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "server" not in headers


# --- sizes, rates, how much at once


def test_large_requests_are_refused_before_and_while_they_come(serve):
    _, client = serve(limits=Limits(upload_bytes=100_000))
    assert client.ask("/api/search/image", "POST", b"x" * 100_001).status == 413
    chunks = iter([b"x" * 60_000, b"x" * 60_000])
    with suppress(ConnectionError):  # the server may hang up while we are still sending
        assert client.ask("/api/search/image", "POST", chunks).status == 413
    assert client.ask("/api/search/image", "POST", b"x" * 100_000).status == 415


def test_a_head_that_never_ends_is_refused(client):
    assert client.get("/api/search?q=cat", Cookie="x" * 100_000).status == 431
    with socket.create_connection(("127.0.0.1", client.port)) as raw, suppress(ConnectionError):
        raw.sendall(b"GET /api/status HTTP/1.1\r\nHost: localhost\r\n")
        for number in range(100_000):  # until the server hangs up
            raw.sendall(b"X-%d: %s\r\n" % (number, b"x" * 1000))
        pytest.fail("the server listens for ever")


def test_a_client_that_asks_too_often_is_told_when_to_come_back(serve):
    _, client = serve(limits=Limits(search_rate=0.01, search_burst=3.0))
    answers = [client.get("/api/status") for _ in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert int(answers[-1].headers["retry-after"]) > 1


class _Waiting:
    """The library, but for previews, which wait until they are let go."""

    def __init__(self, library):
        self._library = library
        self.begun = threading.Semaphore(0)
        self.go = threading.Event()

    def __getattr__(self, name):
        return getattr(self._library, name)

    def preview(self, path, longest_px):
        self.begun.release()
        assert self.go.wait(60)
        return self._library.preview(path, longest_px)


def test_only_so_many_pictures_are_decoded_at_once_and_searching_goes_on(serve, library, id_of):
    slow = _Waiting(library)
    _, client = serve(slow, limits=Limits(decodes=2, waiting=4))
    address = f"/api/photos/{id_of['IMG_0112.jpg']}/preview"
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(client.get(address).status)) for _ in range(6)]
    try:
        for thread in threads:
            thread.start()
        for _ in range(2):
            assert slow.begun.acquire(timeout=60)
        while len(answers) < 3:  # two are decoded, one waits, the others are sent away
            threading.Event().wait(0.01)
        assert answers == [503] * 3
        assert not slow.begun.acquire(blocking=False)
        assert client.get("/api/search?q=cat").status == 200
    finally:
        slow.go.set()
        for thread in threads:
            thread.join()
    assert sorted(answers) == [200, 200, 200, 503, 503, 503]


def test_only_so_many_streams_are_open_at_once(serve):
    _, client = serve(limits=Limits(streams=2))
    connections = [client.connect() for _ in range(2)]
    for connection in connections:
        connection.request("GET", "/api/events")
        assert connection.getresponse().readline()
    assert client.get("/api/events").status == 503
    for connection in connections:
        connection.close()


# --- what is shown


def test_no_answer_names_a_path_of_the_disk(client, photos, id_of, library):
    addresses = ["/api/search?q=cat", "/api/search", "/api/status", "/openapi.json", "/"]
    addresses += [f"/api/photos/{photo}" for photo in id_of.values()]
    for address in addresses:
        body = client.get(address).body
        assert str(photos.parent).encode() not in body
        assert str(library.status().catalog_file).encode() not in body


def test_nothing_outside_the_followed_folders_is_given_out(serve, library, photos, id_of, tmp_path):
    if not hasattr(os, "symlink"):
        pytest.skip("no links here")
    _, client = serve(shows_originals=True)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "IMG_0112.jpg").write_bytes(b"a secret")
    samples, away = photos / "samples", photos / "samples-away"
    photo = f"/api/photos/{id_of['IMG_0112.jpg']}"
    samples.rename(away)
    try:
        samples.symlink_to(outside, target_is_directory=True)
        assert client.get(f"{photo}/original").status == 404
        assert client.get(f"{photo}/preview?size=4000").status == 404
    finally:
        samples.unlink()
        away.rename(samples)
    file, kept = samples / "IMG_0112.jpg", samples / "kept"
    file.rename(kept)
    try:
        file.symlink_to(outside / "IMG_0112.jpg")
        assert client.get(f"{photo}/original").status == 404
        file.unlink()
        os.mkfifo(file)
        assert client.get(f"{photo}/original").status == 404
    finally:
        file.unlink()
        kept.rename(file)
    assert client.get(f"{photo}/original").status == 200


def test_where_a_photo_was_taken_is_told_only_where_that_is_switched_on(client, serve, id_of):
    photo = f"/api/photos/{id_of['placed.jpg']}"
    record = client.get(photo).json()
    assert (record["latitude"], record["longitude"]) == (None, None)
    for picture in ("thumbnail", "preview"):
        body = client.get(f"{photo}/{picture}").body
        with Image.open(io.BytesIO(body)) as image:
            assert not image.getexif()
        assert b"GPS" not in body
        assert b"Exif" not in body
    _, open_client = serve(shows_places=True)
    record = open_client.get(photo).json()
    assert record["latitude"] == pytest.approx(48.8583, abs=1e-3)
    assert record["longitude"] == pytest.approx(2.2944, abs=1e-3)
