"""A library in a folder of its own, with real parts; only the model is small: it knows eight colours."""

import os
import time

import numpy as np
import pytest
from PIL import Image

from helios_desktop.catalog.store import Catalog
from helios_desktop.decode.pool import DecodePool
from helios_desktop.decode.thumbnails import ThumbnailStore
from helios_desktop.domain import ModelId, View
from helios_desktop.pipeline.follow import Follower, Target
from helios_desktop.pipeline.indexing import Indexing
from helios_desktop.pipeline.jobs import CancelToken, PauseGate
from helios_desktop.pipeline.progress import ProgressBoard
from helios_desktop.watch.ignore import IgnoreRules
from helios_desktop.watch.volumes import volume_of

COLOURS = {
    "red": (230, 20, 20),
    "green": (20, 190, 30),
    "blue": (20, 40, 220),
    "yellow": (240, 230, 30),
    "white": (250, 250, 250),
    "black": (5, 5, 5),
    "violet": (140, 20, 180),
    "grey": (128, 128, 128),
}


class ColourEmbedder:
    """Places pictures and words by how much of each colour they hold."""

    title = "colour model"
    preprocess = (View(width=16, height=16, fit="squash"),)
    dim = len(COLOURS)
    batch_photos = 8

    def __init__(self, model_id="colours-1"):
        self.model_id = ModelId(model_id)
        self.embedded = 0

    def embed_images(self, views):
        self.embedded += len(views[0])
        pixels = views[0].reshape(len(views[0]), -1, 1, 3).astype(np.float32)
        palette = np.array(list(COLOURS.values()), np.float32)
        nearest = np.linalg.norm(pixels - palette, axis=3).argmin(axis=2)
        counts = np.stack([(nearest == number).mean(axis=1) for number in range(self.dim)], axis=1)
        return _unit(counts.astype(np.float32) + 1e-3)

    def embed_text(self, texts):
        rows = [[float(name in text) for name in COLOURS] for text in texts]
        return _unit(np.array(rows, np.float32).reshape(len(texts), self.dim) + 1e-3)

    def close(self):
        pass


def _unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def paint(path, colour, size=(64, 48), age_seconds=60.0):
    """Write one plain JPEG that is old enough to be stable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, COLOURS[colour]).save(path, "JPEG", quality=95)
    moment = time.time() - age_seconds
    os.utime(path, (moment, moment))
    return path


class SmallLibrary:
    """The parts below the application, wired as it wires them."""

    def __init__(self, base, decoder):
        self.base = base
        self.folder = base / "photos"
        self.folder.mkdir(exist_ok=True)
        self.catalog = Catalog.open(base / "catalog.sqlite", backups=base / "backups")
        self.thumbnails = ThumbnailStore(base / "thumbnails.sqlite")
        self.decoder = decoder
        self.embedder = ColourEmbedder()
        self.board = ProgressBoard()
        self.gate = PauseGate()
        self.token = CancelToken()
        self.follower = Follower(catalog=self.catalog, ignore=IgnoreRules(), extensions=frozenset({"jpg", "png"}))
        self.indexing = Indexing(
            catalog=self.catalog,
            thumbnails=self.thumbnails,
            follower=self.follower,
            embedders=lambda: [self.embedder],
            decoder=lambda: self.decoder,
            board=self.board,
            scan_lock=base / "scan.lock",
            embed_lock=base / "embed.lock",
        )

    def add(self, folder=None):
        path = os.fsencode(folder or self.folder)
        return self.catalog.roots.add(path, volume_of(path))

    def index(self, *roots):
        targets = [Target(root) for root in roots or self.catalog.roots.all()]
        return self.indexing.run(targets, (), self.token, self.gate)

    def indexed(self):
        return {os.fsdecode(photo.path) for photo in self.catalog.photos.get(self.catalog.photos.browse())}

    def close(self):
        self.token.cancel()
        self.thumbnails.close()
        self.catalog.close()


@pytest.fixture(scope="session")
def decoder():
    """Workers take most of a second to start, so all tests share them."""
    with DecodePool(2) as pool:
        yield pool


@pytest.fixture
def library(tmp_path, decoder):
    library = SmallLibrary(tmp_path, decoder)
    yield library
    library.close()


@pytest.fixture(name="paint")
def paint_fixture():
    return paint


@pytest.fixture
def colour_embedder():
    return ColourEmbedder
