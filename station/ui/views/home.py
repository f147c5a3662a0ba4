"""Nobody is on the desk: how to begin, what was done today, and what waits for a decision."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from station.domain.errors import N_
from station.ui.context import Ui
from station.ui.theme.tokens import INSTRUCTION, PERSON
from station.ui.viewmodels.desk import DeskModel
from station.ui.viewmodels.doubts import DoubtsModel
from station.ui.viewmodels.pages import Page
from station.ui.widgets.base import View, arrange
from station.ui.widgets.buttons import ActionButton
from station.ui.widgets.icon import Pictogram
from station.ui.widgets.labels import Text


class HomeView(View):
    """The quiet screen between two people."""

    search_wanted = Signal()

    def __init__(self, ui: Ui, desk: DeskModel, doubts: DoubtsModel, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self.desk, self._doubts = desk, doubts
        self._drawing = Pictogram(ui, 96, self)
        self._drawing.show_drawing("people")
        self._title = Text(ui, PERSON, parent=self)
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words = Text(ui, INSTRUCTION, "muted", parent=self)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.next_button = ActionButton(ui, primary=True, parent=self)
        self.next_button.setObjectName("nextPerson")
        self.next_button.clicked.connect(self._next)
        self.find_button = ActionButton(ui, parent=self)
        self.find_button.setObjectName("findPerson")
        self.find_button.clicked.connect(self.search_wanted)
        self.doubts_button = ActionButton(ui, parent=self)
        self.doubts_button.setObjectName("openDoubts")
        self.doubts_button.clicked.connect(lambda: desk.show_page(Page.DOUBTS))
        column = self._column = arrange(QVBoxLayout(self), (8, 0, 8, 0), gap=12)
        column.addStretch(2)
        column.addWidget(self._drawing, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._title)
        column.addWidget(self._words)
        column.addSpacing(8)
        for button in (self.next_button, self.find_button, self.doubts_button):
            button.setFixedWidth(ui.theme.scaled(360))
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        desk.people_changed.connect(self.refresh)
        doubts.changed.connect(self.refresh)
        self.refresh()

    def set_low(self, low: bool) -> None:
        """Spare the drawing, where there is little height: the buttons stay in sight."""
        self._drawing.setVisible(not low)
        self._column.setSpacing(6 if low else 12)

    def refresh(self) -> None:
        desk, text = self.desk, self.ui.text
        waiting = len(desk.waiting) + len(desk.sessions)
        self._title.setText(text(N_("Who is next?")))
        made = self.ui.tr_.plural("{n} card handed over today", "{n} cards handed over today", desk.today.count)
        in_doubt = self._doubts.count
        self._words.setText(made)
        name = desk.next_name or (desk.sessions[0].holder.full_name if desk.sessions else "")
        self.next_button.setVisible(bool(waiting))
        self.next_button.set_label(text(N_("Next: {name}"), name=name), "N")
        self.find_button.set_label(text(N_("Find a student")), "/")
        self.find_button.set_primary(not waiting)
        self.doubts_button.setVisible(bool(in_doubt))
        self.doubts_button.set_label(
            self.ui.tr_.plural("{n} card in doubt: settle it", "{n} cards in doubt: settle them", in_doubt), "F9"
        )

    def _next(self) -> None:
        self.desk.next_person()
