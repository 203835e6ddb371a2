"""The embedded index against plain numpy: time, recall, memory, filters.

The data resembles what an image model gives: 2,000 clusters of unequal size around a common mean, a spectrum that falls off,
and two dimensions that stand out; `--data uniform` takes directions at random instead, the hardest case for any shortcut.
Half of the questions are near photos, half far from all of them, as words are. The index runs in a process of its own, which
holds nothing else, so that its memory is its own; the exact answers and numpy's time are taken here over the same vectors.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2])]

from benchmarks.tables import Report

from helios_desktop.domain import ChangeBatch, Filter, ModelId
from helios_desktop.index.embedded import EmbeddedIndex

DESCRIPTION = "The embedded index over 100,000 (and with --large a million) vectors, against plain numpy float32."
DIM = 512
K = 10
CLUSTERS = 2000
CHUNK_ROWS = 50_000
FILTER_SHARES = (0.001, 0.01, 0.1)
MODEL = ModelId("bench")
WARM_UP_SECONDS = 120
MOST_PHOTOS = 200_000
"""A catalogue of more photos takes minutes to fill; its index is measured without it."""


class ReplayedSource:
    """The vectors of a file, as changes 1 to n of photos 0 to n-1; a filter passes the share that its first format says."""

    def __init__(self, path: Path) -> None:
        self._vectors = np.load(path, mmap_mode="r", allow_pickle=False)
        self._matching: dict[Filter, np.ndarray] = {}

    def change_token(self) -> int:
        """Nothing changes here."""
        return 0

    def changes_since(self, model_id: str, dim: int, sequence: int, batch: int = 8192) -> Iterator[ChangeBatch]:
        """Yield the rows after ``sequence``."""
        for start in range(sequence, len(self._vectors), batch):
            rows = np.array(self._vectors[start : start + batch])
            ids = np.arange(start, start + len(rows), dtype=np.int64)
            yield ChangeBatch(
                sequence=start + len(rows), photo_ids=ids, vectors=rows, is_removed=np.zeros(len(rows), dtype=np.bool_)
            )

    def matching_ids(self, wanted: Filter) -> np.ndarray:
        """Return the share of the ids that the filter names, spread at random; made once, so that it costs no search time."""
        if wanted not in self._matching:
            self._matching[wanted] = matching(len(self._vectors), float(wanted.formats[0]))
        return self._matching[wanted]


def matching(count: int, share: float) -> np.ndarray:
    """Return that share of the ids, ascending; the same at each call."""
    return np.flatnonzero(np.random.default_rng(7).random(count) < share)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this benchmark."""
    parser.add_argument("--large", action="store_true", help="a million vectors too: 6 GB of disk, 5 GB of memory, minutes")
    parser.add_argument("--data", choices=["clustered", "uniform"], default="clustered")
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--count", type=int, help="measure this many vectors instead")


def run(options: argparse.Namespace) -> Report:
    """Measure each size and put it together."""
    sizes = [options.count] if options.count else [100_000, 1_000_000] if options.large else [100_000]
    rows: list[dict[str, Any]] = []
    ratios: dict[str, float] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="helios-bench-") as folder:
            found = measure_size(Path(folder), size, options)
            whole = [] if size > MOST_PHOTOS else application_rows(Path(folder), size, options.questions)
        rows += found + whole
        numpy_ms, helios_ms = found[0]["p50_ms"], found[1]["p50_ms"]
        ratios[f"numpy_over_helios_{size}"] = numpy_ms / helios_ms
        for one in whole[:1]:
            ratios[f"app_search_over_numpy_{size}"] = one["p50_ms"] / numpy_ms
    notes = [
        f"{options.data} data, {DIM} dimensions, {options.threads} threads, recall@{K} against float64 brute force.",
        "cold: a fresh process opens the snapshot and searches once. rss: the highest of the index's own process.",
        "filtered: the filter's ids are given; recall is within the photos that pass.",
        "app.search: from words to 500 photos, starter model and catalogue included, on one process's threads; goal 40 ms.",
    ]
    return Report(benchmark="search", rows=rows, ratios=ratios, notes=notes)


