"""The models of a library, as the window, the command line and the server see them: list, choose, fetch, install, remove."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from helios_desktop.embed.models import KnownModel, choose_model
from helios_desktop.embed.pack import ModelPack
from helios_desktop.errors import ModelError
from helios_desktop.parts.library import Parts
from helios_desktop.parts.models import faults_of, model_row
from helios_desktop.paths import resources_dir
from helios_desktop.settings import load_settings, save_settings

if TYPE_CHECKING:
    from helios_desktop.domain import UInt8Array, View
    from helios_desktop.embed.downloads import DownloadControl, Listener
    from helios_desktop.embed.int8 import Int8Report
    from helios_desktop.embed.machine import Machine
    from helios_desktop.embed.onnx_exports import ExportFacts
    from helios_desktop.embed.open_clip.export import ExportReport
    from helios_desktop.embed.open_clip.source import OpenClipSource
    from helios_desktop.pipeline.models_in_use import ModelsNow
    from helios_desktop.pipeline.status import ModelChoices, ModelRow

SAMPLES_NAME = "samples"
Say = Callable[[str], None]


class ModelStore:
    """What may be asked of models. For any thread; what takes long blocks until it is done."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._catalog = parts.catalog
        self._folder = parts.paths.models
        self._machine: Machine | None = None
        self._controls: set[DownloadControl] = set()
        self._is_closed = False
        self._lock = threading.Lock()

    def close(self) -> None:
        """Stop the downloads that are under way; what came is kept. May be called twice."""
        with self._lock:
            self._is_closed = True
            controls = tuple(self._controls)
        for control in controls:
            control.cancel()

    def rows(self, known: Sequence[KnownModel] | None = None) -> list[ModelRow]:
        """The installed models (or these of them), and how many contents each has a vector of."""
        in_use = self._parts.model.model_id
        covered = self._catalog.vectors.models()
        return [
            model_row(one, covered.get(one.model_id, 0), is_in_use=one.model_id == in_use)
            for one in (self._parts.known_models() if known is None else known)
        ]

    def choices(self, *, is_measured: bool = False) -> ModelChoices:
        """Every model that can be chosen, installed or to be fetched, and the one that suits this computer.

        ``is_measured``: measure its speed first, which takes ten seconds; what was measured once counts from then on.
        """
        from helios_desktop.parts.model_choices import model_choices

        known = self._parts.known_models()
        wanted = self._parts.models.in_use.now().wanted.model_id
        rows = list(zip(known, self.rows(known), strict=True))
        return model_choices(rows, wanted=wanted, machine=self._this_machine(is_measured), came_bytes=self._came_bytes)

    def now(self) -> ModelsNow:
        """Which model answers, which one is wanted, and how far that is. Raises ``ModelError`` where no model is here."""
        return self._parts.models.in_use.now()

    def use(self, name: str, *, is_now: bool = False) -> ModelRow:
        """Let a model answer as soon as it can find every photo, at once where it nearly can, or with ``is_now``.

        Raises ``ModelError`` for a name that is not installed.
        """
        known = self._parts.models.in_use.choose(name, is_now=is_now)
        self._keep_choice("" if known.is_shipped else known.model_id)
        return self._row(known)

    def fetched(self) -> list[tuple[str, str]]:
        """The models that came over the network at the user's wish: each one's name, and the address it came from."""
        from helios_desktop.embed.downloads import Origin

        origins = [(folder.name, Origin.read(folder)) for folder in self._pack_folders()]
        return [(name, f"{origin.endpoint}/{origin.repository}") for name, origin in origins if origin is not None]

    def verify(self, names: Iterable[str]) -> list[tuple[str, list[str]]]:
        """Compare the files of models (all where none is named) with their checksums; the faults of each."""
        known = self._parts.known_models()
        asked = tuple(names)
        broken = {folder.name: fault for folder in self._pack_folders() if (fault := _why_not_a_pack(folder))}
        wanted = [choose_model(known, name) for name in asked if name not in broken] if asked else list(known)
        found = [(one.model_id, faults_of(one)) for one in wanted]
        return found + [(name, [fault]) for name, fault in broken.items() if not asked or name in asked]

    def _pack_folders(self) -> list[Path]:
        """Every folder that should hold a pack, sound or not: one that cannot be opened is in no list of models."""
        installed = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
        packs = [folder for folder in installed if folder.is_dir() and not folder.name.startswith(".")]
        return [resources_dir() / "models" / "starter", *packs]

    def install(self, source: Path) -> ModelRow:
        """Install a pack or a ready-made export from a folder or a zip, with no network. Raises ``ModelError``."""
        from helios_desktop.embed.installs import install

        return self._installed(install(source, self._folder))

    def download(
        self,
        name: str,
        *,
        listener: Listener = lambda _: None,
        control: DownloadControl | None = None,
        endpoint: str | None = None,
    ) -> ModelRow:
        """Fetch a model of the table, or the export in any repository ``owner/name`` of the hub, and install it.

        A stop of any kind keeps what came; the next call goes on. Raises ``DownloadCancelledError`` and ``ModelError``.
        """
        from helios_desktop.embed.downloads import DownloadControl, Origin, download_export
        from helios_desktop.embed.hub import Hub
        from helios_desktop.embed.installs import install_download

        repository, facts = self._wanted(name)
        staging = self._staging(facts.model_id)
        control = control or DownloadControl()
        with self._fetching(staging), self._cancelled_at_close(control):
            pinned = Origin.read(self._folder / facts.model_id)
            origin = download_export(Hub(endpoint), repository, staging, pinned=pinned, listener=listener, control=control)
            facts = replace(facts, licence=facts.licence or origin.licence)
            pack = install_download(staging, self._folder, facts, repository=repository, revision=origin.revision)
        return self._installed(pack)

    def discard(self, name: str) -> int:
        """Throw away what an unfinished download of a model left; return the bytes that are free now. Raises ``ModelError``."""
        is_there = "/" not in name and self._staging(name).is_dir()
        model_id = name if is_there else self._wanted(name)[1].model_id
        staging = self._staging(model_id)
        size = self._came_bytes(model_id)
        if staging.is_dir():
            with self._fetching(staging):
                shutil.rmtree(staging, ignore_errors=True)
        return size

    def make_small(self, name: str, *, say: Say = lambda _: None) -> Int8Report | None:
        """Make a model's 8-bit form and use it where it answers as well, on the user's photos or the samples.

        None for models that have no such form. Raises ``ModelError``.
        """
        from helios_desktop.embed.int8 import quantise_and_gate

        known = choose_model(self._parts.known_models(), name)
        pack = ModelPack.open(known.folder)
        if pack.kind != "clip":
            return None
        photos = self.photos_as(pack.views)
        try:
            return quantise_and_gate(known.folder, photos, threads=self._parts.embed_threads, say=say)
        except OSError as error:
            raise ModelError(
                f"The 8-bit form of {pack.title} cannot be made ({error.strerror or error}).",
                "Make room on this disk. The model works in full precision meanwhile.",
            ) from error
        finally:
            self._parts.models.forget(known.model_id)

    def export(
        self,
        source: OpenClipSource,
        folder: Path,
        *,
        is_int8_wanted: bool = True,
        licence: str = "",
        say: Say = lambda _: None,
    ) -> ExportReport:
        """Make a pack of an open_clip model in ``folder``; it is not installed. Needs torch. Raises ``ModelError``."""
        from helios_desktop.embed.open_clip.export import export_pack

        return export_pack(
            source,
            folder,
            pictures=lambda view: list(self.photos_as((view,))[0]),
            is_int8_wanted=is_int8_wanted,
            licence=licence,
            threads=self._parts.embed_threads,
            say=say,
        )

    def export_for_torch(
        self, source: OpenClipSource, folder: Path, *, licence: str = "", say: Say = lambda _: None
    ) -> ModelPack:
        """Make a pack of an open_clip model that torch runs, on a GPU where there is one. Raises ``ModelError``."""
        from helios_desktop.embed.open_clip.packs import write_torch_pack

        return write_torch_pack(source, folder, licence=licence, say=say)

    def photos_as(self, views: tuple[View, ...]) -> list[UInt8Array]:
        """The user's photos, or samples, to judge a model by: one uint8 array ``[n, h, w, 3]`` a view."""
        import numpy as np

        from helios_desktop.pipeline.gate_photos import gate_photos

        samples = resources_dir() / SAMPLES_NAME
        photos = gate_photos(self._catalog, self._parts.interactive_decoder(), samples, views)
        return [np.stack([photo[number] for photo in photos]) for number in range(len(views))]

    def remove(self, name: str, *, with_vectors: bool = False) -> int:
        """Remove a model that was installed, and its vectors with it where asked; return the bytes that are free now.

        Of a model that never came completely, what came is thrown away. Kept vectors answer again once the model is back.
        Raises ``ModelError`` for the model that ships with Helios, and for a name that is not here.
        """
        if "/" not in name and self._came_bytes(name) and name not in {one.model_id for one in self._parts.known_models()}:
            return self.discard(name)
        known = choose_model(self._parts.known_models(), name)
        if known.is_shipped:
            raise ModelError(
                f"The {known.title} is a part of Helios and stays.", "Choose another one with: helios models use NAME"
            )
        size = sum(path.stat().st_size for path in known.folder.rglob("*") if path.is_file())
        if load_settings(self._parts.paths.settings_file).settings.model == known.model_id:
            self._keep_choice("")
        self._parts.models.forget(known.model_id)  # where files in use cannot be removed, they are in use no more
        try:
            gone = known.folder.rename(known.folder.with_name(f".removed-{known.folder.name}-{time.time_ns()}"))
        except OSError as error:
            raise ModelError(
                f"{known.title} cannot be removed ({error.strerror or error}).", "Close other windows of Helios, and try again."
            ) from error
        shutil.rmtree(gone, ignore_errors=True)
        if with_vectors:
            self._catalog.vectors.drop_model(known.model_id)
        self._parts.models.forget()
        self._parts.wake()
        return size

    def _this_machine(self, is_measured: bool) -> Machine:
        from helios_desktop.embed.machine import measured, this_machine

        machine = self._machine or this_machine()
        if is_measured and not machine.is_measured:
            machine = measured(machine)
        self._machine = machine
        return machine

    def _staging(self, model_id: str) -> Path:
        """Where a download lies until it is complete."""
        return self._folder / f".download-{model_id}"

    def _came_bytes(self, model_id: str) -> int:
        staging = self._staging(model_id)
        return sum(path.stat().st_size for path in staging.rglob("*") if path.is_file()) if staging.is_dir() else 0

    @contextmanager
    def _fetching(self, staging: Path) -> Iterator[None]:
        """Be the only one, of all processes, that works on a download. Raises ``ModelError`` where another one does."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(f"{staging}.lock", mode=0o600)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise ModelError("Another Helios is fetching this model now.", "Wait for it to finish.") from error
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _cancelled_at_close(self, control: DownloadControl) -> Iterator[None]:
        with self._lock:
            self._controls.add(control)
            if self._is_closed:
                control.cancel()
        try:
            yield
        finally:
            with self._lock:
                self._controls.discard(control)

    def _wanted(self, name: str) -> tuple[str, ExportFacts]:
        from helios_desktop.embed.model_table import offered
        from helios_desktop.embed.onnx_exports import ExportFacts, facts_from_name

        row = offered(name)
        if row is not None:
            facts = ExportFacts(
                model_id=row.name,
                title=row.title,
                licence=row.licence,
                architecture=row.architecture,
                pretrained=row.pretrained,
            )
            return row.repository, facts
        if "/" not in name:
            raise ModelError(f"There is no model {name!r} to download.", "See the names with: helios models list")
        return name, facts_from_name(name)

    def _installed(self, pack: ModelPack) -> ModelRow:
        self._parts.models.forget(pack.model_id)
        self._parts.wake()
        return self._row(choose_model(self._parts.known_models(), pack.model_id))

    def _keep_choice(self, model_id: str) -> None:
        file = self._parts.paths.settings_file
        save_settings(file, replace(load_settings(file).settings, model=model_id))
        self._parts.models.forget()
        self._parts.wake()

    def _row(self, known: KnownModel) -> ModelRow:
        is_in_use = self._parts.model.model_id == known.model_id
        return model_row(known, self._catalog.vectors.count(known.model_id), is_in_use=is_in_use)


def _why_not_a_pack(folder: Path) -> str:
    """Return why a folder cannot be opened as a pack; empty where it can."""
    try:
        ModelPack.open(folder)
    except ModelError as error:
        return error.message
    return ""
