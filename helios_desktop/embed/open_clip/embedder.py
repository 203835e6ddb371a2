"""Any open_clip model -> an ``Embedder`` on CUDA, Metal or the CPU. torch is loaded at the first call, never before."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from helios_desktop.domain import Float32Array, ModelId, UInt8Array, View
from helios_desktop.embed.open_clip.libraries import require_libraries
from helios_desktop.embed.open_clip.source import Description, OpenClipSource
from helios_desktop.errors import ModelError

if TYPE_CHECKING:
    from helios_desktop.embed.open_clip.towers import ImageTower, Notice, TextTower

_log = logging.getLogger(__name__)


class OpenClipEmbedder:
    """Runs an open_clip model with torch; see ``embed.base.Embedder`` for the protocol it keeps.

    ``about``: what is known of the model, so that nothing is loaded to say it; read from open_clip where None.
    ``device``: "cuda", "cuda:1", "mps" or "cpu"; empty for the best one here. ``threads``: on the CPU.
    ``on_notice``: told, once each, what a person should know of: memory that ran out, a fall-back to the CPU.
    """

    def __init__(
        self,
        source: OpenClipSource,
        *,
        about: Description | None = None,
        device: str = "",
        threads: int = 1,
        on_notice: Notice | None = None,
    ) -> None:
        self._source = source
        self._about = about
        self._wanted_device = device
        self._threads = threads
        self._on_notice: Notice = on_notice or _log.warning
        self._image: ImageTower | None = None
        self._text: TextTower | None = None
        self._lock = threading.RLock()

    @property
    def model_id(self) -> ModelId:
        """Names the vector space."""
        return self.about.model_id

    @property
    def title(self) -> str:
        """What people call the model."""
        return self.about.title

    @property
    def dim(self) -> int:
        """Length of every vector."""
        return self.about.dim

    @property
    def preprocess(self) -> tuple[View, ...]:
        """The one view of open_clip's own transform for this model."""
        return (self.about.view,)

    @property
    def about(self) -> Description:
        """What the model wants and gives. Raises ``ModelError`` where open_clip is needed to say it and is not here."""
        with self._lock:
            if self._about is None:
                require_libraries()
                from helios_desktop.embed.open_clip.loading import describe

                self._about = describe(self._source)
            return self._about

    @property
    def device(self) -> str:
        """Where pictures are embedded: as it came about, after a fall-back too."""
        with self._lock:
            return self._image.device if self._image is not None else self._chosen_device()

    @property
    def batch_photos(self) -> int:
        """How many photos a call should bring at once to keep the device busy; halved with each time that memory ran out."""
        with self._lock:
            if self._image is not None:
                return self._image.batch
        device = self.device
        from helios_desktop.embed.open_clip.towers import CPU_BATCH, GPU_BATCH

        return CPU_BATCH if device == "cpu" else GPU_BATCH

    def embed_images(self, views: Sequence[UInt8Array]) -> Float32Array:
        """Embed n photos; see ``Embedder.embed_images``."""
        view = self.about.view
        if len(views) != 1 or views[0].shape[1:] != (view.height, view.width, 3):
            raise ModelError(
                f"The pictures have the shapes {[one.shape for one in views]}; the model wants {view.height} x {view.width}.",
                "Index the photos again with this model.",
            )
        return self._image_tower().embed(views[0])

    def embed_text(self, texts: Sequence[str]) -> Float32Array:
        """Embed n questions; see ``Embedder.embed_text``."""
        return self._text_tower().embed(list(texts))

    def close(self) -> None:
        """Let go of both towers and of what torch keeps of their GPU memory."""
        with self._lock:
            had_gpu = any(tower is not None and tower.device != "cpu" for tower in (self._image, self._text))
            self._image = self._text = None
            if had_gpu:
                import torch

                torch.cuda.empty_cache()

    def _image_tower(self) -> ImageTower:
        with self._lock:
            if self._image is None:
                from_device = self._chosen_device()
                from helios_desktop.embed.open_clip.towers import ImageTower

                self._image = ImageTower(self._model(), self.about, from_device, self._on_notice)
            return self._image

    def _text_tower(self) -> TextTower:
        with self._lock:
            if self._text is None:
                device = self._chosen_device()
                from helios_desktop.embed.open_clip.loading import load_tokenizer
                from helios_desktop.embed.open_clip.towers import TextTower

                tokenizer = load_tokenizer(self._source)
                self._text = TextTower(self._model(), tokenizer, self.about, device, self._on_notice)
            return self._text

    def _chosen_device(self) -> str:
        require_libraries()
        from helios_desktop.embed.open_clip.towers import choose_device

        return choose_device(self._wanted_device)

    def _model(self) -> Any:
        import torch

        from helios_desktop.embed.open_clip.loading import load_model

        torch.set_num_threads(self._threads)
        return load_model(self._source)
