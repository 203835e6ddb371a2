"""The models: which one answers, which others are here or can be fetched, and where they run."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from helios_desktop.pipeline.status import ModelChoice, ModelChoices
from helios_desktop.ui.cards import card, field_form, push_button, text_label
from helios_desktop.ui.models.bar import ModelBar
from helios_desktop.ui.models.downloading import DownloadState
from helios_desktop.ui.models.wording import begins_large, choice_sentence, download_size
from helios_desktop.ui.plain_text import number
from helios_desktop.ui.settings.facts import SettingsFacts
from helios_desktop.ui.settings.page import SettingsPage
from helios_desktop.ui.theme.icons import ThemeIcons
from helios_desktop.ui.theme.spacing import MEDIUM_PX


class ModelPage(SettingsPage):
    """Lists every model; ``bar`` shows the one that is on its way."""

    use_wanted = Signal(str)
    fetch_wanted = Signal(str)

    def __init__(self, facts: SettingsFacts, icons: ThemeIcons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entitle(self.tr("Model"))
        text = self.tr("The model decides what is understood. Another one looks at every photo once.")
        self.column.addWidget(text_label(self.inside, text))
        self.bar = ModelBar(icons, self.inside)
        self.column.addWidget(self.bar)
        self.buttons: dict[str, QPushButton] = {}
        self._is_busy = False
        self._rows = QVBoxLayout()
        self._rows.setSpacing(MEDIUM_PX)
        self.column.addLayout(self._rows)
        self.device = QComboBox(self.inside)
        for code, name in (("", self.tr("The best one here")), ("cuda", "CUDA"), ("mps", "Metal"), ("cpu", "CPU")):
            self.device.addItem(name, code)
        self.device.setCurrentIndex(max(0, self.device.findData(facts.settings.device)))
        self.device.setProperty("kind", "field")
        self.device.setAccessibleName(self.tr("Device"))
        self.device.currentIndexChanged.connect(lambda _row: self.changed.emit({"device": self.device.currentData()}))
        form = field_form()
        form.addRow(self.tr("Device"), self.device)
        self.column.addLayout(form)
        self.column.addWidget(
            text_label(self.inside, self.tr("For models that PyTorch runs; the others run everywhere."), is_faint=True)
        )
        self.show_choices(facts.choices)

    def show_choices(self, choices: ModelChoices) -> None:
        """List what can be chosen now."""
        focused = next((name for name, button in self.buttons.items() if button.hasFocus()), None)
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = {}
        for model in choices.rows:
            self._rows.addWidget(self._row(model))
        self._enable()
        if focused in self.buttons:
            self.buttons[focused].setFocus()

    def show_download(self, state: DownloadState) -> None:
        """Fetch one model at a time."""
        self._is_busy = state.is_busy
        self._enable()

    def _row(self, model: ModelChoice) -> QWidget:
        title = begins_large(model.title)
        if model.is_recommended:
            title = self.tr("{title}, recommended for this computer").format(title=title)
        frame, column = card(self.inside, title)
        line = QHBoxLayout()
        said = choice_sentence(model, self.tr)
        if model.is_installed:
            said = " · ".join([said, self.tr("has seen {n} photos").format(n=number(model.photos))])
        line.addWidget(text_label(frame, said, is_faint=True), 1)
        line.addWidget(self._button(model, frame))
        column.addLayout(line)
        return frame

    def _button(self, model: ModelChoice, frame: QWidget) -> QPushButton:
        wish = self.use_wanted if model.is_installed else self.fetch_wanted
        if model.is_in_use and model.is_wanted:
            text = self.tr("In use")
        elif model.is_wanted:
            text = self.tr("Gets ready")
        elif model.is_installed:
            text = self.tr("Use")
        else:
            text = self.tr("Download ({size})").format(size=download_size(model))
        button = push_button(frame, text, partial(wish.emit, model.name))
        button.setAccessibleName(f"{text}: {begins_large(model.title)}")
        button.setProperty("is_settled", model.is_wanted)
        button.setProperty("is_download", not model.is_installed)
        self.buttons[model.name] = button
        return button

    def _enable(self) -> None:
        for button in self.buttons.values():
            is_held = self._is_busy and bool(button.property("is_download"))
            button.setEnabled(not button.property("is_settled") and not is_held)
