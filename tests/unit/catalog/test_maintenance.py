"""Backups, checks, restoring, rebuilding, and what happens when a catalogue turns out to be damaged (P14)."""

import random
import shutil

import apsw
import numpy as np
import pytest

from helios_desktop.catalog import maintenance
from helios_desktop.domain import Filter, ModelId
from helios_desktop.errors import CatalogDamagedError, CatalogError, CatalogTooNewError, DiskFullError

PAGE = 16384


def fill(shelf, count=300):
    names = [f"{number:04}.jpg" for number in range(count)]
    shelf.index(*names, title="a title", camera="Canon")
    return names


def damage(path, first_byte=PAGE, last_byte=None, count=200, seed=1):
    """Flip bytes all over the file but its first page."""
    data = bytearray(path.read_bytes())
    rng = random.Random(seed)
    for _ in range(count):
        data[rng.randrange(first_byte, last_byte or len(data))] ^= 0xFF
    path.write_bytes(data)


def test_a_sound_catalogue_has_no_findings(shelf):
    fill(shelf)
    assert shelf.catalog.check() == []
    assert shelf.catalog.check(quick=True) == []


def test_a_sound_catalogue_has_no_findings_however_often_it_is_written_and_checked(shelf):
    for number in range(12):
        shelf.index(*(f"{number:02}-{photo:03}.jpg" for photo in range(40)), title=f"batch {number}")
        assert shelf.catalog.check() == []


def test_flipped_bytes_in_any_page_that_is_used_are_found(shelf, tmp_path):
    fill(shelf)
    shelf.catalog.close()
    whole = tmp_path / "catalog.sqlite"
    found = 0
    for seed in range(12):
        copy = tmp_path / f"copy-{seed}.sqlite"
        shutil.copy(whole, copy)
        damage(copy, seed=seed)
        try:
            catalog = type(shelf.catalog).open(copy)
        except CatalogDamagedError:
            found += 1
            continue
        found += bool(catalog.check())
        catalog.close()
    assert found == 12


def test_a_backup_is_made_once_a_day_and_the_newest_seven_stay(shelf, tmp_path):
    assert shelf.catalog.backup_if_due() is None
    fill(shelf, 10)
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in range(1, 10):
        (folder / f"catalog-2020-01-0{day}.sqlite").write_bytes(b"old")
    made = shelf.catalog.backup_if_due()
    assert made is not None
    assert shelf.catalog.backup_if_due() is None
    assert shelf.catalog.backup() == made
    kept = sorted(path.name for path in folder.iterdir())
    assert kept == [*(f"catalog-2020-01-0{day}.sqlite" for day in range(4, 10)), made.name]


def test_a_backup_goes_on_while_others_write(shelf, open_catalog):
    fill(shelf)
    other = open_catalog()
    with shelf.catalog._database.reading() as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM photos").fetchall()
        other.marks.remember("a search")
        reader.execute("ROLLBACK")
    made = shelf.catalog.backup()
    other.marks.remember("another search")
    assert maintenance._is_good(made)


def test_without_room_no_backup_is_begun_and_the_older_ones_stay(shelf, tmp_path, monkeypatch):
    fill(shelf, 10)
    made = shelf.catalog.backup()
    before = made.read_bytes()
    monkeypatch.setattr(maintenance, "free_bytes", lambda path: 10**6)
    with pytest.raises(DiskFullError):
        shelf.catalog.backup()
    assert made.read_bytes() == before
    assert len(list((tmp_path / "backups").iterdir())) == 1


def test_a_damaged_catalogue_is_not_backed_up_over_good_ones(shelf, tmp_path):
    fill(shelf)
    made = shelf.catalog.backup()
    before = made.read_bytes()
    shelf.catalog.close()
    damage(tmp_path / "catalog.sqlite", 6 * PAGE, count=2000)  # past the schema: it still opens
    catalog = type(shelf.catalog).open(tmp_path / "catalog.sqlite")
    with pytest.raises(CatalogDamagedError):
        catalog.backup()
    catalog.close()
    assert made.read_bytes() == before
    assert [file.name for file in (tmp_path / "backups").iterdir()] == [made.name]
    assert (tmp_path / "catalog.sqlite.suspect").exists(), "the next start looks at every page"


