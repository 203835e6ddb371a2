"""The panel at the left: what can be looked at, and the button that adds a folder. The next surfaces hang below it."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLabel, QListView, QMenu, QPushButton, QVBoxLayout, QWidget

from helios_desktop.domain import Root
from helios_desktop.ui.library.delegate import PlaceDelegate
from helios_desktop.ui.library.model import EVERYTHING, PlacesModel
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.theme.spacing import ICON_PX, LARGE_PX, MEDIUM_PX, SMALL_PX


class LibraryPanel(QWidget):
    """Lists the places of a ``PlacesModel``."""

    place_chosen = Signal(object)  # Place
    menu_wanted = Signal(object, QPoint)  # Place, where on screen
    open_requested = Signal(object)  # Root
    remove_requested = Signal(object)  # Root

    def __init__(self, model: PlacesModel, add_folder: QAction, icons: ThemeIcons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._icons = icons
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self.view = QListView(self)
        self._make_view(model)
        self._make_button(add_folder)
        self._make_layout()
        self._selection = self.view.selectionModel()
        self._selection.currentChanged.connect(self._on_current_changed)
        model.modelReset.connect(lambda: self.show_place(self._key))
        self._key: tuple[str, object] = EVERYTHING
        self.show_place(EVERYTHING)

    def _make_view(self, model: PlacesModel) -> None:
        self.view.setModel(model)
        self.view.setItemDelegate(PlaceDelegate(self.view))
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.viewport().setAutoFillBackground(False)
        self.view.setMouseTracking(True)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._on_menu)
        self.view.setAccessibleName(self.tr("Library"))
        self.view.setTabKeyNavigation(False)

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
        index = self._model.index(self._model.row_of(key))
        was_blocked = self._selection.blockSignals(True)
        self._selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._selection.blockSignals(was_blocked)
        self.view.viewport().update()

    def _on_current_changed(self, current: QModelIndex) -> None:
        place = self._model.place_at(current)
        if place is not None:
            self._key = place.key
            self.place_chosen.emit(place)

    def _on_menu(self, point: QPoint) -> None:
        place = self._model.place_at(self.view.indexAt(point))
        if place is None:
            return
        where = self.view.viewport().mapToGlobal(point)
        if place.root is not None:
            menu = self.folder_menu(place.root)
            menu.exec(where)
            menu.deleteLater()
        else:
            self.menu_wanted.emit(place, where)

    def folder_menu(self, root: Root) -> QMenu:
        """Return the menu of one folder."""
        menu = QMenu(self)
        show = menu.addAction(self.tr("Show folder"))
        show.triggered.connect(lambda: self.open_requested.emit(root))
        remove = menu.addAction(self.tr("Remove from library…"))
        remove.triggered.connect(lambda: self.remove_requested.emit(root))
        self._icons.give(show, "open")
        self._icons.give(remove, "remove")
        return menu
