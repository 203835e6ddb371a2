"""OpenSearch with its real security plugin: who gets in, who is trusted, and that the password is nowhere."""

from __future__ import annotations

import base64
import http.server
import logging
import os
import shutil
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from engines import certificates
from engines.certificates import Certificates
from engines.jars import Installed
from engines.library import DIM, clustered, opened
from engines.mirror import Mirror
from engines.nodes import Node, running, single_node

from helios_desktop.errors import SettingsError
from helios_desktop.index.engine_connection import EngineConnection
from helios_desktop.index.engine_errors import EngineError, EngineFault
from helios_desktop.index.engines import connect

PASSWORD = "admin"  # the plugin's own demo user


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates.make(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def secured(secured_jars: Installed, certificate: Certificates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("secured")
    config = folder / "config"
    shutil.copytree(secured_jars.home / "config", config / "opensearch-security")
    settings = {
        "plugins.security.ssl.http.enabled": "true",
        "plugins.security.allow_unsafe_democertificates": "true",
        "plugins.security.allow_default_init_securityindex": "true",
        "plugins.security.authcz.admin_dn": "[CN=admin]",
    }
    for name, path in (("pemcert", certificate.certificate), ("pemkey", certificate.key), ("pemtrustedcas", certificate.ca)):
        shutil.copy(path, config / path.name)
        for layer in ("http", "transport"):
            settings[f"plugins.security.ssl.{layer}.{name}_filepath"] = path.name
    settings["plugins.security.ssl.transport.enforce_hostname_verification"] = "false"
    node = single_node(secured_jars, folder, settings)
    del node.settings["transport.type"], node.settings["http.type"]  # the plugin brings its own
    node.scheme = "https"
    node.headers["authorization"] = "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    node.context = ssl.create_default_context(cafile=str(certificate.ca))
    with running(node):
        yield node


def connection(node: Node, certificate: Certificates | None = None, **changes: object) -> EngineConnection:
    fields = {"urls": (node.url,), "user": "admin", "password": PASSWORD, "ca_file": certificate and certificate.ca}
    return EngineConnection(**{**fields, **changes})


def test_the_right_password_and_authority_get_in_and_a_library_is_synced(
    secured: Node, certificate: Certificates, tmp_path: Path
) -> None:
    engine, info = connect(connection(secured, certificate), "opensearch")
    assert info.title == "OpenSearch 2.19.1"
    engine.close()
    with opened(tmp_path) as library:
        library.add(clustered(30, DIM))
        one = Mirror(library, secured, "secured", secured.url, connection(secured, certificate))
        assert one.sync().sent == 30
        assert one.ids_there() == one.ids_here()
        one.index.close()


def test_a_pinned_certificate_is_enough_and_another_ones_pin_is_not(secured: Node, certificate: Certificates) -> None:
    fingerprint = certificate.fingerprint
    engine, _ = connect(connection(secured, fingerprint=fingerprint.upper()))
    engine.close()
    wrong = ("0" if fingerprint[0] != "0" else "1") + fingerprint[1:]
    with pytest.raises(EngineError) as caught:
        connect(connection(secured, fingerprint=wrong))
    assert caught.value.fault is EngineFault.CERTIFICATE


def test_a_wrong_password_is_said_so_and_is_not_tried_again_and_again(secured: Node, certificate: Certificates) -> None:
    with pytest.raises(EngineError) as caught:
        connect(connection(secured, certificate, password="wrong-canary-7f3a"))
    assert caught.value.fault is EngineFault.CREDENTIALS
    assert not caught.value.fault.is_passing
    assert "canary" not in str(caught.value)


def test_a_certificate_of_an_unknown_authority_is_refused_even_here(secured: Node, tmp_path: Path) -> None:
    others = certificates.make(tmp_path)
    for wrong in (connection(secured), connection(secured, others)):
        with pytest.raises(EngineError) as caught:
            connect(wrong)
        assert caught.value.fault is EngineFault.CERTIFICATE
        assert "--ca" in caught.value.remedy


def test_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    expired = certificates.make(tmp_path, is_expired=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(expired.certificate, expired.key)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            with pytest.raises(EngineError) as caught:
                connect(EngineConnection(urls=(f"https://127.0.0.1:{server.server_address[1]}",), ca_file=expired.ca))
        finally:
            server.shutdown()
            thread.join()
    assert caught.value.fault is EngineFault.CERTIFICATE
    assert "expired" in str(caught.value)


def test_plain_http_to_the_secured_port_fails_and_off_loopback_nothing_is_sent(secured: Node) -> None:
    with pytest.raises(EngineError):
        connect(EngineConnection(urls=(secured.url.replace("https", "http"),), user="admin", password=PASSWORD))
    with pytest.raises(SettingsError) as caught:
        EngineConnection(urls=("http://search.example:9200",), user="admin", password=PASSWORD)
    assert "https://search.example:9200" in caught.value.remedy


def test_the_password_is_in_no_repr_no_log_and_no_file(
    secured: Node, certificate: Certificates, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "canary-5d1c-pässword"
    caplog.set_level(logging.DEBUG)
    wanted = connection(secured, certificate, password=canary)
    with pytest.raises(EngineError) as caught:
        connect(wanted)
    encoded = base64.b64encode(f"admin:{canary}".encode()).decode()
    chain: list[BaseException] = []
    error: BaseException | None = caught.value
    while error is not None:
        chain.append(error)
        error = error.__cause__ or error.__context__
    said = [repr(wanted), str(wanted), caplog.text, *(f"{one!r} {one}" for one in chain)]
    engine, _ = connect(connection(secured, certificate))
    said += [repr(engine), repr(engine._client), str(vars(engine)["_client"])]
    engine.close()
    for text in said:
        assert canary not in text
        assert encoded not in text
    assert f"admin:{PASSWORD}" not in "".join(said)
    for folder, _, names in os.walk(tmp_path):
        for name in names:
            assert canary.encode() not in (Path(folder) / name).read_bytes()
