"""The change log: compacted, complete from any sequence, equal for every engine."""

import numpy as np
import pytest

from helios_desktop.domain import ModelId
from helios_desktop.errors import CatalogError


def replay(shelf, sequence=0, answers=None, batch=3, model=None):
    """Follow the log as an engine does."""
    answers = {} if answers is None else answers
    for change in shelf.catalog.changes.changes_since(model or shelf.model, shelf.dim, sequence, batch):
        for photo_id, vector, is_removed in zip(change.photo_ids.tolist(), change.vectors, change.is_removed, strict=True):
            if is_removed:
                answers.pop(photo_id, None)
            else:
                answers[photo_id] = vector
        sequence = change.sequence
    return sequence, answers


def test_each_photo_is_told_once_in_batches(shelf):
    ids = shelf.index(*[f"{number}.jpg" for number in range(8)])
    shelf.catalog.marks.favourite(ids[0])
    batches = list(shelf.catalog.changes.changes_since(shelf.model, shelf.dim, 0, 3))
    assert [len(batch.photo_ids) for batch in batches] == [3, 3, 2]
    told = [photo_id for batch in batches for photo_id in batch.photo_ids.tolist()]
    assert told == [*ids[1:], ids[0]]
    assert batches[-1].sequence == shelf.catalog.changes.last_sequence()
    assert batches[0].vectors.dtype == np.float32
    assert batches[0].vectors.shape == (3, shelf.dim)


def test_from_the_beginning_removed_photos_are_left_out_and_the_cursor_still_arrives(shelf):
    shelf.index("a.jpg", "b.jpg")
    shelf.vanish("a.jpg", "b.jpg")
    sequence, answers = replay(shelf)
    assert answers == {}
    assert sequence == shelf.catalog.changes.last_sequence()
    assert list(shelf.catalog.changes.changes_since(shelf.model, shelf.dim, sequence)) == []


def test_an_engine_that_follows_knows_what_one_that_begins_knows(shelf):
    rng = np.random.default_rng(5)
    names = [f"{number}.jpg" for number in range(30)]
    sequence, followed = 0, {}
    present: list[str] = []
    for step in range(60):
        name = names[int(rng.integers(30))]
        if name not in present:
            shelf.index(name, day=step)
            present.append(name)
        elif step % 3 == 0:
            shelf.vanish(name)
            present.remove(name)
        elif step % 3 == 1:
            shelf.change(name, size=step, day=step)
        else:
            shelf.photos.mark_ready([shelf.ready(name, f"{name} {step}")])
        if step % 5 == 0:
            sequence, followed = replay(shelf, sequence, followed)
    sequence, followed = replay(shelf, sequence, followed)
    _, begun = replay(shelf)
    assert followed.keys() == begun.keys() == set(shelf.photos.browse().tolist())
    assert all((followed[photo_id] == begun[photo_id]).all() for photo_id in begun)


def test_an_unknown_model_has_no_answers_and_removes_all(shelf):
    shelf.index("a.jpg")
    model = ModelId("unknown-1")
    assert replay(shelf, model=model)[1] == {}
    (batch,) = shelf.catalog.changes.changes_since(model, 99, 0)
    assert len(batch.photo_ids) == 0


def test_another_dimension_is_refused(shelf):
    shelf.index("a.jpg")
    with pytest.raises(CatalogError, match="another name"):
        next(shelf.catalog.changes.changes_since(shelf.model, shelf.dim + 1, 0))


def test_the_token_differs_after_what_changes_answers_and_stays_after_what_does_not(shelf, open_catalog):
    other = open_catalog()
    tokens = [other.changes.change_token()]

    def differs():
        tokens.append(other.changes.change_token())
        return tokens[-1] != tokens[-2]

    shelf.add("a.jpg")
    assert not differs()
    shelf.photos.mark_ready([shelf.ready("a.jpg")])
    assert differs()
    shelf.move("a.jpg", "b.jpg")
    assert differs()
    shelf.catalog.marks.favourite(shelf.id_of("b.jpg"))
    assert differs()
    shelf.catalog.marks.favourite(shelf.id_of("b.jpg"))
    assert not differs()
    shelf.vanish("b.jpg")
    assert differs()
    assert len(set(tokens)) == 5


def test_ids_and_sequences_are_never_given_twice(shelf):
    (photo_id,) = shelf.index("a.jpg")
    sequence = shelf.catalog.changes.last_sequence()
    shelf.catalog.roots.remove(shelf.root.root_id)
    after = type(shelf)(shelf.catalog)
    assert after.root.root_id > shelf.root.root_id
    assert after.index("a.jpg")[0] > photo_id
    assert after.catalog.changes.last_sequence() > sequence


def test_each_engine_keeps_its_own_cursor(catalog):
    catalog.changes.set_cursor("one", 5)
    catalog.changes.set_cursor("one", 7)
    assert (catalog.changes.cursor("one"), catalog.changes.cursor("two")) == (7, 0)
