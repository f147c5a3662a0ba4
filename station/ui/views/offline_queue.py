"""What can be done with the queue where no network comes: two panels of buttons, and what came of the last one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from station.domain.errors import N_, StationError
from station.domain.message import Message
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, STRONG
from station.ui.viewmodels.offline_queue import OfflineQueueModel
from station.ui.views.page import PageView
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import QuietButton
from station.ui.widgets.flow import FlowBox
from station.ui.widgets.labels import Text
from station.ui.widgets.panel import Panel

_QUEUE_FILE, _ANSWER_FILE = "*.escqueue", "*.answer*"


class OfflineQueueView(PageView):
    """Shows the ways, and what came of the last one."""

    title = N_("The queue without a network")
    words = N_("Nothing leaves the queue by this: until ESC-Router is known to have a card, it still waits.")

    def __init__(self, ui: Ui, model: OfflineQueueModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.model = model
        self._texts: list[tuple[Text, str]] = []
        self._made: list[tuple[QuietButton, str]] = []
        self.says = Panel(ui, parent=self)
        self.says.setObjectName("offlineSays")
        self._said = arrange(QVBoxLayout(self.says), (18, 12, 18, 12), gap=4)
        self.body.addWidget(self.says)
        self._panel(
            _STICK,
            _STICK_WORDS,
            (
                ("offlineCarry", N_("Write the queue to a stick…"), self._carry),
                ("offlineTake", N_("Send another station's queue…"), self._take),
                ("offlineAnswer", N_("Bring an answer home…"), self._answer),
            ),
        )
        self._panel(
            _FORM,
            _FORM_WORDS,
            (
                ("offlineExport", N_("Write an import file…"), self._export),
                ("offlineSettle", N_("Ask what was imported"), model.settle),
            ),
        )
        self.body.addStretch(1)
        model.changed.connect(self.refresh)
        self.refresh()

    def take_focus(self) -> None:
        self._made[0][0].setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        super().refresh()
        for label, text in self._texts:
            label.setText(self.ui.text(text))
        for button, text in self._made:
            button.set_label(self.ui.text(text))
        self._tell()

    def _panel(self, head: str, words: str, buttons: tuple[tuple[str, str, Callable[[], None]], ...]) -> None:
        panel = Panel(self.ui, parent=self)
        column = arrange(QVBoxLayout(panel), (18, 12, 18, 14), gap=8)
        for text, style in ((head, STRONG), (words, BODY)):
            label = Text(self.ui, style, parent=panel)
            self._texts.append((label, text))
            column.addWidget(label)
        row = FlowBox(panel, gap=10)
        for name, label_text, act in buttons:
            button = QuietButton(self.ui, panel)
            button.setObjectName(name)
            button.clicked.connect(lambda _checked=False, act=act: act())
            self._made.append((button, label_text))
            row.add(button)
        column.addWidget(row)
        self.body.addWidget(panel)

    # --- what came of it

    def _tell(self) -> None:
        while self._said.count():
            item = self._said.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        model = self.model
        if model.busy:
            self._line(Message(N_("A moment…")), "text")
        elif model.error is not None:
            self._tell_error(model.error)
        elif model.outcome is not None:
            for message in model.outcome.lines:
                self._line(message, "ok" if model.outcome.good else "text")
            for each in model.outcome.left_out:
                text = _LEFT_OUT_IN if each.column else _LEFT_OUT
                self._line(Message(text, {"name": each.name, "column": each.column, "why": each.why}), "warn")
        self.says.setVisible(self._said.count() > 0)
        if self._said.count():
            # Once it has its place: on a small screen the button that was pressed is far below it.
            QTimer.singleShot(0, self.says, lambda: self.bring_into_sight(self.says))

    def _tell_error(self, error: StationError) -> None:
        before = self.model.sent_before
        for text in (error.what, error.todo if before is None else _AGAIN):
            self._line(Message(text, error.params), "bad")
        if before is not None:
            self._offer_again(before)

    def _line(self, message: Message, colour: str) -> None:
        label = Text(self.ui, BODY, colour, parent=self.says)
        label.setText(self.ui.tr_.message(message))
        self._said.addWidget(label)

    def _offer_again(self, file: Path) -> None:
        button = QuietButton(self.ui, self.says)
        button.setObjectName("offlineAgain")
        button.set_label(self.ui.text(N_("Send it again")))
        button.clicked.connect(lambda _checked=False: self.model.take(file, again=True))
        self._said.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.in_order(self._made[-1][0], button, self.back)

    # --- which file

    def _export(self) -> None:
        self._save(N_("Write an import file"), self.ui.text(N_("cards-for-esc-router.csv")), self.model.export)

    def _carry(self) -> None:
        self._save(N_("Write the queue to a stick"), self.ui.text(N_("queue.escqueue")), self.model.carry)

    def _take(self) -> None:
        self._open(N_("Choose the queue file"), _QUEUE_FILE, self.model.take)

    def _answer(self) -> None:
        self._open(N_("Choose the answer file"), _ANSWER_FILE, self.model.answer)

    def _save(self, title: str, name: str, chosen: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self, self.ui.text(title))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(name.rpartition(".")[2])
        dialog.selectFile(name)
        self._show_dialog(dialog, chosen)

    def _open(self, title: str, kind: str, chosen: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self, self.ui.text(title))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        every = self.ui.text(N_("All files"))
        dialog.setNameFilters([f"{self.ui.text(title)} ({kind})", f"{every} (*)"])
        self._show_dialog(dialog, chosen)

    def _show_dialog(self, dialog: QFileDialog, chosen: Callable[[Path], None]) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(False)
        dialog.fileSelected.connect(lambda name: chosen(Path(name)))
        dialog.show()


_STICK = N_("On a USB stick, to a station that has a network")
_STICK_WORDS = N_(
    "The file is sealed: who finds the stick can't read it. The other station sends it and writes an answer beside it;"
    " bring that home, and the cards are registered here, too."
)
_FORM = N_("In ESC-Router's own import form")
_FORM_WORDS = N_(
    "For importing by hand on ESC-Router's web page. What it would refuse is left out, and named here. Asking"
    " afterwards needs a network, but no key."
)
_LEFT_OUT = N_("{name}: {why}")
_LEFT_OUT_IN = N_("{name}, column {column}: {why}")
_AGAIN = N_(
    "Carry its answer back. If that was lost and nothing has changed since, send it again: what was told is not told"
    " twice."
)
