"""Models and settings in memory, as ``ui/library_port.py`` promises them; a download goes on step by step, as a test says."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from helios_desktop.domain import ModelId
from helios_desktop.embed.downloads import DownloadControl, DownloadProgress
from helios_desktop.embed.machine import Machine
from helios_desktop.embed.models import KnownModel
from helios_desktop.errors import IndexUnavailableError
from helios_desktop.parts.model_choices import model_choices
from helios_desktop.pipeline.engine_status import EngineStatus, MirrorStatus
from helios_desktop.pipeline.models_in_use import ModelsNow
from helios_desktop.pipeline.status import ModelRow
from helios_desktop.settings import Settings

CLIP = "ViT-B-32__laion2b-s34b-b79k"
MEGA = 1_000_000
MACHINE = Machine(cores=8, memory_bytes=16 * 2**30, gpu="", reference_pictures_per_second=80.0)


class FakePreferences:
    """Settings in memory."""

    folders = ("/config", "/data", "/log")

    def __init__(self):
        self.settings = Settings(ignore=("*.tmp",))

    def now(self):
        return self.settings

    def change(self, changes):
        self.settings = replace(self.settings, **changes)
        return self.settings


def known(name, title):
    return KnownModel(
        model_id=ModelId(name), title=title, folder=Path("/models") / name, dim=512, is_shipped=name.startswith("starter")
    )


class FakeModelStore:
    """The starter model is here, others can be fetched: each ``step`` lets one more piece come."""

    def __init__(self):
        self.known = {"starter-1": known("starter-1", "starter model")}
        self.answering = self.wanted = "starter-1"
        self.covered, self.total = 30, 30
        self.used = []
        self.made_small = []
        self.error = None
        self.control = None
        self.done_bytes = 0
        self._pieces = threading.Semaphore(0)

    def step(self, count=1):
        self._pieces.release(count)

    def rows(self):
        return [self._row(name) for name in self.known]

    def now(self):
        return ModelsNow(
            answering=self.known[self.answering], wanted=self.known[self.wanted], covered=self.covered, total=self.total
        )

    def choices(self, *, is_measured=False):
        here = [(self.known[row.name], row) for row in self.rows()]
        return model_choices(here, wanted=self.wanted, machine=MACHINE, came_bytes=lambda _name: 0)

    def use(self, name, *, is_now=False):
        self.used.append((name, is_now))
        self.wanted = name
        if is_now or name == "starter-1":
            self.answering = name
        return self._row(name)

    def download(self, name, *, listener=lambda _progress: None, control=None, endpoint=None):
        self.control = control or DownloadControl()
        while self.done_bytes < 6:
            while not self._pieces.acquire(timeout=0.01):
                self.control.pass_through()
            if self.error is not None:
                raise self.error
            self.done_bytes += 1
            listener(
                DownloadProgress(
                    file="visual/model.onnx",
                    done_bytes=self.done_bytes * 100 * MEGA,
                    total_bytes=600 * MEGA,
                    bytes_per_second=4.2 * MEGA,
                    eta_seconds=150.0,
                    is_paused=self.control.is_paused,
                )
            )
        self.known[name] = known(name, "ViT-B/32 (LAION-2B)")
        return self._row(name)

    def fetched(self):
        return [(name, f"https://hub.example/{name}") for name in self.known if not name.startswith("starter")]

    def make_small(self, name, *, say=lambda _text: None):
        self.made_small.append(name)

    def _row(self, name):
        return ModelRow(
            name=name,
            model_id=ModelId(name),
            title=self.known[name].title,
            dim=512,
            size=35 * MEGA,
            photos=self.total if name == "starter-1" else 0,
            is_in_use=name == self.answering,
            licence="MIT",
        )


class FakeEngine:
    """A server at one address; every other address is silent."""

    url = "https://search.example:9200"

    def __init__(self):
        self.kind = "embedded"
        self.used = []
        self.started = []
        self.pause = ""
        self.tries = 0

    def status(self):
        if self.kind == "embedded":
            return EngineStatus(engine="embedded")
        library = MirrorStatus(library="photos", model_id="starter-1", index="images-1", photos=30, there=20, behind=10)
        return EngineStatus(engine=self.kind, server="OpenSearch 3.3.2", urls=(self.url,), alias="images", libraries=(library,))

    def pause_sentence(self):
        return self.pause

    def try_again(self):
        self.tries += 1

    def test(self, choice):
        if self.url not in choice.urls:
            raise IndexUnavailableError(f"Nothing answers at {choice.urls[0]}.", "Start it, or correct the address.")
        return "OpenSearch 3.3.2"

    def use(self, choice):
        if choice.engine != "embedded":
            self.test(choice)
        self.used.append(choice)
        self.kind = choice.engine
        return self.status()

    def start_local(self, kind, *, tell=lambda _text: None):
        self.started.append(kind)
        raise IndexUnavailableError("Docker cannot be called (No such file or directory).", "Install it.")
