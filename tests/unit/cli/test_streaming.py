"""The ancestor's commands without an engine: what is refused before the first byte leaves."""

import pytest

from helios_desktop.cli.streaming import COMMANDS, main
from helios_desktop.errors import SettingsError
from helios_desktop.pipeline.streaming import connection_to


def test_all_five_are_there():
    assert set(COMMANDS) == {
        "create-opensearch-index",
        "create-elasticsearch-index",
        "index-unsplash-opensearch",
        "index-unsplash-elasticsearch",
        "index-precomputed",
    }


def test_an_unknown_command_is_wrong_usage(capsys):
    assert main([]) == 2
    assert main(["drop-everything"]) == 2
    assert "create-opensearch-index" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_explains_itself(name, capsys):
    assert main([name, "--help"]) == 0
    out = capsys.readouterr().out
    assert "--index_name" in out
    assert ("--opensearch_url" if "opensearch" in name else "--es_url") in out


def test_the_ancestors_default_address_is_refused_with_the_https_form(capsys, monkeypatch):
    monkeypatch.setenv("OPENSEARCH_URL", "http://admin:admin@opensearch:9200")
    assert main(["create-opensearch-index"]) == 3
    err = capsys.readouterr().err
    assert "https://opensearch:9200" in err
    assert "admin:admin" not in err


def test_an_engine_that_is_not_there_is_a_sentence(capsys, monkeypatch):
    monkeypatch.setenv("ES_URL", "http://127.0.0.1:9")
    assert main(["create-elasticsearch-index"]) == 3
    assert "does not answer" in capsys.readouterr().err


def test_an_index_name_that_is_none_is_a_sentence(capsys):
    assert main(["create-opensearch-index", "--index_name", "../x"]) == 3


def test_user_and_password_come_from_the_address_or_the_password_from_elsewhere():
    found = connection_to("https://admin:s%40cret@one:9200,https://two:9200")
    assert (found.user, found.password) == ("admin", "s@cret")
    assert found.urls == ("https://one:9200", "https://two:9200")
    assert "s@cret" not in repr(found)
    assert connection_to("https://admin@one", password="given").password == "given"
    assert connection_to("https://one", password="given").password == ""


def test_inside_a_compose_network_plain_http_is_for_those_without_a_password():
    assert connection_to("http://opensearch:9200", is_in_container=True).urls == ("http://opensearch:9200",)
    for url, is_in_container in (("http://opensearch:9200", False), ("http://admin:x@opensearch:9200", True)):
        with pytest.raises(SettingsError, match="plain http"):
            connection_to(url, is_in_container=is_in_container)
    with pytest.raises(SettingsError, match="No address"):
        connection_to(" , ")