def state_of(catalog, model, dim):
    photos = {photo.photo_id: photo for photo in catalog.photos.listing()}
    vectors = {}
    for batch in catalog.changes.changes_since(model, dim, 0):
        vectors.update(zip(batch.photo_ids.tolist(), batch.vectors.tolist(), strict=True))
    return photos, vectors, catalog.marks.saved_searches()


def test_a_backup_brings_everything_back_and_keeps_the_present_aside(shelf, open_catalog, tmp_path):
    fill(shelf)
    shelf.catalog.marks.favourite(shelf.id_of("0001.jpg"))
    shelf.catalog.marks.save_search("sea", "the sea")
    before = state_of(shelf.catalog, shelf.model, shelf.dim)
    made = shelf.catalog.backup()
    shelf.vanish("0001.jpg")
    shelf.catalog.marks.delete_search("sea")
    catalog_id, generation = shelf.catalog.catalog_id, shelf.catalog.generation

    restored, aside = type(shelf.catalog).restore(tmp_path / "catalog.sqlite", backups=tmp_path / "backups")

    assert restored == made
    assert aside.name.startswith("catalog.before-restore-")
    assert state_of(shelf.catalog, shelf.model, shelf.dim) == before, "whoever has it open sees it at once"
    assert state_of(open_catalog(), shelf.model, shelf.dim) == before
    assert shelf.catalog.catalog_id == catalog_id
    assert shelf.catalog.generation != generation
    assert shelf.catalog.check() == []
    kept = type(shelf.catalog).open(aside)
    assert kept.photos.by_path(shelf.path("0001.jpg")) is None
    kept.close()


def test_an_engine_that_followed_hears_of_all_that_a_restore_undid(shelf, tmp_path):
    (old,) = shelf.index("old.jpg")
    shelf.catalog.backup()
    (new,) = shelf.index("new.jpg")
    sequence = shelf.catalog.changes.last_sequence()
    type(shelf.catalog).restore(tmp_path / "catalog.sqlite", backups=tmp_path / "backups")
    (batch,) = shelf.catalog.changes.changes_since(shelf.model, shelf.dim, sequence)
    assert dict(zip(batch.photo_ids.tolist(), batch.is_removed.tolist(), strict=True)) == {old: False, new: True}
    assert shelf.index("later.jpg")[0] > new, "no id is given twice"


def test_an_unfit_backup_changes_nothing(shelf, tmp_path):
    fill(shelf, 20)
    path = tmp_path / "catalog.sqlite"
    made = shelf.catalog.backup()
    damaged = tmp_path / "damaged.sqlite"
    shutil.copy(made, damaged)
    damage(damaged, count=3000)
    newer = tmp_path / "newer.sqlite"
    shutil.copy(made, newer)
    connection = apsw.Connection(str(newer))
    connection.pragma("user_version", 999)
    connection.close()
    text = tmp_path / "text.sqlite"
    text.write_text("no catalogue")
    for file, kind in (
        (damaged, CatalogDamagedError),
        (newer, CatalogTooNewError),
        (text, CatalogDamagedError),
        (tmp_path / "missing.sqlite", CatalogError),
    ):
        with pytest.raises(kind):
            type(shelf.catalog).restore(path, file, backups=tmp_path / "backups")
    with pytest.raises(CatalogError, match="no good backup"):
        type(shelf.catalog).restore(path, backups=tmp_path / "nowhere")
    assert shelf.photos.browse().size == 20
    assert not list(tmp_path.glob("*before-restore*"))


@pytest.mark.parametrize("how", ["noise", "header", "cut", "emptied", "roots"])
def test_a_damaged_catalogue_is_kept_aside_and_the_last_good_backup_takes_its_place(shelf, open_catalog, tmp_path, how):
    names = fill(shelf)
    shelf.catalog.marks.favourite(shelf.id_of(names[5]))
    shelf.catalog.backup()
    (tmp_path / "backups" / "catalog-9999-12-31.sqlite").write_bytes(b"a backup that is none")
    shelf.catalog.close()
    path = tmp_path / "catalog.sqlite"
    if how == "noise":
        path.write_bytes(random.Random(1).randbytes(5 * PAGE))
    elif how == "header":
        damage(path, 100, PAGE, count=4000)
    elif how == "cut":
        path.write_bytes(path.read_bytes()[: 2 * PAGE])
    elif how == "emptied":
        path.write_bytes(b"")
    else:
        damage(path, PAGE, 4 * PAGE, count=20_000)
    broken = path.read_bytes()

    catalog = open_catalog()

    assert "kept as catalog.damaged-" in catalog.recovered
    assert "the backup catalog-2" in catalog.recovered
    assert [file.read_bytes() for file in tmp_path.glob("catalog.damaged-*.sqlite")] == [broken]
    assert catalog.check() == []
    assert catalog.photos.browse().size == len(names)
    assert catalog.photos.matching_ids(Filter(is_favourite=True)).size == 1
    catalog.close()
    assert open_catalog().recovered is None


