"""What the command line prints: lines for people, compact ASCII JSON for scripts. Answers to stdout, the rest to stderr."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from helios_desktop.domain import Hit, Photo, Problem, Progress
from helios_desktop.errors import KnownError

if TYPE_CHECKING:
    from helios_desktop.pipeline.doctor import Finding

EXIT_UNSOUND = 3


def json_line(value: dict[str, Any]) -> str:
    """Return one compact object in ASCII; bytes of a path that are not UTF-8 become lone surrogates."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def print_json(value: dict[str, Any]) -> None:
    """Write one object, one line, to stdout."""
    click.echo(json_line(value))


def printable(path: bytes) -> str:
    """Return a path for a terminal: control characters, direction marks and stray bytes are escaped, so that it is one line."""
    text = os.fsdecode(path)
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape", "surrogatepass").decode() for letter in text
    )


def note(text: str) -> None:
    """Tell a person something that is no answer."""
    click.echo(text, err=True)


def hit_record(hit: Hit) -> dict[str, Any]:
    """Return the stable keys of a search hit; one of another library has links in the place of a path."""
    photo = hit.photo
    if photo.url is not None or photo.source_url is not None:
        score = None if hit.score is None else round(hit.score, 6)
        links = {"url": photo.url, "sourceUrl": photo.source_url}
        return {
            "path": None,
            "score": score,
            "id": str(photo.photo_id) if photo.photo_id else photo.source_url,  # 0: in no catalogue
            "taken_at": None,
            "width": None,
            "height": None,
            **links,
        }
    return {
        "path": os.fsdecode(photo.path),
        "score": None if hit.score is None else round(hit.score, 6),
        "id": str(photo.photo_id),
        "taken_at": photo.metadata.taken_at,
        "width": photo.width,
        "height": photo.height,
    }


def photo_record(photo: Photo) -> dict[str, Any]:
    """Return the stable keys of a listed file."""
    return {
        "path": os.fsdecode(photo.path),
        "state": str(photo.state),
        "reason": None if photo.reason is None else str(photo.reason),
        "width": photo.width,
        "height": photo.height,
        "format": photo.format,
        "taken_at": photo.metadata.taken_at,
        "hash": None if photo.content_hash is None else photo.content_hash.hex(),
    }


def problem_record(problem: Problem) -> dict[str, Any]:
    """Return the stable keys of a problem."""
    return {
        "path": os.fsdecode(problem.path),
        "reason": str(problem.reason),
        "detail": problem.detail,
        "remedy": problem.remedy,
    }


def progress_record(progress: Progress) -> dict[str, Any]:
    """Return the stable keys of a progress line."""
    return {
        "event": "progress",
        "phase": progress.phase,
        "done": progress.done,
        "total": progress.total,
        "skipped": progress.skipped,
        "per_second": round(progress.per_second, 2),
        "eta_seconds": None if progress.eta_seconds is None else round(progress.eta_seconds, 1),
    }


def print_hits(hits: Iterable[Hit], *, as_json: bool) -> int:
    """Print the hits, best first; return how many there were."""
    count = 0
    for count, hit in enumerate(hits, start=1):  # noqa: B007 the last number is the count
        if as_json:
            print_json(hit_record(hit))
        else:
            score = "      " if hit.score is None else f"{hit.score:6.3f}"
            click.echo(f"{score}  {printable(hit.photo.path) if hit.photo.path else hit.photo.display}")
    return count


def print_findings(findings: Iterable[Finding], *, as_json: bool) -> int:
    """Print what was checked, as it comes; return the exit code: 0 where all of it works, else 3."""
    is_sound = True
    for finding in findings:
        is_sound = is_sound and finding.is_ok
        if as_json:
            print_json({"check": finding.check, "ok": finding.is_ok, "detail": finding.detail, "remedy": finding.remedy})
        else:
            click.echo(f"{'ok  ' if finding.is_ok else 'FAIL'}  {finding.check}: {finding.detail}")
            if not finding.is_ok:
                click.echo(f"      {finding.remedy}")
    return 0 if is_sound else EXIT_UNSOUND


def print_error(error: KnownError) -> None:
    """Say what happened and what to do, on stderr."""
    click.echo(f"helios: {error.message}", err=True)
    if error.remedy:
        click.echo(f"        {error.remedy}", err=True)
