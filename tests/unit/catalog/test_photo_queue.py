"""What waits: newest first, page by page, per model, of present roots only."""

from helios_desktop.domain import ModelId

SECOND = ModelId("test-2")


def test_newest_files_come_first(shelf):
    for number, day in enumerate((3, 9, 1)):
        shelf.add(f"{number}.jpg", day=day)
    assert shelf.queue() == ["1.jpg", "0.jpg", "2.jpg"]
    assert shelf.queue(limit=2) == ["1.jpg", "0.jpg"]


def test_pages_cover_the_queue_once(shelf):
    for number in range(20):
        shelf.add(f"new-{number:02}.jpg", day=number % 3)
    shelf.index(*[f"old-{number:02}.jpg" for number in range(20)])
    pages, after = [], None
    while page := shelf.photos.pending(SECOND, 7, after):
        pages += page
        after = page[-1]
    assert len(pages) == len({one.photo_id for one in pages}) == 40
    assert shelf.photos.pending_count(SECOND) == 40
    assert all(one.content_hash is None for one in pages[:20])
    assert all(one.content_hash is not None for one in pages[20:])


def test_an_indexed_photo_waits_for_a_second_model_with_its_hash(shelf):
    shelf.index("a.jpg")
    assert not shelf.queue()
    (waiting,) = shelf.photos.pending(SECOND, 10)
    assert waiting.content_hash == shelf.content("a.jpg")
    assert shelf.photos.counts().indexed == 1
    assert (shelf.photos.counts(SECOND).indexed, shelf.photos.counts(SECOND).pending) == (0, 1)


def test_folders_narrow_the_queue(shelf):
    shelf.add("x/a.jpg", "xy/b.jpg", "c.jpg")
    assert shelf.queue(folders=[shelf.path("x")]) == ["x/a.jpg"]
    assert shelf.photos.pending_count(shelf.model, [shelf.path("x"), shelf.path("c.jpg")]) == 2


def test_files_of_an_absent_root_do_not_wait(shelf):
    shelf.add("a.jpg")
    shelf.catalog.roots.set_present(shelf.root.root_id, False)
    assert not shelf.queue()
    assert shelf.photos.pending_count(shelf.model) == 0
    assert shelf.photos.counts().absent == 1


def test_forgetting_a_model_lets_its_photos_wait_again(shelf):
    shelf.index("a.jpg", "b.jpg")
    sequence = shelf.catalog.changes.last_sequence()
    shelf.catalog.vectors.drop_model(shelf.model)
    assert shelf.catalog.vectors.models() == {}
    assert sorted(shelf.queue()) == ["a.jpg", "b.jpg"]
    (batch,) = shelf.catalog.changes.changes_since(shelf.model, shelf.dim, sequence)
    assert batch.is_removed.all()
