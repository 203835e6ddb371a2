"""An XMP file beside a photo is read when it comes, changes or goes; the photo itself is not embedded again for it."""

import os
import time

import pytest
from torture import crafted

from helios_desktop.domain import Filter
from helios_desktop.pipeline.live import LiveLibrary
from helios_desktop.watch.observer import FolderObserver

PATIENCE_SECONDS = 60


def say(path, title, stars=0, *, keywords=(), caption="", age_seconds=60.0):
    """Write a sidecar that says this."""
    items = "".join(f"<rdf:li>{word}</rdf:li>" for word in keywords)
    path.write_bytes(
        crafted.xmp(
            f"<dc:title>{title}</dc:title><xmp:Rating>{stars}</xmp:Rating><dc:description>{caption}</dc:description>"
            f"<dc:subject><rdf:Bag>{items}</rdf:Bag></dc:subject>"
        )
    )
    moment = time.time() - age_seconds
    os.utime(path, (moment, moment))
    return path


def words_of(library, photo):
    metadata = library.catalog.photos.by_path(os.fsencode(photo)).metadata
    return metadata.title, metadata.rating, metadata.caption, metadata.keywords


def names_with(library, phrase):
    found = library.catalog.photos.get(library.catalog.photos.browse(Filter(exact=(phrase,))))
    return [os.path.basename(os.fsdecode(photo.path)) for photo in found]


@pytest.mark.parametrize("name", ["red.xmp", "red.jpg.xmp", "RED.XMP"])
def test_a_changed_sidecar_is_read_and_nothing_is_embedded_again(library, paint, name):
    photo = paint(library.folder / ("RED.jpg" if name == "RED.XMP" else "red.jpg"), "red")
    sidecar = say(library.folder / name, "Old", 1)
    library.add()
    library.index()
    assert words_of(library, photo)[:2] == ("Old", 1)
    say(sidecar, "New harbour", 4, keywords=["boats", "sea"], caption="at dawn", age_seconds=30)
    again = library.index()
    assert words_of(library, photo) == ("New harbour", 4, "at dawn", ("boats", "sea"))
    assert (again.embedded, library.embedder.embedded) == (0, 1)
    assert names_with(library, "harbour") == names_with(library, "boats") == [photo.name]
    assert names_with(library, "Old") == []


def test_a_sidecar_that_comes_later_and_one_that_goes(library, paint):
    photo = paint(library.folder / "red.jpg", "red")
    library.add()
    library.index()
    sidecar = say(library.folder / "red.xmp", "Here", 3)
    library.index()
    assert words_of(library, photo)[:2] == ("Here", 3)
    sidecar.unlink()
    library.index()
    assert words_of(library, photo) == ("", None, "", ())
    assert library.embedder.embedded == 1


def test_of_two_copies_each_has_the_words_of_its_own_sidecar(library, paint):
    photo = paint(library.folder / "a.jpg", "red")
    say(library.folder / "a.xmp", "First")
    library.add()
    library.index()
    copy = library.folder / "b.jpg"
    copy.write_bytes(photo.read_bytes())
    other = library.folder / "c.jpg"
    other.write_bytes(photo.read_bytes())
    for file in (copy, other):
        os.utime(file, (time.time() - 60,) * 2)
    say(library.folder / "c.jpg.xmp", "Third")
    library.index()
    assert [words_of(library, file)[0] for file in (photo, copy, other)] == ["First", "", "Third"]
    assert library.embedder.embedded == 1


def test_a_sidecar_is_not_read_again_while_it_stays_as_it_is(library, paint, monkeypatch):
    photo = paint(library.folder / "red.jpg", "red")
    say(library.folder / "red.xmp", "Mine")
    library.add()
    library.index()
    asked = []
    monkeypatch.setattr(library.decoder, "read_sidecar", asked.append)
    library.index()
    (library.folder / "sub").mkdir()
    for name in ("red.jpg", "red.xmp"):
        (library.folder / name).rename(library.folder / "sub" / name)
    library.index()
    assert asked == []
    assert words_of(library, library.folder / "sub" / photo.name)[0] == "Mine"


def test_a_changed_sidecar_of_a_photo_that_waits_is_read_with_it(library, paint):
    photo = paint(library.folder / "red.jpg", "red")
    sidecar = say(library.folder / "red.xmp", "Old")
    library.add()
    library.index()
    paint(photo, "green", age_seconds=30)
    say(sidecar, "New", age_seconds=20)
    library.index()
    assert words_of(library, photo)[0] == "New"
    assert library.embedder.embedded == 2


def test_a_change_of_model_keeps_the_words_of_the_sidecar(library, paint, colour_embedder):
    photo = paint(library.folder / "red.jpg", "red")
    say(library.folder / "red.xmp", "Mine", 5)
    library.add()
    library.index()
    library.embedder = colour_embedder("colours-2")
    library.index()
    assert words_of(library, photo)[:2] == ("Mine", 5)


def test_the_window_hears_of_a_changed_sidecar(library, paint):
    photo = paint(library.folder / "sub" / "red.jpg", "red")
    library.add()
    live = LiveLibrary(
        catalog=library.catalog,
        follower=library.follower,
        indexing=library.indexing,
        look_after=lambda: None,
        board=library.board,
        gate=library.gate,
        make_observer=lambda on_hint, on_own_entries: FolderObserver(on_hint, on_own_entries=on_own_entries),
    )
    try:
        live.start()
        _wait_until(library, lambda: str(photo) in library.indexed())
        say(library.folder / "sub" / "red.jpg.xmp", "Mine", 2, age_seconds=0)
        _wait_until(library, lambda: words_of(library, photo)[:2] == ("Mine", 2))
    finally:
        live.stop()
    assert library.embedder.embedded == 1


def _wait_until(library, is_so):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        library.token.wait(0.05)
