"""A new model gets ready beside the one that answers, and takes over when it can find everything."""

import shutil

import pytest

from helios_desktop.domain import View
from helios_desktop.embed.models import KnownModel
from helios_desktop.errors import ModelError
from helios_desktop.index.embedded import EmbeddedIndex
from helios_desktop.pipeline.follow import Target
from helios_desktop.pipeline.ingest import Ingest
from helios_desktop.pipeline.models_in_use import ModelsInUse
from helios_desktop.pipeline.vector_source import CatalogVectors


class CountingDecoder:
    """Passes everything on, and remembers what was asked."""

    def __init__(self, decoder):
        self.decoder = decoder
        self.asked = []

    def submit(self, path, **options):
        self.asked.append((path, options.get("task", "decode"), options.get("views", ())))
        return self.decoder.submit(path, **options)


class Choice:
    """The models that are here, and the settings."""

    def __init__(self, catalog, *ids):
        self.known = [
            KnownModel(model_id=one, title=f"{one} model", folder=None, dim=8, is_shipped=number == 0)
            for number, one in enumerate(ids)
        ]
        self.wanted = ""
        self.in_use = ModelsInUse(catalog=catalog, known=lambda: tuple(self.known), wanted=lambda: self.wanted)

    def use(self, name, **options):
        self.in_use.choose(name, **options)
        self.wanted = name

    @property
    def answering(self):
        return self.in_use.answering().model_id


@pytest.fixture
def choice(library):
    return Choice(library.catalog, "old-1", "new-1")


def run(library, *embedders, decoder=None, on_batch=lambda ready, skipped: None):
    return Ingest(
        catalog=library.catalog,
        thumbnails=library.thumbnails,
        decoder=decoder or library.decoder,
        embedders=embedders,
        folders=(),
        token=library.token,
        gate=library.gate,
        on_batch=on_batch,
        on_disk_full=lambda message: None,
    ).run()


@pytest.fixture
def filled(library, paint, colour_embedder):
    """Six photos with vectors of the old model; returns both embedders."""
    old, new = colour_embedder("old-1"), colour_embedder("new-1")
    new.preprocess = (View(width=8, height=8, fit="squash"),)
    for number, colour in enumerate(["red", "green", "blue", "yellow", "white", "black"]):
        paint(library.folder / f"{colour}.jpg", colour, size=(64 + number, 48), age_seconds=100 + number)
    library.embedder = old
    library.add()
    library.index()
    return old, new


def test_a_fresh_library_is_answered_by_the_model_of_the_settings(choice):
    assert choice.answering == "old-1"
    choice.use("new-1")
    assert choice.answering == "new-1"


def test_the_old_model_answers_until_the_new_one_can_find_every_photo(library, filled, choice):
    old, new = filled
    choice.use("new-1")
    assert choice.answering == "old-1"
    assert [known.model_id for known in choice.in_use.to_fill()] == ["old-1", "new-1"]
    now = choice.in_use.now()
    assert now.is_switching
    assert (now.covered, now.total) == (0, 6)
    assert "new-1 model" in now.sentence()
    assert "old-1 model answers" in now.sentence()
    assert not choice.in_use.settle()
    run(library, old, new)
    prepared = []
    assert choice.in_use.settle(prepared.append)
    assert [known.model_id for known in prepared] == ["new-1"]
    assert choice.answering == "new-1"
    assert not choice.in_use.now().is_switching
    assert [known.model_id for known in choice.in_use.to_fill()] == ["new-1"]


def test_the_new_model_sees_the_newest_photos_first(library, filled, choice):
    old, new = filled
    decoder = CountingDecoder(library.decoder)
    run(library, old, new, decoder=decoder)
    names = [path.rsplit(b"/", 1)[-1] for path, _, _ in decoder.asked]
    assert names == [b"red.jpg", b"green.jpg", b"blue.jpg", b"yellow.jpg", b"white.jpg", b"black.jpg"]


def test_told_to_it_takes_over_at_once(library, filled, choice):
    choice.use("new-1", is_now=True)
    assert choice.answering == "new-1"
    assert [known.model_id for known in choice.in_use.to_fill()] == ["new-1"]


def test_going_back_is_instant_even_where_a_few_photos_came_meanwhile(library, filled, choice, paint):
    old, new = filled
    choice.use("new-1")
    run(library, old, new)
    choice.in_use.settle()
    for number in range(30):
        paint(library.folder / f"more-{number}.jpg", "red", size=(80 + number, 60))
    library.embedder = old
    library.index()
    choice.use("old-1")
    assert choice.answering == "old-1"
    choice.use("new-1")
    assert choice.answering == "old-1"  # 6 of 36 are too few to answer with
    run(library, old, new)
    paint(library.folder / "last.jpg", "blue", size=(200, 60))
    library.index()
    choice.use("new-1")
    assert choice.answering == "new-1"  # 36 of 37 are enough


def test_photos_on_a_drive_that_is_away_are_not_lost_to_search(library, filled, choice):
    old, new = filled
    choice.use("new-1")
    run(library, new)
    root = library.catalog.roots.all()[0]
    library.catalog.vectors.drop_model("new-1")
    library.catalog.roots.set_present(root.root_id, False)
    run(library, old, new)
    assert not choice.in_use.settle()
    assert choice.answering == "old-1"


