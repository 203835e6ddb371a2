"""Real servers beside the embedded index, in one run: how fast a library is sent, how fast and how rightly each answers.

The servers are those of the tests (`tests/engines`), with all optimisations of their JVM on. What is sent is compared with
`helpers.bulk` of the server's own client at its defaults: the same documents, made beforehand, into an index of the same fields
with the server's own defaults for vectors and settings.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from benchmarks.search import generate, make_questions
from benchmarks.tables import Report
from engines.jars import ELASTICSEARCH_8, ELASTICSEARCH_9, OPENSEARCH_2, OPENSEARCH_3, Recipe, find_jdk, installed
from engines.library import MODEL, Library, opened
from engines.mirror import Mirror
from engines.nodes import Node, running, single_node

from helios_desktop.domain import Filter
from helios_desktop.index.embedded import EmbeddedIndex
from helios_desktop.index.engine_documents import fields, mapping
from helios_desktop.pipeline.engine_search import EngineFirst

DESCRIPTION = "OpenSearch and Elasticsearch beside the embedded index: sending, answering, recall under filters."
DIM = 512
K = 10
WARM_UP_ROWS = 1_500
SERVERS = {
    "opensearch-2": OPENSEARCH_2,
    "opensearch-3": OPENSEARCH_3,
    "elasticsearch-8": ELASTICSEARCH_8,
    "elasticsearch-9": ELASTICSEARCH_9,
}
SHARES = {"no filter": (1.0, 0), "10 %": (0.1, 3), "1 %": (0.01, 4), "0.1 %": (0.001, 5)}
"""Which share of the photos passes, and the stars that mark it; the shares lie within each other."""
ALL_OPTIMISATIONS = ("-XX:+TieredCompilation",)
VECTOR_MODULE = ("--enable-native-access=ALL-UNNAMED", "--add-modules", "jdk.incubator.vector")
"""What the servers' own start scripts turn on where Java has it."""

Answer = Callable[[np.ndarray, Filter | None], np.ndarray]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this benchmark."""
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--server", action="append", choices=sorted(SERVERS), help="default: opensearch-2, elasticsearch-8")


def run(options: argparse.Namespace) -> Report:
    """Measure the embedded index, then each server."""
    rows: list[dict[str, Any]] = []
    ratios: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="helios-bench-") as name:
        folder = Path(name)
        generate(folder / "vectors.npy", options.count, "clustered")
        vectors = np.load(folder / "vectors.npy", allow_pickle=False)
        questions = make_questions(vectors, options.questions)
        with opened(folder, DIM) as library:
            library.add(vectors)
            filters = _filters(library, options.count)
            for number, server in enumerate(options.server or ("opensearch-2", "elasticsearch-8")):
                with _node(SERVERS[server], folder / server) as node:
                    mirror = Mirror(library, node, "bench", node.url)
                    sent, plain = _sending(mirror, node)
                    ratios[f"sync_over_helpers_bulk_{server}"] = sent / plain
                    embedded = EmbeddedIndex(folder / "index", mirror.mirrored.source, MODEL, DIM)
                    if number == 0:
                        rows += _answers(
                            "embedded", lambda q, f, e=embedded: e.search(q, K, f)[0], embedded, questions, filters
                        )
                    search = EngineFirst(
                        engine=lambda m=mirror: m.index,
                        embedded=lambda e=embedded: e,
                        mirrored=mirror.mirrored,
                        changes=library.catalog.changes,
                    )
                    found = _answers(server, lambda q, f, s=search: s.search(q, K, f)[0], embedded, questions, filters)
                    found[0] |= {"sent_per_s": sent, "bulk_per_s": plain}
                    rows += found
                    if search.name == "embedded":
                        raise RuntimeError(f"{server} did not answer")
                    embedded.close()
                    mirror.index.close()
    notes = [
        f"{options.count:,} x {DIM}, clustered; half of the questions near photos, half far from all. Top {K}.",
        "recall: the share of the embedded index's exact answer. sent_per_s: documents a second, refresh included.",
        "bulk_per_s: helpers.bulk of the server's client at its defaults: the same documents, the server's own vector index.",
        "Client and server share the cores.",
    ]
    return Report(benchmark="engines", rows=rows, ratios=ratios, notes=notes)


@contextmanager
def _node(recipe: Recipe, folder: Path) -> Iterator[Node]:
    jdk = find_jdk(recipe.java, 22 if recipe.java == 17 else 1000)
    if jdk is None:
        raise SystemExit(f"{recipe.name} needs a JDK {recipe.java}")
    has_module = recipe.jvm or jdk.version < 21
    node = single_node(installed(recipe, jdk), folder, jvm=ALL_OPTIMISATIONS + (() if has_module else VECTOR_MODULE))
    node.is_nice = False
    node.collector = "-XX:+UseG1GC"  # as the servers' own start scripts have it
    with running(node):
        yield node


def _filters(library: Library, count: int) -> dict[str, Filter | None]:
    """Mark shares of the photos with stars, spread at random, and return the filters that ask for them."""
    library.catalog.marks.rating(library.ids(range(count)), 1)
    found: dict[str, Filter | None] = {}
    order = np.random.default_rng(7).permutation(count).tolist()
    for name, (share, stars) in SHARES.items():
        kept = order[: int(share * count)]
        if stars:
            library.catalog.marks.rating(library.ids(kept), stars)
        found[name] = Filter(min_rating=stars) if stars else None
    return found


def _sending(mirror: Mirror, node: Node) -> tuple[float, float]:
    """Return documents a second: ours, and the client's own helper at its defaults."""
    _helpers_bulk(mirror, node, WARM_UP_ROWS)  # neither of the two meets a cold server
    plain = _helpers_bulk(mirror, node)
    gc.collect()
    started = time.perf_counter()
    report = mirror.sync()
    sent = report.sent / (time.perf_counter() - started)
    return sent, plain


