"""The stock of blank cards: the sum that must add up, how long it lasts, the boxes, and a form for the ledger."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.domain.stock import Box, StockAct, StockEntry, boxes
from station.services.stock import DONE, StockReport
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, INSTRUCTION, SECONDARY, STRONG
from station.ui.viewmodels.stock import StockModel
from station.ui.views.page import PageView
from station.ui.views.stock_form import StockForm
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import ActionButton
from station.ui.widgets.labels import OneLine, Text
from station.ui.widgets.panel import Panel

_LINES_SHOWN = 10


class StockView(PageView):
    """Shows the ledger as one sum, and takes new lines."""

    title = N_("Stock of blank cards")
    words = N_("Where every blank is that ever came. What was made into cards the station counts by itself.")

    def __init__(self, ui: Ui, model: StockModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.model = model
        self.form = StockForm(ui, model, self)
        # The form stays when the rest is drawn anew: nobody loses what they type.
        self._above, self._below = arrange(QVBoxLayout(), gap=12), arrange(QVBoxLayout(), gap=12)
        self.body.addLayout(self._above)
        self.body.addWidget(self.form)
        self.body.addLayout(self._below)
        self.body.addStretch(1)
        self.write = ActionButton(ui, primary=True, parent=self)
        self.write.setObjectName("stockBegin")
        self.write.clicked.connect(self._pressed)
        self.buttons.insertWidget(0, self.write)
        self._typing = False
        self.form.begun.connect(lambda: self._set_typing(True))
        self.form.said.connect(self._show_answer)
        model.changed.connect(self._show)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.model.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._set_typing(False)
        self.model.watch(False)

    def take_focus(self) -> None:
        self.write.setFocus(Qt.FocusReason.OtherFocusReason)

    def _pressed(self) -> None:
        if self._typing:
            self.form.write()
            return
        self._set_typing(True)
        for part in (self.form, self.form.number, self.form.act):  # its end, its middle, its beginning
            self.bring_into_sight(part)
        self.form.act.setFocus(Qt.FocusReason.TabFocusReason)

    def _set_typing(self, typing: bool) -> None:
        self._typing = typing
        label = N_("Write it down") if typing else N_("Write something down")
        self.write.set_label(self.ui.text(label), "Enter")

    def _show_answer(self) -> None:
        """Bring the answer into sight, once it has its place."""
        QTimer.singleShot(0, self.form, lambda: self.bring_into_sight(self.form.says))

    def refresh(self) -> None:
        super().refresh()
        self._set_typing(self._typing)
        self._show()

    def _show(self) -> None:
        self.write.setEnabled(not self.model.writing)
        _clear(self._above)
        _clear(self._below)
        report = self.model.report
        self._above.addWidget(self._sum(report) if report.kept else self._nothing_yet())
        came = boxes(report.ledger, report.numbered)
        if came:
            self._below.addWidget(self._list(N_("What came"), [self._box(box) for box in came], "stockBoxes"))
            lines = [self._line(entry) for entry in report.ledger[: -_LINES_SHOWN - 1 : -1]]
            self._below.addWidget(self._list(N_("Last lines of the ledger"), lines, "stockLines"))

    def _nothing_yet(self) -> QWidget:
        text = Text(self.ui, INSTRUCTION, parent=self)
        text.setObjectName("stockEmpty")
        text.setText(
            self.ui.text(N_("Nobody counts blanks here yet. Begin with what lies there now: write it down as come."))
            if self.model.known
            else ""
        )
        return text

    def _sum(self, report: StockReport) -> QWidget:
        stands, tr = report.balance, self.ui.tr_
        panel = Panel(self.ui, parent=self)
        column = arrange(QVBoxLayout(panel), (18, 12, 18, 14), gap=6)
        verdict = Text(self.ui, STRONG, "ok" if stands.adds_up else "bad", parent=panel)
        verdict.setObjectName("stockVerdict")
        good = tr.plural("✓ It adds up: {n} blank came, and its place is known.",
                         "✓ It adds up: {n} blanks came, and the place of each is known.", stands.received)  # fmt: skip
        gaps = " ".join([tr.text(N_("! It does not add up.")), *map(tr.message, stands.gaps)])
        verdict.setText(good if stands.adds_up else gaps)
        column.addWidget(verdict)
        grid = arrange(QGridLayout(), gap=4)
        grid.setColumnStretch(1, 1)
        seldom = ((N_("in work"), stands.in_work), (N_("in doubt"), stands.in_doubt), (N_("missing"), stands.missing))
        rows = (
            ("", N_("came"), stands.received), ("–", N_("made into cards"), stands.issued),
            ("–", N_("spoiled, still kept"), stands.spoiled), ("–", N_("tried out, still kept"), stands.test),
            ("–", N_("destroyed"), stands.destroyed), *(("–", name, count) for name, count in seldom if count),
            ("=", N_("should lie there now"), stands.on_hand),
        )  # fmt: skip
        for place, (sign, name, count) in enumerate(rows):
            self._row(grid, place, (f"{sign} {tr.text(name)}".strip(), count), strong=place in (0, len(rows) - 1))
        column.addLayout(grid)
        forecast = Text(self.ui, BODY, parent=panel)
        forecast.setObjectName("stockForecast")
        forecast.setText(" ".join(part for part in (self._forecast(report), self._next(report)) if part))
        column.addWidget(forecast)
        return panel

    def _row(self, grid: QGridLayout, place: int, row: tuple[str, int], *, strong: bool) -> None:
        style = STRONG if strong else BODY
        name, number = OneLine(self.ui, style, parent=self), Text(self.ui, style, wrap=False, parent=self)
        name.set_text(row[0])
        number.setText(str(row[1]))
        number.setAlignment(Qt.AlignmentFlag.AlignRight)
        number.setAccessibleName(f"{row[0]}: {row[1]}")
        grid.addWidget(name, place, 0)
        grid.addWidget(number, place, 2)

    def _forecast(self, report: StockReport) -> str:
        tr = self.ui.tr_
        if report.days_left is None or report.a_day is None:
            return tr.text(N_("How long they last can be said once cards are made from them."))
        pace = tr.text(N_("At {count} a day, the pace of the last month,"), count=f"{report.a_day:.0f}")
        days = tr.plural("they last for {n} day on which cards are made.",
                         "they last for {n} days on which cards are made.", report.days_left)  # fmt: skip
        last = tr.text(N_("The last day is {day}."), day=report.lasts_to) if report.lasts_to is not None else ""
        return f"{pace} {days} {last}".strip()

    def _next(self, report: StockReport) -> str:
        """Return which number to look for on the next blank, where boxes have numbers."""
        if report.expected_next is None:
            return ""
        text = N_("Used in order, the next blank has the number {serial}. Look whether it does.")
        return self.ui.text(text, serial=report.expected_next)

    def _list(self, head: str, lines: list[str], name: str) -> QWidget:
        panel = Panel(self.ui, parent=self)
        panel.setObjectName(name)
        column = arrange(QVBoxLayout(panel), (18, 12, 18, 14), gap=4)
        title = OneLine(self.ui, STRONG, parent=panel)
        title.set_text(self.ui.text(head))
        column.addWidget(title)
        for line in lines:
            text = Text(self.ui, SECONDARY, parent=panel)
            text.setText(line)
            column.addWidget(text)
        return panel

    def _box(self, box: Box) -> str:
        tr, came = self.ui.tr_, box.came
        told = [_range(came) or tr.text(N_("without numbers")), tr.plural("{n} blank", "{n} blanks", came.count)]
        for count, word in (
            (box.issued, N_("made into cards")),
            (box.test, N_("tried out")),
            (box.spoiled, N_("lost")),
            (box.destroyed, N_("destroyed")),
        ):
            if count:
                told.append(f"{tr.text(word)} {count}")
        return " · ".join([tr.date(came.at.astimezone().date()), *told, *([came.note] if came.note else [])])

    def _line(self, entry: StockEntry) -> str:
        tr = self.ui.tr_
        what = f"{tr.text(DONE[entry.act])} {entry.count}"
        if entry.act is StockAct.COUNTED and entry.expected != entry.count:
            what += tr.text(N_(" (there should have been {count})"), count=entry.expected)
        at = f"{tr.date(entry.at.astimezone().date())} {tr.time(entry.at)}"
        return " · ".join(part for part in (at, what, _range(entry), entry.note, entry.operator) if part)


def _range(entry: StockEntry) -> str:
    return f"{entry.serials.first} – {entry.serials.last}" if entry.serials is not None else ""


def _clear(layout: QVBoxLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