def test_new_photos_get_vectors_of_both_models_from_one_decode(library, filled, choice, paint):
    old, new = filled
    run(library, old, new)
    for number in range(5):
        paint(library.folder / f"fresh-{number}.jpg", "violet", size=(90 + number, 70))
    decoder = CountingDecoder(library.decoder)
    library.indexing.follow([target_of(library)], library.token)
    done = run(library, old, new, decoder=decoder)
    assert done.ready == 5
    assert done.embedded == 5
    assert [task for _, task, _ in decoder.asked] == ["decode"] * 5
    assert {views for _, _, views in decoder.asked} == {(*old.preprocess, *new.preprocess)}
    hashes = [photo.content_hash for photo in library.catalog.photos.get(library.catalog.photos.browse())]
    assert library.catalog.vectors.has(hashes, "old-1") == library.catalog.vectors.has(hashes, "new-1") == set(hashes)


def test_a_view_that_both_models_want_is_made_once(library, filled):
    old, _ = filled
    twin = type(old)("twin-1")
    decoder = CountingDecoder(library.decoder)
    run(library, old, twin, decoder=decoder)
    assert {views for _, _, views in decoder.asked} == {old.preprocess}
    assert library.catalog.vectors.count("twin-1") == 6


def test_a_copy_needs_no_decode_where_both_models_know_it(library, filled, choice):
    old, new = filled
    run(library, old, new)
    shutil.copy2(library.folder / "red.jpg", library.folder / "copy.jpg")
    decoder = CountingDecoder(library.decoder)
    library.indexing.follow([target_of(library)], library.token)
    run(library, old, new, decoder=decoder)
    assert [task for _, task, _ in decoder.asked] == ["hash"]


def test_a_copy_is_decoded_for_the_model_that_does_not_know_it(library, filled):
    old, new = filled
    shutil.copy2(library.folder / "red.jpg", library.folder / "copy.jpg")
    library.indexing.follow([target_of(library)], library.token)
    done = run(library, old, new)
    assert done.ready == 7
    assert old.embedded == 6
    assert new.embedded == 6
    assert library.catalog.photos.counts("new-1").indexed == 7


def test_the_counts_of_a_batch_are_of_photos_not_of_vectors(library, filled):
    old, new = filled
    heard = []
    done = run(library, type(old)("third-1"), new, on_batch=lambda ready, skipped: heard.append((ready, skipped)))
    assert sum(ready for ready, _ in heard) == done.ready == 6


def test_the_vectors_of_two_models_never_meet(library, filled, tmp_path):
    old, new = filled
    run(library, old, new)
    library.catalog.vectors.drop_model("new-1")
    for embedder, count in ((old, 6), (new, 0)):
        index = EmbeddedIndex(tmp_path / "index", CatalogVectors(library.catalog), embedder.model_id, embedder.dim)
        assert len(index.search(embedder.embed_text(["red"])[0], 10)[0]) == count
        index.close()


def test_a_model_that_is_gone_hands_over_and_says_so(library, filled, choice):
    old, new = filled
    choice.use("new-1")
    run(library, old, new)
    choice.in_use.settle()
    choice.known.pop()
    now = choice.in_use.now()
    assert now.answering.model_id == "old-1"
    assert "new-1" in now.notice
    assert "old-1 model answers instead" in now.sentence()


def test_a_name_that_is_not_installed_changes_nothing(library, filled, choice):
    with pytest.raises(ModelError, match="no model 'other'"):
        choice.in_use.choose("other")
    assert choice.answering == "old-1"


def test_a_catalogue_from_before_is_answered_by_the_model_that_filled_it(library, filled, choice):
    choice.wanted = "new-1"
    assert library.catalog.models.answering() is None
    assert choice.answering == "old-1"


def test_indexing_hears_of_another_choice(library, filled):
    _, new = filled
    assert not library.indexing.has_other_models()
    library.embedder = new
    assert library.indexing.has_other_models()


def target_of(library):
    return Target(library.catalog.roots.all()[0])


def test_where_an_update_brought_a_new_revision_it_answers_at_once_and_grows(library, filled, colour_embedder):
    """The old revision is gone, so nothing can ask its vectors: searching works from the first photo on, none is lost."""
    updated = Choice(library.catalog, "old-2")
    library.catalog.models.set_answering("old-1")
    newer = colour_embedder("old-2")
    assert updated.answering == "old-2"
    assert [known.model_id for known in updated.in_use.to_fill()] == ["old-2"]
    now = updated.in_use.now()
    assert (now.covered, now.total, now.notice) == (0, 6, "")
    run(library, newer)
    assert updated.in_use.now().covered == 6
    updated.in_use.settle()
    assert library.catalog.models.answering() == "old-2"


def test_whoever_chose_the_old_revision_by_name_gets_the_new_one_without_a_complaint(library, filled):
    updated = Choice(library.catalog, "old-2")
    updated.wanted = "old-1"
    assert updated.in_use.now().notice == ""
    assert updated.answering == "old-2"
