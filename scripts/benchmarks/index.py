"""Indexing against the naive way, and against what decoding alone reaches: photos a second, CPU a photo, memory.

All ways see the same 12 Mpx JPEGs, generated first. Each runs in a process of its own and is timed from the moment when its
libraries are loaded to the last row written. Helios takes its own road from end to end (``App.index``: scan, workers, starter
model, thumbnails, catalogue, commits). The naive way is the loop that one would write first: Pillow decodes the whole photo,
the same classifier runs in torch fp32 on the same two views, a 512 px thumbnail is saved and one row is inserted and committed,
a photo at a time; it makes no hash, no face and colour cues and reads no metadata. Each way runs twice, in a mirrored order, so
that a busy moment hits all.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2])]

from benchmarks.photos import write_mixed, write_photos
from benchmarks.tables import Report

DESCRIPTION = "Indexing 12 Mpx photos with the starter model, against the naive way and against decoding alone."
NAIVE_PHOTOS = 8
LOOK_AHEAD_PHOTOS = 32
THUMBNAIL_PX = 512
THUMBNAIL_QUALITY = 80
SMALL_PX = (640, 480)
FIRST_MARK = 1000
SAMPLE_SECONDS = 0.2

SPEED_WAYS = ("naive", "decode", "helios")

Result = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this benchmark."""
    parser.add_argument("--photos", type=int, default=120, help="how many 12 Mpx photos (3.5 MB each)")
    parser.add_argument(
        "--memory", type=int, nargs="?", const=5000, metavar="N", help="index N small mixed images and watch the memory (5,000)"
    )


def run(options: argparse.Namespace) -> Report:
    """Generate, measure each way in a process of its own, put it together."""
    with tempfile.TemporaryDirectory(prefix="helios-bench-") as folder:
        if options.memory:
            return memory_report(Path(folder), options.memory)
        return speed_report(Path(folder), options.photos)


def speed_report(folder: Path, count: int) -> Report:
    """Return naive, decoding alone and Helios, with the ratios that goals are stated in."""
    photos = folder / "photos"
    write_photos(photos, count)
    found: dict[str, list[Result]] = {}
    for way in (*SPEED_WAYS, *reversed(SPEED_WAYS)):
        result = measured(way, photos, folder)
        if result is not None:
            found.setdefault(way, []).append(result)
    spent = {way: {key: sum(one[key] for one in runs) for key in ("photos", "seconds", "cpu")} for way, runs in found.items()}
    alone, helios, naive = spent["decode"], spent["helios"], spent.get("naive")
    rows = [row("decode, thumbnail and hash alone", alone), row("helios index", helios)]
    ratios = {"helios_over_decode_alone": rate(helios) / rate(alone), "cpu_decode_alone_over_helios": cpu(alone) / cpu(helios)}
    notes = [
        f"12 Mpx JPEGs; {found['decode'][0]['workers']} decode workers in both; CPU of all processes. Goals: 3.5 and 0.6.",
        "cpu_...: the same ratios in CPU seconds a photo, which depend little on what else the machine does.",
    ]
    if naive is None:
        notes.append("The naive baseline is skipped: it needs torch and the extra 'starter' (scripts/install starter).")
    else:
        rows.insert(0, row("naive: Pillow, torch fp32, one at a time", naive))
        ratios |= {"helios_over_naive": rate(helios) / rate(naive), "cpu_naive_over_helios": cpu(naive) / cpu(helios)}
    return Report(benchmark="index", rows=rows, ratios=ratios, notes=notes)


def row(what: str, result: Result) -> Result:
    """Return one line of the table."""
    return {
        "what": what,
        "photos": result["photos"],
        "seconds": result["seconds"],
        "photos_per_s": rate(result),
        "cpu_ms_per_photo": 1000 * cpu(result),
    }


def cpu(result: Result) -> float:
    """CPU seconds a photo."""
    return float(result["cpu"] / result["photos"])


def rate(result: Result) -> float:
    """Photos a second."""
    return float(result["photos"] / result["seconds"])


def measured(way: str, photos: Path, folder: Path) -> Result | None:
    """Run one way in a process of its own; None where what it needs is not installed."""
    home = tempfile.mkdtemp(prefix=f"{way}-", dir=folder)
    process = subprocess.run(
        [sys.executable, __file__, way, str(photos), home],
        stdout=subprocess.PIPE,
        env={**os.environ, "HELIOS_HOME": home, "OPENBLAS_NUM_THREADS": "1"},  # as the application starts
        check=True,
    )
    found: Result | None = json.loads(process.stdout)
    return found


def with_helios(photos: Path, _home: Path) -> Result:
    """The whole road of the application."""
    from helios_desktop.app import build

    with stopwatch() as spent, build() as app:
        app.index([bytes(photos)], lambda _: None)
        counts = app.counts()
    if counts.pending or counts.skipped or not counts.indexed:
        raise RuntimeError(f"not all photos were indexed: {counts}")
    return {"photos": counts.indexed, **spent}


def with_decoding_alone(photos: Path, _home: Path) -> Result:
    """Hash, views and thumbnail of each photo, kept by nobody; the workers are those of indexing, and as nice to others."""
    from helios_desktop.decode.pool import DecodePool
    from helios_desktop.embed.pack import ModelPack
    from helios_desktop.parts.library import CpuBudget
    from helios_desktop.paths import resources_dir

    views = ModelPack.open(resources_dir() / "models" / "starter").views
    workers = CpuBudget.of(
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    ).decode_workers
    files = sorted(photos.iterdir())
    with stopwatch() as spent, DecodePool(workers, views, is_background=True) as pool:
        in_flight: set[Future[Any]] = set()
        for file in files:
            in_flight.add(pool.submit(bytes(file)))
            if len(in_flight) >= LOOK_AHEAD_PHOTOS:
                _, in_flight = wait(in_flight, return_when=FIRST_COMPLETED)
        wait(in_flight)
    return {"photos": len(files), "workers": workers, **spent}


