"""The Unsplash data set: checked before the first row, resumed and repeated without harm, searched without its model."""

import numpy as np
import pytest

from helios_desktop.catalog.libraries import Added
from helios_desktop.catalog.store import Catalog
from helios_desktop.domain import Filter, ModelId, PhotoTerm, Query, TextTerm
from helios_desktop.errors import CatalogError, ImportFileError, ModelError, QueryError
from helios_desktop.index.embedded import EmbeddedIndex
from helios_desktop.pipeline.jobs import CancelledError, CancelToken
from helios_desktop.pipeline.library_search import LibrarySearch
from helios_desktop.pipeline.library_vectors import LibraryVectors
from helios_desktop.pipeline.progress import ProgressBoard
from helios_desktop.pipeline.unsplash import UNSPLASH_MODEL, UnsplashImport, picture_url, read_files, source_url, span

DIM = 16


class Desk:
    """A catalogue, two files and short ways to import them."""

    def __init__(self, folder):
        self.folder = folder
        self.catalog = Catalog.open(folder / "catalog.sqlite", backups=folder / "backups")
        self.libraries = self.catalog.libraries
        self.board = ProgressBoard()
        self.token = CancelToken()

    def write(self, ids, features):
        (self.folder / "photo_ids.csv").write_text("photo_id\n" + "".join(f"{name}\n" for name in ids), encoding="utf-8")
        np.save(self.folder / "features.npy", features)

    def files(self, dim=DIM):
        return read_files(self.folder / "photo_ids.csv", self.folder / "features.npy", dim=dim, board=self.board)

    def run(self, **options):
        return UnsplashImport(self.libraries, self.board, self.token).run(self.files(), **options)

    @property
    def library(self):
        return self.libraries.get("unsplash")


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    desk.catalog.close()


def ids_of(count):
    return [f"photo_{number:05}" for number in range(count)]


def features_of(count, seed=1, dtype="float16"):
    return np.random.default_rng(seed).standard_normal((count, DIM)).astype(dtype)


def test_all_rows_come_in_at_unit_length_with_their_links(desk):
    given = features_of(10)
    desk.write(ids_of(10), given)
    summary = desk.run()
    assert summary.added == Added(new=10)
    assert (desk.library.count, desk.library.model_id, desk.library.dim) == (10, UNSPLASH_MODEL, DIM)
    photo = desk.libraries.photos([desk.libraries.find(desk.library, "photo_00003")])[0]
    assert photo.source_url == "https://unsplash.com/photos/photo_00003/" == source_url("photo_00003")
    assert photo.url == "https://unsplash.com/photos/photo_00003/download" == picture_url("photo_00003")
    expected = given[3].astype(np.float32) / np.linalg.norm(given[3].astype(np.float32))
    assert desk.libraries.vector(desk.library, photo.photo_id) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    "slice_", [(None, None), (0, 10), (3, None), (None, 4), (2, 5), (-3, None), (None, -8), (7, 3), (0, 99)]
)
def test_start_and_end_are_those_of_a_python_slice(desk, slice_):
    start, end = slice_
    ids = ids_of(10)
    desk.write(ids, features_of(10))
    desk.run(start=start, end=end)
    wanted = ids[start:end]
    there = {photo.source_url for photo in desk.libraries.photos(desk.libraries.ids(desk.library))}
    assert there == {source_url(name) for name in wanted}
    first, last = span(10, start, end)
    assert ids[first:last] == wanted


def test_doing_it_twice_changes_nothing(desk):
    desk.write(ids_of(50), features_of(50))
    desk.run()
    sequence = desk.libraries.changes(desk.library).last_sequence()
    assert desk.run().added == Added(same=50)
    assert desk.libraries.changes(desk.library).last_sequence() == sequence


def test_a_dry_run_says_what_would_be_done_and_does_nothing(desk):
    desk.write(ids_of(10), features_of(10))
    assert desk.run(is_dry_run=True).added == Added(new=10)
    assert desk.library is None
    desk.run(end=4)
    changed = features_of(10)
    changed[0] = -changed[0]
    desk.write(ids_of(10), changed)
    summary = desk.run(is_dry_run=True)
    assert summary.added == Added(new=6, changed=1, same=3)
    assert "would be" in summary.sentence()
    assert desk.library.count == 4
    assert desk.run().added == Added(new=6, changed=1, same=3)


def test_zero_vectors_are_left_out_and_listed(desk):
    given = features_of(10)
    given[[2, 8]] = 0
    desk.write(ids_of(10), given)
    summary = desk.run(end=5)
    assert summary.zero == ("photo_00002",)
    assert desk.library.count == 4
    assert "1 left out" in summary.sentence()


def test_an_import_that_was_stopped_is_resumed_by_the_same_command(desk):
    count = 9000
    desk.write(ids_of(count), features_of(count))
    told = []

    def stop_after_the_first_batch(progress):
        told.append(progress)
        if progress.phase == "indexing" and progress.done:
            desk.token.cancel()

    unsubscribe = desk.board.subscribe(stop_after_the_first_batch)
    with pytest.raises(CancelledError):
        desk.run()
    unsubscribe()
    so_far = desk.library.count
    assert 0 < so_far < count
    desk.token = CancelToken()
    assert desk.run().added == Added(new=count - so_far, same=so_far)
    assert desk.library.count == count