def test_damage_that_shows_in_mid_work_is_looked_into_at_the_next_start(shelf, open_catalog, tmp_path):
    names = fill(shelf, 2000)
    shelf.catalog.backup()
    shelf.catalog.close()
    path = tmp_path / "catalog.sqlite"
    data = bytearray(path.read_bytes())
    for page in range(6, len(data) // PAGE):  # leave the schema and the roots alone
        data[page * PAGE : page * PAGE + 64] = b"\xaa" * 64
    path.write_bytes(data)
    catalog = open_catalog()
    if catalog.recovered is None:
        with pytest.raises(CatalogDamagedError):
            list(catalog.photos.listing())
        catalog.close()
        catalog = open_catalog()
    assert "took its place" in catalog.recovered
    assert catalog.photos.browse().size == len(names)


def test_without_a_backup_an_empty_catalogue_begins_and_the_damaged_file_stays(open_catalog, tmp_path):
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"\0" * 50_000)
    with pytest.raises(CatalogDamagedError):
        open_catalog(backups=None)
    assert path.read_bytes() == b"\0" * 50_000
    catalog = open_catalog()
    assert "begins with an empty catalogue" in catalog.recovered
    assert catalog.check() == []
    assert [file.stat().st_size for file in tmp_path.glob("catalog.damaged-*.sqlite")] == [50_000]


def test_an_empty_file_is_a_new_catalogue_where_there_is_no_backup(open_catalog, tmp_path):
    (tmp_path / "catalog.sqlite").write_bytes(b"")
    catalog = open_catalog()
    assert catalog.recovered is None
    assert catalog.check() == []


def test_a_rebuilt_catalogue_answers_as_before_and_gives_room_back(shelf, tmp_path):
    names = fill(shelf, 600)
    shelf.catalog.marks.favourite(shelf.id_of(names[3]))
    shelf.vanish(*names[300:])
    shelf.catalog.vectors.prune(10**11)
    before = state_of(shelf.catalog, shelf.model, shelf.dim)
    titles = shelf.photos.matching_ids(Filter(exact=("title",)))
    shelf.catalog._database.checkpoint()
    size = (tmp_path / "catalog.sqlite").stat().st_size
    sequence = shelf.catalog.changes.last_sequence()
    shelf.catalog.rebuild()
    assert state_of(shelf.catalog, shelf.model, shelf.dim) == before
    assert np.array_equal(shelf.photos.matching_ids(Filter(exact=("title",))), titles)
    assert titles.size == 300
    assert shelf.catalog.changes.last_sequence() > sequence
    assert (tmp_path / "catalog.sqlite").stat().st_size < size
    assert shelf.catalog.check() == []


def test_words_that_the_full_text_index_lost_are_found_by_the_check_and_made_again(shelf):
    fill(shelf, 5)
    with shelf.catalog._database.writing() as connection:
        connection.execute("DELETE FROM names WHERE rowid = ?", (shelf.id_of("0002.jpg"),))
    assert any("full-text" in finding for finding in shelf.catalog.check())
    shelf.catalog.rebuild()
    assert shelf.catalog.check() == []
    assert shelf.photos.matching_ids(Filter(exact=("title",))).size == 5


def test_a_vector_of_a_wrong_length_is_found(shelf):
    shelf.index("a.jpg")
    with shelf.catalog._database.writing() as connection:
        connection.execute("UPDATE vectors SET vector = x'00'")
    assert any("wrong length" in finding for finding in shelf.catalog.check())


def test_models_are_counted(shelf):
    shelf.index("a.jpg", "b.jpg")
    shelf.photos.mark_ready([shelf.ready("a.jpg", model=ModelId("test-2"))])
    assert shelf.catalog.vectors.models() == {"test-1": 2, "test-2": 1}
