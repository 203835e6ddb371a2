"""From a folder to vectors: every file accounted for, nothing embedded twice."""

import os
import threading
import time

import numpy as np
import pytest
from filelock import FileLock

from helios_desktop.domain import PhotoState, SkipReason
from helios_desktop.pipeline import ingest
from helios_desktop.pipeline.follow import Target
from helios_desktop.pipeline.jobs import CancelledError


def states(library):
    return {
        os.fsdecode(photo.path).rsplit(os.sep, 1)[1]: (photo.state, photo.reason) for photo in library.catalog.photos.listing()
    }


def test_every_file_is_indexed_or_skipped_with_a_reason(library, paint):
    paint(library.folder / "red.jpg", "red")
    (library.folder / "text.jpg").write_text("no picture", encoding="utf-8")
    (library.folder / "empty.png").touch()
    (library.folder / "film.mp4").write_bytes(b"film")
    library.add()
    summary = library.index()
    assert states(library) == {
        "red.jpg": (PhotoState.INDEXED, None),
        "text.jpg": (PhotoState.SKIPPED, SkipReason.NOT_AN_IMAGE),
        "empty.png": (PhotoState.SKIPPED, SkipReason.EMPTY),
        "film.mp4": (PhotoState.SKIPPED, SkipReason.UNSUPPORTED_FORMAT),
    }
    assert (summary.found, summary.indexed, summary.skipped) == (4, 1, 3)


def test_an_indexed_photo_has_a_vector_a_thumbnail_and_its_size(library, paint):
    paint(library.folder / "blue.jpg", "blue", size=(640, 480))
    library.add()
    library.index()
    photo = next(library.catalog.photos.listing())
    assert (photo.width, photo.height, photo.format) == (640, 480, "JPEG")
    assert library.thumbnails.get(photo.content_hash)[:2] == b"\xff\xd8"
    vector = library.catalog.vectors.get(photo.content_hash, library.embedder.model_id)
    assert float(vector @ library.embedder.embed_text(["blue"])[0]) > 0.99


def test_indexing_again_does_nothing(library, paint):
    paint(library.folder / "red.jpg", "red")
    library.add()
    library.index()
    again = library.index()
    assert (again.indexed, again.embedded) == (0, 0)


def test_a_copy_is_indexed_without_being_embedded(library, paint):
    photo = paint(library.folder / "red.jpg", "red")
    library.add()
    library.index()
    copy = library.folder / "sub" / "copy.jpg"
    copy.parent.mkdir()
    copy.write_bytes(photo.read_bytes())
    summary = library.index()
    assert len(library.indexed()) == 2
    assert summary.embedded == 0


def test_copies_in_one_batch_are_embedded_once(library, paint):
    content = paint(library.folder / "a.jpg", "red").read_bytes()
    for name in "bcd":
        (library.folder / f"{name}.jpg").write_bytes(content)
    library.add()
    assert library.index().embedded == 1
    assert len(library.indexed()) == 4


def test_a_renamed_photo_keeps_its_row(library, paint):
    photo = paint(library.folder / "red.jpg", "red")
    library.add()
    library.index()
    before = library.catalog.photos.by_path(os.fsencode(photo)).photo_id
    moved = photo.rename(library.folder / "renamed.jpg")
    summary = library.index()
    assert library.catalog.photos.by_path(os.fsencode(moved)).photo_id == before
    assert summary.embedded == 0


def test_a_rewritten_photo_answers_with_its_new_content(library, paint):
    photo = paint(library.folder / "photo.jpg", "red")
    library.add()
    library.index()
    paint(photo, "green", age_seconds=30)
    assert library.index().embedded == 1
    row = library.catalog.photos.by_path(os.fsencode(photo))
    vector = library.catalog.vectors.get(row.content_hash, library.embedder.model_id)
    assert float(vector @ library.embedder.embed_text(["green"])[0]) > 0.99


def test_a_deleted_photo_is_gone(library, paint):
    photo = paint(library.folder / "red.jpg", "red")
    library.add()
    library.index()
    photo.unlink()
    library.index()
    assert library.indexed() == set()


def test_a_folder_that_is_away_loses_nothing(library, paint):
    paint(library.folder / "red.jpg", "red")
    library.add()
    library.index()
    library.folder.rename(library.base / "away")
    summary = library.index()
    assert summary.absent == 1
    assert states(library) == {"red.jpg": (PhotoState.ABSENT, None)}
    (library.base / "away").rename(library.folder)
    back = library.index()
    assert states(library) == {"red.jpg": (PhotoState.INDEXED, None)}
    assert back.embedded == 0


def test_only_the_named_folder_is_embedded(library, paint):
    paint(library.folder / "a" / "red.jpg", "red")
    paint(library.folder / "b" / "blue.jpg", "blue")
    root = library.add()
    library.follower.follow([Target(root)], library.token)
    library.indexing.ingest([os.fsencode(library.folder / "a")], library.token, library.gate)
    assert library.indexed() == {str(library.folder / "a" / "red.jpg")}


@pytest.fixture
def device(colour_embedder):
    """Makes a model on a device that wants many photos at once, until its memory runs out."""

    class Device(colour_embedder):
        def __init__(self, room):
            super().__init__()
            self.batch_photos = 64
            self.room = room
            self.batches = []

        def embed_images(self, views):
            self.batches.append(len(views[0]))
            while self.batch_photos > self.room:
                self.batch_photos //= 2
            return super().embed_images(views)

    return Device


