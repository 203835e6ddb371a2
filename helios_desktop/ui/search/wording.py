"""An answer in, the sentence beside the search box out."""

from __future__ import annotations

from collections.abc import Callable

from helios_desktop.ui.plain_text import number
from helios_desktop.ui.search.session import Answer

Translate = Callable[[str], str]


def answer_sentence(answer: Answer, tr: Translate) -> str:
    """Return how many photos answered, among how many, and how fast; short where everything is listed."""
    shown = len(answer.ids)
    if answer.question.is_browsing:
        return tr("1 photo") if shown == 1 else tr("{n} photos").format(n=number(shown))
    took = tr("{n} ms").format(n=number(max(1, round(answer.elapsed_seconds * 1000))))
    if not shown:
        return took
    if shown < answer.total:
        sentence = tr("best {shown} of {total}").format(shown=number(shown), total=number(answer.total))
    else:
        sentence = tr("1 photo") if shown == 1 else tr("{n} photos, best first").format(n=number(shown))
    return f"{sentence} · {took}"
