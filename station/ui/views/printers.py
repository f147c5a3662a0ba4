"""The printers: how each stands, its ribbon and cleaning, and what became of its last cards."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QImage, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from station.domain.card import CardScheme
from station.domain.errors import N_
from station.domain.holder import Holder
from station.domain.print_care import CareAct
from station.domain.workflow import Act
from station.ports.printer import PrinterState
from station.services.health import HealthState, printer_health
from station.services.print_care import CareReport, became
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, SECONDARY, STRONG
from station.ui.viewmodels.printers import JobLine, PrinterLine, PrintersModel
from station.ui.views.page import PageView
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import ActionButton, QuietButton
from station.ui.widgets.labels import OneLine, Text
from station.ui.widgets.panel import Panel
from station.ui.widgets.people import PersonRow
from station.ui.widgets.person_line import PersonLine

_COLOURS = {HealthState.BAD: "bad", HealthState.WARN: "warn"}

_KINDS = {
    CardScheme.ESC: N_("student cards"),
    CardScheme.ISIC_ESC: N_("ISIC student cards"),
    CardScheme.STAFF: N_("staff cards"),
    CardScheme.GUEST: N_("guest cards"),
}


class PrintersView(PageView):
    """Shows a panel for each printer."""

    title = N_("Printers")
    words = N_("What each printer says of itself, what is counted here, and what became of its last cards.")

    calibrate_wanted = Signal(str)
    stock_wanted = Signal()

    def __init__(self, ui: Ui, model: PrintersModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.model = model
        self._made: list[QuietButton] = []
        self._stock = ActionButton(ui, parent=self)
        self._stock.setObjectName("toStock")
        self._stock.clicked.connect(self.stock_wanted)
        self.buttons.insertWidget(0, self._stock)
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
        self._stock.set_label(self.ui.text(N_("Stock of blank cards")), "Ctrl+T")
        held = next((i for i, button in enumerate(self._made) if button.hasFocus()), None)
        self.clear_body()
        self._made.clear()
        for line in self.model.lines:
            self.body.addWidget(self._printer(line))
        self.body.addStretch(1)
        self.show_body()
        self.in_order(*self._made, self._stock, self.back)
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
        for text in self._beside_others(line):
            self._say(column, panel, text).setObjectName("printerStanding")
        for job in line.jobs:
            if job.job.issuance.pending is Act.PRINT and job.holder is not None:
                column.addWidget(self._in_it(panel, job.holder, job.face, self._became(job, report)))
        for text in self._counted(report):
            self._say(column, panel, text)
        column.addLayout(self._buttons(panel, line))
        if line.jobs or line.moved:
            self._head(column, panel, self.ui.text(N_("Its last cards")))
        for text, colour in self._history(line):
            self._say(column, panel, text, colour)
        return panel

    def _beside_others(self, line: PrinterLine) -> list[str]:
        """Return what one of several printers is for, what it has to do, and which cards come to it next."""
        tr, standing = self.ui.tr_, line.standing
        if standing is None:
            return []
        named = ", ".join(tr.text(_KINDS[kind]) for kind in sorted(standing.schemes))
        told = [tr.text(N_("It prints: {kinds}."), kinds=named or tr.text(N_("every kind of card")))]
        if standing.holds:
            told.append(tr.text(N_("Somebody's card waits in it; others go round it.")))
        elif not standing.able:
            told.append(tr.text(N_("No card is given to it now; they go to the others.")))
        elif line.next_kinds and len(self.model.kinds) > 1:
            kinds = ", ".join(tr.text(_KINDS[kind]) for kind in line.next_kinds)
            told.append(tr.text(N_("The next card comes here: {kinds}."), kinds=kinds))
        elif line.next_kinds:
            told.append(tr.text(N_("The next card comes here: it has the least to do.")))
        if standing.given > 1:
            told.append(tr.plural("{n} card waits for it.", "{n} cards wait for it.", standing.given - 1))
        return told

    def _in_it(self, panel: QWidget, holder: Holder, face: QImage | None, became: str) -> QWidget:
        """Return whose card is in the printer: their picture, their colour, their name; nobody is taken for another."""
        session = self.model.session_of(holder)
        mark = session.mark if session is not None and self.model.several_people else None
        row = PersonLine(self.ui, panel)
        row.setObjectName("inPrinter")
        picture = session.face if session is not None and session.face is not None else face
        row.show_person(PersonRow(holder.id, holder.full_name, became, mark=mark, picture=picture))
        return row

    def _history(self, line: PrinterLine) -> list[tuple[str, str]]:
        """Return its last cards, newest first, with what became of each; those that went on elsewhere among them."""
        found = [
            (job.job.at, self._job(job, line.report), "warn" if job.job.issuance.doubt else "muted")
            for job in line.jobs
        ]
        for moved in line.moved:
            name = moved.holder.full_name if moved.holder is not None else self.ui.text(N_("a card"))
            went = self.ui.text(N_("went on in {printer}"), printer=moved.to)
            found.append((moved.at, f"{self._at(moved.at)} · {name} · {went}", "muted"))
        return [(text, colour) for _, text, colour in sorted(found, key=lambda each: each[0], reverse=True)]

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
        button = QuietButton(self.ui, panel)
        button.set_label(self.ui.text(N_("Calibrate")))
        button.setAccessibleName(f"{self.ui.text(N_('Calibrate'))}: {line.name}")
        button.setObjectName("calibrate")
        button.clicked.connect(lambda: self.calibrate_wanted.emit(line.name))
        self._made.append(button)
        row.addWidget(button)
        row.addStretch(1)
        return row

    def _job(self, line: JobLine, report: CareReport) -> str:
        job = line.job
        name = line.holder.full_name if line.holder else job.issuance.escn
        return f"{self._at(job.at)} · {name} · {self._became(line, report)}"

    def _at(self, at: datetime) -> str:
        return f"{self.ui.tr_.date(at.astimezone().date())} {self.ui.tr_.time(at)}"

    def _became(self, line: JobLine, report: CareReport) -> str:
        return self.ui.tr_.message(became(line.job.issuance, prints=report.status.state is PrinterState.PRINTING))

    def _head(self, column: QVBoxLayout, panel: QWidget, text: str) -> None:
        head = OneLine(self.ui, STRONG, parent=panel)
        head.set_text(text)
        column.addWidget(head)

    def _say(self, column: QVBoxLayout, panel: QWidget, text: str, colour: str = "text") -> Text:
        label = Text(self.ui, BODY if colour != "muted" else SECONDARY, colour, parent=panel)
        label.setText(text)
        column.addWidget(label)
        return label
