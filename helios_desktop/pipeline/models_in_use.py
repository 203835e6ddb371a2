"""Which model answers, which one is wanted, and when the one takes over from the other.

A new model fills its own vectors in the background while the old one answers; it takes over when no indexed photo lacks a
vector of it, or when told to. Vectors of two models are never compared: a search uses one model, index and all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import ModelId
from helios_desktop.embed.models import KnownModel, choose_model
from helios_desktop.errors import ModelError

GOING_BACK_SHARE = 0.9
"""A model that covers this much of the library answered for it before: told to, it takes over at once and catches up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsNow:
    """One look: ``answering`` answers, ``wanted`` is the user's choice (the same one, mostly).

    ``covered`` of ``total`` indexed photos have a vector of the wanted one. ``notice``: why the choice cannot be followed.
    """

    answering: KnownModel
    wanted: KnownModel
    covered: int
    total: int
    notice: str = ""

    @property
    def is_switching(self) -> bool:
        """Whether the wanted model is still getting ready."""
        return self.answering.model_id != self.wanted.model_id

    def sentence(self) -> str:
        """Say it to a person; nothing where there is nothing to say."""
        if not self.is_switching:
            return self.notice
        progress = f"{self.wanted.title} is getting ready: {self.covered:,} of {self.total:,} photos"
        return f"{progress}; until then the {self.answering.title} answers"


class ModelsInUse:
    """Decides by what the catalogue holds and the settings say, each time anew. For any thread."""

    def __init__(self, *, catalog: Catalog, known: Callable[[], tuple[KnownModel, ...]], wanted: Callable[[], str]) -> None:
        self._catalog = catalog
        self._known = known
        self._wanted = wanted

    def now(self) -> ModelsNow:
        """Look at both models. Raises ``ModelError`` where no model is here at all."""
        answering, wanted, notice = self._pair(self._known())
        coverage = self._catalog.models.of(wanted.model_id)
        return ModelsNow(answering=answering, wanted=wanted, covered=coverage.covered, total=coverage.total, notice=notice)

    def answering(self) -> KnownModel:
        """The model that answers questions now. Raises ``ModelError`` where no model is here at all."""
        return self._pair(self._known())[0]

    def to_fill(self) -> tuple[KnownModel, ...]:
        """The models whose vectors new photos get: the one that answers first, then the one that is to take over."""
        answering, wanted, _ = self._pair(self._known())
        return (answering,) if answering.model_id == wanted.model_id else (answering, wanted)

    def settle(self, prepare: Callable[[KnownModel], None] = lambda _: None) -> bool:
        """Let the wanted model take over where it can find every indexed photo; True where it did.

        ``prepare`` makes its index ready first, so that no question waits for that.
        """
        answering, wanted, _ = self._pair(self._known())
        if not self._catalog.models.is_complete(wanted.model_id):
            return False
        if answering.model_id != wanted.model_id:
            prepare(wanted)
        self._catalog.models.set_answering(wanted.model_id)
        return answering.model_id != wanted.model_id

    def choose(self, name: str, *, is_now: bool = False) -> KnownModel:
        """Take up a choice that was just made: a model that is ready, or nearly, or ``is_now``, answers at once.

        Raises ``ModelError`` for a name that is not installed.
        """
        known = self._known()
        chosen = choose_model(known, name)
        before = self._pair(known)[0]
        coverage = self._catalog.models.of(chosen.model_id)
        if is_now or coverage.covered >= GOING_BACK_SHARE * coverage.total:
            self._catalog.models.set_answering(chosen.model_id)
        else:
            self._catalog.models.set_answering(before.model_id)  # from here on it is on record who answers meanwhile
        return chosen

    def _pair(self, known: Sequence[KnownModel]) -> tuple[KnownModel, KnownModel, str]:
        """Return the answering and the wanted model, and why the choice cannot be followed, where it cannot."""
        by_id = {model.model_id: model for model in known}
        recorded = self._catalog.models.answering()
        answering = by_id.get(recorded) if recorded else None
        notice = ""
        try:
            wanted = choose_model(tuple(known), self._wanted() or None)
        except ModelError as error:
            wanted = answering or self._fullest(known)
            notice = f"{error.message} {wanted.title} answers instead. {error.remedy}"
        if answering is None:
            fullest = self._fullest(known)
            answering = wanted if self._count(wanted.model_id) >= self._count(fullest.model_id) else fullest
        return answering, wanted, notice

    def _fullest(self, known: Sequence[KnownModel]) -> KnownModel:
        """The model with the most vectors; the one that ships where none has any."""
        if not known:
            return choose_model((), None)
        return max(known, key=lambda model: (self._count(model.model_id), model.is_shipped))

    def _count(self, model_id: ModelId) -> int:
        return self._catalog.vectors.count(model_id)
