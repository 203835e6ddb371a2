"""Versions: a newer catalogue and another program's database are left untouched; steps run once, whole or not at all."""

import hashlib
import threading

import apsw
import pytest

from helios_desktop.catalog.database import Database
from helios_desktop.catalog.migrations import MIGRATIONS, latest_version, migrate
from helios_desktop.errors import CatalogError, CatalogTooNewError


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_new_catalogue_has_the_latest_version_and_one_id_for_good(open_catalog):
    first, second = open_catalog(), open_catalog()
    assert len(first.catalog_id) == 32
    assert first.catalog_id == second.catalog_id
    assert first.recovered is None


def test_a_catalogue_of_a_newer_version_is_refused_untouched(open_catalog, tmp_path):
    open_catalog().close()
    path = tmp_path / "catalog.sqlite"
    connection = apsw.Connection(str(path))
    connection.pragma("user_version", latest_version() + 1)
    connection.close()
    before = digest(path)
    with pytest.raises(CatalogTooNewError, match="newer version"):
        open_catalog()
    assert digest(path) == before
    assert not list((tmp_path).glob("*damaged*"))


def test_a_newer_version_that_is_only_in_the_log_is_refused_untouched(open_catalog, tmp_path):
    catalog = open_catalog()
    path = tmp_path / "catalog.sqlite"
    catalog.close()
    newer = apsw.Connection(str(path))
    newer.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    newer.pragma("user_version", latest_version() + 1)
    newer.close()
    log = path.with_name(path.name + "-wal")
    before = digest(path), digest(log)
    with pytest.raises(CatalogTooNewError):
        open_catalog()
    assert (digest(path), digest(log)) == before


def test_the_database_of_another_program_is_refused_untouched(open_catalog, tmp_path):
    path = tmp_path / "catalog.sqlite"
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(CatalogError, match="another program"):
        open_catalog()
    connection = apsw.Connection(str(path))
    assert connection.execute("SELECT name FROM sqlite_schema").get == "theirs"
    connection.close()


def test_a_step_that_fails_leaves_the_version_before_it(tmp_path):
    def broken(connection):
        connection.execute("CREATE TABLE half (x)")
        raise RuntimeError("power cut")

    database = Database(tmp_path / "catalog.sqlite")
    with pytest.raises(RuntimeError):
        migrate(database, (*MIGRATIONS, broken))
    with database.reading() as connection:
        assert connection.pragma("user_version") == len(MIGRATIONS)
        assert not connection.table_exists("main", "half")
    done = (*MIGRATIONS, lambda connection: connection.execute("CREATE TABLE whole (x)"))
    assert migrate(database, done) == 1
    assert migrate(database, done) == 0
    database.close()


def test_many_that_open_a_new_catalogue_at_once_make_one(open_catalog):
    ids, barrier = [], threading.Barrier(6)

    def run():
        barrier.wait()
        ids.append(open_catalog().catalog_id)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 6
    assert len(set(ids)) == 1


def test_a_catalogue_that_was_cut_off_at_its_birth_is_made_whole(open_catalog, tmp_path):
    (tmp_path / "catalog.sqlite").touch()
    assert open_catalog().photos.browse().size == 0


def test_a_catalogue_from_before_sidecars_keeps_its_photos(open_catalog, tmp_path):
    database = Database(tmp_path / "catalog.sqlite")
    migrate(database, MIGRATIONS[:2])
    with database.writing() as connection:
        connection.execute("INSERT INTO roots (path, volume) VALUES (x'2f61', 'uuid:1')")
        connection.execute(
            "INSERT INTO photos (root_id, path, size, mtime_ns, inode, device, state, sort_key)"
            " VALUES (1, x'2f612f622e6a7067', 5, 6, 7, 8, 0, 9)"
        )
    database.close()
    catalog = open_catalog()
    (root,) = catalog.roots.all()
    (known,) = catalog.photos.known(root.root_id)
    assert (root.path, root.inode) == (b"/a", 0)
    assert (known.stat.path, known.stat.inode, known.stat.sidecar) == (b"/a/b.jpg", 7, 0)
    assert catalog.sidecars.page(10) == []
