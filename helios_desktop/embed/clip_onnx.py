"""CLIP without torch: a pack of the kind "clip" -> an ``Embedder`` on ONNX Runtime.

The towers are apart and loaded when they are first needed: a question never loads the tower for pictures, indexing never the
one for words. A pack holds the layout that ready-made exports of open_clip models have, and its manifest's ``params`` say::

    {
      "image": {"file": "visual/model.onnx", "mean": [r, g, b], "std": [r, g, b]},
      "text": {"file": "textual/model.onnx", "context_length": 77, "clean": "" | "canonicalize", "pad_id": 0,
               "lowercase": false, "language": "" | "eng_Latn"},
      "logit_scale": 100.0 | null, "architecture": "ViT-B-32", "pretrained": "laion2b_s34b_b79k"
    }

The graph for pictures takes ``image`` float32 ``[n, 3, h, w]``, the one for words ``text`` int32 ``[n, context_length]``; both
give ``[n, dim]``, not always of unit length.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from helios_desktop.domain import Float32Array, ModelId, UInt8Array, View
from helios_desktop.embed.clip_text import ClipTokenizer, TextRecipe
from helios_desktop.embed.onnx_session import OnnxModel
from helios_desktop.embed.pack import ModelPack
from helios_desktop.errors import ModelError

TOKENIZER_NAME = "textual/tokenizer.json"
_BATCH = 8
"""Pictures or texts a run: measured, more is no faster on a CPU and needs more memory."""
_SMALLEST_NORM = 1e-9
_REINSTALL = "Install the model again, or choose another one in the settings."


class ClipOnnxEmbedder:
    """Runs a pack of the kind "clip"; see ``embed.base.Embedder`` for the protocol it keeps."""

    def __init__(self, pack: ModelPack, *, threads: int) -> None:
        self._pack = pack
        try:
            image, text = pack.params["image"], pack.params["text"]
            scale = np.asarray(image["std"], np.float32).reshape(1, 3, 1, 1) * 255
            self._factor = (1 / scale).astype(np.float32)
            self._offset = (np.asarray(image["mean"], np.float32).reshape(1, 3, 1, 1) * 255 / scale).astype(np.float32)
            self._visual = OnnxModel(pack.path(image["file"]), threads=threads)
            self._textual = OnnxModel(pack.path(text["file"]), threads=threads)
            self._tokenizer = ClipTokenizer(pack.path(TOKENIZER_NAME), text_recipe(text))
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"The manifest in {pack.folder} says its numbers wrongly ({error!r}).", _REINSTALL) from error

    @property
    def model_id(self) -> ModelId:
        """Names the vector space."""
        return self._pack.model_id

    @property
    def title(self) -> str:
        """What people call the model."""
        return self._pack.title

    @property
    def dim(self) -> int:
        """Length of every vector."""
        return self._pack.dim

    @property
    def preprocess(self) -> tuple[View, ...]:
        """The one picture that the model wants."""
        return self._pack.views

    @property
    def batch_photos(self) -> int:
        """How many photos a call should bring at once."""
        return _BATCH

    @property
    def is_visual_loaded(self) -> bool:
        """Whether the tower for pictures is in memory."""
        return self._visual.is_loaded

    @property
    def is_textual_loaded(self) -> bool:
        """Whether the tower for words is in memory."""
        return self._textual.is_loaded

    def embed_images(self, views: Sequence[UInt8Array]) -> Float32Array:
        """Embed n photos; see ``Embedder.embed_images``."""
        view = self.preprocess[0]
        if len(views) != 1 or views[0].shape[1:] != (view.height, view.width, 3):
            raise ModelError(
                f"The pictures have the shapes {[one.shape for one in views]}; the model wants"
                f" one of {view.height} x {view.width}.",
                "Index the photos again with this model.",
            )
        return self._in_batches(self._visual, views[0], self.image_input)

    def embed_text(self, texts: Sequence[str]) -> Float32Array:
        """Embed n questions; see ``Embedder.embed_text``."""
        return self._in_batches(self._textual, self.tokens(texts), lambda rows: {"text": rows})

    def image_input(self, pixels: UInt8Array) -> dict[str, NDArray[Any]]:
        """What the graph for pictures is given for uint8 ``[n, h, w, 3]``."""
        return {"image": self._normalised(pixels)}

    def text_input(self, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
        """What the graph for words is given."""
        return {"text": self.tokens(texts)}

    def tokens(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return what the text tower is given: int32 ``[n, context_length]``."""
        return self._tokenizer.tokens(texts)

    def close(self) -> None:
        """Free both towers."""
        self._visual.close()
        self._textual.close()

    def _normalised(self, pixels: UInt8Array) -> Float32Array:
        """uint8 ``[n, h, w, 3]`` -> float32 ``[n, 3, h, w]`` with the mean and deviation the model was trained on."""
        planes = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)).astype(np.float32)
        planes *= self._factor
        planes -= self._offset
        return planes

    def _in_batches(
        self, model: OnnxModel, rows: NDArray[Any], prepare: Callable[[NDArray[Any]], dict[str, NDArray[Any]]]
    ) -> Float32Array:
        parts = [model.run(prepare(rows[i : i + _BATCH]))[0] for i in range(0, len(rows), _BATCH)]
        vectors = np.concatenate(parts).astype(np.float32) if parts else np.zeros((0, self.dim), np.float32)
        if vectors.shape != (len(rows), self.dim):
            raise ModelError(
                f"{self.title} gave vectors of the shape {vectors.shape}; {(len(rows), self.dim)} was expected.", _REINSTALL
            )
        return unit_rows(vectors)


def text_recipe(text: dict[str, Any]) -> TextRecipe:
    """Read the ``text`` part of a manifest's ``params``. Raises ``KeyError``, ``TypeError`` or ``ValueError``."""
    pad_id = text.get("pad_id")
    return TextRecipe(
        context_length=int(text["context_length"]),
        clean=str(text.get("clean", "")),
        pad_id=None if pad_id is None else int(pad_id),
        is_lowercase=bool(text.get("lowercase", False)),
        language=str(text.get("language", "")),
    )


def unit_rows(rows: Float32Array) -> Float32Array:
    """Return float32 rows of unit length."""
    scaled: Float32Array = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), _SMALLEST_NORM)
    return scaled
