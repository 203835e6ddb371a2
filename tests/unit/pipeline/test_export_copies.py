"""Copies of photos: byte for byte, beside what is there, never over it; the originals stay as they were."""

from __future__ import annotations

import os

import pytest

from helios_desktop.errors import KnownError
from helios_desktop.pipeline.export_copies import export_copies


@pytest.fixture
def folders(tmp_path):
    for name in ("from", "other", "to"):
        (tmp_path / name).mkdir()
    return tmp_path


def written(path, content=b"picture", moment=10**18):
    path.write_bytes(content)
    os.utime(path, ns=(moment, moment))
    return os.fsencode(path)


def test_copies_hold_the_same_bytes_and_times_and_the_originals_stay(folders):
    path = written(folders / "from" / "a b.jpg", b"x" * 3_000_000)
    done = export_copies([path], os.fsencode(folders / "to"))
    copy = folders / "to" / "a b.jpg"
    assert done.copies == (os.fsencode(copy),)
    assert not done.failed
    assert copy.read_bytes() == (folders / "from" / "a b.jpg").read_bytes()
    assert copy.stat().st_mtime_ns == os.stat(path).st_mtime_ns == 10**18


def test_a_name_that_is_taken_gets_a_number_and_what_was_there_stays(folders):
    paths = [written(folders / name / "a.jpg", name.encode()) for name in ("from", "other")]
    written(folders / "to" / "a.jpg", b"mine")
    export_copies(paths, os.fsencode(folders / "to"))
    found = {file.name: file.read_bytes() for file in (folders / "to").iterdir()}
    assert found == {"a.jpg": b"mine", "a (2).jpg": b"from", "a (3).jpg": b"other"}


def test_names_need_not_be_utf_8(folders):
    path = os.path.join(os.fsencode(folders / "from"), b"\xe9t\xe9.jpg")
    with open(path, "wb") as file:
        file.write(b"x")
    [copy] = export_copies([path], os.fsencode(folders / "to")).copies
    assert os.path.basename(copy) == b"\xe9t\xe9.jpg"


def test_what_cannot_be_read_does_not_stop_the_others(folders):
    os.mkfifo(folders / "from" / "pipe.jpg")
    good = written(folders / "from" / "good.jpg")
    gone, pipe = os.fsencode(folders / "gone.jpg"), os.fsencode(folders / "from" / "pipe.jpg")
    done = export_copies([gone, pipe, good], os.fsencode(folders / "to"))
    assert len(done.copies) == 1
    assert [path for path, _ in done.failed] == [gone, pipe]
    assert [file.name for file in (folders / "to").iterdir()] == ["good.jpg"]


def test_nothing_is_left_of_a_copy_that_failed(folders, monkeypatch):
    path = written(folders / "from" / "a.jpg")

    def fail(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", fail)
    done = export_copies([path], os.fsencode(folders / "to"))
    assert done.failed == ((path, "No space left on device"),)
    assert not list((folders / "to").iterdir())


def test_a_folder_that_is_none_is_said(folders):
    with pytest.raises(KnownError, match="is not a folder"):
        export_copies([], os.fsencode(folders / "nowhere"))


def test_a_person_who_thinks_better_of_it_gets_no_more_copies(folders):
    paths = [written(folders / "from" / f"{n}.jpg") for n in range(3)]
    answers = iter([False, True])
    done = export_copies(paths, os.fsencode(folders / "to"), lambda: next(answers))
    assert len(done.copies) == 1