def measure_size(folder: Path, count: int, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return the rows of one size: numpy first, then the index."""
    data = folder / "vectors.npy"
    generate(data, count, options.data)
    vectors = np.load(data, allow_pickle=False)
    questions = make_questions(vectors, options.questions)
    np.save(folder / "questions.npy", questions)
    started = time.perf_counter()
    index = EmbeddedIndex(folder / "index", ReplayedSource(data), MODEL, DIM, options.threads)
    index.search(questions[0], K)
    index.close()
    build_seconds = time.perf_counter() - started
    before = numpy_times(vectors, questions)
    command = [sys.executable, __file__, str(folder), str(options.threads)]
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    times = before + numpy_times(vectors, questions)
    shown = [row(count, "numpy float32", times, 1.0), *index_rows(count, vectors, questions, found)]
    shown[0]["rss_mb"] = None
    shown[1]["build_s"] = build_seconds
    return shown


def application_rows(folder: Path, count: int, questions: int) -> list[dict[str, Any]]:
    """Return the rows of whole questions, asked of the application in a process of its own."""
    command = [sys.executable, __file__, "application", str(folder), str(questions)]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # as the application starts
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout)
    rows = []
    for name, times in found.items():
        walls, cpus = zip(*times, strict=True)
        rows.append({**row(count, name, list(walls), 0.0), "recall": None, "cpu_ms": float(np.median(cpus))})
    return rows


def index_rows(count: int, vectors: np.ndarray, questions: np.ndarray, found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of what the index's process measured."""
    rows = []
    for label, result in found["results"].items():
        share = result["share"]
        passing = None if share is None else matching(count, share)
        recall = mean_recall(vectors, questions, passing, result["ids"])
        rows.append(row(count, label, result["ms"], recall))
    rows[0].update(rss_mb=found["rss_mb"], cold_ms=found["cold_ms"], first_pass_s=found["first_pass_s"])
    return rows


def row(count: int, what: str, times_ms: list[float], recall: float) -> dict[str, Any]:
    """Return one line of the table."""
    median, high = np.percentile(times_ms, [50, 95])
    return {
        "vectors": count,
        "what": what,
        "p50_ms": float(median),
        "p95_ms": float(high),
        "recall": float(recall),
        "cpu_ms": None,
        "cold_ms": None,
        "rss_mb": None,
        "build_s": None,
        "first_pass_s": None,
    }


def generate(path: Path, count: int, kind: str) -> None:
    """Write unit vectors, float32 ``[count, DIM]``."""
    random = np.random.default_rng(0)
    out = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(count, DIM))
    centres = random.standard_normal((CLUSTERS, DIM), dtype=np.float32)
    weights = random.pareto(1.5, CLUSTERS) + 0.05
    mean = random.standard_normal(DIM, dtype=np.float32)
    spectrum = np.arange(1, DIM + 1, dtype=np.float32) ** -0.4
    spectrum /= np.sqrt(np.mean(spectrum**2))
    spectrum[[7, 100]] *= 6
    for start in range(0, count, CHUNK_ROWS):
        size = min(CHUNK_ROWS, count - start)
        rows = random.standard_normal((size, DIM), dtype=np.float32)
        if kind == "clustered":
            chosen = random.choice(CLUSTERS, size, p=weights / weights.sum())
            rows = (centres[chosen] + 0.8 * rows) * spectrum + 1.2 * mean
        out[start : start + size] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    out.flush()


def make_questions(vectors: np.ndarray, count: int) -> np.ndarray:
    """Return questions, alternately near a photo and far from all."""
    random = np.random.default_rng(1)
    near = vectors[random.integers(0, len(vectors), count)]
    noise = random.standard_normal((count, DIM)).astype(np.float32) / np.sqrt(DIM)
    weight = np.where(np.arange(count) % 2 == 0, 0.7, 5.0)[:, np.newaxis]
    questions = near + weight * noise
    return (questions / np.linalg.norm(questions, axis=1, keepdims=True)).astype(np.float32)


def numpy_times(vectors: np.ndarray, questions: np.ndarray) -> list[float]:
    """Return the milliseconds of the plain way: one product, a partition, a sort."""

    def plain(question: np.ndarray) -> np.ndarray:
        scores = vectors @ question
        best = np.argpartition(-scores, K)[:K]
        return best[np.argsort(-scores[best])]

    return [timed(lambda question=question: plain(question))[0] for question in questions[: max(10, len(questions) // 4)]]


def mean_recall(vectors: np.ndarray, questions: np.ndarray, passing: np.ndarray | None, answers: list[list[int]]) -> float:
    """Return the mean share of the right answers among those given."""
    among = vectors if passing is None else vectors[passing]
    recalls = []
    for question, answer in zip(questions, answers, strict=False):
        scores = among @ question
        k = min(K, len(scores))
        near = np.argpartition(-scores, min(4 * K, len(scores) - 1))[: 4 * K]
        exact = among[near].astype(np.float64) @ question
        right = near[np.argsort(-exact, kind="stable")[:k]]
        ids = right if passing is None else passing[right]
        recalls.append(len(set(ids.tolist()) & set(answer)) / k)
    return float(np.mean(recalls))


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the milliseconds that it took, and its result."""
    started = time.perf_counter()
    result = work()
    return (time.perf_counter() - started) * 1000, result


def measure_index(folder: Path, threads: int) -> dict[str, Any]:
    """In the index's own process: cold, warm and filtered searches, and the memory they took."""
    questions = np.load(folder / "questions.npy", allow_pickle=False)
    index = EmbeddedIndex(folder / "index", ReplayedSource(folder / "vectors.npy"), MODEL, DIM, threads)
    cold_ms, _ = timed(lambda: index.search(questions[0], K))
    index.search(questions[0], K)
    started = time.perf_counter()
    while not index.is_ready() and time.perf_counter() - started < WARM_UP_SECONDS:
        time.sleep(0.05)
    first_pass_s = time.perf_counter() - started
    results = {"helios": measured(index, questions, None)}
    for share in FILTER_SHARES:
        results[f"helios, filter {share:.1%}"] = measured(index, questions[: max(10, len(questions) // 4)], share)
    index.close()
    return {"cold_ms": cold_ms, "first_pass_s": first_pass_s, "results": results, "rss_mb": peak_megabytes()}


def measured(index: EmbeddedIndex, questions: np.ndarray, share: float | None) -> dict[str, Any]:
    """Return times and answers, after one search that is not counted."""
    wanted = None if share is None else Filter(formats=(str(share),))
    index.search(questions[0], K, wanted)
    times, answers = [], []
    for question in questions:
        milliseconds, (ids, _) = timed(lambda question=question: index.search(question, K, wanted))
        times.append(milliseconds)
        answers.append(ids.tolist())
    return {"share": share, "ms": times, "ids": answers}


def peak_megabytes() -> float:
    """Return the highest memory of this process so far, mapped pages included."""
    if sys.platform == "linux":  # ru_maxrss would count the parent's memory too
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset / 1e6
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    if sys.argv[1] == "application":
        from benchmarks.application import measure

        library = Path(sys.argv[2])
        stored = np.load(library / "vectors.npy", mmap_mode="r", allow_pickle=False)
        print(json.dumps(measure(library / "home", stored, int(sys.argv[3]))))
    else:
        print(json.dumps(measure_index(Path(sys.argv[1]), int(sys.argv[2]))))
