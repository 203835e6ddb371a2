"""Session fixtures: one node of each engine, started when the first test asks for it.

Where there is no JDK or no Maven, the tests are skipped with the reason; with ``CI=true`` that fails for all that needs no
newer JDK than 17, because there the engines have to be tried.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator

import pytest
from engines.jars import (
    ELASTICSEARCH_8,
    ELASTICSEARCH_9,
    OPENSEARCH_2,
    OPENSEARCH_2_SECURED,
    OPENSEARCH_3,
    Installed,
    Recipe,
    find_jdk,
    installed,
)
from engines.nodes import Node, cluster, running, single_node

from helios_desktop.index.engine_connection import EngineConnection
from helios_desktop.index.engine_documents import Describe
from helios_desktop.index.engine_index import EngineIndex
from helios_desktop.index.engine_indices import Owner
from helios_desktop.index.engine_names import IndexNames
from helios_desktop.index.engines import connect

CLUSTER_SIZE = 3
REQUIRED_JAVA = 17
# Servers of the 17 generation read system properties that later JDKs took away.
BELOW = {17: 22, 21: 1000}


def ready(recipe: Recipe) -> Installed:
    """Return the server's files, or skip."""
    jdk = find_jdk(recipe.java, BELOW[recipe.java])
    missing = f"a JDK {recipe.java}" if jdk is None else "Maven" if shutil.which("mvn") is None else ""
    if jdk is None or missing:
        reason = f"{recipe.name} needs {missing}: apt-get install openjdk-17-jdk-headless maven"
        if recipe.java <= REQUIRED_JAVA and os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return installed(recipe, jdk)


def _single(recipe: Recipe, factory: pytest.TempPathFactory) -> Iterator[Node]:
    node = single_node(ready(recipe), factory.mktemp(recipe.name))
    with running(node):
        yield node


@pytest.fixture(scope="session")
def opensearch_2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """OpenSearch 2.19.1."""
    yield from _single(OPENSEARCH_2, tmp_path_factory)


@pytest.fixture(scope="session")
def elasticsearch_8(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Elasticsearch 8.19.0."""
    yield from _single(ELASTICSEARCH_8, tmp_path_factory)


@pytest.fixture(scope="session")
def opensearch_3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """OpenSearch 3.3.2, where a JDK 21 or newer is here."""
    yield from _single(OPENSEARCH_3, tmp_path_factory)


@pytest.fixture(scope="session")
def elasticsearch_9(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Elasticsearch 9.2.0, where a JDK 21 or newer is here."""
    yield from _single(ELASTICSEARCH_9, tmp_path_factory)


@pytest.fixture
def opensearch_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    """Three nodes of OpenSearch 2.19.1, for one test alone: it may kill them."""
    nodes = cluster(ready(OPENSEARCH_2), tmp_path_factory.mktemp("cluster"), CLUSTER_SIZE)
    with running(*nodes):
        yield nodes


@pytest.fixture(scope="session")
def secured_jars() -> Installed:
    """OpenSearch 2.19.1 with its security plugin, ready to start."""
    return ready(OPENSEARCH_2_SECURED)


@pytest.fixture
def engine_index() -> Iterator[Callable[..., EngineIndex]]:
    """Makes an index of its own name on a node; all of them are deleted at the end."""
    made: list[tuple[Node, str]] = []

    def make(node: Node, dim: int, describe: Describe) -> EngineIndex:
        alias = f"test-{uuid.uuid4().hex[:12]}"
        engine, _ = connect(EngineConnection(urls=(node.url,)))
        names = IndexNames(alias=alias, library="photos", model_id="test-1")
        made.append((node, alias))
        return EngineIndex(engine, names, dim, Owner(catalogue_id="catalogue-1"), describe)

    yield make
    for node, alias in made:
        delete_indices(node, alias)


def delete_indices(node: Node, alias: str) -> None:
    """Delete every index whose name begins with ``alias``."""
    for name in node.ask(f"/{alias}*/_settings"):
        node.ask(f"/{name}", "DELETE")
