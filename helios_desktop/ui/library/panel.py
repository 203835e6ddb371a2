"""The panel at the left: a tree of what can be looked at, and the button that adds a folder."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLabel, QMenu, QPushButton, QTreeView, QVBoxLayout, QWidget

from helios_desktop.domain import Root
from helios_desktop.ui.library.delegate import INDENT_PX, PlaceDelegate
from helios_desktop.ui.library.model import EVERYTHING, PlacesModel
from helios_desktop.ui.library.place import Place
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.theme.spacing import ICON_PX, LARGE_PX, MEDIUM_PX, SMALL_PX


class PlacesView(QTreeView):
    """A tree whose arrows the delegate paints, inside the plates of the rows."""

    def drawBranches(self, painter: object, rect: object, index: object) -> None:
        """Paint none: a row's plate begins at the left edge, whatever its level."""


class LibraryPanel(QWidget):
    """Lists the places of a ``PlacesModel``."""

    place_chosen = Signal(object)  # Place
    menu_wanted = Signal(object, QPoint)  # Place, where on screen
    open_requested = Signal(bytes)  # a folder
    rescan_requested = Signal(bytes)  # a folder
    leave_out_requested = Signal(object)  # Place: a folder inside a followed one
    patterns_requested = Signal()
    remove_requested = Signal(object)  # Root

    def __init__(
        self, model: PlacesModel, add_folder: QAction, pause: QAction, icons: ThemeIcons, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model, self._icons, self._pause = model, icons, pause
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self.view = PlacesView(self)
        self._make_view(model)
        self._make_button(add_folder)
        self._make_layout()
        self._selection = self.view.selectionModel()
        self._selection.currentChanged.connect(self._on_current_changed)
        self._key: tuple[str, object] = EVERYTHING
        for changed in (model.rowsInserted, model.rowsRemoved):
            changed.connect(lambda *_args: self.show_place(self._key))
        self.show_place(EVERYTHING)

    def _make_view(self, model: PlacesModel) -> None:
        self.view.setModel(model)
        self.view.setItemDelegate(PlaceDelegate(self.view))
        self.view.setHeaderHidden(True)
        self.view.setIndentation(0)  # the delegate indents what is on a plate, not the plate
        self.view.setExpandsOnDoubleClick(True)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.viewport().setAutoFillBackground(False)
        self.view.setMouseTracking(True)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._on_menu)
        self.view.setAccessibleName(self.tr("Library"))
        self.view.setTabKeyNavigation(False)
        self.view.pressed.connect(self._on_pressed)

    def _make_button(self, add_folder: QAction) -> None:
        self.add_button = QPushButton(add_folder.text(), self)
        self.add_button.setProperty("kind", "plain")
        self.add_button.setIconSize(QSize(ICON_PX, ICON_PX))
        self.add_button.setToolTip(add_folder.toolTip())
        self.add_button.setAccessibleName(add_folder.text())
        self.add_button.clicked.connect(add_folder.trigger)
        self._icons.give(self.add_button, "folder-add")

    def _make_layout(self) -> None:
        title = QLabel(self.tr("Library"), self)
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        title.setContentsMargins(LARGE_PX, LARGE_PX, LARGE_PX, SMALL_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, MEDIUM_PX)
        column.setSpacing(SMALL_PX)
        column.addWidget(title)
        column.addWidget(self.view, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(MEDIUM_PX, 0, MEDIUM_PX, 0)
        foot.addWidget(self.add_button)
        column.addLayout(foot)

    def show_place(self, key: tuple[str, object]) -> None:
        """Mark the place that is looked at, without asking for it again."""
        self._key = key
        index = self._model.index_of(key)
        was_blocked = self._selection.blockSignals(True)
        self._selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._selection.blockSignals(was_blocked)
        self.view.viewport().update()

    def _on_current_changed(self, current: QModelIndex) -> None:
        place = None if self._model.is_changing else self._model.place_at(current)  # a row that goes is left by nobody
        if place is not None:
            self._key = place.key
            self.place_chosen.emit(place)

    def _on_pressed(self, index: QModelIndex) -> None:
        """A press on a row's arrow opens or closes it."""
        place = self._model.place_at(index)
        where = self.view.viewport().mapFromGlobal(self.cursor().pos())
        if place is not None and self._model.hasChildren(index):
            level = 0
            around = index.parent()
            while around.isValid():
                level, around = level + 1, around.parent()
            if where.x() < SMALL_PX + (level + 1) * INDENT_PX:
                self.view.setExpanded(index, not self.view.isExpanded(index))

    def _on_menu(self, point: QPoint) -> None:
        place = self._model.place_at(self.view.indexAt(point))
        if place is None:
            return
        where = self.view.viewport().mapToGlobal(point)
        if place.folder is not None:
            menu = self.folder_menu(place)
            menu.exec(where)
            menu.deleteLater()
        else:
            self.menu_wanted.emit(place, where)

    def folder_menu(self, place: Place) -> QMenu:
        """Return the menu of one folder."""
        menu = QMenu(self)
        folder, root = place.folder or b"", place.root

        def add(text: str, icon_name: str, run: object) -> None:
            action = menu.addAction(text)
            action.triggered.connect(run)
            self._icons.give(action, icon_name)

        add(self.tr("Show folder"), "open", lambda: self.open_requested.emit(folder))
        add(self.tr("Look through it now"), "retry", lambda: self.rescan_requested.emit(folder))
        menu.addAction(self._pause)
        menu.addSeparator()
        if not place.is_root:
            add(self.tr("Leave this folder out"), "not", lambda: self.leave_out_requested.emit(place))
        add(self.tr("Patterns to leave out…"), "settings", self.patterns_requested.emit)
        if place.is_root and isinstance(root, Root):
            add(self.tr("Remove from library…"), "remove", lambda: self.remove_requested.emit(root))
        return menu
