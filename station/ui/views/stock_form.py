"""A line for the ledger of blanks, typed: what happened, to how many, to which numbers."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from station.domain.errors import N_, StationError
from station.domain.stock import Pile, StockAct
from station.services.stock import StockWish
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, CONTROL_HEIGHT, SECONDARY, STRONG
from station.ui.viewmodels.stock import StockModel
from station.ui.widgets.base import View, arrange
from station.ui.widgets.field import Field
from station.ui.widgets.labels import OneLine, Text
from station.ui.widgets.panel import Panel

_ACTS = {
    StockAct.RECEIVED: N_("Blank cards came"),
    StockAct.TEST: N_("Tried something out"),
    StockAct.SPOILED: N_("Lost before a card was begun"),
    StockAct.DESTROYED: N_("Destroyed"),
    StockAct.COUNTED: N_("Counted the unused ones"),
}
_PILES = {
    Pile.SPOILED: N_("from the spoiled ones"),
    Pile.TEST: N_("from those tried out"),
    Pile.STOCK: N_("from the unused ones"),
}
_NOTE_MAX = 200


class StockForm(View):
    """Sends a wish to the model; a refusal leaves everything as it was typed. The page has the button.

    ``begun`` says that somebody types, ``said`` that there is an answer to be seen.
    """

    begun = Signal()
    said = Signal()

    def __init__(self, ui: Ui, model: StockModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.model = model
        panel = Panel(ui, parent=self)
        arrange(QVBoxLayout(self)).addWidget(panel)
        self._head = OneLine(ui, STRONG, parent=panel)
        self.act, self.pile = _choice("stockAct", panel), _choice("stockPile", panel)
        self.act.activated.connect(lambda _index: self._chosen())
        self.number = Field(ui, "stockNumber", longest=9, parent=panel)
        self.first, self.last = Field(ui, "stockFirst", parent=panel), Field(ui, "stockLast", parent=panel)
        self.note = Field(ui, "stockNote", longest=_NOTE_MAX, parent=panel)
        self.fields = {"number": self.number, "first": self.first, "last": self.last, "note": self.note}
        self.says = Text(ui, BODY, parent=panel)
        self.says.setObjectName("stockSays")
        self._lay_out(panel)
        for field in self.fields.values():
            field.entered.connect(self.write)
            field.edited.connect(self._typed)
        model.written.connect(self._written)
        model.refused.connect(self._refused)
        self.refresh()

    def _lay_out(self, panel: QWidget) -> None:
        column = arrange(QVBoxLayout(panel), (18, 12, 18, 14), gap=8)
        column.addWidget(self._head)
        choices = arrange(QHBoxLayout(), gap=10)
        choices.addWidget(self.act, 1)
        choices.addWidget(self.pile, 1)
        column.addLayout(choices)
        column.addWidget(self.says)
        grid = arrange(QGridLayout(), gap=10)
        for place, field in enumerate((self.number, self.first, self.last)):
            grid.addWidget(field, 0, place)
        grid.addWidget(self.note, 1, 0, 1, 3)
        column.addLayout(grid)
        self._hint = Text(self.ui, SECONDARY, "muted", parent=panel)
        column.addWidget(self._hint)

    @property
    def wish(self) -> StockWish:
        """Return what was typed."""
        act = StockAct(self.act.currentData())
        pile = Pile(self.pile.currentData()) if act is StockAct.DESTROYED else Pile.STOCK
        return StockWish(act, self.number.text, self.first.text, self.last.text, pile, self.note.text)

    def choose(self, act: StockAct) -> None:
        """Choose what happened."""
        self.act.setCurrentIndex(self.act.findData(act.value))
        self._changed()

    def refresh(self) -> None:
        tr, height = self.ui.tr_, max(CONTROL_HEIGHT, self.ui.theme.scaled(CONTROL_HEIGHT))
        self._head.set_text(tr.text(N_("Write down what no card tells")))
        for box, names, name in (
            (self.act, _ACTS, N_("What happened")), (self.pile, _PILES, N_("Where they lay")),
        ):  # fmt: skip
            chosen = box.currentData()
            box.clear()
            for key, text in names.items():
                box.addItem(tr.text(text), key.value)
            box.setCurrentIndex(max(0, box.findData(chosen)))
            box.setAccessibleName(tr.text(name))
            box.setFont(self.ui.theme.font(BODY))
            box.setMinimumHeight(height)
        self.number.name(tr.text(N_("How many")))
        self.first.name(tr.text(N_("First number on the box")), "A-001")
        self.last.name(tr.text(N_("Last number on the box")), "A-500")
        self.note.name(tr.text(N_("Note: the supplier, the reason")))
        self._hint.setText(tr.text(N_("With both serial numbers the station counts by itself.")))
        self._changed()

    def _chosen(self) -> None:
        self._changed()
        self.begun.emit()

    def _changed(self) -> None:
        act = StockAct(self.act.currentData())
        self.pile.setVisible(act is StockAct.DESTROYED)
        for widget in (self.first, self.last, self._hint):
            widget.setVisible(act is not StockAct.COUNTED)

    def _typed(self) -> None:
        self._say("")
        self.begun.emit()

    def write(self) -> None:
        """Have what was typed written down."""
        self._say("")
        self.model.write(self.wish)

    def _written(self, wish: StockWish) -> None:
        for field in self.fields.values():
            field.edit.clear()
            field.set_wrong(False)
        count, tr = wish.count, self.ui.tr_
        what = tr.text(_ACTS[wish.act])
        self._say(tr.text(N_("Written down: {what}, {count}."), what=what, count=count), "ok")
        self.number.setFocus(Qt.FocusReason.OtherFocusReason)

    def _refused(self, error: StationError) -> None:
        """Say what is wrong, and put the keyboard where it is; what was typed stays."""
        named = str(error.params.get("field", ""))
        field = self.fields.get(named) or (
            self.first if self.first.text and self.first.isVisibleTo(self) else self.number
        )
        field.set_wrong(True)
        field.edit.selectAll()
        field.setFocus(Qt.FocusReason.OtherFocusReason)
        what, todo = self.ui.tr_.error(error)
        nothing = self.ui.text(N_("Nothing was written down; what you typed is still here."))
        self._say(f"{what} {todo} {nothing}", "bad")

    def _say(self, text: str, colour: str = "text") -> None:
        self.says.set_colour(colour)
        self.says.setText(text)
        self.says.setVisible(bool(text))
        if text:
            self.says.setAccessibleName(text)
            self.said.emit()


def _choice(name: str, parent: QWidget) -> QComboBox:
    box = QComboBox(parent)
    box.setObjectName(name)
    return box
