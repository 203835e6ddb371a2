"""A data set that lies elsewhere, in memory: an import goes on step by step, pictures come or the network is away."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import numpy as np
from fake_photos import coloured_jpeg

from helios_desktop.catalog.libraries import Added
from helios_desktop.domain import Hit, Library, ModelId, Photo, PhotoState, PhotoTerm, Progress, SearchResult
from helios_desktop.errors import KnownError
from helios_desktop.pipeline.unsplash import ImportSummary, picture_url, source_url

MODEL = "ViT-B-32__openai"


class FakeLibraries:
    def __init__(self):
        self.library = None
        self.error = None
        self.network_error = None
        self.wishes = []
        self.pictures = []
        self._pieces = threading.Semaphore(0)

    def step(self, count=1):
        self._pieces.release(count)

    def fill(self, count=40):
        self.library = Library(name="unsplash", number=1, model_id=ModelId(MODEL), dim=512, count=count)

    def get(self, name):
        return self.library

    def remove(self, name):
        library, self.library = self.library, None
        return library

    def import_unsplash(self, ids_file, features_file, *, start, end, model, is_dry_run, listener, token=None):
        self.wishes.append(
            SimpleNamespace(ids=ids_file.name, features=features_file.name, start=start, end=end, dry=is_dry_run)
        )
        for done in range(5):
            while not self._pieces.acquire(timeout=0.01):
                token.check()
            if self.error is not None:
                raise self.error
            listener(Progress(phase="indexing", done=done * 10, total=40, skipped=0, per_second=1.0, eta_seconds=None))
        if not is_dry_run:
            self.fill()
        return ImportSummary(
            library="unsplash",
            model_id=ModelId(MODEL),
            rows=41,
            added=Added(new=40),
            zero=("zero-1",),
            is_dry_run=is_dry_run,
            seconds=1.0,
        )

    def picture(self, url):
        self.pictures.append(url)
        if self.network_error is not None:
            raise self.network_error
        return coloured_jpeg(len(url) * 7 % 200 + int(url.split("-")[1].split("/")[0]))

    def photo(self, number):
        return Photo(
            photo_id=1000 + number,
            root_id=0,
            path=b"",
            display=source_url(f"photo-{number}"),
            size=0,
            mtime_ns=0,
            state=PhotoState.INDEXED,
            url=picture_url(f"photo-{number}"),
            source_url=source_url(f"photo-{number}"),
        )

    def search(self, query, error=None):
        if self.library is None:
            raise KnownError("There is no library 'unsplash' here.", "Import it.")
        like = next((term.photo_id - 1000 for term in query.terms if isinstance(term, PhotoTerm)), None)
        numbers = np.arange(20) if like is None else np.array([like + 1, like + 2])
        hits = tuple(Hit(photo=self.photo(int(one)), score=0.3 - one / 1000) for one in numbers)
        return SearchResult(
            hits=hits, total=self.library.count, elapsed_seconds=0.012, model_id=ModelId(MODEL), engine="embedded"
        )
