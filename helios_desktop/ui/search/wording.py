"""An answer in, the sentence beside the search box out."""

from __future__ import annotations

from collections.abc import Callable

from helios_desktop.ui.plain_text import number
from helios_desktop.ui.search.session import Answer

Translate = Callable[[str], str]


def answer_sentence(answer: Answer, tr: Translate, *, is_growing: bool = False, good: int | None = None) -> str:
    """Return how many photos answered, among how many, and how fast; says "so far" while photos are still being read."""
    sentence = _plain_sentence(answer, tr, good)
    return tr("{sentence} so far").format(sentence=sentence) if is_growing and answer.is_listed else sentence


def _plain_sentence(answer: Answer, tr: Translate, good: int | None) -> str:
    shown = len(answer.ids)
    if answer.is_listed:
        return tr("1 photo") if shown == 1 else tr("{n} photos").format(n=number(shown))
    took = tr("{n} ms").format(n=number(max(1, round(answer.elapsed_seconds * 1000))))
    if not shown:
        return took
    if good == 0:
        sentence = tr("no sure match among {total}").format(total=number(answer.total))
    elif good is not None:
        found = tr("1 good match") if good == 1 else tr("{n} good matches").format(n=number(good))
        sentence = tr("{found} of {total}").format(found=found, total=number(answer.total))
    elif shown < answer.total:
        sentence = tr("best {shown} of {total}").format(shown=number(shown), total=number(answer.total))
    else:
        sentence = tr("1 photo") if shown == 1 else tr("{n} photos, best first").format(n=number(shown))
    return f"{sentence} · {took}"
