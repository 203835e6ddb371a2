"""CLIP on this machine's processor: indexing against two other ways, a question warm and cold, memory.

The model is ViT-B/32 with random weights, which cost what trained ones cost; it is exported once by Helios itself, with its
8-bit form, and kept in build/bench-models. All ways see the same 12 Mpx JPEGs and run in a process of their own, timed from the
moment when their libraries and their model are loaded to the last row written; Helios loads its model inside its time.

- naive: Pillow decodes the whole photo, open_clip's transform, torch in fp32, a 512 px thumbnail, one row and one commit a
  photo, one photo at a time.
- rclip's way: eight threads decode ahead, batches of eight through ONNX Runtime in fp32, one insert a photo, no thumbnails.
- helios: ``App.index``: scan, workers, the 8-bit pack, thumbnails, catalogue, commits.

naive and rclip run before and after Helios, so that a busy moment hits all.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[2])]

from benchmarks.index import best_threads, rate, row, stopwatch, tree_megabytes
from benchmarks.photos import write_photos
from benchmarks.tables import Report

DESCRIPTION = "ViT-B/32 (random weights): indexing against the naive way and rclip's, a question warm and cold, memory."
ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build" / "bench-models"
PACK, WEIGHTS = KEPT / "pack", KEPT / "ViT-B-32.safetensors"
ARCHITECTURE = "ViT-B-32"
NAIVE_PHOTOS = 8
RCLIP_THREADS = RCLIP_BATCH = 8
THUMBNAIL_PX, THUMBNAIL_QUALITY = 512, 80
SPREAD = 1.6
"""Random matrices are made this much larger, so that vectors of different photos differ as those of a trained model do."""
GATE_PHOTOS = 64
TEXT_ROUNDS = 40
QUESTIONS = ("a red boat on a lake", "children playing in a garden", "mountains covered with snow", "a dog on a beach at night")
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
HELIOS = [sys.executable, "-P", "-m", "helios_desktop"]

Result = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this benchmark."""
    parser.add_argument("--photos", type=int, default=96, help="how many 12 Mpx photos (3.5 MB each)")
    parser.add_argument("--rounds", type=int, default=5, help="cold questions; 0 for none")


