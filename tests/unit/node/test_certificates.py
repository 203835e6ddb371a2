"""Certificates that a real TLS client accepts, for the names they are made for and no others."""

import datetime
import os
import socket
import ssl
import threading

import pytest
from cryptography import x509

from helios_desktop.node.certificates import NODE_DAYS, RENEW_DAYS, make_certificates

NODES = ("opensearch", "opensearch-1")


@pytest.fixture
def folder(tmp_path):
    make_certificates(tmp_path / "certs", NODES)
    return tmp_path / "certs"


def handshake(folder, name, authority=None):
    """Speak TLS with a server that has the node's certificate; return what the client saw."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "opensearch.pem", folder / "opensearch.key")
    client = ssl.create_default_context(cafile=authority or folder / "ca.pem")
    ours, theirs = socket.socketpair()

    def serve():
        with ours:
            try:
                with server.wrap_socket(ours, server_side=True) as speaking:
                    speaking.recv(1)
            except (ssl.SSLError, OSError):
                pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with theirs, client.wrap_socket(theirs, server_hostname=name) as speaking:
            return speaking.getpeercert()
    finally:
        thread.join()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "opensearch"])
def test_a_client_accepts_the_names_of_the_node(folder, name):
    assert handshake(folder, name)["subject"] == ((("commonName", "opensearch"),),)


def test_other_names_are_refused(folder):
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(folder, "example.org")


def test_another_authority_does_not_vouch_for_it(folder, tmp_path):
    make_certificates(tmp_path / "other", NODES)
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(folder, "localhost", tmp_path / "other" / "ca.pem")


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_keys_are_for_this_user_alone(folder):
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert modes.pop("ca.pem") == 0o644
    assert set(modes.values()) == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_what_is_good_is_kept(folder):
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert make_certificates(folder, NODES) == []
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert make_certificates(folder, (*NODES, "opensearch-2")) == ["opensearch-2.key", "opensearch-2.pem"]


def test_what_ends_soon_is_made_again_by_the_same_authority(folder):
    authority = (folder / "ca.pem").read_bytes()
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=NODE_DAYS - RENEW_DAYS + 1)
    assert "opensearch.pem" in make_certificates(folder, NODES, later)
    assert (folder / "ca.pem").read_bytes() == authority
    certificate = x509.load_pem_x509_certificate((folder / "opensearch.pem").read_bytes())
    assert certificate.not_valid_after_utc > later + datetime.timedelta(days=RENEW_DAYS)


@pytest.mark.parametrize("name", ["ca.pem", "ca.key", "opensearch.pem", "opensearch.key"])
@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"])
def test_what_is_missing_or_damaged_is_made_again(folder, name, content):
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    assert name in make_certificates(folder, NODES)
    assert handshake(folder, "localhost")


def test_a_key_that_belongs_to_another_certificate_is_noticed(folder):
    (folder / "opensearch.key").write_bytes((folder / "opensearch-1.key").read_bytes())
    assert make_certificates(folder, NODES) == ["opensearch.key", "opensearch.pem"]
    assert handshake(folder, "localhost")
