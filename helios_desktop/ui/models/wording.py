"""Downloads, models that get ready and models on offer in, sentences out."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLocale

from helios_desktop.pipeline.models_in_use import ModelsNow
from helios_desktop.pipeline.status import ModelChoice
from helios_desktop.ui.details.facts import bytes_text, shown_locale
from helios_desktop.ui.models.downloading import DownloadState
from helios_desktop.ui.plain_text import number, one_line
from helios_desktop.ui.status.wording import time_left

Translate = Callable[[str], str]
MEGA = 1_000_000


def begins_large(text: str) -> str:
    """Return a title as the beginning of a sentence."""
    text = one_line(text)
    return f"{text[:1].upper()}{text[1:]}"


def download_sentence(state: DownloadState, tr: Translate) -> str:
    """Say how far a download is; nothing where there is none."""
    title = begins_large(state.title)
    done = tr("{done} of {total}").format(done=bytes_text(state.done_bytes), total=bytes_text(state.total_bytes))
    match state.phase:
        case "asking":
            return tr("{title}: asking for the files…").format(title=title)
        case "running":
            parts = [tr("Downloading {title}").format(title=title), done if state.total_bytes else ""]
            if state.bytes_per_second > 0:
                parts.append(tr("{n}/s").format(n=bytes_text(round(state.bytes_per_second))))
            if state.eta_seconds is not None:
                parts.append(time_left(state.eta_seconds, tr))
            return "   ".join(part for part in parts if part)
        case "paused":
            return "   ".join([tr("The download of {title} is paused").format(title=title), done if state.total_bytes else ""])
        case "preparing":
            return tr("{title} is here; it is being made quick for this computer…").format(title=title)
        case "failed":
            error = state.error
            return "" if error is None else one_line(f"{title}: {error.message} {error.remedy}".strip())
    return ""


def switching_sentence(now: ModelsNow, tr: Translate) -> str:
    """Say how far the wanted model is and which one answers; nothing where they are the same."""
    if not now.is_switching:
        return ""
    return tr("{wanted} has seen {done} of {total} photos; until it is ready, the answers come from: {answering}").format(
        wanted=begins_large(now.wanted.title),
        done=number(now.covered),
        total=number(now.total),
        answering=one_line(now.answering.title),
    )


def choice_sentence(model: ModelChoice, tr: Translate) -> str:
    """Say what a model on offer costs and brings: size, languages, licence."""
    parts = [download_size(model), good_at(model, tr), languages(model, tr)]
    if model.licence:
        parts.append(model.licence)
    return " · ".join(part for part in parts if part)


def download_size(model: ModelChoice) -> str:
    """Return how much is to be fetched: "605 MB", "1.5 GB"."""
    places = 0 if model.bytes < 1000 * MEGA else 1
    return shown_locale().formattedDataSize(model.bytes, places, QLocale.DataSizeFormat.DataSizeSIFormat)


def good_at(model: ModelChoice, tr: Translate) -> str:
    """Say what a model is good at; in English for models that are newer than the translations."""
    known = {
        "ViT-B-32__laion2b-s34b-b79k": tr("fast on any computer"),
        "ViT-B-16-SigLIP__webli": tr("better answers, little memory"),
        "ViT-B-32-SigLIP2-256__webli": tr("better answers, nearly as fast"),
        "ViT-B-16-SigLIP2__webli": tr("the best answers without a GPU"),
        "XLM-Roberta-Base-ViT-B-32__laion5b_s13b_b90k": tr("many languages, fast"),
        "nllb-clip-base-siglip__v1": tr("languages that no other model knows"),
        "ViT-L-14-quickgelu__dfn2b": tr("fine detail, with a GPU"),
        "ViT-H-14-378-quickgelu__dfn5b": tr("the best answers, with a large GPU"),
        "ViT-B-32__openai": tr("for vectors made with it, as Unsplash's are"),
    }
    if model.is_shipped:
        return tr("search works from the first minute")
    return known.get(model.name, one_line(model.good_at))


def languages(model: ModelChoice, tr: Translate) -> str:
    """Say which languages a model understands."""
    if model.languages == "English":
        return tr("English")
    if model.languages == "many":
        return tr("many languages")
    return tr("{n} languages").format(n=one_line(model.languages).removeprefix("about "))
