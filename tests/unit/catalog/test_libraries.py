"""Libraries of photos that lie elsewhere: beside the user's files, never among them."""

import numpy as np
import pytest

from helios_desktop.catalog.libraries import Added, RemoteRow
from helios_desktop.domain import ModelId, PhotoState
from helios_desktop.errors import CatalogError

MODEL = ModelId("far-1")
DIM = 8


def rows(*ids, **links):
    return [RemoteRow(remote_id=name, **links) for name in ids]


def vectors(count, seed=1):
    found = np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


@pytest.fixture
def libraries(catalog):
    return catalog.libraries


@pytest.fixture
def far(libraries):
    return libraries.create("far", MODEL, DIM, url_pattern="https://far.test/{id}/get", source_pattern="https://far.test/{id}/")


def test_a_library_is_there_once(libraries, far):
    assert libraries.create("far", MODEL, DIM) == far
    assert libraries.all() == [far]
    assert libraries.get("far") == far
    assert libraries.get("near") is None


@pytest.mark.parametrize("name", ["photos", "", "Far", "../far", "a" * 33, "-far", "far library"])
def test_a_name_that_is_none_is_refused(libraries, name):
    with pytest.raises(CatalogError, match="cannot be the name"):
        libraries.create(name, MODEL, DIM)
    assert libraries.all() == []


@pytest.mark.parametrize(("model", "dim"), [("far-2", DIM), (MODEL, DIM + 1)])
def test_another_model_or_dimension_is_refused(libraries, far, model, dim):
    with pytest.raises(CatalogError, match="cannot be compared"):
        libraries.create("far", ModelId(model), dim)


def test_what_was_added_comes_back_with_its_links(libraries, far):
    given = vectors(3)
    assert libraries.add(far, rows("a", "b", "c"), given) == Added(new=3)
    ids = libraries.ids(far)
    photos = libraries.photos(ids)
    assert [photo.url for photo in photos] == [f"https://far.test/{name}/get" for name in "abc"]
    assert [photo.source_url for photo in photos] == [f"https://far.test/{name}/" for name in "abc"]
    assert {photo.path for photo in photos} == {b""}
    assert {photo.state for photo in photos} == {PhotoState.INDEXED}
    assert libraries.vector(far, int(ids[1])) == pytest.approx(given[1], abs=1e-3)
    assert libraries.get("far").count == 3


def test_links_of_its_own_stand_over_the_patterns(libraries, far):
    libraries.add(far, rows("a", url="https://elsewhere.test/1", source_url="https://elsewhere.test/"), vectors(1))
    photo = libraries.photos(libraries.ids(far))[0]
    assert (photo.url, photo.source_url) == ("https://elsewhere.test/1", "https://elsewhere.test/")


def test_adding_twice_changes_nothing(libraries, far):
    given = vectors(1200)
    names = [f"id{number}" for number in range(1200)]
    libraries.add(far, rows(*names), given)
    before, sequence = libraries.ids(far).tolist(), libraries.changes(far).last_sequence()
    assert libraries.compare(far, rows(*names), given) == Added(same=1200)
    assert libraries.add(far, rows(*names), given) == Added(same=1200)
    assert libraries.ids(far).tolist() == before
    assert libraries.changes(far).last_sequence() == sequence


def test_a_changed_vector_keeps_its_id_and_is_told_of(libraries, far):
    libraries.add(far, rows("a", "b"), vectors(2))
    ids = libraries.ids(far).tolist()
    sequence = libraries.changes(far).last_sequence()
    assert libraries.add(far, rows("b", "c"), vectors(2, seed=2)) == Added(new=1, changed=1)
    told = [batch for batch in libraries.changes(far).changes_since(MODEL, DIM, sequence)]
    assert sorted(told[0].photo_ids.tolist()) == sorted([ids[1], int(libraries.ids(far)[-1])])
    assert not told[0].is_removed.any()


def test_ids_are_from_the_same_numbers_as_those_of_files(libraries, far, shelf):
    first = shelf.index("a.jpg")[0]
    libraries.add(far, rows("a", "b"), vectors(2))
    second = shelf.index("b.jpg")[0]
    everything = [first, *libraries.ids(far).tolist(), second]
    assert everything == sorted(set(everything))
    assert libraries.photos([first, second]) == []
    assert shelf.photos.get(libraries.ids(far)) == []