def test_progress_counts_every_row_and_tells_when_it_will_be_done(desk):
    desk.write(ids_of(9000), features_of(9000))
    told = []
    desk.board.subscribe(told.append)
    desk.run()
    importing = [progress for progress in told if progress.phase == "indexing"]
    assert importing[-1].done == importing[-1].total == 9000
    assert any(progress.eta_seconds is not None for progress in importing)


@pytest.mark.parametrize("at", [0, 8999])
def test_a_fault_in_any_row_is_found_before_the_first_one_is_written(desk, at):
    given = features_of(9000)
    given[at, 3] = np.nan
    desk.write(ids_of(9000), given)
    with pytest.raises(ImportFileError, match=f"Row {at} "):
        desk.run(start=10, end=20)
    assert desk.library is None


def test_files_that_do_not_belong_together_are_refused(desk):
    desk.write(ids_of(9), features_of(10))
    with pytest.raises(ImportFileError, match=r"9 ids, but .* 10 rows"):
        desk.run()
    desk.write(ids_of(10), features_of(10))
    with pytest.raises(ImportFileError, match="16 numbers a row; expected are 512"):
        desk.files(dim=512)
    assert desk.library is None


def test_vectors_of_another_model_are_never_mixed_in(desk):
    desk.write(ids_of(10), features_of(10))
    desk.run()
    for is_dry_run in (True, False):
        with pytest.raises(CatalogError, match="cannot be compared") as caught:
            desk.run(model_id=ModelId("other-1"), is_dry_run=is_dry_run)
        assert "--model ViT-B-32__openai" in caught.value.remedy
    assert desk.library.count == 10


@pytest.fixture
def search(desk, tmp_path):
    """Five hundred photos, asked by an index; words mean the first feature."""
    desk.write(ids_of(500), features_of(500))
    desk.run()
    index = EmbeddedIndex(tmp_path / "index", LibraryVectors(desk.libraries, desk.library), desk.library.model_id, DIM)

    def vector_of(term):
        if term == TextTerm(text="missing"):
            raise ModelError("not installed", "install it")
        return np.eye(DIM, dtype=np.float32)[0]

    yield LibrarySearch(libraries=desk.libraries, library=desk.library, index=index, vector_of=vector_of)
    index.close()


def test_words_find_what_is_nearest(desk, search):
    result = search.answer(Query(terms=(TextTerm(text="first"),), limit=5, library="unsplash"))
    rows = features_of(500).astype(np.float32)
    best = np.argsort(-rows[:, 0] / np.linalg.norm(rows, axis=1))[:5]
    assert [hit.photo.source_url for hit in result.hits] == [source_url(ids_of(500)[row]) for row in best]
    assert (result.total, result.engine, result.model_id) == (500, "embedded", UNSPLASH_MODEL)
    assert {hit.photo.path for hit in result.hits} == {b""}


def test_photos_like_one_are_found_without_a_model_and_without_itself(desk, search):
    photo_id = desk.libraries.find(desk.library, "photo_00042")
    result = search.answer(Query(terms=(PhotoTerm(photo_id=photo_id),), limit=3))
    assert len(result.hits) == 3
    assert photo_id not in [hit.photo.photo_id for hit in result.hits]
    with pytest.raises(ModelError):
        search.answer(Query(terms=(TextTerm(text="missing"),)))


def test_pages_follow_each_other(search):
    terms = (TextTerm(text="first"),)
    first = search.answer(Query(terms=terms, limit=10)).hits
    assert search.answer(Query(terms=terms, limit=5, offset=5)).hits == first[5:]


@pytest.mark.parametrize("wanted", [Filter(exact=("x",)), Filter(taken_after="2024"), Filter(folders=(b"/a",))])
def test_what_is_not_known_of_remote_photos_cannot_be_asked_for(search, wanted):
    with pytest.raises(QueryError, match="knows only what is in its pictures"):
        search.answer(Query(terms=(TextTerm(text="first"),), filter=wanted))


def test_a_question_without_words_and_one_that_cancels_itself_are_sentences(search):
    with pytest.raises(QueryError, match="no words"):
        search.answer(Query())
    with pytest.raises(QueryError, match="cancel"):
        search.answer(Query(terms=(TextTerm(text="a"), TextTerm(text="b", weight=-1.0))))
    with pytest.raises(QueryError, match="not in the library"):
        search.answer(Query(terms=(PhotoTerm(photo_id=10**9),)))


def test_an_index_that_is_open_hears_of_a_later_import(desk, search):
    assert search.answer(Query(terms=(TextTerm(text="first"),))).total == 500
    more = np.concatenate([features_of(500), np.eye(DIM, dtype="float16")[:1]])
    desk.write([*ids_of(500), "the-nearest"], more)
    desk.run()
    result = search.answer(Query(terms=(TextTerm(text="first"),), limit=1))
    assert result.total == 501
    assert result.hits[0].photo.source_url == source_url("the-nearest")
    assert result.hits[0].score == pytest.approx(1, abs=1e-3)
