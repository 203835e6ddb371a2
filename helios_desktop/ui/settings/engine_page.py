"""The search engine: the index on this computer, or a server of OpenSearch or Elasticsearch, with a test before it is used."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QFormLayout, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from helios_desktop.engine_control import EngineChoice
from helios_desktop.errors import KnownError
from helios_desktop.pipeline.engine_status import EngineStatus
from helios_desktop.ui.cards import field_form, push_button, text_label
from helios_desktop.ui.plain_text import number, one_line
from helios_desktop.ui.settings.facts import SettingsFacts
from helios_desktop.ui.settings.page import SettingsPage

DEFAULT_URL = "http://127.0.0.1:9200"
KINDS = ("embedded", "opensearch", "elasticsearch")
SERVERS = {"opensearch": "OpenSearch", "elasticsearch": "Elasticsearch"}


class EnginePage(SettingsPage):
    """Says what is wanted; the answers come back through ``show_...``. Secrets are in its fields and nowhere else."""

    test_wanted = Signal(object)  # EngineChoice
    use_wanted = Signal(object)  # EngineChoice
    start_wanted = Signal(str)  # kind of engine to start in a container on this computer

    def __init__(self, facts: SettingsFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entitle(self.tr("Search engine"))
        text = self.tr("The index on this computer answers in milliseconds. A server is for those who run one already.")
        self.column.addWidget(text_label(self.inside, text))
        self.kind = QComboBox(self.inside)
        for code in KINDS:
            self.kind.addItem(SERVERS.get(code, self.tr("The index on this computer")), code)
        self.kind.setProperty("kind", "field")
        self.kind.setAccessibleName(self.tr("Search engine"))
        self.column.addWidget(self.kind)
        self._make_fields(facts)
        self._make_buttons()
        self.answer = text_label(self.inside, "")
        self.answer.setAccessibleName(self.tr("Answer of the engine"))
        self.column.addWidget(self.answer)
        self.kind.setCurrentIndex(max(0, self.kind.findData(facts.settings.engine)))
        self.kind.currentIndexChanged.connect(self._on_kind)
        self._on_kind()

    def choice(self) -> EngineChoice:
        """What the fields say. A secret that was left empty is the one that is kept."""
        urls = tuple(url for url in self.urls.text().replace(",", " ").split() if url)
        return EngineChoice(
            engine=self.kind.currentData(),
            urls=urls or (DEFAULT_URL,),
            index=self.index.text().strip() or "images",
            user=self.user.text().strip(),
            ca=self.ca.text().strip(),
            fingerprint=self.fingerprint.text().strip(),
            password=self.password.text() or None,
            api_key=self.key.text().strip() or None,
        )

    def set_busy(self, sentence: str = "") -> None:
        """Say what is under way, and take no other wish meanwhile; an empty sentence ends that."""
        self.answer.setText(sentence)
        for part in (self.kind, self.fields, self.test, self.use, self.start):
            part.setEnabled(not sentence)
        if not sentence:
            self._on_kind()

    def show_tested(self, server: str) -> None:
        """Say which server answered."""
        self.set_busy()
        self.answer.setText(self.tr("{server} answers. Nothing was changed yet.").format(server=one_line(server)))

    def show_status(self, status: EngineStatus) -> None:
        """Say what answers from now on."""
        self.set_busy()
        self.answer.setText(self._status_sentence(status))
        self.password.clear()
        self.key.clear()
        row = self.kind.findData(status.engine)
        self.kind.setCurrentIndex(max(0, row))
        if status.engine != "embedded":
            self.urls.setText(" ".join(status.urls))

    def show_failure(self, error: KnownError) -> None:
        """Say what went wrong, and what to do."""
        self.set_busy()
        self.answer.setText(one_line(f"{error.message} {error.remedy}".strip()))

    def _status_sentence(self, status: EngineStatus) -> str:
        if status.engine == "embedded":
            return self.tr("The index on this computer answers.")
        if status.problem:
            return one_line(f"{status.problem} {status.remedy}".strip())
        photos = sum(library.photos for library in status.libraries)
        sentence = self.tr("{server} is in use; {behind} of {photos} photos are still to be sent.")
        return sentence.format(server=one_line(status.server), behind=number(status.behind), photos=number(photos))

    def _make_fields(self, facts: SettingsFacts) -> None:
        settings = facts.settings
        self.fields = QWidget(self.inside)
        form = field_form(self.fields)
        form.setContentsMargins(0, 0, 0, 0)
        self.urls = self._field(form, self.tr("Address"), " ".join(settings.engine_urls), DEFAULT_URL)
        self.index = self._field(form, self.tr("Name of the index"), settings.engine_index, "images")
        kept = self.tr("In this system's keyring; empty leaves it as it is")
        self.user = self._field(form, self.tr("User"), settings.engine_user)
        self.password = self._field(form, self.tr("Password"), "", kept)
        self.key = self._field(form, self.tr("API key"), "", kept)
        for secret in (self.password, self.key):
            secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.ca = self._field(form, self.tr("Certificate authority"), settings.engine_ca, self.tr("A file, in PEM form"))
        self.choose_ca = push_button(self.fields, self.tr("Choose file…"), self._on_choose_ca)
        form.addRow("", self.choose_ca)
        self.choose_ca.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.fingerprint = self._field(form, self.tr("Fingerprint"), settings.engine_fingerprint, "SHA-256")
        self.column.addWidget(self.fields)

    def _field(self, form: QFormLayout, label: str, text: str, hint: str = "") -> QLineEdit:
        edit = QLineEdit(text, self.fields)
        edit.setProperty("kind", "field")
        edit.setPlaceholderText(hint)
        edit.setAccessibleName(label)
        form.addRow(label, edit)
        return edit

    def _make_buttons(self) -> None:
        row = QHBoxLayout()
        self.test = push_button(self.inside, self.tr("Test"), lambda: self.test_wanted.emit(self.choice()))
        self.use = push_button(self.inside, self.tr("Use"), lambda: self.use_wanted.emit(self.choice()), kind="primary")
        self.start = push_button(
            self.inside, self.tr("Start one here, with Docker…"), lambda: self.start_wanted.emit(self.kind.currentData())
        )
        for button in (self.test, self.use):
            row.addWidget(button)
        row.addStretch(1)
        self.column.addLayout(row)
        self.column.addWidget(self.start, 0, Qt.AlignmentFlag.AlignLeft)

    def _on_kind(self) -> None:
        is_server = self.kind.currentData() != "embedded"
        for part in (self.fields, self.test, self.start):
            part.setVisible(is_server)

    def _on_choose_ca(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Certificate authority"), filter="PEM (*.pem *.crt);;* (*)")
        if name:
            self.ca.setText(name)
