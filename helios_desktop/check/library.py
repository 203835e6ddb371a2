"""A library made for the check: every format decoded in a worker, embedded, catalogued, searched, and read again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from helios_desktop.app import App, build
from helios_desktop.check.steps import REMEDY, expect
from helios_desktop.decode.formats import has_jxl, has_raw
from helios_desktop.domain import Filter, Photo, PhotoState
from helios_desktop.paths import AppPaths, resources_dir
from helios_desktop.pipeline.doctor import Finding

FORMATS = {
    "JPEG": "jpg",
    "PNG": "png",
    "GIF": "gif",
    "WebP": "webp",
    "TIFF": "tif",
    "BMP": "bmp",
    "AVIF": "avif",
    "MPO": "mpo",
    "JPEG 2000": "jp2",
    "PNM": "ppm",
    "HEIC": "heic",
    "RAW (DNG)": "dng",
    "JPEG XL": "jxl",
}
"""What is read -> the sample ``resources/check/photo.<extension>``."""
EXTRAS = {"RAW (DNG)": ("raw", has_raw), "JPEG XL": ("jxl", has_jxl)}
LONG_AGO = 1_600_000_000
"""A file whose time is past is stable at once."""
SAMPLE_SIDE = (96, 64)


def formats(folder: Path, *, is_complete: bool) -> Iterator[Finding]:
    """One finding for each format. ``is_complete``: decoders that a checkout may lack must be here."""
    photos = folder / "photos"
    shutil.copytree(resources_dir() / "check", photos)
    for file in photos.iterdir():
        os.utime(file, (LONG_AGO, LONG_AGO))
    with build(_paths(folder)) as app:
        app.index([bytes(photos)], lambda _progress: None)
        seen = {os.path.splitext(os.fsdecode(photo.path))[1][1:]: photo for photo in app.listing(Filter(), None)}
        for name, extension in FORMATS.items():
            extra, is_here = EXTRAS.get(name, ("", lambda: True))
            if not is_here() and not is_complete:
                yield Finding(check=f"decode {name}", is_ok=True, detail=f"not installed (extra '{extra}')")
            else:
                yield _finding(app, name, seen.get(extension))


def search(folder: Path) -> str:
    """Index two photos, close the library, open it again, and ask for one of them by what it shows and by its name."""
    paths = _paths(folder)
    photos = folder / "photos"
    photos.mkdir()
    shutil.copy2(resources_dir() / "samples" / "IMG_0112.jpg", photos)
    shutil.copy2(resources_dir() / "check" / "photo.png", photos)
    for file in photos.iterdir():
        os.utime(file, (LONG_AGO, LONG_AGO))
    with build(paths) as app:
        app.index([bytes(photos)], lambda _progress: None)
    with build(paths) as app:  # from what was written
        answer = app.search(app.parse("a cat on a chair"))
        first = answer.hits[0]
        expect(first.photo.path.endswith(b"IMG_0112.jpg"), f"The wrong photo came first: {first.photo.display}")
        exact = app.search(app.parse('"IMG_0112"'))
        expect(len(exact.hits) == 1, f"The word index found {len(exact.hits)} photos, not 1.")
        title = app.model_title
    return f"{title}: the cat first, score {first.score or 0:.3f}"


def catalogue(folder: Path) -> str:
    """Write a catalogue, read all of it, back it up, and put the backup in place."""
    import apsw

    from helios_desktop.app import restore_catalog

    paths = _paths(folder)
    with build(paths) as app:
        album = app.marks.create_album("check")
        expect(app.check_catalog() == [], "A fresh catalogue is not sound.")
        backup = app.backup_catalog()
    restore_catalog(backup, paths)
    with build(paths) as app:
        expect(any(found.album_id == album for found in app.marks.albums()), "A restored catalogue lost its album.")
    return f"SQLite {apsw.sqlite_lib_version()}, written, checked, backed up and restored"


def _paths(folder: Path) -> AppPaths:
    return AppPaths.from_environment({"HELIOS_HOME": str(folder / "home")})


def _finding(app: App, name: str, photo: Photo | None) -> Finding:
    check = f"decode {name}"
    if photo is None:
        return Finding(check=check, is_ok=False, detail="The sample photo was not found.", remedy=REMEDY)
    if photo.state is not PhotoState.INDEXED or photo.content_hash is None:
        return Finding(check=check, is_ok=False, detail=f"{photo.state}, {photo.reason}", remedy=REMEDY)
    thumbnail = app.thumbnail(photo.content_hash)
    if (photo.width, photo.height) != SAMPLE_SIDE or not thumbnail:
        return Finding(check=check, is_ok=False, detail=f"{photo.width} x {photo.height}, not as it was made", remedy=REMEDY)
    return Finding(check=check, is_ok=True, detail=f"decoded in a worker and embedded ({photo.format})")
