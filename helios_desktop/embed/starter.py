"""The starter model: PIXELS, WORDS -> VECTORS without a network trained on both.

An image classifier (EfficientNet-Lite2, 1,000 classes) says what a picture shows, plain rules and a face detector add cues
(colours, night, faces), and a sentence encoder (MiniLM-L6) says which classes and cues a question is about. Both sides end in
one space, where a dot product of unit vectors compares them, so every index can serve it::

    [ 1,000 classes | 18 cues | 1 filler that makes the length right ]  ->  a fixed rotation to ``dim - 1`` numbers, and 1 more

The last number takes off what answers every question; see ``starter_ease``. The towers are loaded when they are first needed: a
question never loads the classifier.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from helios_desktop.domain import Float32Array, ModelId, UInt8Array, View
from helios_desktop.embed.onnx_session import OnnxModel
from helios_desktop.embed.pack import ModelPack
from helios_desktop.embed.starter_cues import FACE_CUES, pixel_cues
from helios_desktop.embed.starter_ease import Rivals, picture_vectors, question_vectors
from helios_desktop.embed.starter_faces import FaceFinder
from helios_desktop.embed.starter_question import Dictionary, read_question
from helios_desktop.embed.starter_text import TextTables, question_weights
from helios_desktop.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_MAX_TOKENS = 64
_BATCH = 8
_REINSTALL = "Install the model again, or choose another one in the settings."


class StarterEmbedder:
    """Runs a pack of the kind "starter"; see ``embed.base.Embedder`` for the protocol it keeps."""

    def __init__(self, pack: ModelPack, *, threads: int) -> None:
        self._pack = pack
        self._params = pack.params
        self._vision = OnnxModel(pack.path("vision.onnx"), threads=threads)
        self._text = OnnxModel(pack.path("text.onnx"), threads=threads)
        self._faces = OnnxModel(pack.path("faces.onnx"), threads=threads)
        self._finder = FaceFinder(self._faces)

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
        """The whole picture squashed to a square, and its centre."""
        return self._pack.views

    @property
    def batch_photos(self) -> int:
        """How many photos a call should bring at once."""
        return _BATCH

    def embed_images(self, views: Sequence[UInt8Array]) -> Float32Array:
        """Embed n photos; see ``Embedder.embed_images``."""
        self._check(views)
        count = len(views[0])
        rows = [self._image_rows([view[i : i + _BATCH] for view in views]) for i in range(0, count, _BATCH)]
        return np.concatenate(rows) if rows else np.zeros((0, self.dim), np.float32)

    def embed_text(self, texts: Sequence[str]) -> Float32Array:
        """Embed n questions; see ``Embedder.embed_text``. A question is embedded alone, so that no other one changes it."""
        if not texts:
            return np.zeros((0, self.dim), np.float32)
        return np.concatenate([self._text_row(text) for text in texts])

    def close(self) -> None:
        """Free the sessions."""
        for model in (self._vision, self._text, self._faces):
            model.close()

    def _check(self, views: Sequence[UInt8Array]) -> None:
        wanted = [(view.height, view.width, 3) for view in self.preprocess]
        if [view.shape[1:] for view in views] != wanted or len({len(view) for view in views}) != 1:
            raise ModelError(
                f"The pictures have the shapes {[view.shape for view in views]}; the model wants {wanted}.",
                "Index the photos again with this model.",
            )

    def _image_rows(self, views: Sequence[UInt8Array]) -> Float32Array:
        logits = np.stack([self._logits(view) for view in views]).mean(axis=0)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        seen = _unit(_unit(shares ** self._params["power"]) - self._vision_tables["mean"])
        animal = shares[:, : int(self._params["animal_classes"])].sum(axis=1, keepdims=True)
        faces = self._face_cues(views[0], np.clip(1 - 1.5 * animal, 0, 1))
        cues = np.concatenate([pixel_cues(views[0]), faces], axis=1) * self._params["image_cue_scale"]
        length = np.linalg.norm(cues, axis=1, keepdims=True)
        cues *= np.minimum(1, self._params["image_cue_limit"] / np.maximum(length, 1e-9))
        length = np.minimum(length, self._params["image_cue_limit"])
        filler = np.sqrt(np.maximum(0, self._params["image_cue_limit"] ** 2 - length**2))
        rows = self._rotated(np.concatenate([seen, cues, filler], axis=1))
        return picture_vectors(rows, self._rivals, self._params)

    def _face_cues(self, pictures: UInt8Array, trust: Float32Array) -> Float32Array:
        """Face cues, float32 ``[n, 2]``, times ``trust`` ``[n, 1]``: a lion has a face too. No trust, no search."""
        faces = np.zeros((len(pictures), len(FACE_CUES)), np.float32)
        worth = trust[:, 0] > 0
        faces[worth] = self._finder.cues(pictures[worth]) * trust[worth]
        return faces

    def _logits(self, view: UInt8Array) -> Float32Array:
        """Class scores, float32 ``[n, 1000]``, one picture at a time: a batch is no faster on one core, only larger."""
        return np.concatenate([self._vision.run({"pixels": view[i : i + 1]})[0] for i in range(len(view))])

    def _text_row(self, text: str) -> Float32Array:
        question = read_question(text, self._dictionary)
        ids = np.array([self._tokenizer.encode("a photo of " + question.sentence).ids[:_MAX_TOKENS]], np.int64)
        (sentence,) = self._text.run({"ids": ids, "mask": np.ones_like(ids)})
        weights, cues = question_weights(sentence, question.colours[None], self._tables, self._params)
        row = self._rotated(np.concatenate([weights, cues, np.zeros((1, 1), np.float32)], axis=1))
        return question_vectors(row, self._params)

    def _rotated(self, rows: NDArray[Any]) -> Float32Array:
        projection = self._projection
        return _unit(_unit(rows) if projection is None else _unit(rows) @ projection)

    @cached_property
    def _tables(self) -> TextTables:
        with _readable("tables.npz"):
            return TextTables.load(self._pack.path("tables.npz"))

    @cached_property
    def _rivals(self) -> Rivals:
        with _readable("rivals.npz"):
            return Rivals.load(self._pack.path("rivals.npz"))

    @cached_property
    def _dictionary(self) -> Dictionary:
        return Dictionary.load(self._pack.path("words.json"))

    @cached_property
    def _vision_tables(self) -> dict[str, Float32Array]:
        with _readable("space.npz"), np.load(self._pack.path("space.npz"), allow_pickle=False) as stored:
            return {name: stored[name].astype(np.float32) for name in stored.files}

    @cached_property
    def _projection(self) -> Float32Array | None:
        return self._vision_tables.get("projection")

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer  # pictures need no words

        try:
            tokenizer = Tokenizer.from_file(str(self._pack.path("tokenizer.json")))
        except Exception as error:  # the library raises bare Exceptions
            raise ModelError(f"The tokenizer of {self.title!r} cannot be read ({error}).", _REINSTALL) from error
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """Turn what a damaged table raises into a known error."""
    try:
        yield
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"{name} of the starter model cannot be read ({error!r}).", _REINSTALL) from error


def _unit(rows: NDArray[Any]) -> Float32Array:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Float32Array = (rows / np.maximum(norms, 1e-9)).astype(np.float32)
    return scaled
