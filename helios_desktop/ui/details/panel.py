"""The panel at the right: the photo that is current in the grid, what is known of it, its marks, and photos like it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette, QPixmap, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from helios_desktop.domain import Photo, PhotoTerm, Query
from helios_desktop.ui.bridge import Bridge
from helios_desktop.ui.details.facts_list import FactsList
from helios_desktop.ui.details.place_names import PlaceNames
from helios_desktop.ui.details.strip import SimilarStrip
from helios_desktop.ui.grid.thumbnails import ThumbnailLoader
from helios_desktop.ui.marks.stars import MarkRow
from helios_desktop.ui.plain_text import file_name
from helios_desktop.ui.theme.spacing import DETAILS_PX, LARGE_PX, MEDIUM_PX, TILE_RADIUS_PX

SETTLE_MS = 120  # holding an arrow key asks for nothing until it is let go
SIMILAR = 6
TALLEST = 1.2  # of the width
STRIP_CACHE_BYTES = 8 * 1024 * 1024


class PhotoPicture(QWidget):
    """One picture, whole, as wide as there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap = QPixmap()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_image(self, image: QImage | None) -> None:
        """Show this picture, or nothing."""
        self._pixmap = QPixmap() if image is None else QPixmap.fromImage(image)
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """The height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as the whole picture needs, within reason."""
        if self._pixmap.isNull():
            return width * 3 // 4
        return round(width * min(TALLEST, self._pixmap.height() / max(1, self._pixmap.width())))

    def sizeHint(self) -> QSize:
        """As wide as the panel."""
        return QSize(DETAILS_PX, self.heightForWidth(DETAILS_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture in the middle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._pixmap.isNull():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().color(QPalette.ColorRole.Midlight))
            painter.drawRoundedRect(self.rect(), TILE_RADIUS_PX, TILE_RADIUS_PX)
        else:
            size = self._pixmap.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
            painter.drawPixmap(QRectF(left, top, size.width(), size.height()), self._pixmap, QRectF(self._pixmap.rect()))
        painter.end()


class DetailsPanel(QScrollArea):
    """Shows one photo, a moment after the last change, and only while it is visible."""

    favourite_toggled = Signal(object)  # Photo
    rated = Signal(object, int)  # Photo, stars
    similar_wanted = Signal(object)  # Photo

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._photo: Photo | None = None
        self._score: float | None = None
        self._shown: bytes | None = None
        self._places = PlaceNames(bridge, self)
        self._similar_request: int | None = None
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._on_settled)
        self.picture = PhotoPicture(self)
        self.name = QLabel(self)
        self.marks = MarkRow(self)
        self.facts = FactsList(self)
        self.similar_title = QLabel(self.tr("Similar photos"), self)
        thumbnails = ThumbnailLoader(bridge, cache_bytes=STRIP_CACHE_BYTES, parent=self)  # the grid's are of another size
        self.strip = SimilarStrip(thumbnails, self)
        self._make_layout()
        self.marks.favourite_toggled.connect(lambda: self.favourite_toggled.emit(self._photo))
        self.marks.rated.connect(lambda stars: self.rated.emit(self._photo, stars))
        self.strip.chosen.connect(self.similar_wanted)

    @property
    def photo(self) -> Photo | None:
        """The photo that is shown."""
        return self._photo

    def show_photo(self, photo: Photo | None, score: float | None = None) -> None:
        """Show a photo, or say that none is chosen."""
        is_same = photo is not None and self._photo is not None and photo.photo_id == self._photo.photo_id
        self._photo, self._score = photo, score
        if self.isVisible():
            if is_same:  # its marks changed: nothing to wait for
                self._on_settled()
            else:
                self._settle.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was chosen meanwhile."""
        super().showEvent(event)
        self._on_settled()

    def _make_layout(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(DETAILS_PX * 3 // 4)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("About the photo"))
        font = self.name.font()
        font.setBold(True)
        self.similar_title.setFont(font)
        font.setPointSizeF(font.pointSizeF() * 1.08)
        self.name.setFont(font)
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.name.setWordWrap(True)
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        inside = QWidget(self)
        inside.setAutoFillBackground(True)
        inside.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        column = QVBoxLayout(inside)
        column.setContentsMargins(LARGE_PX, LARGE_PX, LARGE_PX, LARGE_PX)
        column.setSpacing(MEDIUM_PX)
        for part in (self.picture, self.name, self.marks, self.facts):
            column.addWidget(part)
        column.addSpacing(MEDIUM_PX)
        column.addWidget(self.similar_title)
        column.addWidget(self.strip)
        column.addStretch(1)
        self.setWidget(inside)

    def _on_settled(self) -> None:
        photo = self._photo
        for part in (self.marks, self.facts, self.similar_title, self.strip):
            part.setVisible(photo is not None)
        if photo is None:
            self.name.setText(self.tr("Choose a photo to see more about it."))
            self._shown = None
            self.picture.show_image(None)
            return
        self.name.setText(file_name(photo.display))
        self.marks.show_marks(photo)
        self.facts.show_photo(photo, self._score)
        self._places.ask(photo, lambda place: self.facts.show_photo(photo, self._score, place))
        if photo.content_hash is not None and photo.content_hash != self._shown:
            self._shown = photo.content_hash
            self._ask_picture(photo.content_hash)
            self._ask_similar(photo)

    def _ask_picture(self, content_hash: bytes) -> None:
        library = self._bridge.library

        def work() -> QImage | None:
            jpeg = library.thumbnail(content_hash)
            image = QImage()
            return image if jpeg is not None and image.loadFromData(jpeg, "JPEG") else None

        def take(image: QImage | None) -> None:
            if content_hash == self._shown:
                self.picture.show_image(image)

        self._bridge.ask("thumbnails", work, take, lambda _error: None)

    def _ask_similar(self, photo: Photo) -> None:
        library = self._bridge.library
        if self._similar_request is not None:
            self._bridge.forget(self._similar_request)
        query = Query(terms=(PhotoTerm(photo_id=photo.photo_id),), limit=SIMILAR)

        def work() -> Sequence[Photo]:
            return [hit.photo for hit in library.search(query).hits]

        self._similar_request = self._bridge.ask(
            "search", work, self.strip.show_photos, lambda _error: self.strip.show_photos([])
        )
