"""Cards in doubt after a crash or a pulled plug: the card itself is asked, and settles it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from station.domain.errors import N_, StationError
from station.services.recovery import Need
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, INSTRUCTION, STRONG
from station.ui.viewmodels.doubts import DoubtLine, DoubtsModel
from station.ui.views.merge_panel import MergePanel
from station.ui.views.page import PageView
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import ActionButton, QuietButton
from station.ui.widgets.labels import OneLine, Text
from station.ui.widgets.panel import Panel

_NEEDS = {
    Need.CARD_ON_READER: N_("The chip was being written. Put the card on the reader: it is read, and work goes on."),
    Need.CARD_IN_PRINTER: N_(
        "The chip was being written in the printer, and the card is still there: it is asked, and work goes on."
    ),
    Need.PERSON_OR_QR: N_("The card was in the printer. Look whether it came out, and say so."),
    Need.CARD_TO_RENEW: N_("The chip was being renewed. Put the card on the reader: that is finished."),
    Need.CARD_TO_ERASE: N_("The card was being erased. Put it on the reader: that is finished."),
}

_UNMERGED = N_(
    "While the database was away, something was recorded here that contradicts what the others recorded. Nothing of it "
    "is lost; what the others recorded counts until you decide."
)


class DoubtsView(PageView):
    """Lists the cards in doubt. ``serve`` carries the holder whose card is settled next."""

    serve = Signal(object)
    title = N_("Cards in doubt")
    words = N_(
        "The station stopped while these cards were being made. No number is lost, and nothing is printed again "
        "by itself. Put any of these cards on the reader: it tells whose it is."
    )

    def __init__(self, ui: Ui, model: DoubtsModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.model = model
        self._error = Text(ui, INSTRUCTION, "bad", parent=self)
        self._error.hide()
        self._read = ActionButton(ui, primary=True, parent=self)
        self._read.setObjectName("readDoubt")
        self._read.clicked.connect(self._pressed)
        self.buttons.insertWidget(0, self._read)
        model.changed.connect(self.refresh)
        model.recognised.connect(self.serve)
        model.failed.connect(self._failed)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._error.hide()
        self.model.refresh()

    def refresh(self) -> None:
        super().refresh()
        model = self.model
        # Where only records contradict each other no station has stopped, and there is no card to lay on the reader.
        first = self.words if model.lines else _UNMERGED if model.unmerged else ""
        self._words.setText(self.ui.text(first) if first else "")
        self._words.setVisible(bool(first))
        reading = self.model.reading
        label = N_("Stop waiting") if reading else N_("Ask a card whose it is")
        self._read.set_label(self.ui.text(label), "" if reading else "Enter")
        self._read.setVisible(bool(self.model.lines))
        # Taken out first: what is in the body then is thrown away.
        self.body.removeWidget(self._error)
        self.clear_body()
        self.body.addWidget(self._error)
        if not self.model.count:
            nothing = Text(self.ui, BODY, "muted", parent=self)
            nothing.setText(self.ui.text(N_("No card is in doubt.")))
            self.body.addWidget(nothing)
        for line in self.model.lines:
            self.body.addWidget(self._panel(line))
        if model.lines and model.unmerged:
            also = Text(self.ui, INSTRUCTION, "muted", parent=self)
            also.setText(self.ui.text(_UNMERGED))
            self.body.addWidget(also)
        for unmerged in self.model.unmerged:
            self.body.addWidget(MergePanel(self.ui, self.model, unmerged, self))
        self.body.addStretch(1)
        self.show_body()

    def _panel(self, line: DoubtLine) -> QWidget:
        panel = Panel(self.ui, parent=self)
        row = arrange(QHBoxLayout(panel), (18, 12, 14, 12), gap=12)
        words = arrange(QVBoxLayout(), gap=2)
        head = OneLine(self.ui, STRONG, parent=panel)
        name = line.holder.full_name if line.holder else "?"
        head.set_text(f"{name} · {line.doubt.issuance.uid}" if line.doubt.issuance.uid else name)
        need = Text(self.ui, BODY, parent=panel)
        need.setText(self.ui.text(_NEEDS[line.doubt.need]))
        words.addWidget(head)
        words.addWidget(need)
        row.addLayout(words, 1)
        settle = QuietButton(self.ui, panel)
        settle.set_label(self.ui.text(N_("Settle")))
        settle.setAccessibleName(self.ui.text(N_("Settle the card of {name}"), name=name))
        settle.clicked.connect(lambda: self._settle(line))
        row.addWidget(settle, 0, Qt.AlignmentFlag.AlignVCenter)
        return panel

    def _settle(self, line: DoubtLine) -> None:
        self._error.hide()
        if line.ends_here:
            self.model.read_card(line)
        elif line.holder is not None:
            self.serve.emit(line.holder)

    def _pressed(self) -> None:
        self._error.hide()
        if self.model.reading:
            self.model.stop()
        else:
            self.model.read_card()

    def _failed(self, error: Exception) -> None:
        said = error if isinstance(error, StationError) else StationError(detail=type(error).__name__)
        self._error.setText(" ".join(self.ui.tr_.error(said)))
        self._error.show()
