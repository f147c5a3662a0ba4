"""Calibrate a printer: print the test card, type what its rulers show, see the effect, keep it or take it back."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from station.domain.errors import N_, PrinterError, StationError
from station.domain.print_care import Correction
from station.ports.printer import JobReport
from station.services.calibration import CalibrationWish
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, SECONDARY
from station.ui.viewmodels.calibration import CalibrationModel
from station.ui.views.page import PageView
from station.ui.widgets.base import arrange
from station.ui.widgets.buttons import ActionButton, QuietButton
from station.ui.widgets.card_view import CardView
from station.ui.widgets.field import Field
from station.ui.widgets.labels import OneLine, Text
from station.ui.widgets.panel import Panel

_FIELDS = {
    "left": (N_("Left edge, mm"), "0"), "right": (N_("Right edge, mm"), "85.6"),
    "upper": (N_("Upper edge, mm"), "0"), "lower": (N_("Lower edge, mm"), "54"),
    "back_left": (N_("Back: left edge, mm"), "0"), "back_upper": (N_("Back: upper edge, mm"), "0"),
    "gamma": (N_("Middle tones"), "1"), "cyan": (N_("Cyan"), "1"), "magenta": (N_("Magenta"), "1"),
    "yellow": (N_("Yellow"), "1"),
}  # fmt: skip
_ROWS = (("left", "right", "upper", "lower"), ("back_left", "back_upper"), ("gamma", "cyan", "magenta", "yellow"))


class CalibrationView(PageView):
    """The page of one printer; what is typed is seen at once, and holds for no card before it is kept."""

    title = N_("Calibrate the printer")

    def __init__(self, ui: Ui, model: CalibrationModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.model = model
        self.print_button, self.check_button = QuietButton(ui, self), QuietButton(ui, self)
        self.print_button.setObjectName("testCard")
        self.check_button.setObjectName("testCardCorrected")
        self.print_button.clicked.connect(lambda: model.print_test_card(corrected=False))
        self.check_button.clicked.connect(lambda: model.print_test_card(corrected=True))
        self.fields = {name: Field(ui, f"calibrate_{name}", longest=12, parent=self) for name in _FIELDS}
        self._steps = [Text(ui, BODY, parent=self) for _ in range(2)]
        self.says, self._holds = Text(ui, BODY, parent=self), Text(ui, SECONDARY, "muted", parent=self)
        self.says.setObjectName("calibrationSays")
        self._holds.setObjectName("calibrationHolds")
        self.now, self.after = CardView(ui, self), CardView(ui, self)
        self._captions = [OneLine(ui, SECONDARY, "muted", self) for _ in range(2)]
        self._lay_out()
        self.keep = self._action("calibrationKeep", primary=True)
        self.take_back = self._action("calibrationTakeBack")
        self.buttons.insertWidget(0, self.keep)
        self.buttons.insertWidget(1, self.take_back)
        self.keep.clicked.connect(self._keep)
        self.take_back.clicked.connect(model.take_back)
        for field in self.fields.values():
            field.edited.connect(self._typed)
            field.entered.connect(self._keep)
        model.changed.connect(self.refresh)
        model.refused.connect(self._say_refused)
        model.kept.connect(self._say_kept)
        model.printed.connect(self._say_printed)
        self._say("")
        self.refresh()

    def take_focus(self) -> None:
        self.print_button.setFocus(Qt.FocusReason.TabFocusReason)

    @property
    def wish(self) -> CalibrationWish:
        """Return what was typed."""
        return CalibrationWish(**{name: field.text for name, field in self.fields.items()})

    def refresh(self) -> None:
        super().refresh()
        tr, model = self.ui.tr_, self.model
        self._title.set_text(f"{tr.text(self.title)} · {model.name}" if model.name else tr.text(self.title))
        self._steps[0].setText(tr.text(N_("1. Print the test card. It comes out as the printer prints by itself.")))
        self._steps[1].setText(
            tr.text(N_("2. Type the millimetre on its ruler at each edge of the plastic, in the edge's middle."))
        )
        busy = model.printing
        label = N_("The test card is being printed…") if busy else N_("Print the test card")
        self.print_button.set_label(tr.text(label))
        self.check_button.set_label(tr.text(N_("Print it as it is corrected now")))
        for button in (self.print_button, self.check_button):
            button.setEnabled(not busy)
        for name, (text, example) in _FIELDS.items():
            self.fields[name].name(tr.text(text), example)
        self._captions[0].set_text(tr.text(N_("Comes out now")))
        self._captions[1].set_text(tr.text(N_("Will come out")))
        side = self._side
        self.now.show_side(model.sides[side].now if side < len(model.sides) else None)
        self.after.show_side(model.sides[side].after if side < len(model.sides) else None)
        self.now.setAccessibleName(tr.text(N_("The test card as it comes out now")))
        self.after.setAccessibleName(tr.text(N_("The test card as it will come out")))
        self._holds.setText(self._told(N_("Holds for every card now, no layout is changed: {what}"), model.holds))
        self.keep.set_label(tr.text(N_("Keep it")), "Enter")
        self.keep.setEnabled(not model.busy)
        self.take_back.set_label(tr.text(N_("Take the last one back")))
        self.take_back.setEnabled(not model.busy)

    @property
    def _side(self) -> int:
        """Return which side is shown: the back while only the back's rulers are being typed."""
        backs = [self.fields[name] for name in _ROWS[1]]
        return 1 if any(field.edit.hasFocus() for field in backs) else 0

    def _lay_out(self) -> None:
        panel = Panel(self.ui, parent=self)
        column = arrange(QVBoxLayout(panel), (18, 12, 18, 14), gap=8)
        column.addWidget(self._steps[0])
        prints = arrange(QHBoxLayout(), gap=10)
        prints.addWidget(self.print_button)
        prints.addWidget(self.check_button)
        prints.addStretch(1)
        column.addLayout(prints)
        column.addWidget(self._steps[1])
        column.addLayout(self._row(_ROWS[0]))
        column.addWidget(self.says)
        pictures = arrange(QGridLayout(), gap=4)
        for place, (view, caption) in enumerate(zip((self.now, self.after), self._captions, strict=True)):
            pictures.addWidget(view, 0, place)
            pictures.addWidget(caption, 1, place)
            pictures.setColumnStretch(place, 1)
        column.addLayout(pictures)
        column.addWidget(self._holds)
        for row in _ROWS[1:]:
            column.addLayout(self._row(row))
        self.body.addWidget(panel)
        self.body.addStretch(1)
        order = [self.fields[name].edit for row in _ROWS for name in row]
        for before, after in pairwise((self.print_button, self.check_button, *order)):
            QWidget.setTabOrder(before, after)

    def _row(self, names: tuple[str, ...]) -> QHBoxLayout:
        fields = arrange(QHBoxLayout(), gap=10)
        for name in names:
            fields.addWidget(self.fields[name], 1)
        return fields

    def _action(self, name: str, *, primary: bool = False) -> ActionButton:
        button = ActionButton(self.ui, primary=primary, parent=self)
        button.setObjectName(name)
        return button

    def _typed(self) -> None:
        error = self.model.look(self.wish)
        self._say("" if error is not None or self.wish.empty else self._told(N_("Would hold: {what}")), "text")

    def _keep(self) -> None:
        self.model.look(self.wish)
        if self.wish.empty:
            self.fields["left"].setFocus(Qt.FocusReason.TabFocusReason)  # there is nothing to keep yet
        else:
            self.model.keep()

    def _say_refused(self, error: StationError) -> None:
        """Say what is wrong, and put the keyboard where it is; what was typed stays."""
        what, todo = self.ui.tr_.error(error)
        if isinstance(error, PrinterError):
            self._say(f"{what} {todo}", "bad")
            return
        field = self.fields.get(str(error.params.get("field", "")))
        if field is not None:
            field.set_wrong(True)
            field.edit.selectAll()
            field.setFocus(Qt.FocusReason.TabFocusReason)
        self._say(f"{what} {todo}", "bad")

    def _say_kept(self) -> None:
        for field in self.fields.values():
            field.edit.clear()
            field.set_wrong(False)
        self._say(self.ui.text(N_("Kept. It holds from the next card on; the last one can be taken back.")), "ok")

    def _say_printed(self, report: JobReport) -> None:
        self._say(self.ui.text(N_("The test card was given to the printer. Read its rulers when it is out.")), "ok")
        self.fields["left"].setFocus(Qt.FocusReason.TabFocusReason)

    def _say(self, text: str, colour: str = "text") -> None:
        self.says.set_colour(colour)
        self.says.setText(text)
        self.says.setAccessibleName(text)
        self.says.setVisible(bool(text))
        if text and colour != "text":
            # When it is laid out: what was hidden until now has no place yet.
            QTimer.singleShot(0, self.says, lambda: self.bring_into_sight(self.says))

    def _told(self, msgid: str, correction: Correction | None = None) -> str:
        """Return a correction in words: how far it moves the print, how much it stretches it, and the dyes."""
        c, tr = correction or self.model.wanted, self.ui.tr_
        told = []
        for across, down, text in (
            (c.x_mm, c.y_mm, N_("front {across} mm right, {down} mm down")),
            (c.back_x_mm, c.back_y_mm, N_("back {across} mm right, {down} mm down")),
            ((c.scale_x - 1) * 100, (c.scale_y - 1) * 100, N_("stretched {across} % across, {down} % down")),
        ):
            if across or down:
                told.append(tr.text(text, across=f"{across:+.2f}", down=f"{down:+.2f}"))
        dyes = {"gamma": c.gamma, "cyan": c.cyan, "magenta": c.magenta, "yellow": c.yellow}
        told += [f"{tr.text(_FIELDS[name][0])} {value:g}" for name, value in dyes.items() if value != 1]
        return tr.text(msgid, what="; ".join(told) or tr.text(N_("no correction")))
