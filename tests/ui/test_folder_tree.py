"""The library panel as a tree: folders inside folders with counts, states and menus; saved searches with live counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from helios_desktop.ui.library.feed import IDLE, take_snapshot
from helios_desktop.ui.library.folders import pattern_of
from helios_desktop.ui.library.model import PlacesModel
from helios_desktop.watch.ignore import IgnoreRules

ROOT = b"/photos/Trips"


@pytest.fixture
def tree(window, library, qtbot):
    """A second folder with folders in it, opened in the panel."""
    library.fill(2, ROOT)
    for name in (b"Rome/a.jpg", b"Rome/old/b.jpg", b"Oslo/c.jpg"):
        number = len(library._photos)
        from fake_library import make_photo

        root = next(one for one in library.roots() if one.path == ROOT)
        photo = make_photo(number, root)
        library.put(replace(photo, path=ROOT + b"/" + name, display=(ROOT + b"/" + name).decode()))
    window.feed.refresh()
    qtbot.waitUntil(lambda: window.places.rowCount() == 5)
    index = window.places.index(2)
    window.panel.view.expand(index)
    qtbot.waitUntil(lambda: window.places.rowCount(window.places.index(2)) == 2)
    return window


def titles(model, parent=None):
    parent = QModelIndex() if parent is None else parent
    return [model.index(row, 0, parent).data() for row in range(model.rowCount(parent))]


def test_folders_are_asked_for_when_they_are_opened_and_counted(tree):
    model = tree.places
    trips = model.index(2)
    assert titles(model, trips) == ["Oslo", "Rome"]
    assert [model.place_at(model.index(row, 0, trips)).count for row in range(2)] == [1, 2]
    assert model.hasChildren(model.index(1, 0, trips))
    assert not model.hasChildren(model.index(0, 0, trips))


def test_a_folder_inside_narrows_the_answer_and_stays_marked(tree, library, qtbot):
    rome = tree.places.index(1, 0, tree.places.index(2))
    tree.panel.view.setCurrentIndex(rome)
    qtbot.waitUntil(lambda: tree.grid_model.rowCount() == 2)
    assert tree.session.question.folder == ROOT + b"/Rome"
    tree.feed.refresh()
    qtbot.waitUntil(lambda: not tree._bridge._waiting)
    assert tree.session.question.folder == ROOT + b"/Rome", "a folder inside a followed one is not gone"
    assert tree.panel.view.currentIndex().data() == "Rome"


def test_the_keyboard_opens_closes_and_goes_down(tree, qtbot):
    view = tree.panel.view
    view.setFocus()
    view.setCurrentIndex(tree.places.index(2))
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert not view.isExpanded(tree.places.index(2))
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.isExpanded(tree.places.index(2))
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.currentIndex().data() == "Oslo"


def test_new_photos_bring_new_folders_and_what_is_open_stays_open(tree, library, qtbot):
    from fake_library import make_photo

    root = next(one for one in library.roots() if one.path == ROOT)
    photo = make_photo(len(library._photos), root)
    library.put(replace(photo, path=ROOT + b"/Paris/d.jpg", display=(ROOT + b"/Paris/d.jpg").decode()))
    tree.feed.refresh()
    qtbot.waitUntil(lambda: titles(tree.places, tree.places.index(2)) == ["Oslo", "Paris", "Rome"])
    assert tree.panel.view.isExpanded(tree.places.index(2))


def test_a_followed_folder_says_how_it_is_followed(window, library, qtbot):
    index = window.places.index(1)
    assert "noticed at once" in index.data(Qt.ItemDataRole.ToolTipRole)
    library.tell(replace(IDLE, phase="scanning"))
    qtbot.waitUntil(lambda: window.places.place_at(window.places.index(1)).state == "scanning")
    assert "being looked through" in window.places.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    library.tell()
    qtbot.waitUntil(lambda: window.places.place_at(window.places.index(1)).state == "")
    library._roots[1] = replace(library._roots[1], is_polled=True)
    library.touch()
    window.feed.refresh()
    qtbot.waitUntil(lambda: window.places.place_at(window.places.index(1)).state == "polled")
    assert "network drive" in window.places.index(1).data(Qt.ItemDataRole.ToolTipRole)


def test_menus_show_rescan_leave_out_and_remove(tree, library, opener, qtbot):
    trips = tree.places.index(2)
    of_root = tree.panel.folder_menu(tree.places.place_at(trips))
    of_inner = tree.panel.folder_menu(tree.places.place_at(tree.places.index(1, 0, trips)))
    texts = [[action.text() for action in menu.actions() if action.text()] for menu in (of_root, of_inner)]
    assert "Remove from library…" in texts[0]
    assert "Leave this folder out" not in texts[0]
    assert "Remove from library…" not in texts[1]
    by_text = {action.text(): action for action in of_inner.actions()}
    by_text["Show folder"].trigger()
    assert opener.opened == [ROOT + b"/Rome"]
    by_text["Look through it now"].trigger()
    qtbot.waitUntil(lambda: library.rescanned == [ROOT + b"/Rome"])
    by_text["Leave this folder out"].trigger()
    qtbot.waitUntil(lambda: library.preferences.now().ignore == ("*.tmp", "/Rome/"))
    assert library.rescanned[-1] == ROOT


@pytest.mark.parametrize("name", ["Rome", "a/b c", "we[i]rd *?", "Été"])
def test_the_pattern_of_a_folder_means_that_folder_alone(name):
    rules = IgnoreRules([pattern_of(ROOT + b"/" + name.encode(), ROOT)])
    parts = name.encode().split(b"/")
    assert rules.is_ignored(parts[-1], name.encode(), is_folder=True)
    assert not rules.is_ignored(parts[-1], b"elsewhere/" + name.encode(), is_folder=True)
    assert not rules.is_ignored(b"x" + parts[-1], b"x" + name.encode(), is_folder=True)


def test_the_tree_keeps_qts_rules(library, qtmodeltester):
    asked = []
    model = PlacesModel(lambda folder, done: (asked.append(folder), done(library.folders_inside(folder))))
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    snapshot = take_snapshot(library, None)
    model.show_places(snapshot)
    model.fetchMore(model.index(1))
    assert set(asked) == {b"/photos/Italy"}
    model.show_places(replace(snapshot, roots=(), photos_of={}))
    model.show_places(replace(snapshot, token=snapshot.token + 1))
    qtmodeltester.check(model)
    assert tester.model() is model


def test_a_saved_search_shows_how_many_good_answers_it_has_now(window, library, qtbot):
    library.marks.save_search("Boats", "boat")
    window.feed.refresh()

    def boats():
        rows = [window.places.place_at(window.places.index(row)) for row in range(window.places.rowCount())]
        return next((place.count for place in rows if place.title == "Boats"), None)

    qtbot.waitUntil(lambda: boats() == 3)
    library.drop(7)
    window.feed.refresh()
    qtbot.waitUntil(lambda: boats() == 2)
