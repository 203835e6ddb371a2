"""A ``Filter`` -> a condition in the query language that both engines share. It runs inside the engine, beside the vectors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from helios_desktop.domain import Filter
from helios_desktop.index.engine_documents import camera_key, format_key, path_key
from helios_desktop.index.engine_words import words

Json = dict[str, Any]
NOTHING: Json = {"match_none": {}}

_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?")
_TOLD: Json = {
    item.name: item.default
    for item in fields(Filter)
    if item.name
    in {
        "folders",
        "taken_after",
        "taken_before",
        "cameras",
        "formats",
        "exact",
        "not_exact",
        "is_favourite",
        "min_rating",
    }
}
"""The fields of a filter that documents can answer for, with the values that let everything pass."""


def condition_of(wanted: Filter | None, among: Sequence[int] | None = None) -> Json | None:
    """Return the condition, or None where every document passes.

    ``among``: only these photos, for what is ``beyond`` the engine.
    """
    if among is None and (wanted is None or wanted.is_empty):
        return None
    wanted = wanted or Filter()
    passes: list[Json] = [] if among is None else [{"terms": {"photo_id": list(among)}}]
    if wanted.folders:
        keys = [path_key(folder) for folder in wanted.folders]
        passes.append(_any_of([{"terms": {"folders": keys}}, {"terms": {"path": keys}}]))
    dates = {key: moment(text) for key, text in (("gte", wanted.taken_after), ("lt", wanted.taken_before)) if text is not None}
    if dates:
        passes.append({"range": {"taken_at": dates}})
    if wanted.cameras:
        patterns = [f"*{_literally(camera_key(name))}*" for name in wanted.cameras]
        passes.append(_any_of([{"wildcard": {"camera": {"value": pattern}}} for pattern in patterns]))
    if wanted.formats:
        passes.append({"terms": {"format": sorted({format_key(name) for name in wanted.formats})}})
    if wanted.min_rating is not None:
        passes.append({"range": {"rating": {"gte": wanted.min_rating}}})
    if wanted.is_favourite:
        passes.append({"term": {"favourite": True}})
    passes += [_phrase(text) for text in wanted.exact if text.strip()]
    fails = [_phrase(text) for text in wanted.not_exact if text.strip()]
    return {"bool": {"filter": passes, "must_not": fails}}


def moment(text: str) -> str:
    """Return a filter's date as the engine reads it: without its offset, since dates are the camera's wall clock."""
    value = text.strip()
    found = _MOMENT.match(value)
    if found is None:
        return value + "0000-01-01"[len(value) :]
    return f"{found[1]}T{found[2]}{found[3] or ':00'}"


def beyond(wanted: Filter | None) -> Filter:
    """Return what the engine cannot tell of a filter: albums, and whatever else only the catalogue knows."""
    return Filter() if wanted is None else replace(wanted, **_TOLD)


def _any_of(conditions: list[Json]) -> Json:
    return {"bool": {"should": conditions, "minimum_should_match": 1}}


def _phrase(text: str) -> Json:
    found = words(text)
    return {"match_phrase": {"words": found}} if found else NOTHING  # signs alone are no words, so nothing holds them


def _literally(text: str) -> str:
    return re.sub(r"([*?\\])", r"\\\1", text)