def run(options: argparse.Namespace) -> Report:
    """Make the pack where there is none yet, measure each way, put it together."""
    if not (PACK / "manifest.json").exists():
        subprocess.run([sys.executable, __file__, "prepare", "-", "-"], check=True, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory(prefix="helios-bench-") as place:
        folder = Path(place)
        photos = folder / "photos"
        write_photos(photos, options.photos)
        home = folder / "home"
        installed(home)
        before = [measured(way, photos, folder) for way in ("naive", "rclip")]
        helios = measured("helios", photos, home)
        after = [measured(way, photos, folder) for way in ("naive", "rclip")]
        text = measured("text", photos, home)
        cold = cold_questions(home, options.rounds) if options.rounds else []
    naive, rclip = (
        {key: one[key] + other[key] for key in ("photos", "seconds", "cpu")} for one, other in zip(before, after, strict=True)
    )
    rows = [
        row("naive: Pillow, torch fp32, one at a time", naive),
        row("rclip's way: 8 threads, ONNX fp32, batches of 8", rclip),
        row("helios index: 8-bit pack, thumbnails, catalogue", helios),
    ]
    ratios = {
        "helios_over_naive (goal 4.5)": rate(helios) / rate(naive),
        "helios_over_rclip (goal 2.5)": rate(helios) / rate(rclip),
        "cpu_naive_over_helios": (naive["cpu"] / naive["photos"]) / (helios["cpu"] / helios["photos"]),
        "cpu_rclip_over_helios": (rclip["cpu"] / rclip["photos"]) / (helios["cpu"] / helios["photos"]),
        "text_warm_ms (goal 20)": text["ms"],
        "text_warm_cpu_ms": text["cpu_ms"],
        "index_rss_mb (goal 1000)": helios["rss_mb"],
    }
    if cold:
        ratios["text_cold_s (goal 1.2)"] = median(wall for wall, _ in cold)
        ratios["text_cold_cpu_s"] = median(cpu for _, cpu in cold)
    notes = [
        f"{options.photos} JPEGs of 12 Mpx; naive {naive['photos']}; 8-bit towers: {', '.join(text['files'])}.",
        "rss: the highest of the process and its decode workers together, pages that they share counted once for each.",
        "cold: from process start to the ranked paths of `helios search`, median; cpu: what it costs when nothing else runs.",
    ]
    return Report(benchmark="models", rows=rows, ratios=ratios, notes=notes)


def measured(way: str, photos: Path, home: Path) -> Result:
    """Run one way in a process of its own."""
    environment = {**os.environ, "HELIOS_HOME": str(home), "OPENBLAS_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, __file__, way, str(photos), str(home)], stdout=subprocess.PIPE, env=environment, check=True
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def prepare(_photos: Path, _home: Path) -> Result:
    """Write random weights, and make the pack as a user would: ``models export``, judged by real photos."""
    import numpy as np
    import open_clip
    import torch
    from PIL import Image
    from safetensors.torch import save_file

    from helios_desktop.decode.views import make_view
    from helios_desktop.domain import View
    from helios_desktop.embed.open_clip.export import export_pack
    from helios_desktop.embed.open_clip.source import OpenClipSource

    KEPT.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    model = open_clip.create_model(ARCHITECTURE, load_weights=False)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if weights.ndim >= 2 and "embedding" not in name:
                weights.mul_(SPREAD)
    save_file({name: value.contiguous() for name, value in model.state_dict().items()}, WEIGHTS)
    photos = sorted((ROOT / "tests" / "data" / "starter_eval" / "photos").glob("*.jpg"))[:GATE_PHOTOS]

    def pictures(view: View) -> list[Any]:
        return [np.asarray(make_view(Image.open(path).convert("RGB"), view)) for path in photos]

    source = OpenClipSource(architecture=ARCHITECTURE, checkpoint=WEIGHTS)
    report = export_pack(source, PACK, pictures=pictures, threads=os.cpu_count() or 1)
    print(report.sentence(), file=sys.stderr)
    return {}


def installed(home: Path) -> None:
    """Install the pack in a library of its own and choose it."""
    environment = {**os.environ, "HELIOS_HOME": str(home)}
    name = json.loads((PACK / "manifest.json").read_text(encoding="utf-8"))["model_id"]
    for words in (["install", "--full-precision", str(PACK)], ["use", "--now", name]):
        subprocess.run([*HELIOS, "models", *words], env=environment, check=True, stdout=subprocess.DEVNULL)


def with_naive_loop(photos: Path, home: Path) -> Result:
    """A photo at a time: decode it whole, embed it with torch, save a thumbnail, insert a row."""
    import io
    import sqlite3

    import open_clip
    import torch
    from PIL import Image, ImageOps

    model = open_clip.create_model(ARCHITECTURE, load_weights=False)
    open_clip.load_checkpoint(model, str(WEIGHTS))
    model.eval()
    transform = open_clip.image_transform(224, is_train=False, mean=MEAN, std=STD)
    store = sqlite3.connect(home / f"naive-{time.time_ns()}.sqlite")
    store.execute("CREATE TABLE photos (path TEXT PRIMARY KEY, vector BLOB, thumbnail BLOB)")

    def index(file: Path) -> None:
        image = ImageOps.exif_transpose(Image.open(file)).convert("RGB")
        with torch.inference_mode():
            vector = model.encode_image(transform(image)[None], normalize=True)[0].numpy()
        image.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
        thumbnail = io.BytesIO()
        image.save(thumbnail, "JPEG", quality=THUMBNAIL_QUALITY)
        with store:
            store.execute("INSERT INTO photos VALUES (?, ?, ?)", (str(file), vector.tobytes(), thumbnail.getvalue()))

    files = sorted(photos.iterdir())[: NAIVE_PHOTOS + 1]
    index(files[0])  # torch's first run costs more
    torch.set_num_threads(best_threads(lambda: model.encode_image(torch.zeros(1, 3, 224, 224)), torch))
    with stopwatch() as spent:
        for file in files[1:]:
            index(file)
    store.close()
    return {"photos": len(files) - 1, **spent}


def with_rclips_loop(photos: Path, home: Path) -> Result:
    """Threads decode ahead and make the model's input, batches of eight go through the fp32 graph, rows one by one."""
    import sqlite3

    import numpy as np
    import onnxruntime as ort
    from PIL import Image

    options = ort.SessionOptions()
    if hasattr(os, "sched_getaffinity"):  # all the cores it may use, not all there are
        options.intra_op_num_threads = len(os.sched_getaffinity(0))
    session = ort.InferenceSession(str(PACK / "visual" / "model.onnx"), options, providers=["CPUExecutionProvider"])
    mean, std = (np.array(values, np.float32).reshape(3, 1, 1) for values in (MEAN, STD))
    store = sqlite3.connect(home / f"rclip-{time.time_ns()}.sqlite")
    store.execute("CREATE TABLE images (filepath TEXT PRIMARY KEY, vector BLOB)")

    def load(file: Path) -> Any:
        image = Image.open(file).convert("RGB")
        scale = 224 / min(image.size)
        image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC)
        left, top = (image.width - 224) // 2, (image.height - 224) // 2
        pixels = np.asarray(image.crop((left, top, left + 224, top + 224)), np.float32).transpose(2, 0, 1) / 255
        return (pixels - mean) / std

    def ahead(files: list[Path]) -> Iterator[tuple[Path, Any]]:
        with ThreadPoolExecutor(RCLIP_THREADS) as pool:
            waiting = deque((file, pool.submit(load, file)) for file in files[: 2 * RCLIP_BATCH])
            for file in [*files[2 * RCLIP_BATCH :], *([None] * min(len(files), 2 * RCLIP_BATCH))]:
                done, future = waiting.popleft()
                yield done, future.result()
                if file is not None:
                    waiting.append((file, pool.submit(load, file)))

    files = sorted(photos.iterdir())[: 4 * RCLIP_BATCH]
    session.run(None, {"image": np.zeros((RCLIP_BATCH, 3, 224, 224), np.float32)})
    batch: list[tuple[Path, Any]] = []
    with stopwatch() as spent:
        for found in ahead(files):
            batch.append(found)
            if len(batch) == RCLIP_BATCH or found[0] == files[-1]:
                (rows,) = session.run(None, {"image": np.stack([pixels for _, pixels in batch])})
                for (file, _), vector in zip(batch, rows / np.linalg.norm(rows, axis=1, keepdims=True), strict=True):
                    with store:
                        store.execute("INSERT INTO images VALUES (?, ?)", (str(file), vector.tobytes()))
                batch = []
    store.close()
    return {"photos": len(files), **spent}


def with_helios(photos: Path, _home: Path) -> Result:
    """The whole road of the application, its memory read on the way."""
    import threading

    import psutil

    from helios_desktop.app import build

    me, done = psutil.Process(), threading.Event()
    highest = 0.0

    def watch() -> None:
        nonlocal highest
        while not done.wait(0.1):
            highest = max(highest, tree_megabytes(me))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with stopwatch() as spent, build() as app:
            app.index([bytes(photos)], lambda _: None)
            counts = app.counts()
    finally:
        done.set()
        watcher.join()
    if counts.pending or counts.skipped or not counts.indexed:
        raise RuntimeError(f"not all photos were indexed: {counts}")
    return {"photos": counts.indexed, "rss_mb": highest, **spent}


def with_words(_photos: Path, _home: Path) -> Result:
    """Questions to the tower for words, on one core, after it was loaded."""
    from helios_desktop.embed.onnx_embedder import open_pack
    from helios_desktop.embed.pack import ModelPack

    embedder = open_pack(PACK, threads=1)
    for question in QUESTIONS:
        embedder.embed_text([question])
    times, cpu = [], time.process_time()
    for number in range(TEXT_ROUNDS):
        started = time.perf_counter()
        embedder.embed_text([QUESTIONS[number % len(QUESTIONS)]])
        times.append(1000 * (time.perf_counter() - started))
    spent = 1000 * (time.process_time() - cpu) / TEXT_ROUNDS
    embedder.close()
    params = ModelPack.open(PACK).params
    return {"ms": median(times), "cpu_ms": spent, "files": [params[tower]["file"] for tower in ("image", "text")]}


def cold_questions(home: Path, rounds: int) -> list[tuple[float, float]]:
    """Seconds of wall and CPU time of ``helios search``, each in a fresh process; the first is not counted."""
    environment = {**os.environ, "HELIOS_HOME": str(home), "NO_COLOR": "1"}
    times = []
    for number in range(rounds + 1):
        before, started = os.times(), time.perf_counter()
        question = QUESTIONS[number % len(QUESTIONS)]
        done = subprocess.run([*HELIOS, "search", question], env=environment, check=True, stdout=subprocess.PIPE)
        after = os.times()
        if b".jpg" not in done.stdout:
            raise RuntimeError("the search found nothing")
        used = after.children_user - before.children_user + after.children_system - before.children_system
        times.append((time.perf_counter() - started, used))
    return times[1:]


WAYS: dict[str, Callable[[Path, Path], Result]] = {
    "prepare": prepare,
    "naive": with_naive_loop,
    "rclip": with_rclips_loop,
    "helios": with_helios,
    "text": with_words,
}

if __name__ == "__main__":
    print(json.dumps(WAYS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))))
