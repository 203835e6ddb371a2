"""What `helios engine up` makes, given to a real OpenSearch with its security plugin: compose settings, certificates, users."""

from __future__ import annotations

import base64
import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from engines.jars import Installed
from engines.nodes import Node, running, single_node

from helios_desktop.index.engine_connection import EngineConnection
from helios_desktop.index.engine_errors import EngineError, EngineFault
from helios_desktop.index.engines import connect
from helios_desktop.node.local_engine import LocalEngine
from helios_desktop.node.secrets_file import read_variables

CHECKOUT = Path(__file__).resolve().parents[2]
# These concern the container, not the node; the plugin brings its own transport.
OF_THE_CONTAINER = {"cluster.name", "node.name", "discovery.type", "bootstrap.memory_lock"}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder as `engine up` leaves it."""
    folder = tmp_path_factory.mktemp("engine")
    LocalEngine(folder, CHECKOUT).prepare()
    return folder


@pytest.fixture(scope="module")
def node(secured_jars: Installed, prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node with the settings of the compose file's service, and the files as its first service copies them."""
    folder = tmp_path_factory.mktemp("own")
    config = folder / "config"
    shutil.copytree(secured_jars.home / "config", config / "opensearch-security")
    shutil.copy(prepared / "certs" / "internal_users.yml", config / "opensearch-security")
    (config / "certs").mkdir()
    for ours, theirs in (("ca.pem", "ca.pem"), ("opensearch.pem", "node.pem"), ("opensearch.key", "node.key")):
        shutil.copy(prepared / "certs" / ours, config / "certs" / theirs)
    service = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]["opensearch"]
    settings = {key: value for key, value in service["environment"].items() if "." in key and key not in OF_THE_CONTAINER}
    made = single_node(secured_jars, folder, settings)
    del made.settings["transport.type"], made.settings["http.type"]
    made.scheme = "https"
    made.headers["authorization"] = "Basic " + base64.b64encode(f"admin:{password(prepared)}".encode()).decode()
    made.context = ssl.create_default_context(cafile=str(prepared / "certs" / "ca.pem"))
    with running(made):
        yield made


def password(folder: Path, name: str = "OPENSEARCH_PASSWORD") -> str:
    return read_variables(folder / ".env")[name]


def as_user(node: Node, folder: Path, user: str, secret: str) -> EngineConnection:
    return EngineConnection(urls=(node.url,), user=user, password=secret, ca_file=folder / "certs" / "ca.pem")


def test_the_made_password_and_authority_get_in_and_may_do_everything(node: Node, prepared: Path) -> None:
    engine, info = connect(as_user(node, prepared, "admin", password(prepared)), "opensearch")
    assert info.kind == "opensearch"
    engine.request("PUT", "/made")
    engine.request("DELETE", "/made")
    engine.close()


@pytest.mark.parametrize(
    ("user", "secret"), [("admin", "admin"), ("admin", ""), ("readall", "readall"), ("logstash", "logstash")]
)
def test_the_demo_users_are_gone(node: Node, prepared: Path, user: str, secret: str) -> None:
    with pytest.raises(EngineError) as caught:
        connect(as_user(node, prepared, user, secret))
    assert caught.value.fault is EngineFault.CREDENTIALS


def test_the_dashboards_user_gets_in_and_may_not_read_photos(node: Node, prepared: Path) -> None:
    secret = password(prepared, "OPENSEARCH_DASHBOARDS_PASSWORD")
    engine, _ = connect(as_user(node, prepared, "kibanaserver", secret))
    node.ask("/private", "PUT", {"mappings": {}})
    try:
        with pytest.raises(EngineError) as caught:
            engine.request("GET", "/private/_search")
        assert caught.value.fault is EngineFault.CREDENTIALS
    finally:
        node.ask("/private", "DELETE")
        engine.close()


def test_without_the_made_authority_the_node_is_not_trusted(node: Node, prepared: Path) -> None:
    connection = EngineConnection(urls=(node.url,), user="admin", password=password(prepared))
    with pytest.raises(EngineError) as caught:
        connect(connection)
    assert caught.value.fault is EngineFault.CERTIFICATE
