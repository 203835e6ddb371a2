"""What is spoken to, and how, before the first byte leaves this computer."""

import pytest

from helios_desktop.errors import SettingsError
from helios_desktop.index.engine_connection import EngineConnection, is_loopback, with_port, without_credentials


@pytest.mark.parametrize("url", ["http://127.0.0.1:9200", "http://localhost", "http://[::1]:9200", "http://127.8.9.1"])
def test_plain_http_is_for_this_computer(url):
    assert EngineConnection(urls=(url,), user="u", password="p").has_credentials


@pytest.mark.parametrize("url", ["http://192.168.1.4:9200", "http://search.example", "http://127.0.0.1.example:9200"])
def test_plain_http_to_another_computer_is_refused(url):
    with pytest.raises(SettingsError, match="plain http") as caught:
        EngineConnection(urls=(url,))
    assert "https://" in caught.value.remedy


def test_inside_a_container_network_plain_http_is_accepted_without_a_password_only():
    EngineConnection(urls=("http://opensearch:9200",), is_in_container=True)
    with pytest.raises(SettingsError, match="password"):
        EngineConnection(urls=("http://opensearch:9200",), is_in_container=True, user="admin", password="admin")
    with pytest.raises(SettingsError, match="password"):
        EngineConnection(urls=("http://opensearch:9200",), is_in_container=True, api_key="key")


def test_a_password_in_the_address_is_refused_and_not_repeated():
    with pytest.raises(SettingsError) as caught:
        EngineConnection(urls=("https://user:canary@host:9200",))
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "ftp://h", "http://", "localhost:9200", "http://h:port", "http://h:9200?x=1", "http://[::1"]
)
def test_what_is_no_address_is_refused_in_a_sentence(url):
    with pytest.raises(SettingsError) as caught:
        EngineConnection(urls=(url,))
    assert caught.value.remedy


def test_https_and_http_do_not_mix_and_a_certificate_wants_https(tmp_path):
    with pytest.raises(SettingsError, match="some are http"):
        EngineConnection(urls=("https://a", "http://127.0.0.1"))
    with pytest.raises(SettingsError, match="plain http"):
        EngineConnection(urls=("http://127.0.0.1",), fingerprint="ab" * 32)
    with pytest.raises(SettingsError, match="not there"):
        EngineConnection(urls=("https://a",), ca_file=tmp_path / "none.pem")
    with pytest.raises(SettingsError, match="fingerprint"):
        EngineConnection(urls=("https://a",), fingerprint="ab:cd")
    assert EngineConnection(urls=("https://a",), fingerprint=":".join(["AB"] * 32)).plain_fingerprint == "ab" * 32


def test_secrets_are_in_no_repr():
    connection = EngineConnection(urls=("https://a",), user="u", password="canary-1", api_key="canary-2")
    assert "canary" not in repr(connection) + str(connection)


def test_addresses_get_the_usual_port():
    assert with_port("https://search.example/prefix/") == "https://search.example:9200/prefix"
    assert with_port("http://[::1]:1") == "http://[::1]:1"
    assert not is_loopback("localhost.example")


def test_credentials_are_taken_out_of_the_ancestors_addresses():
    assert without_credentials("http://ad%40min:p%2Fw@opensearch:9200") == ("http://opensearch:9200", "ad@min", "p/w")
    assert without_credentials("http://opensearch:9200") == ("http://opensearch:9200", "", "")
