"""A question's vector and its best score in, the line between good and maybe out. Nothing is hidden, only divided.

Scores of different questions, and of different models, cannot be compared: 0.3 is much for one and little for another. So each
question is judged against itself, over a sample of the library (the background), which it mostly does not mean:

- a good answer stands out of the background by several of its own spreads (median and MAD, Rousseeuw and Croux 1993); by fewer
  where many do, since a question that means an eighth of the library ("something red") makes its own background wide;
- it scores at least a share of what the best answer scores above the background: the share is the strictness;
- it scores more than neutral questions ("a photo") score hardly ever: what answers to no question in particular is not good.

The constants were chosen on the dev half of tests/data/starter_eval, the rule about many with the tests' tiny CLIP (without
it 30 of 56 questions had no good answer); ``scripts/bench match`` prints the figures. Taking neutral scores off photo by photo,
looking for the largest gap and bounding how many may be good were tried, too: all stayed within .02 of this rule's F1.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import Float32Array
from helios_desktop.embed.base import Embedder
from helios_desktop.score_line import ScoreLine

NEUTRAL_QUESTIONS = ("a photo", "a picture of something", "an image", "a photo of something")
SAMPLE = 1000  # photos
FEWEST = 8  # photos that make a background
SPREADS, SPREADS_OF_MANY = 4.0, 2.5
MANY = 3 * 0.0062  # three times the share of a bell curve that lies beyond 2.5 spreads
NEUTRAL_QUANTILE = 0.99
GROWTH = 1.2  # of the library, until another sample is drawn
MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What a library is like for one model. ``vectors`` float32 ``[n, dim]``; ``neutral``: what neutral questions reach."""

    vectors: Float32Array
    neutral: float
    of: int

    @classmethod
    def measured(cls, vectors: Float32Array, neutral: Float32Array, of: int) -> Background:
        """Measure a sample. ``neutral``: vectors of neutral questions, float32 ``[m, dim]``; ``of``: photos in the library."""
        scores = (vectors @ neutral.T).mean(axis=1)
        return cls(vectors=vectors, neutral=float(np.quantile(scores, NEUTRAL_QUANTILE)), of=of)

    def line(self, question: Float32Array, top: float) -> ScoreLine:
        """Judge a question (float32 ``[dim]``, unit length) whose best answer scores ``top``."""
        scores = self.vectors @ question
        middle = float(np.median(scores))
        spread = MAD_TO_SIGMA * float(np.median(np.abs(scores - middle)))
        are_many = float((scores >= middle + SPREADS_OF_MANY * spread).mean()) >= MANY
        floor = middle + (SPREADS_OF_MANY if are_many else SPREADS) * spread
        return ScoreLine(middle=middle, top=top, floor=max(floor, self.neutral))


class MatchLine:
    """Draws lines for one model over one library. Safe to call from several threads."""

    def __init__(self, *, catalog: Catalog, embedder: Embedder) -> None:
        self._catalog = catalog
        self._embedder = embedder
        self._lock = threading.Lock()
        self._background: Background | None = None

    def of(self, question: Float32Array, top: float) -> ScoreLine | None:
        """Return the line for a question (float32 ``[dim]``) whose best answer scores ``top``; None in a tiny library."""
        background = self._present()
        return None if background is None else background.line(question, top)

    def _present(self) -> Background | None:
        """The sample, drawn anew where the library has grown or shrunk much since."""
        count = self._catalog.vectors.count(self._embedder.model_id)
        with self._lock:
            known = self._background
            if known is not None and known.of <= count * GROWTH and count <= known.of * GROWTH:
                return known
            self._background = self._draw(count) if count >= FEWEST else None
            return self._background

    def _draw(self, count: int) -> Background | None:
        ids = self._catalog.photos.browse()
        chosen = np.random.default_rng(0).permutation(len(ids))[:SAMPLE]  # the same photos give the same line
        model_id, dim = self._embedder.model_id, self._embedder.dim
        _, vectors = self._catalog.vectors.of_photos([int(one) for one in ids[chosen]], model_id, dim)
        if len(vectors) < FEWEST:
            return None
        return Background.measured(vectors, self._embedder.embed_text(NEUTRAL_QUESTIONS), count)
