"""The process that decodes: questions on standard input in, answers on standard output out, until the input closes.

It may crash, hang or eat memory over a hostile file: its parent (``pool.py``) replaces it. Limits that the system can enforce
are set here, where the system knows them. It starts light: nothing is loaded that a decoder does not need.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import IO

from helios_desktop.decode import metadata
from helios_desktop.decode.loader import content_hash, load
from helios_desktop.decode.protocol import Answer, Question, answer_frame, parse_question, read_frame, write_frame
from helios_desktop.domain import Skipped, SkipReason
from helios_desktop.errors import SkippedFileError

ADDRESS_SPACE_BYTES = 2_500_000_000
"""Libraries and their reserves take some 0.4 GB of it; a bomb that slips through meets ``MemoryError`` there."""
CPU_SECONDS = 12
"""The system's own limit for one file, a little above the pool's, for the case that the pool is gone."""
OUT_OF_MEMORY = 3
"""The exit code after ``MemoryError``: what is left of the heap is not worth keeping."""


def main() -> int:
    """Answer until standard input closes; the exit code is 0, or ``OUT_OF_MEMORY``."""
    questions, answers = _streams()
    _ignore_interrupts()
    _limit_memory()
    while (frame := read_frame(questions)) is not None:
        _limit_time()
        try:
            header, body = answer_frame(answer(parse_question(frame[0])))
        except MemoryError:
            return OUT_OF_MEMORY
        except Exception:  # noqa: BLE001  a defect of ours must reach the log of the parent, and stop no other file
            header, body = {"kind": "defect", "trace": traceback.format_exc()[-4000:]}, []
        try:
            write_frame(answers, header, body)
        except OSError:
            break
    return 0


def answer(question: Question) -> Answer:
    """What this file is: decoded, hashed, or skipped with its reason; or what the XMP file beside it says."""
    try:
        if question.task == "hash":
            return content_hash(question.path)
        if question.task == "sidecar":
            return metadata.beside(question.path)
        return load(question.path, views=question.views, thumbnail_px=question.thumbnail_px, as_pixels=question.as_pixels)
    except SkippedFileError as error:
        return Skipped(reason=error.reason, detail=error.detail)
    except RecursionError:
        return Skipped(reason=SkipReason.DAMAGED, detail="Its parts contain each other without end.")


def _streams() -> tuple[IO[bytes], IO[bytes]]:
    """The two pipes, kept for frames alone: whatever a library prints goes to standard error."""
    questions, answers = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (questions, answers):
            msvcrt.setmode(descriptor, os.O_BINARY)
    return os.fdopen(questions, "rb"), os.fdopen(answers, "wb")


def _ignore_interrupts() -> None:
    """Ctrl-C is for the parent to act on; it then closes our input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _limit_memory() -> None:
    if sys.platform != "linux":
        # macOS does not enforce the limit and Windows has none: there the pool's own watch and the header limits must do.
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = ADDRESS_SPACE_BYTES if hard == resource.RLIM_INFINITY else min(ADDRESS_SPACE_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time() -> None:
    """The limit counts from the start of the process, so it moves on with each file."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (most, hard))
