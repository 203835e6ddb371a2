"""Bursts and RAW beside JPEG: found in a real catalogue, shown as one, opened again; only new pairs are judged."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helios_desktop.catalog.facts import DecodedFacts, Ready
from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import FileStat, FoundFile, Metadata, ModelId, PendingPhoto, ScanDelta
from helios_desktop.pipeline.stacks import Folding, StackFinder, Stacks

MODEL = ModelId("test-1")
DIM = 8
ROOT = os.fsencode(os.path.join(os.sep, "photos"))


@dataclass(frozen=True)
class Shot:
    name: str
    second: int
    look: int  # photos of the same look are near-identical
    format: str = "JPEG"
    camera: str = "Lumen"
    is_dated: bool = True


class Shelf:
    def __init__(self, folder):
        self.catalog = Catalog.open(folder / "catalog.sqlite")
        self.root = self.catalog.roots.add(ROOT, "disk")
        self.finder = StackFinder(self.catalog, lambda: (MODEL, DIM))

    def add(self, *shots, model=MODEL):
        found = [
            FoundFile(stat=FileStat(path=self.path(shot.name), size=9, mtime_ns=10**18, inode=1, device=1)) for shot in shots
        ]
        self.catalog.photos.record(self.root.root_id, ScanDelta(added=tuple(found)))
        self.embed(*shots, model=model)

    def embed(self, *shots, model):
        batch = []
        for shot in shots:
            photo = self.catalog.photos.by_path(self.path(shot.name))
            moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(1_600_000_000 + shot.second))
            meta = Metadata(taken_at=moment if shot.is_dated else None, camera=shot.camera)
            facts = DecodedFacts(width=4, height=3, format=shot.format, colour=0, metadata=meta)
            batch.append(
                Ready(
                    photo=PendingPhoto(photo_id=photo.photo_id, path=photo.path, size=9, mtime_ns=10**18, content_hash=None),
                    content_hash=hashlib.sha256(shot.name.encode()).digest(),
                    decoded=facts,
                    vector=look(shot),
                    model_id=model,
                )
            )
        self.catalog.photos.mark_ready(batch)

    def path(self, name):
        return ROOT + os.sep.encode() + os.fsencode(name)

    def stacks(self):
        """The names of each stack in the order of all photos, newest first, the one in front first."""
        ids = self.catalog.photos.browse()
        folding = Folding(ids, self.finder.of(ids))
        names = [os.path.basename(os.fsdecode(photo.path)) for photo in self.catalog.photos.get(ids)]
        return [[names[row] for row in folding.members(number)] for number in folding.numbers.values()]


def look(shot):
    rows = np.eye(DIM, dtype=np.float32)
    small = np.random.default_rng(shot.second).standard_normal(DIM).astype(np.float32) * 0.02
    return rows[shot.look] + small


@pytest.fixture
def shelf(tmp_path):
    made = Shelf(tmp_path)
    yield made
    made.catalog.close()


def test_a_burst_is_one_stack_and_what_looks_or_comes_otherwise_is_not_in_it(shelf):
    shelf.add(
        Shot("a1.jpg", 0, 0),
        Shot("a2.jpg", 1, 0),
        Shot("a3.jpg", 2, 0),
        Shot("other-look.jpg", 3, 1),
        Shot("too-late.jpg", 60, 0),
        Shot("other-camera.jpg", 61, 0, camera="Phone"),
    )
    assert shelf.finder.find()
    assert shelf.stacks() == [["a3.jpg", "a2.jpg", "a1.jpg"]]


def test_pictures_that_do_not_say_when_they_were_taken_are_no_burst_whatever_their_files_say(shelf):
    shelf.add(Shot("a.jpg", 0, 0, is_dated=False), Shot("b.jpg", 0, 0, is_dated=False))
    shelf.finder.find()
    assert shelf.stacks() == []


def test_two_cameras_that_take_turns_make_two_bursts(shelf):
    shots = [Shot(f"{camera}{n}.jpg", n, 0, camera=camera) for n in range(3) for camera in ("left", "right")]
    shelf.add(*shots)
    shelf.finder.find()
    assert sorted(map(sorted, shelf.stacks())) == [[f"{one}{n}.jpg" for n in range(3)] for one in ("left", "right")]


def test_a_raw_stands_behind_its_jpeg_whatever_they_look_like_and_whenever_they_were_written(shelf):
    shelf.add(
        Shot("IMG_1.CR2", 5000, 1, "RAW"),
        Shot("IMG_1.JPG", 0, 0),
        Shot("IMG_2.CR2", 900, 2, "RAW"),
        Shot("elsewhere/IMG_2.JPG", 800, 3),
    )
    shelf.finder.find()
    assert shelf.stacks() == [["IMG_1.JPG", "IMG_1.CR2"]]


def test_raws_of_a_burst_join_its_stack_behind_every_jpeg(shelf):
    for n in range(3):
        shelf.add(Shot(f"IMG_{n}.CR2", n, 0, "RAW"), Shot(f"IMG_{n}.JPG", n, 0))
    shelf.finder.find()
    [stack] = shelf.stacks()
    assert [name[-3:] for name in stack] == ["JPG"] * 3 + ["CR2"] * 3


def test_what_is_not_known_yet_stands_alone_until_it_is_looked_for(shelf):
    shelf.add(Shot("a1.jpg", 0, 0), Shot("a2.jpg", 1, 0))
    assert shelf.stacks() == []
    assert shelf.finder.find()
    assert not shelf.finder.find(), "nothing changed"
    assert len(shelf.stacks()) == 1


def test_a_photo_that_comes_later_joins_and_only_new_pairs_are_judged(shelf, monkeypatch):
    shelf.add(Shot("a1.jpg", 0, 0), Shot("a2.jpg", 1, 0))
    shelf.finder.find()
    judged = []
    judge = shelf.finder._judge
    monkeypatch.setattr(shelf.finder, "_judge", lambda first, *rest: judged.append(len(first)) or judge(first, *rest))
    shelf.add(Shot("a3.jpg", 2, 0))
    assert shelf.finder.find()
    assert judged == [2]
    assert shelf.stacks() == [["a3.jpg", "a2.jpg", "a1.jpg"]]


def test_a_photo_that_went_leaves_its_stack(shelf):
    shelf.add(*(Shot(f"a{n}.jpg", n, 0) for n in range(3)))
    shelf.finder.find()
    gone = shelf.catalog.photos.by_path(shelf.path("a2.jpg")).photo_id
    shelf.catalog.photos.record(shelf.root.root_id, ScanDelta(vanished=(gone,)))
    shelf.finder.find()
    assert shelf.stacks() == [["a1.jpg", "a0.jpg"]]


def test_photos_without_a_vector_of_the_model_in_use_are_no_burst(shelf):
    shelf.add(Shot("a1.jpg", 0, 0), Shot("a2.jpg", 1, 0), model=ModelId("other-1"))
    shelf.finder.find()
    assert shelf.stacks() == []


def test_photos_whose_vectors_come_later_join_then(shelf):
    shots = Shot("a1.jpg", 0, 0), Shot("a2.jpg", 1, 0)
    shelf.add(*shots, model=ModelId("other-1"))
    shelf.finder.find()
    shelf.embed(*shots, model=MODEL)
    shelf.finder.find()
    assert len(shelf.stacks()) == 1


def test_another_model_is_asked_for_everything_anew(shelf):
    models = [ModelId("other-1")]
    finder = StackFinder(shelf.catalog, lambda: (models[0], DIM))
    shelf.add(Shot("a1.jpg", 0, 0), Shot("a2.jpg", 1, 0))
    finder.find()
    assert not (finder.of(shelf.catalog.photos.browse()).numbers >= 0).any()
    models[0] = MODEL
    assert finder.find()
    assert (finder.of(shelf.catalog.photos.browse()).numbers >= 0).all()


def test_a_search_that_is_cancelled_keeps_what_was_known(shelf):
    is_over = []
    finder = StackFinder(shelf.catalog, lambda: (MODEL, DIM), lambda: bool(is_over))
    shelf.add(Shot("a1.jpg", 0, 0), Shot("a2.jpg", 1, 0))
    is_over.append(True)
    assert not finder.find()
    is_over.clear()
    assert finder.find()


NUMBERS = st.lists(st.integers(-1, 4), max_size=30)


@given(NUMBERS, st.sets(st.integers(0, 4)), st.data())
def test_folding_shows_every_photo_once_or_behind_the_one_that_stands_for_it(numbers, opened, data):
    behind = np.array(data.draw(st.lists(st.booleans(), min_size=len(numbers), max_size=len(numbers))), np.bool_)
    ids = np.arange(100, 100 + len(numbers))
    folding = Folding(ids, Stacks(numbers=np.array(numbers, np.int64), is_behind=behind))
    sizes = {one: numbers.count(one) for one in numbers if one >= 0 and numbers.count(one) > 1}
    shown = folding.shown(opened)
    rows = shown.rows.tolist()
    assert len(shown.places) == len(rows)
    assert len(rows) == len(set(rows))
    hidden = set(range(len(numbers))) - set(rows)
    assert hidden == {row for one in sizes if one not in opened for row in folding.members(one)[1:].tolist()}
    for one, size in sizes.items():
        members = folding.members(one).tolist()
        assert sorted(members) == [row for row, number in enumerate(numbers) if number == one]
        assert folding.counts[int(ids[members[0]])] == size
        assert bool(behind[members[0]]) == all(behind[row] for row in members), "a RAW is in front only among RAWs"
        if one in opened:
            place = rows.index(members[0])
            assert rows[place : place + size] == members
    alone = [row for row in rows if numbers[row] not in sizes]
    assert alone == sorted(alone), "what stands alone keeps its order"
    places = [min(folding.members(numbers[row]).tolist(), default=row) for row in rows]
    assert shown.places.tolist() == places == sorted(places), "a stack stands where its first photo stood"