@pytest.mark.parametrize(("room", "largest"), [(64, 64), (24, 16)])
def test_a_device_gets_as_many_photos_at_once_as_it_has_room_for(library, paint, device, monkeypatch, room, largest):
    monkeypatch.setattr(ingest, "FLUSH_SECONDS", 100)  # a busy computer decodes few in two seconds
    content = paint(library.folder / "0.jpg", "red").read_bytes()
    for number in range(1, 200):
        copy = library.folder / f"{number}.jpg"
        copy.write_bytes(content + number.to_bytes(4, "big"))
        os.utime(copy, (time.time() - 60,) * 2)
    library.add()
    library.embedder = device(room)
    assert library.index().embedded == 200
    assert library.embedder.batches[0] <= 16
    assert max(library.embedder.batches) == largest


def test_large_pictures_come_in_smaller_batches(library, device, monkeypatch):
    monkeypatch.setattr(ingest, "MOST_HELD_BYTES", 2 * 30 * (16 * 16 * 3 + ingest.THUMBNAIL_BYTES))
    embedder = device(64)
    run = ingest.Ingest(
        catalog=library.catalog,
        thumbnails=library.thumbnails,
        decoder=library.decoder,
        embedders=[embedder],
        folders=(),
        token=library.token,
        gate=library.gate,
        on_batch=lambda *_: None,
        on_disk_full=lambda _: None,
    )
    assert run._wanted_batch() == 30
    embedder.batch_photos = 1
    assert run._wanted_batch() == ingest.BATCH_PHOTOS


def test_another_model_is_filled_without_losing_the_first(library, paint, colour_embedder):
    paint(library.folder / "red.jpg", "red")
    library.add()
    library.index()
    first = library.embedder
    library.embedder = colour_embedder("colours-2")
    assert library.index().embedded == 1
    photo = next(library.catalog.photos.listing())
    for model in (first.model_id, library.embedder.model_id):
        assert library.catalog.vectors.get(photo.content_hash, model) is not None


def test_a_cancelled_run_stops_and_keeps_what_was_committed(library, paint):
    for number in range(40):
        paint(library.folder / f"{number}.jpg", "red", size=(64 + number, 48))
    library.add()
    library.board.subscribe(lambda progress: library.token.cancel() if progress.done else None)
    with pytest.raises(CancelledError):
        library.index()
    assert 0 < len(library.indexed()) < 40


def test_a_run_waits_while_another_process_embeds(library, paint):
    paint(library.folder / "red.jpg", "red")
    library.add()
    heard = threading.Event()
    library.board.subscribe(lambda progress: heard.set() if "another" in progress.message else None)
    other = FileLock(library.base / "embed.lock")
    other.acquire()
    thread = threading.Thread(target=library.index)
    thread.start()
    assert heard.wait(20)
    assert library.indexed() == set()
    other.release()
    thread.join(20)
    assert len(library.indexed()) == 1


def test_a_file_that_is_still_growing_waits_until_it_is_whole(library, paint):
    whole = paint(library.folder / "whole.jpg", "red", size=(800, 600)).read_bytes()
    growing = library.folder / "growing.jpg"
    growing.write_bytes(whole[: len(whole) // 2])
    library.add()
    waiting = threading.Event()
    library.board.subscribe(lambda progress: waiting.set() if progress.phase == "waiting" else None)
    thread = threading.Thread(target=library.index)
    thread.start()
    assert waiting.wait(20)
    assert str(growing) not in library.indexed()
    growing.write_bytes(whole)
    thread.join(30)
    assert states(library)["growing.jpg"] == (PhotoState.INDEXED, None)
    assert library.embedder.embedded == 1


def test_the_newest_photos_come_first(library, paint):
    for number in range(5):
        paint(library.folder / f"{number}.jpg", "red", size=(64 + number, 48), age_seconds=1000 - 100 * number)
    root = library.add()
    library.follower.follow([Target(root)], library.token)
    order = [os.fsdecode(photo.path)[-5] for photo in library.catalog.photos.pending(library.embedder.model_id, 10)]
    assert order == ["4", "3", "2", "1", "0"]


def test_a_picture_that_the_model_makes_nothing_of_is_skipped_and_stops_nobody(library, paint, monkeypatch):
    paint(library.folder / "a.jpg", "red")
    paint(library.folder / "b.jpg", "blue")
    library.add()
    embed = library.embedder.embed_images

    def broken_for_red(views):
        rows = embed(views)
        rows[rows[:, 0] > 0.5] = np.nan
        return rows

    monkeypatch.setattr(library.embedder, "embed_images", broken_for_red)
    summary = library.index()
    assert (summary.indexed, summary.skipped) == (1, 1)
    assert states(library)["a.jpg"] == (PhotoState.SKIPPED, SkipReason.DAMAGED)


def test_pausing_holds_the_work(library, paint):
    paint(library.folder / "red.jpg", "red")
    library.add()
    library.gate.pause()
    thread = threading.Thread(target=library.index)
    thread.start()
    deadline = time.monotonic() + 20
    while library.board.latest.phase != "indexing" and time.monotonic() < deadline:
        library.token.wait(0.01)
    assert library.indexed() == set()
    library.gate.resume()
    thread.join(20)
    assert len(library.indexed()) == 1