def with_naive_loop(photos: Path, home: Path) -> Result | None:
    """A photo at a time: decode it whole, embed it with torch, save a thumbnail, insert a row."""
    try:
        import torch
        from starter.vision import load_classifier
    except ImportError:
        return None
    import io
    import sqlite3

    import numpy as np
    from PIL import Image, ImageOps

    network = load_classifier()
    store = sqlite3.connect(home / "naive.sqlite")
    store.execute("CREATE TABLE photos (path TEXT PRIMARY KEY, vector BLOB, thumbnail BLOB)")

    def index(file: Path) -> None:
        image = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
        side = round(min(image.size) * 0.65)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        views = [image.resize((260, 260), Image.Resampling.BICUBIC)]
        views.append(image.crop((left, top, left + side, top + side)).resize((260, 260), Image.Resampling.BICUBIC))
        with torch.inference_mode():
            scores = torch.stack([network(torch.from_numpy(np.array(view))[None])[0] for view in views]).mean(dim=0)
            vector = torch.nn.functional.normalize(scores.softmax(dim=0), dim=0).numpy()
        image.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
        thumbnail = io.BytesIO()
        image.save(thumbnail, "JPEG", quality=THUMBNAIL_QUALITY)
        with store:
            store.execute("INSERT INTO photos VALUES (?, ?, ?)", (str(file), vector.tobytes(), thumbnail.getvalue()))

    files = sorted(photos.iterdir())[: NAIVE_PHOTOS + 1]
    index(files[0])  # torch's first run costs more
    torch.set_num_threads(best_threads(lambda: network(torch.zeros(1, 260, 260, 3, dtype=torch.uint8)), torch))
    with stopwatch() as spent:
        for file in files[1:]:
            index(file)
    store.close()
    return {"photos": len(files) - 1, **spent}


def best_threads(work: Callable[[], Any], torch: Any) -> int:
    """Return what is faster now, torch's own number of threads or one: on a busy machine they wait for each other."""
    times = {}
    for threads in (torch.get_num_threads(), 1):
        torch.set_num_threads(threads)
        started = time.perf_counter()
        with torch.inference_mode():
            for _ in range(5):
                work()
        times[threads] = time.perf_counter() - started
    return min(times, key=lambda threads: times[threads])


@contextmanager
def stopwatch() -> Iterator[Result]:
    """Yield a dict that holds wall and CPU seconds at the end, those of ended child processes included."""
    spent: Result = {}
    wall, cpu = time.perf_counter(), cpu_seconds()
    yield spent
    spent.update(seconds=time.perf_counter() - wall, cpu=cpu_seconds() - cpu)


def cpu_seconds() -> float:
    """CPU that this process and its ended children took so far."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def memory_report(folder: Path, count: int) -> Report:
    """Return the memory of the process tree after 1,000 photos and at the end."""
    photos = folder / "photos"
    write_mixed(photos, count, *SMALL_PX)
    found = measured("memory", photos, folder)
    if found is None:
        raise RuntimeError("nothing was measured")
    marks = [{"what": name, "photos": at, "rss_mb": megabytes} for name, at, megabytes in found["marks"]]
    ratios = {"rss_end_over_first_thousand": found["marks"][-1][2] / found["marks"][0][2]}
    notes = ["rss: this process and its workers, the median of the last tenth before each mark. Goal: at most 1.1."]
    return Report(benchmark="index --memory", rows=marks, ratios=ratios, notes=notes)


def with_memory_watched(photos: Path, _home: Path) -> Result:
    """Index, and read the memory of the whole tree after each batch."""
    from statistics import median

    import psutil

    from helios_desktop.app import build

    samples: list[tuple[int, float]] = []
    me = psutil.Process()
    last = 0.0
    before = done = 0

    def look(progress: Any) -> None:
        nonlocal last, before, done
        if progress.done < done:  # files that were still settling are a second run, which counts from 0
            before += done
        done = progress.done
        if time.monotonic() - last >= SAMPLE_SECONDS and progress.phase == "indexing":
            last = time.monotonic()
            samples.append((before + done, tree_megabytes(me)))

    with build() as app:
        summary = app.index([bytes(photos)], look)

    def around(done: int) -> float:
        return float(median(megabytes for at, megabytes in samples if done * 0.9 <= at <= done))

    first = min(FIRST_MARK, summary.indexed // 2)
    highest = max(megabytes for _, megabytes in samples)
    return {
        "marks": [
            ("early", first, around(first)),
            ("highest", None, highest),
            ("end", summary.indexed, around(summary.indexed)),
        ]
    }


def tree_megabytes(process: Any) -> float:
    """Resident memory of a process and all its children."""
    import psutil

    total = process.memory_info().rss
    for child in process.children(recursive=True):
        try:
            total += child.memory_info().rss
        except psutil.Error:
            continue
    return float(total / 1e6)


WAYS: dict[str, Callable[[Path, Path], Result | None]] = {
    "helios": with_helios,
    "decode": with_decoding_alone,
    "naive": with_naive_loop,
    "memory": with_memory_watched,
}

if __name__ == "__main__":
    print(json.dumps(WAYS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))))
