"""``photo_ids.csv``: ids in order, or a sentence with the line."""

import os

import pytest

from helios_desktop.errors import ImportFileError
from helios_desktop.pipeline.photo_ids import MAX_LINE_BYTES, read_photo_ids


@pytest.fixture
def path(tmp_path):
    return tmp_path / "photo_ids.csv"


@pytest.mark.parametrize(
    "text",
    [
        b"photo_id\na1\nb-2\n_c3\n",
        b"photo_id\r\na1\r\nb-2\r\n_c3",
        b"\xef\xbb\xbfphoto_id\na1\nb-2\n_c3\n",
        b'"photo_id"\n"a1"\n"b-2"\n"_c3"\n',
        b" Photo_ID \na1\n b-2\n_c3 \n",
        b'\xef\xbb\xbf"PHOTO_ID"\na1\nb-2\n_c3\n\n\n',
        b",photo_id\n0,a1\n1,b-2\n2,_c3\n",
        b"photo_id;url\na1;x\nb-2;y\n_c3;z\n",
        b"url\tphoto_id\nx\ta1\ny\tb-2\nz\t_c3\n",
        b'photo_id,note\na1,"two\nlines"\nb-2,"a ""quote"""\n_c3,\n',
    ],
    ids=["unix", "windows", "bom", "quoted", "spaced", "bom quoted", "pandas", "semicolons", "tabs", "fields over lines"],
)
def test_variants_that_programs_write_are_read(path, text):
    path.write_bytes(text)
    assert read_photo_ids(path) == ["a1", "b-2", "_c3"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "names no column"),
        (b"photo_id\n", "no ids"),
        (b"a1\nb2\n", "Line 1 .*names no column 'photo_id'"),
        (b"id\na1\n", "Line 1 .*names no column 'photo_id'"),
        (b"photo_id\na1\n../../etc/passwd\n", r"Line 3 .*\.\./\.\./etc/passwd.* is not an id"),
        (b"photo_id\na1\n" + b"a" * 65 + b"\n", "Line 3 .*is not an id"),
        (b'photo_id\na1\n""\n', "Line 3 .*is not an id"),
        ("photo_id\na1\nÄb\n".encode(), "Line 3 .*is not an id"),
        (b"photo_id\na1\nb c\n", "Line 3 .*is not an id"),
        (b"photo_id\na1\nb1\nc1\nb1\n", "Line 5 .*'b1' occurs a second time .first in row 1"),
        (b"photo_id\na1\nb\0c\n", "Line 3 .*NUL"),
        (b"photo_id\na1\n\xff\xfe\n", "Line 3 .*not UTF-8"),
        ("photo_id\na1\n".encode("utf-16"), "Line 1 .*(NUL|UTF-8)"),
        (b"photo_id\na1\n" + b"b" * 200_000 + b"\n", f"Line 3 .*longer than {MAX_LINE_BYTES:,}"),
        (b"photo_id\na1\nb1,c1\n", "Line 3 .*2 fields; expected are 1"),
        (b"photo_id,x\na1,1\nb1\n", "Line 3 .*1 fields; expected are 2"),
        (b'photo_id\na1\n"b1\nc1\n', "Line 3 .*not CSV"),
        (b'photo_id\na1\n"b1"x\n', "Line 3 .*not CSV"),
        (b'photo_id,note\na1,"one\ntwo"\n!,x\n', "Line 4 .*is not an id"),
        (b"photo_id\ra1\rb1\r", "Line 1"),
    ],
)
def test_every_fault_is_a_sentence_with_the_line(path, text, says):
    path.write_bytes(text)
    with pytest.raises(ImportFileError, match=says) as caught:
        read_photo_ids(path)
    assert caught.value.remedy
    assert len(caught.value.message) < 400 + len(str(path))


def test_a_hundred_megabytes_without_a_line_end_are_not_read_whole(path):
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(ImportFileError, match="Line 1"):
        read_photo_ids(path)


def test_what_is_no_file_is_a_sentence(tmp_path):
    with pytest.raises(ImportFileError, match="no such file"):
        read_photo_ids(tmp_path / "missing.csv")
    with pytest.raises(ImportFileError, match="not a file"):
        read_photo_ids(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX")
def test_a_pipe_is_not_waited_for(path):
    os.mkfifo(path)
    with pytest.raises(ImportFileError, match="not a file"):
        read_photo_ids(path)
