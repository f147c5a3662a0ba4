"""Trouble, in place: what happened, what is safe, the steps, one button that goes on, and the ways around."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import INSTRUCTION, TROUBLE
from station.ui.viewmodels.trouble import Trouble
from station.ui.views.actions import ActionBar
from station.ui.widgets.base import View, arrange
from station.ui.widgets.icon import Pictogram
from station.ui.widgets.labels import Text
from station.ui.widgets.panel import Panel
from station.ui.widgets.picture import Picture
from station.ui.widgets.signs import BigSign


class TroublePanel(View):
    """Shows one trouble. ``wanted`` carries the ``Todo`` that was pressed."""

    wanted = Signal(object)

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._trouble: Trouble | None = None
        self._has_buttons = True
        self._panel = Panel(ui, edge="bad", parent=self)
        self._sign = BigSign(ui, self._panel)
        self._wait = Pictogram(ui, 44, self._panel)
        self._title = Text(ui, TROUBLE, parent=self._panel)
        self._title.setObjectName("troubleTitle")
        self._safe = Text(ui, INSTRUCTION, parent=self._panel)
        self._steps = arrange(QGridLayout(), (20, 2, 0, 4), gap=2)
        self._steps.setColumnStretch(1, 1)
        self._steps.setHorizontalSpacing(8)
        self.bar = ActionBar(ui, grow=False, parent=self._panel)
        self.bar.wanted.connect(self.wanted)
        row = self._row = arrange(QHBoxLayout(self._panel), (36, 24, 30, 28), gap=18)
        signs = arrange(QVBoxLayout())
        signs.addWidget(self._sign)
        signs.addWidget(self._wait)
        signs.addStretch(1)
        row.addLayout(signs)
        self._picture = Picture(ui, self._panel)
        told = arrange(QVBoxLayout(), gap=8)
        told.addWidget(self._safe)
        told.addLayout(self._steps)
        told.addStretch(1)
        # The picture stands beside what it shows; title and buttons have the whole width.
        beside = arrange(QHBoxLayout(), gap=12)
        beside.addLayout(told, 1)
        beside.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        words = arrange(QVBoxLayout(), gap=8)
        words.addWidget(self._title)
        words.addLayout(beside)
        words.addWidget(self.bar)
        row.addLayout(words, 1)
        column = arrange(QVBoxLayout(self))
        column.addWidget(self._panel)
        self.refresh()

    def show_trouble(self, trouble: Trouble | None) -> None:
        """Show a trouble, or nothing."""
        if trouble != self._trouble:
            self._trouble = trouble
            self.refresh()

    def set_buttons(self, shown: bool) -> None:
        """Have the buttons here, or leave them to the row below."""
        self._has_buttons = shown
        self.bar.setVisible(shown)

    def set_low(self, low: bool) -> None:
        """Spare room around the words, where there is little height."""
        self._row.setContentsMargins(*((26, 14, 22, 18) if low else (36, 24, 30, 28)))
        self._picture.set_share(0.6 if low else 0.8)

    def refresh(self) -> None:
        trouble = self._trouble
        self.setVisible(trouble is not None)
        if trouble is None:
            return
        tr = self.ui.tr_
        self._panel.set_edge("accent" if trouble.calm else "bad")
        self._sign.setVisible(not trouble.calm)
        self._wait.setVisible(trouble.calm)
        self._wait.show_drawing("reader")
        self._title.setText(tr.message(trouble.title))
        self._safe.setText(tr.message(trouble.safe))
        self._panel.setAccessibleName(f"{tr.message(trouble.title)} {tr.message(trouble.safe)}")
        self._picture.show_picture(trouble.picture)
        self._show_steps([tr.message(step) for step in trouble.steps])
        self.bar.show_offers(trouble.offers)
        self.bar.refresh()
        self.bar.setVisible(self._has_buttons)

    def _show_steps(self, steps: list[str]) -> None:
        while self._steps.count():
            item = self._steps.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        # A single step has no number to stand behind: it begins where the words above it do.
        self._steps.setContentsMargins(20 if len(steps) > 1 else 0, 2, 0, 4)
        self._steps.setHorizontalSpacing(8 if len(steps) > 1 else 0)
        for number, step in enumerate(steps):
            if len(steps) > 1:
                count = Text(self.ui, INSTRUCTION, wrap=False, parent=self._panel)
                count.setText(f"{number + 1}.")
                self._steps.addWidget(count, number, 0, Qt.AlignmentFlag.AlignTop)
            words = Text(self.ui, INSTRUCTION, parent=self._panel)
            words.setText(step)
            self._steps.addWidget(words, number, 1)
