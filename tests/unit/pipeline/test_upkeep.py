"""What happens once a day."""

from helios_desktop.pipeline.upkeep import look_after


def test_the_first_look_of_a_day_makes_a_backup_and_the_next_none(library, paint):
    paint(library.folder / "red.jpg", "red")
    library.add()
    library.index()
    assert look_after(library.catalog, library.thumbnails) == ""
    [backup] = (library.base / "backups").glob("*.sqlite")
    moment = backup.stat().st_mtime_ns
    assert look_after(library.catalog, library.thumbnails) == ""
    assert backup.stat().st_mtime_ns == moment


def test_an_empty_library_needs_no_backup(library):
    assert look_after(library.catalog, library.thumbnails) == ""
    assert not (library.base / "backups").exists()


def test_a_backup_that_cannot_be_made_is_a_sentence(library, paint, monkeypatch):
    from helios_desktop.errors import DiskFullError

    def fails():
        raise DiskFullError("There is no room left.", "Make room.")

    monkeypatch.setattr(library.catalog, "backup_if_due", fails)
    assert look_after(library.catalog, library.thumbnails).endswith("There is no room left. Make room.")
