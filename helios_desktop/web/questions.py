"""Parameters of a request -> ``Query``: the same words, chips and filters as in the window and on the command line."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from helios_desktop.app import App
from helios_desktop.domain import PHOTOS_LIBRARY, Filter, PhotoTerm, Query, Term
from helios_desktop.pipeline.query import Part, clean, parse_date, without

MOST_A_PAGE = 1_000
MOST_IN_ALL = 10_000
LARGEST_ID = 2**63 - 1

Words = Annotated[str, Field(max_length=2_000)]
Name = Annotated[str, Field(max_length=200)]
Names = Annotated[list[Name], Field(max_length=20)]
Day = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2})?)?)?)?$", max_length=19)]
PhotoId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class SearchParameters(BaseModel):
    """What may be asked, as the parameters of an address."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    q: Words = Field("", description='Words, as in the window: "a cat", -people, 2:beach, "quoted", after:2024, folder:Italy.')
    id: PhotoId | None = Field(None, description="Photos like this one; the photo itself is left out.")
    negatives: Names = Field([], alias="not", description="Look away from these words.")
    after: Day | None = Field(None, description="Taken on this day or later: 2024-06.")
    before: Day | None = Field(None, description="Taken before this day.")
    camera: Names = Field([], description="Taken with a camera of this name.")
    format: Names = Field([], description="Of this format, as in jpeg.")
    folder: Names = Field([], description="In a folder whose name holds these words.")
    rating: Annotated[int, Field(ge=1, le=5)] | None = Field(None, description="This many stars or more.")
    favourite: bool = Field(False, description="Favourites only.")
    library: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,31}$")] = Field(
        PHOTOS_LIBRARY, description="Your photos, or a library that was imported, as in unsplash."
    )
    limit: Annotated[int, Field(ge=1, le=MOST_A_PAGE)] = Field(50, description="How many hits.")
    offset: Annotated[int, Field(ge=0, le=MOST_IN_ALL)] = Field(0, description="How many to leave out before them.")


class Question:
    """A question as the library understood it. Places may be read for it; raises ``QueryError`` for a date that is none."""

    def __init__(self, asked: SearchParameters, library: App, pictures: tuple[Term, ...] = ()) -> None:
        parsed = library.understand(asked.q, _filter(asked), negatives=tuple(asked.negatives), limit=asked.limit)
        likeness = () if asked.id is None else (PhotoTerm(photo_id=asked.id),)
        self._asked = asked
        self._parts = parsed.parts
        self.query = Query(
            terms=(*parsed.query.terms, *likeness, *pictures),
            filter=parsed.query.filter,
            limit=asked.limit,
            offset=asked.offset,
            library=asked.library,
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked for: then all photos answer, newest first."""
        return not self.query.terms and self.query.filter.is_empty and self.query.library == PHOTOS_LIBRARY

    def parts(self) -> list[dict[str, Any]]:
        """Return what was understood, as chips."""
        return [
            {"kind": part.kind, "text": part.text, "weight": part.weight, "without": self._without(part)}
            for part in self._parts
        ]

    def next_address(self, path: str, total: int) -> str | None:
        """Return the address of the next page; None where this is the last."""
        following = self._asked.offset + self._asked.limit
        if following >= min(total, MOST_IN_ALL):
            return None
        given = self._asked.model_dump(by_alias=True, exclude_defaults=True) | {"offset": following}
        return f"{path}?{urlencode(given, doseq=True)}"

    def _without(self, part: Part) -> str:
        """The words that are left; plain words stand at no one place, so what is left are the other parts."""
        if part.end:
            return without(self._asked.q, part)
        if part.kind != "words":
            return self._asked.q
        text = clean(self._asked.q)
        return " ".join(text[other.start : other.end] for other in self._parts if other.end)


def _filter(asked: SearchParameters) -> Filter:
    return Filter(
        taken_after=parse_date(asked.after) if asked.after else None,
        taken_before=parse_date(asked.before) if asked.before else None,
        cameras=tuple(name for name in asked.camera if name.strip()),
        formats=tuple(name for name in asked.format if name.strip()),
        folder_names=tuple(name for name in asked.folder if name.strip()),
        min_rating=asked.rating,
        is_favourite=asked.favourite,
    )