def _helpers_bulk(mirror: Mirror, node: Node, count: int | None = None) -> float:
    if mirror.index.name == "opensearch":
        from opensearchpy import OpenSearch as Client
        from opensearchpy import helpers

        method = {"name": "hnsw", "engine": "lucene", "space_type": "cosinesimil"}
        field: dict[str, Any] = {"type": "knn_vector", "dimension": DIM, "method": method}
        settings = {"index.knn": True}
    else:
        from elasticsearch import Elasticsearch as Client
        from elasticsearch import helpers

        field = {"type": "dense_vector", "dims": DIM, "index": True, "similarity": "cosine"}
        settings = {}
    node.ask("/plain", "PUT", {"settings": settings, "mappings": mapping(field, {})})
    ids, rows = mirror.mirrored.vectors_of(mirror.ids_here()[:count])
    row_of = dict(zip(ids.tolist(), rows, strict=True))
    now = datetime.now(UTC)
    documents = [(facts.photo.photo_id, fields(facts, now)) for facts in mirror.mirrored.facts_of(ids.tolist())]
    actions = (
        {"_index": "plain", "_id": str(photo_id), "_source": {**document, "features": row_of[photo_id].tolist()}}
        for photo_id, document in documents
    )
    client = Client([node.url], **({"timeout": 120} if mirror.index.name == "opensearch" else {"request_timeout": 120}))
    started = time.perf_counter()
    helpers.bulk(client, actions)
    node.ask("/plain/_refresh", "POST")
    seconds = time.perf_counter() - started
    client.close()
    assert node.ask("/plain/_count")["count"] == len(documents)
    node.ask("/plain", "DELETE")
    return len(documents) / seconds


def _answers(
    name: str, answer: Answer, embedded: EmbeddedIndex, questions: np.ndarray, filters: dict[str, Filter | None]
) -> list[dict[str, Any]]:
    rows = []
    for label, wanted in filters.items():
        for question in questions[:10]:
            answer(question, wanted)
        times, recalls = [], []
        for question in questions:
            started = time.perf_counter()
            ids = answer(question, wanted)
            times.append((time.perf_counter() - started) * 1000)
            right = embedded.search(question, K, wanted)[0]
            recalls.append(len(set(ids.tolist()) & set(right.tolist())) / max(len(right), 1))
        p50, p95 = np.percentile(times, [50, 95])
        rows.append(
            {
                "engine": name,
                "filter": label,
                "p50_ms": float(p50),
                "p95_ms": float(p95),
                "recall": float(np.mean(recalls)),
                "sent_per_s": None,
                "bulk_per_s": None,
            }
        )
    return rows
