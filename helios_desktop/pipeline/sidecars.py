"""Changed XMP files -> read in a worker -> laid over what their photos say. These answer meanwhile, and keep their vectors."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future

from helios_desktop.catalog.sidecars import SidecarQueue
from helios_desktop.decode.pool import DecodePool
from helios_desktop.domain import Metadata, Skipped
from helios_desktop.pipeline.jobs import CancelToken

PAGE_PHOTOS = 256


def read_sidecars(queue: SidecarQueue, decoder: DecodePool, folders: Sequence[bytes], token: CancelToken) -> int:
    """Read what changed below ``folders`` (everywhere where none are named); return how many photos say something else now.

    Raises ``CancelledError`` when asked to stop; what was committed stays.
    """
    done = after = 0
    while page := queue.page(PAGE_PHOTOS, after, folders):
        token.check()
        asked = [(photo, decoder.read_sidecar(photo.path)) for photo in page]
        done += queue.mark([(photo, _words(future)) for photo, future in asked])
        after = page[-1].photo_id
    return done


def _words(future: Future[Metadata | Skipped]) -> Metadata:
    """A file that cannot be read says nothing, and neither does one that its worker did not survive."""
    answer = future.result()
    return answer if isinstance(answer, Metadata) else Metadata()


def has_changed(queue: SidecarQueue, folders: Sequence[bytes]) -> bool:
    """Whether any waits to be read."""
    return bool(queue.page(1, 0, folders))
