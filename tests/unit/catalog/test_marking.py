"""What decoding tells: a photo is ready with its vector, or skipped with its reason, if it is still the file that was read."""

import dataclasses

import numpy as np
import pytest

from helios_desktop.catalog.facts import Ready
from helios_desktop.domain import ModelId, PhotoState, SkipReason
from helios_desktop.errors import CatalogError

SECOND = ModelId("test-2")


def test_a_ready_photo_is_found_with_all_its_facts(shelf):
    shelf.add("a.jpg")
    item = shelf.ready(
        "a.jpg",
        taken_at="2024-06-01T12:00:00+02:00",
        camera="Canon EOS R5",
        lens="50mm",
        latitude=-1.5,
        longitude=3.25,
        rating=4,
        title="sea",
        caption="waves",
        keywords=("beach", "été"),
    )
    shelf.photos.mark_ready([item])
    photo = shelf.at("a.jpg")
    assert photo.state is PhotoState.INDEXED
    assert photo.metadata == item.decoded.metadata
    assert (photo.width, photo.height, photo.format, photo.colour) == (400, 300, "JPEG", 0x336699)
    assert photo.content_hash == shelf.content("a.jpg")
    assert shelf.catalog.vectors.facts_of(photo.content_hash) == item.decoded


def test_a_file_that_changed_while_it_was_read_stays_pending(shelf):
    shelf.add("a.jpg", "b.jpg")
    late = shelf.ready("a.jpg")
    shelf.change("a.jpg", size=5000)
    assert shelf.photos.mark_ready([late, shelf.ready("b.jpg")]) == {shelf.id_of("b.jpg")}
    assert shelf.at("a.jpg").state is PhotoState.PENDING
    assert shelf.photos.mark_skipped([(late.photo, None)]) == frozenset()


def test_a_file_that_was_renamed_while_it_was_read_is_ready(shelf):
    shelf.add("a.jpg")
    item = shelf.ready("a.jpg")
    shelf.move("a.jpg", "b.jpg")
    assert shelf.photos.mark_ready([item]) == {shelf.id_of("b.jpg")}


def test_a_file_that_vanished_while_it_was_read_is_left_out(shelf):
    shelf.add("a.jpg")
    item = shelf.ready("a.jpg")
    shelf.vanish("a.jpg")
    assert shelf.photos.mark_ready([item]) == frozenset()


def test_copies_share_one_vector_and_each_answer(shelf):
    first, second = shelf.add("a.jpg", "copy/a.jpg")
    items = [shelf.ready("a.jpg", "same"), dataclasses.replace(shelf.ready("copy/a.jpg", "same"), vector=None)]
    assert shelf.photos.mark_ready(items) == {first, second}
    assert shelf.catalog.vectors.count(shelf.model) == 1
    (batch,) = shelf.catalog.changes.changes_since(shelf.model, shelf.dim, 0)
    assert sorted(batch.photo_ids.tolist()) == [first, second]
    assert np.allclose(batch.vectors[0], batch.vectors[1])


def test_a_content_that_nobody_knows_leaves_the_photo_pending(shelf):
    shelf.add("a.jpg")
    assert shelf.photos.mark_ready([shelf.known_again("a.jpg", "never seen")]) == frozenset()
    assert shelf.queue() == ["a.jpg"]


def test_a_vector_of_a_second_model_for_one_copy_makes_every_copy_answer(shelf):
    first, second = shelf.add("a.jpg", "copy/a.jpg")
    shelf.photos.mark_ready([shelf.ready("a.jpg", "same"), shelf.ready("copy/a.jpg", "same")])
    sequence = shelf.catalog.changes.last_sequence()
    assert sorted(shelf.queue(SECOND)) == ["a.jpg", "copy/a.jpg"]
    shelf.photos.mark_ready([shelf.ready("a.jpg", "same", model=SECOND)])
    assert not shelf.queue(SECOND)
    (batch,) = shelf.catalog.changes.changes_since(SECOND, shelf.dim, sequence)
    assert sorted(batch.photo_ids.tolist()) == [first, second]
    assert not batch.is_removed.any()


