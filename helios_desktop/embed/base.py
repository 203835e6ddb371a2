"""The protocol that every embedder keeps, so that no other step knows which model it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from helios_desktop.domain import Float32Array, ModelId, UInt8Array, View


class Embedder(Protocol):
    """Turns pictures and words into vectors of one space. Safe to call from one thread at a time per tower."""

    @property
    def model_id(self) -> ModelId:
        """Names the vector space: vectors of two ids are never compared."""
        ...

    @property
    def title(self) -> str:
        """What people call the model, as in "starter model"."""
        ...

    @property
    def dim(self) -> int:
        """Length of every vector."""
        ...

    @property
    def preprocess(self) -> tuple[View, ...]:
        """The views of a photo that ``embed_images`` wants, in this order."""
        ...

    @property
    def batch_photos(self) -> int:
        """How many photos ``embed_images`` should get at once to keep its device busy; may fall where memory runs out."""
        ...

    def embed_images(self, views: Sequence[UInt8Array]) -> Float32Array:
        """Embed n photos: one uint8 array ``[n, height, width, 3]`` (sRGB) per view of ``preprocess``.

        Returns float32 ``[n, dim]``, unit length. Raises ``ModelError`` where the pack cannot be run.
        """
        ...

    def embed_text(self, texts: Sequence[str]) -> Float32Array:
        """Embed n questions. Returns float32 ``[n, dim]``, unit length. Raises ``ModelError``."""
        ...

    def close(self) -> None:
        """Free sessions and memory; the embedder is not used afterwards."""
        ...
