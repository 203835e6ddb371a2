"""The folders of a library as a tree, one level at a time."""

from __future__ import annotations

import os

import pytest

NAMES = [
    "a.jpg",
    "Italy/1.jpg",
    "Italy/2.jpg",
    "Italy/Rome/3.jpg",
    "Italy/Rome/old/4.jpg",
    "alps/5.jpg",
    "z.jpg",
    "Italy-2/6.jpg",
]


@pytest.fixture
def tree(shelf):
    shelf.index(*NAMES)
    return shelf


def seen(shelf, folder=""):
    path = shelf.root.path if not folder else shelf.path(folder)
    return [(one.display.rsplit(os.sep, 1)[1], one.count, one.has_folders) for one in shelf.catalog.folders.inside(path)]


def test_each_level_is_counted_with_all_that_lies_below(tree):
    assert seen(tree) == [("alps", 1, False), ("Italy", 4, True), ("Italy-2", 1, False)]
    assert seen(tree, "Italy") == [("Rome", 2, True)]
    assert seen(tree, "Italy/Rome") == [("old", 1, False)]
    assert seen(tree, "Italy/Rome/old") == []


def test_only_folders_with_indexed_photos_are_there(tree):
    tree.add("pending/7.jpg")
    assert "pending" not in [name for name, _, _ in seen(tree)]
    tree.vanish("alps/5.jpg")
    assert "alps" not in [name for name, _, _ in seen(tree)]


def test_names_need_not_be_utf_8(tree):
    tree.index(b"\xe9t\xe9/8.jpg")
    [odd] = [one for one in tree.catalog.folders.inside(tree.root.path) if one.path.endswith(b"\xe9t\xe9")]
    assert odd.count == 1


def test_a_folder_that_nobody_knows_is_empty(tree):
    assert seen(tree, "nowhere") == []