def test_a_batch_with_one_impossible_vector_writes_nothing(shelf):
    shelf.add("a.jpg", "b.jpg")
    bad = dataclasses.replace(shelf.ready("b.jpg"), vector=np.full(shelf.dim, np.nan, np.float32))
    for vector in (np.zeros(shelf.dim, np.float32), np.full(shelf.dim, np.inf, np.float32), bad.vector):
        with pytest.raises(ValueError, match="no direction"):
            shelf.photos.mark_ready([shelf.ready("a.jpg"), dataclasses.replace(bad, vector=vector)])
    assert shelf.queue() == ["b.jpg", "a.jpg"]


def test_a_vector_of_another_dimension_is_refused(shelf):
    shelf.index("a.jpg")
    shelf.add("b.jpg")
    with pytest.raises(CatalogError, match="16"):
        shelf.photos.mark_ready([dataclasses.replace(shelf.ready("b.jpg"), vector=shelf.vector("b", dim=8))])
    assert shelf.queue() == ["b.jpg"]


def test_a_skipped_photo_tells_why(shelf):
    shelf.add("a.jpg")
    shelf.skip("a.jpg", SkipReason.DAMAGED, "cut at byte 7\0\udcff")
    photo = shelf.at("a.jpg")
    assert (photo.state, photo.reason) == (PhotoState.SKIPPED, SkipReason.DAMAGED)
    assert photo.detail.startswith("cut at byte 7")
    (problem,) = shelf.photos.problems()
    assert (problem.reason, problem.remedy) == (SkipReason.DAMAGED, SkipReason.DAMAGED.remedy)


def test_a_photo_that_answered_and_is_found_damaged_answers_no_more(shelf):
    (photo_id,) = shelf.index("a.jpg")
    sequence = shelf.catalog.changes.last_sequence()
    shelf.skip("a.jpg", SkipReason.DAMAGED)
    (batch,) = shelf.catalog.changes.changes_since(shelf.model, shelf.dim, sequence)
    assert (batch.photo_ids.tolist(), batch.is_removed.tolist()) == ([photo_id], [True])


def test_skipped_files_can_be_tried_again(shelf):
    shelf.add("a.jpg", "b.jpg")
    shelf.skip("a.jpg", SkipReason.DAMAGED)
    shelf.skip("b.jpg", SkipReason.NOT_DOWNLOADED)
    assert shelf.photos.retry_skipped() == 1
    assert shelf.queue() == ["a.jpg"]
    assert shelf.photos.retry_skipped([SkipReason.NOT_DOWNLOADED], shelf.root.root_id + 1) == 0
    assert shelf.photos.retry_skipped([SkipReason.NOT_DOWNLOADED], shelf.root.root_id) == 1


def test_texts_that_no_database_holds_are_cleaned(shelf):
    shelf.add("a.jpg")
    shelf.photos.mark_ready([shelf.ready("a.jpg", title="a\0b\udc80", keywords=("\ud800x",), taken_at="junk")])
    assert shelf.at("a.jpg").metadata.title == "a b?"
    assert shelf.at("a.jpg").metadata.keywords == ("?x",)


def test_an_empty_batch_is_no_error(shelf):
    assert shelf.photos.mark_ready([]) == frozenset()
    assert shelf.photos.mark_skipped([]) == frozenset()


def test_scores_agree_with_float32_and_rows_have_unit_length(shelf):
    names = [f"{number}.jpg" for number in range(200)]
    shelf.add(*names)
    rows = np.random.default_rng(3).standard_normal((200, 512), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    items = [
        Ready(
            photo=shelf.waiting(name),
            content_hash=shelf.content(name),
            decoded=shelf.ready(name).decoded,
            vector=row * 3,
            model_id=SECOND,
        )
        for name, row in zip(names, rows, strict=True)
    ]
    shelf.photos.mark_ready(items)
    (batch,) = shelf.catalog.changes.changes_since(SECOND, 512, 0)
    order = np.argsort(batch.photo_ids)
    kept = batch.vectors[order]
    assert np.abs(np.linalg.norm(kept, axis=1) - 1).max() < 1e-6
    assert np.abs(kept @ rows.T - rows @ rows.T).max() < 1e-3
