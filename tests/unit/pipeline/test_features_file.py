"""``features.npy``: a table of floats is read a piece at a time; anything else is a sentence, and nothing in it is ever run."""

import io
import os
import pickle
import struct

import numpy as np
import pytest

from helios_desktop.errors import ImportFileError
from helios_desktop.pipeline.features_file import FeaturesFile, unit_rows


def table(rows=10, dim=4, dtype="float16", seed=1):
    return np.random.default_rng(seed).standard_normal((rows, dim)).astype(dtype)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "features.npy"


@pytest.fixture
def save(path):
    def write(array):
        np.save(path, array, allow_pickle=True)
        return path

    return write


def with_header(path, text, body=b"", version=1):
    """Write a file whose header says ``text``."""
    raw = text.encode("latin-1")
    size = struct.pack("<H" if version == 1 else "<I", len(raw))
    path.write_bytes(b"\x93NUMPY" + bytes([version, 0]) + size + raw + body)
    return path


def header(descr="'<f2'", order="False", shape="(2, 4)"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"


@pytest.mark.parametrize("dtype", ["<f2", ">f2", "<f4", ">f4"])
def test_half_and_single_floats_of_either_byte_order_are_read(save, dtype):
    given = table(dtype=dtype)
    features = FeaturesFile(save(given))
    assert (features.count, features.dim) == (10, 4)
    unit = np.concatenate([piece for _, piece, _ in features.pieces(0, 10, rows=3)])
    expected = given.astype(np.float32)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert unit == pytest.approx(expected, abs=1e-3)
    assert unit.dtype == np.float32


@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_version_of_the_format_is_read(path, version):
    body = np.ones((2, 4), "<f2").tobytes()
    assert FeaturesFile(with_header(path, header(), body, version)).count == 2


def test_pieces_are_those_rows_that_were_asked_for(save):
    features = FeaturesFile(save(table(rows=10)))
    assert [(first, len(piece)) for first, piece, _ in features.pieces(2, 9, rows=3)] == [(2, 3), (5, 3), (8, 1)]
    assert list(features.pieces(5, 5)) == []


def test_zero_rows_are_told(save):
    given = table()
    given[[3, 7]] = 0
    features = FeaturesFile(save(given))
    assert features.check().tolist() == [3, 7]
    (_, unit, is_zero), *_ = features.pieces(0, 10)
    assert np.flatnonzero(is_zero).tolist() == [3, 7]
    assert not unit[3].any()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_named_by_its_row(save, value):
    given = table(rows=9000)
    given[8191, 2] = value
    with pytest.raises(ImportFileError, match=r"Row 8191 .*not finite"):
        FeaturesFile(save(given)).check()


@pytest.mark.parametrize("scale", [1e-42, 1e-30, 1.0, 1e19, 3e38])
def test_rows_of_any_size_get_unit_length(scale):
    rows = np.array([[1, -1, 0.5, 0]], np.float32) * np.float32(scale)
    unit, is_zero = unit_rows(rows)
    assert not is_zero.any()
    assert np.linalg.norm(unit) == pytest.approx(1, abs=1e-3)


def test_what_is_of_unit_length_but_for_rounding_stays_as_it_is():
    stored = table(rows=500, dim=64, dtype="float32")
    stored = (stored / np.linalg.norm(stored, axis=1, keepdims=True)).astype(np.float16)
    unit, _ = unit_rows(stored)
    assert (unit.astype(np.float16) == stored).all()


class Bomb:
    """Leaves a trace where it is unpickled."""

    def __init__(self, trace):
        self.trace = str(trace)

    def __reduce__(self):
        return (os.mkdir, (self.trace,))


def test_objects_are_refused_and_never_unpickled(save, tmp_path):
    trace = tmp_path / "trace"
    with pytest.raises(ImportFileError, match="pickle"):
        FeaturesFile(save(np.array([[Bomb(trace)]], dtype=object)))
    assert not trace.exists()


def test_a_bare_pickle_is_refused_and_never_unpickled(path, tmp_path):
    trace = tmp_path / "trace"
    path.write_bytes(pickle.dumps(Bomb(trace)))
    with pytest.raises(ImportFileError, match="pickle"):
        FeaturesFile(path)
    assert not trace.exists()


@pytest.mark.parametrize(
    ("array", "says"),
    [
        (np.zeros((3, 4), "float64"), "f8"),
        (np.zeros((3, 4), "int8"), "i1"),
        (np.zeros((3, 4), "V8"), "V8"),
        (np.zeros((3, 4), "complex64"), "c8"),
        (np.zeros(12, "float16"), "rank 1"),
        (np.zeros((3, 4, 1), "float16"), "rank 3"),
        (np.float16(1), "rank 0"),
        (np.zeros((0, 4), "float16"), "no rows"),
        (np.zeros((4, 0), "float16"), "0 numbers a row"),
        (np.zeros((1, 5000), "float16"), "5,000 numbers a row"),
        (np.asfortranarray(table()), "Fortran order"),
        (np.zeros(3, [("a", "<f2"), ("b", "<f4")]), "numbers of the kind"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_tables_are_refused_with_what_was_expected_and_found(save, array, says):
    with pytest.raises(ImportFileError, match=says) as caught:
        FeaturesFile(save(array))
    assert "xpected" in caught.value.message
    assert caught.value.remedy


def test_an_archive_is_told_from_a_table(path):
    buffer = io.BytesIO()
    np.savez(buffer, table())
    path.write_bytes(buffer.getvalue())
    with pytest.raises(ImportFileError, match="archive"):
        FeaturesFile(path)


@pytest.mark.parametrize(
    "text",
    [
        header(shape="(1000000000000, 512)"),
        header(shape="(-1, 4)"),
        header(shape="(2.0, 4)"),
        header(shape="(True, 4)"),
        header(shape="'x'"),
        header(order="1"),
        header(order="'no'"),
        header(descr="[('a', '<f2')]"),
        header(descr="'|O8'"),
        "__import__('os').mkdir('trace')",
        "{" * 5000,
        "(" * 200,
        "{'descr': '<f2'}",
        "[1, 2]",
        "\xff\xfe\n",
    ],
    ids=range(15),
)
def test_a_crafted_header_is_a_sentence(path, text, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ImportFileError):
        FeaturesFile(with_header(path, text, b"\0" * 16))
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize("length", [0, 1, 5, 6, 8, 9, 10, 40, 127, 128, 150, 207])
def test_a_file_cut_at_any_length_is_a_sentence(save, length):
    path = save(table())
    assert path.stat().st_size == 208
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ImportFileError):
        FeaturesFile(path)


def test_half_a_file_says_how_much_is_missing(save):
    path = save(table())
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ImportFileError, match=r"10 rows of 4 numbers, which take 208 bytes, but it has 168"):
        FeaturesFile(path)


def test_bytes_behind_the_table_are_refused(save):
    path = save(table())
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(ImportFileError, match="but it has 212"):
        FeaturesFile(path)


def test_a_header_of_four_gigabytes_is_not_read(path):
    path.write_bytes(b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**32 - 1) + b"x")
    with pytest.raises(ImportFileError, match="header of 4,294,967,295"):
        FeaturesFile(path)


def test_a_file_that_changes_while_it_is_read_is_noticed(save):
    path = save(table(rows=20))
    features = FeaturesFile(path)
    pieces = features.pieces(0, 20, rows=5)
    next(pieces)
    with path.open("r+b") as file:
        file.truncate(100)
    with pytest.raises(ImportFileError, match="changed while"):
        next(pieces)


def test_what_is_no_file_is_a_sentence(tmp_path):
    with pytest.raises(ImportFileError, match="no such file"):
        FeaturesFile(tmp_path / "missing.npy")
    with pytest.raises(ImportFileError, match="not a file"):
        FeaturesFile(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX")
def test_a_pipe_is_not_waited_for(path):
    os.mkfifo(path)
    with pytest.raises(ImportFileError, match="not a file"):
        FeaturesFile(path)