def test_files_are_counted_listed_and_queued_without_them(libraries, far, shelf):
    shelf.index("a.jpg")
    libraries.add(far, rows("a", "b"), vectors(2))
    assert shelf.photos.counts(shelf.model).indexed == 1
    assert len(shelf.photos.browse()) == 1
    assert len(list(shelf.photos.listing())) == 1
    assert shelf.photos.pending(MODEL, 10) != []  # the file lacks a vector of that model, the others are no files
    assert len(shelf.photos.pending(MODEL, 10)) == 1
    told = [batch for batch in shelf.catalog.changes.changes_since(shelf.model, shelf.dim, 0)]
    assert sum(len(batch.photo_ids) for batch in told) == 1


def test_two_libraries_keep_apart(libraries, far):
    near = libraries.create("near", MODEL, DIM)
    libraries.add(far, rows("a"), vectors(1))
    libraries.add(near, rows("a"), vectors(1, seed=2))
    assert libraries.find(far, "a") != libraries.find(near, "a")
    told = [batch.photo_ids.tolist() for batch in libraries.changes(near).changes_since(MODEL, DIM, 0)]
    assert told == [libraries.ids(near).tolist()]
    assert libraries.vector(far, libraries.find(near, "a")) is None


def test_a_library_that_is_removed_leaves_nothing_and_its_number_is_not_given_again(libraries, far):
    libraries.add(far, rows("a", "b"), vectors(2))
    ids = libraries.ids(far).tolist()
    assert libraries.remove("far").count == 2
    assert libraries.remove("far") is None
    assert libraries.all() == []
    assert libraries.photos(ids) == []
    assert list(libraries.changes(far).changes_since(MODEL, DIM, 0)) == []
    again = libraries.create("far", ModelId("other-1"), DIM)
    assert again.number != far.number
    libraries.add(again, rows("a"), vectors(1))
    assert not set(libraries.ids(again).tolist()) & set(ids)


def test_adding_to_a_library_that_was_removed_meanwhile_is_a_sentence(libraries, far):
    libraries.remove("far")
    with pytest.raises(CatalogError, match="removed meanwhile"):
        libraries.add(far, rows("a"), vectors(1))


@pytest.mark.parametrize(("names", "count"), [(("a", "a"), 2), (("a", "b"), 1)])
def test_a_batch_that_contradicts_itself_is_refused_whole(libraries, far, names, count):
    with pytest.raises(ValueError, match="shape"):
        libraries.add(far, rows(*names), vectors(count))
    assert libraries.get("far").count == 0


def test_pages_go_through_everything_once(libraries, far):
    names = [f"id{number:03}" for number in range(25)]
    given = vectors(25)
    libraries.add(far, rows(*names), given)
    pages = list(libraries.pages(far, 10))
    assert [len(page) for page, _ in pages] == [10, 10, 5]
    assert [row.remote_id for page, _ in pages for row in page] == names
    assert np.concatenate([found for _, found in pages]) == pytest.approx(given, abs=1e-3)


def test_the_log_refuses_another_space(libraries, far):
    libraries.add(far, rows("a"), vectors(1))
    with pytest.raises(CatalogError, match="not of"):
        list(libraries.changes(far).changes_since(ModelId("other"), DIM, 0))


def test_a_backup_holds_them_and_a_restored_one_is_told_anew(open_catalog, catalog, far, tmp_path):
    libraries = catalog.libraries
    libraries.add(far, rows("a", "b"), vectors(2))
    catalog.backup()
    sequence = libraries.changes(far).last_sequence()
    libraries.add(far, rows("c"), vectors(1))
    catalog.close()
    type(catalog).restore(tmp_path / "catalog.sqlite", backups=tmp_path / "backups")
    restored = open_catalog()
    library = restored.libraries.get("far")
    assert library.count == 2
    told = [batch for batch in restored.libraries.changes(library).changes_since(MODEL, DIM, sequence + 1)]
    assert sum(len(batch.photo_ids) for batch in told) == 2
    assert restored.libraries.changes(library).last_sequence() > sequence + 1
    assert restored.check() == []


def test_a_check_finds_a_vector_of_a_wrong_length(catalog, far):
    catalog.libraries.add(far, rows("a"), vectors(1))
    with catalog._database.writing() as connection:
        connection.execute("UPDATE remote_photos SET vector = x'0102'")
    assert catalog.check() == ["1 vectors of a wrong length in other libraries"]


def test_a_check_finds_a_wrong_count(catalog, far):
    catalog.libraries.add(far, rows("a"), vectors(1))
    with catalog._database.writing() as connection:
        connection.execute("UPDATE libraries SET photo_count = 7")
    assert catalog.check() == ["1 libraries with a wrong count"]
