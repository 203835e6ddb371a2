"""Names as people and the full-text index see them."""

import os

import pytest

from helios_desktop.catalog.texts import display_text, phrase


@pytest.mark.skipif(os.name == "nt", reason="names are UTF-16 there")
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"/plain.jpg", "/plain.jpg"),
        ("/été 東京 👨‍👩‍👧.jpg".encode(), "/été 東京 👨‍👩‍👧.jpg"),
        (b"/a\nb\tc\r.jpg", "/a\\nb\\tc\\r.jpg"),
        (b"/\xff\x80.jpg", "/\\xff\\x80.jpg"),
        (b"/\x1b[31m.jpg", "/\\x1b[31m.jpg"),
        ("/evil\u202egpj.exe".encode(), "/evil\\u202egpj.exe"),
        ("/a\u2028b.jpg".encode(), "/a\\u2028b.jpg"),
        ("/a\u00a0b.jpg".encode(), "/a\u00a0b.jpg"),
        (b"/<b>&amp;%s.jpg", "/<b>&amp;%s.jpg"),
    ],
)
def test_a_name_is_one_readable_line_that_fools_nobody(name, shown):
    assert display_text(name) == shown


@pytest.mark.parametrize(
    ("words", "asked"),
    [("two words", '"two words"'), ('say "hi"', '"say ""hi"""'), ("...", None), ("", None), ("ａｂ", '"ab"'), ("7", '"7"')],
)
def test_words_become_one_phrase(words, asked):
    assert phrase(words) == asked
