"""Search from your phone: what to scan, where the page is, who is paired, and the end. Closing it leaves the server on."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from helios_desktop.ui.phone.code import QrCode
from helios_desktop.ui.phone.process import PhoneDevice, PhoneState
from helios_desktop.ui.plain_text import one_line
from helios_desktop.ui.theme.spacing import LARGE_PX, MEDIUM_PX

WIDTH_PX = 640
GROUPS_A_LINE = 16


class PhoneDialog(QDialog):
    """Shows the state that it is told; says what a person wants."""

    start_wanted = Signal()
    stop_wanted = Signal()
    revoke_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Search from your phone"))
        self.setMinimumWidth(WIDTH_PX)
        self.code = QrCode(self)
        self.code.setAccessibleName(self.tr("Code to scan with the phone"))
        self.sentence = self._label("")
        self.address = self._label("")
        self.address.setAccessibleName(self.tr("Address"))
        self.fingerprint = self._label("", is_faint=True)
        self.fingerprint.setAccessibleName(self.tr("Certificate"))
        self.heading = self._label(self.tr("Paired devices"))
        font = self.heading.font()
        font.setBold(True)
        self.heading.setFont(font)
        self._devices = QVBoxLayout()
        self._shown: tuple[PhoneDevice, ...] | None = None
        self.revoke_buttons: dict[str, QPushButton] = {}
        self.start_button = self._button(self.tr("Start"), kind="primary")
        self.start_button.clicked.connect(self.start_wanted)
        self.stop_button = self._button(self.tr("Stop"))
        self.stop_button.clicked.connect(self.stop_wanted)
        self._make_layout()
        self.show_state(PhoneState())

    def _make_layout(self) -> None:
        texts = QVBoxLayout()
        texts.setSpacing(MEDIUM_PX)
        for part in (self.sentence, self.address, self.fingerprint, self.heading):
            texts.addWidget(part)
        texts.addLayout(self._devices)
        texts.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(LARGE_PX)
        row.addWidget(self.code, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        buttons = QDialogButtonBox(self)
        buttons.addButton(self.start_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.stop_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self._button(self.tr("Close")), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(LARGE_PX, LARGE_PX, LARGE_PX, LARGE_PX)
        column.setSpacing(LARGE_PX)
        column.addLayout(row, 1)
        column.addWidget(buttons)

    def show_state(self, state: PhoneState) -> None:
        """Show how the server stands."""
        is_ready = bool(state.code)
        self.code.show_text(state.code)
        self.code.setVisible(is_ready)
        self.sentence.setText(self._sentence_for(state))
        self.address.setText(state.address)
        self.address.setVisible(is_ready)
        self.fingerprint.setText(self.tr("Certificate (SHA-256):") + "\n" + in_groups(state.fingerprint))
        self.fingerprint.setVisible(is_ready and bool(state.fingerprint))
        self.start_button.setVisible(not state.is_wanted)
        self.stop_button.setVisible(state.is_wanted)
        self._show_devices(state.devices)

    def _sentence_for(self, state: PhoneState) -> str:
        if state.fault:
            return one_line(state.fault)
        if state.code:
            return self.tr(
                "1. Scan the code with the phone's camera; both must be in the same network.\n"
                "2. The phone warns of a certificate that it does not know. Compare it if you like, and go on.\n"
                "3. Press “Pair”. Each code lets one device in."
            )
        if state.is_wanted:
            return self.tr("Starting…")
        return self.tr(
            "Your phone can search the photos of this computer, in the same network, without anything being sent elsewhere. "
            "Only devices that you pair are let in. It ends when you stop it or close Helios."
        )

    def _show_devices(self, devices: tuple[PhoneDevice, ...]) -> None:
        if devices == self._shown:
            return
        self._shown = devices
        self.heading.setVisible(bool(devices))
        self.revoke_buttons = {}
        while (item := self._devices.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for device in devices:
            line = QWidget(self)
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            state = self.tr("connected") if device.is_connected else self.tr("not connected")
            row.addWidget(self._label(f"{one_line(device.name)} · {state}"), 1)
            button = self._button(self.tr("Remove"))
            button.setAccessibleName(self.tr("Remove {name}").format(name=one_line(device.name)))
            button.clicked.connect(lambda _checked=False, one=device: self.revoke_wanted.emit(one.device_id))
            row.addWidget(button)
            self.revoke_buttons[device.device_id] = button
            self._devices.addWidget(line)

    def _label(self, text: str, *, is_faint: bool = False) -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        if is_faint:
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        return label

    def _button(self, text: str, *, kind: str = "normal") -> QPushButton:
        button = QPushButton(text, self)
        button.setProperty("kind", kind)
        return button


def in_groups(fingerprint: str) -> str:
    """Return a fingerprint in lines of equal length, as browsers show it."""
    pairs = fingerprint.split(":")
    return "\n".join(" ".join(pairs[at : at + GROUPS_A_LINE]) for at in range(0, len(pairs), GROUPS_A_LINE))
