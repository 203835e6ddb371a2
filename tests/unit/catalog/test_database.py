"""Connections, locks and errors: threads and processes share one file; what goes wrong is told in words."""

import os
import threading

import pytest

from helios_desktop.catalog import database as database_module
from helios_desktop.catalog.database import Database
from helios_desktop.errors import CatalogDamagedError, CatalogError


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path / "catalog.sqlite")
    with database.writing() as connection:
        connection.execute("CREATE TABLE t (x INTEGER)")
    yield database
    database.close()


def count(database):
    with database.reading() as connection:
        return connection.execute("SELECT count(*) FROM t").get


def test_a_transaction_that_raises_leaves_nothing(database):
    for error in (RuntimeError, KeyboardInterrupt):
        with pytest.raises(error), database.writing() as connection:
            connection.execute("INSERT INTO t VALUES (1)")
            raise error
    assert count(database) == 0
    with database.writing() as connection:
        connection.execute("INSERT INTO t VALUES (1)")
    assert count(database) == 1


def test_the_index_is_written_normal_and_what_a_person_made_in_full(database):
    with database.writing() as connection:
        assert connection.pragma("synchronous") == 1
    with database.writing(durable=True) as connection:
        assert connection.pragma("synchronous") == 2


def test_pages_and_log_are_as_designed(database):
    with database.reading() as connection:
        assert connection.pragma("page_size") == 16384
        assert connection.pragma("journal_mode") == "wal"
        assert connection.pragma("foreign_keys") == 1
        with pytest.raises(Exception, match="readonly"):
            connection.execute("INSERT INTO t VALUES (1)")


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_the_file_is_for_this_user_alone(database):
    assert database.path.stat().st_mode & 0o777 == 0o600


def test_readers_and_writers_in_many_threads_lose_nothing(database):
    errors = []

    def write():
        try:
            for _ in range(25):
                with database.writing() as connection:
                    connection.execute("INSERT INTO t VALUES (1)")
                    seen = connection.execute("SELECT count(*) FROM t").get
                assert count(database) >= seen
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert count(database) == 150


def test_the_data_version_differs_after_every_commit_of_anybody(database):
    other = Database(database.path)
    versions = [database.data_version()]
    for writer in (database, other, database):
        with writer.writing() as connection:
            connection.execute("INSERT INTO t VALUES (1)")
        versions.append(database.data_version())
    assert len(set(versions)) == 4
    assert database.data_version() == versions[-1]
    other.close()


def test_a_reader_that_stays_open_sees_one_moment_and_holds_nobody(database):
    with database.reading() as reader:
        rows = reader.execute("SELECT x FROM t UNION ALL SELECT 0")
        assert next(rows)
        with database.writing() as connection:
            connection.execute("INSERT INTO t VALUES (1)")
        assert count(database) == 1
        rows.close()


def test_a_lock_that_is_never_released_is_told(database, monkeypatch):
    other = Database(database.path)
    other._file_lock.timeout = 0.05
    with database.locked(), pytest.raises(CatalogError, match="Another program"), other.writing():
        pass
    other.close()


def test_a_closed_catalogue_says_so_and_closes_twice(database):
    database.close()
    database.close()
    with pytest.raises(CatalogError, match="closed"), database.reading():
        pass


def test_a_folder_that_cannot_be_used_is_told(tmp_path):
    with pytest.raises(CatalogError, match="cannot be"):
        Database(tmp_path / "missing" / "catalog.sqlite")


def test_a_file_that_is_no_database_is_told_as_damaged(tmp_path):
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"not a database at all" * 1000)
    with pytest.raises(CatalogDamagedError):
        Database(path)
    assert path.with_name("catalog.sqlite.suspect").exists()


def test_an_error_of_our_own_sql_is_not_hidden(database):
    import apsw

    with pytest.raises(apsw.SQLError), database.reading() as connection:
        connection.execute("SELECT nonsense FROM t")
    with pytest.raises(ZeroDivisionError), database.faults():
        raise ZeroDivisionError


def test_the_log_does_not_grow_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(database_module, "CHECKPOINT_PAGES", 10)
    database = Database(tmp_path / "catalog.sqlite")
    with database.writing() as connection:
        connection.execute("CREATE TABLE t (x BLOB)")
    for _ in range(60):
        with database.writing() as connection:
            connection.execute("INSERT INTO t VALUES (zeroblob(16000))")
    assert os.path.getsize(f"{database.path}-wal") < 40 * database_module.PAGE_SIZE_BYTES
    database.close()
