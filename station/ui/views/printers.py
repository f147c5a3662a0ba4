"""The printers: how each stands, its ribbon and cleaning, and what became of its last cards."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.domain.print_care import CareAct
from station.domain.workflow import Issuance, State
from station.services.health import HealthState, printer_health
from station.services.print_care import CareReport
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, SECONDARY, STRONG
from station.ui.viewmodels.printers import JobLine, PrinterLine, PrintersModel
from station.ui.views.page import PageView
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import QuietButton
from station.ui.widgets.labels import OneLine, Text
from station.ui.widgets.panel import Panel

_COLOURS = {HealthState.BAD: "bad", HealthState.WARN: "warn"}

_BECAME = {
    State.ENCODED: N_("not printed yet"),
    State.PRINTED: N_("came out, not checked yet"),
    State.VERIFIED: N_("came out and was checked"),
    State.HANDED_OVER: N_("it was handed over"),
    State.SPOILED: N_("it is spoiled"),
    State.ERASED: N_("given back and erased"),
}


class PrintersView(PageView):
    """Shows a panel for each printer."""

    title = N_("Printers")
    words = N_("What each printer says of itself, what is counted here, and what became of its last cards.")

    def __init__(self, ui: Ui, model: PrintersModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.model = model
        self._made: list[QuietButton] = []
        model.changed.connect(self.refresh)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.model.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self.model.watch(False)

    def refresh(self) -> None:
        super().refresh()
        held = next((i for i, button in enumerate(self._made) if button.hasFocus()), None)
        self.clear_body()
        self._made.clear()
        for line in self.model.lines:
            self.body.addWidget(self._printer(line))
        self.body.addStretch(1)
        if held is not None and held < len(self._made):
            self._made[held].setFocus(Qt.FocusReason.OtherFocusReason)  # the keyboard stays where it was

    def _printer(self, line: PrinterLine) -> QWidget:
        report, tr = line.report, self.ui.tr_
        panel = Panel(self.ui, parent=self)
        column = arrange(QVBoxLayout(panel), (18, 12, 14, 12), gap=4)
        model = report.status.model
        self._head(column, panel, f"{line.name} · {model}" if model and model != line.name else line.name)
        health = printer_health(report.status)
        state = self._say(column, panel, tr.message(health.message), _COLOURS.get(health.state, "text"))
        state.setObjectName("printerState")
        if health.todo is not None:
            self._say(column, panel, tr.message(health.todo))
        for text in self._counted(report):
            self._say(column, panel, text)
        column.addLayout(self._buttons(panel, line))
        if line.jobs:
            self._head(column, panel, self.ui.text(N_("Its last cards")))
        for job in line.jobs:
            self._say(column, panel, self._job(job), "warn" if job.job.issuance.doubt else "muted")
        return panel

    def _counted(self, report: CareReport) -> list[str]:
        """Return what is known of ribbon, feeder and cleaning; what nobody knows is left out."""
        tr, says, told = self.ui.tr_, report.consumables, []
        if report.ribbon_cards is not None:
            told.append(tr.plural("The ribbon is good for {n} more card.", "The ribbon is good for {n} more cards.",
                                  report.ribbon_cards))  # fmt: skip
        if report.ribbon_lasts_to is not None:
            told.append(self.ui.text(N_("It lasts to {day}."), day=tr.date(report.ribbon_lasts_to)))
        if says.feeder_cards is not None:
            told.append(tr.plural("{n} blank card is in the feeder.", "{n} blank cards are in the feeder.",
                                  says.feeder_cards))  # fmt: skip
        if report.cleaning_due:
            told.append(self.ui.text(N_("It is time to clean the printer.")))
        elif report.cards_to_cleaning is not None:
            told.append(tr.plural("It is to be cleaned in {n} card.", "It is to be cleaned in {n} cards.",
                                  report.cards_to_cleaning))  # fmt: skip
        told.append(tr.plural("{n} card was printed on it from here.", "{n} cards were printed on it from here.",
                              report.cards))  # fmt: skip
        return told

    def _buttons(self, panel: QWidget, line: PrinterLine) -> QLayout:
        row = arrange(QHBoxLayout(), gap=10)
        for act, label in ((CareAct.RIBBON_CHANGED, N_("New ribbon")), (CareAct.CLEANED, N_("Cleaned"))):
            button = QuietButton(self.ui, panel)
            button.set_label(self.ui.text(label))
            button.setAccessibleName(f"{self.ui.text(label)}: {line.name}")
            button.setObjectName(act.value)
            button.clicked.connect(lambda _checked=False, done=act: self.model.note(line.name, done))
            self._made.append(button)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _job(self, line: JobLine) -> str:
        tr, job = self.ui.tr_, line.job
        at = f"{tr.date(job.at.astimezone().date())} {tr.time(job.at)}"
        name = line.holder.full_name if line.holder else job.issuance.escn
        return f"{at} · {name} · {self._became(job.issuance)}"

    def _became(self, issuance: Issuance) -> str:
        if issuance.doubt:
            return self.ui.text(N_("nobody knows whether it came out"))
        if issuance.pending is not None:
            return self.ui.text(N_("is being printed"))
        return self.ui.text(_BECAME.get(issuance.state, issuance.state.value))

    def _head(self, column: QVBoxLayout, panel: QWidget, text: str) -> None:
        head = OneLine(self.ui, STRONG, parent=panel)
        head.set_text(text)
        column.addWidget(head)

    def _say(self, column: QVBoxLayout, panel: QWidget, text: str, colour: str = "text") -> Text:
        label = Text(self.ui, BODY if colour != "muted" else SECONDARY, colour, parent=panel)
        label.setText(text)
        column.addWidget(label)
        return label
