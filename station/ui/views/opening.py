"""The first moments: the desk is being opened, or it cannot be, and why."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from station.domain.errors import N_, StationError
from station.ui.context import Ui
from station.ui.theme.tokens import INSTRUCTION, TROUBLE
from station.ui.widgets.base import View, arrange
from station.ui.widgets.buttons import ActionButton
from station.ui.widgets.labels import Text
from station.ui.widgets.panel import Panel
from station.ui.widgets.signs import BigSign

_WIDEST = 760


class OpeningView(View):
    """Says that the desk opens; after a failure what happened, what to do, and offers to try again."""

    again = Signal()

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._error: StationError | None = None
        self._quiet = Text(ui, INSTRUCTION, "muted", parent=self)
        self._quiet.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._panel = Panel(ui, edge="bad", parent=self)
        self._panel.setMaximumWidth(ui.theme.scaled(_WIDEST))
        self._what = Text(ui, TROUBLE, parent=self._panel)
        self._what.setObjectName("openingTrouble")
        self._todo = Text(ui, INSTRUCTION, parent=self._panel)
        self._again = ActionButton(ui, primary=True, parent=self._panel)
        self._again.setObjectName("openAgain")
        self._again.clicked.connect(self.again)
        row = arrange(QHBoxLayout(self._panel), (36, 30, 32, 36), gap=18)
        row.addWidget(BigSign(ui, self._panel), 0, Qt.AlignmentFlag.AlignTop)
        words = arrange(QVBoxLayout(), gap=10)
        for widget in (self._what, self._todo):
            words.addWidget(widget)
        words.addWidget(self._again, 0, Qt.AlignmentFlag.AlignLeft)
        row.addLayout(words, 1)
        column = arrange(QVBoxLayout(self), (24, 24, 24, 24))
        column.addStretch(1)
        column.addWidget(self._quiet)
        middle = arrange(QHBoxLayout())
        middle.addStretch(1)
        middle.addWidget(self._panel, 20)
        middle.addStretch(1)
        column.addLayout(middle)
        column.addStretch(2)
        self.refresh()

    def show_error(self, error: StationError | None) -> None:
        """Show why the desk does not open; ``None`` while it is being opened."""
        self._error = error
        self.refresh()
        if error is not None:
            self._again.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self) -> None:
        self._quiet.setText(self.ui.text(N_("The desk is being opened…")))
        self._quiet.setVisible(self._error is None)
        self._panel.setVisible(self._error is not None)
        self._again.set_label(self.ui.text(N_("Try again")), "Enter")
        if self._error is not None:
            what, todo = self.ui.tr_.error(self._error)
            self._what.setText(what)
            self._todo.setText(todo)
