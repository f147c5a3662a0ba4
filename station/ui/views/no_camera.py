"""No camera: what happened, how the picture comes back, and the way around that is open meanwhile."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from station.domain.errors import N_, CameraError
from station.ui.context import Ui
from station.ui.theme.tokens import INSTRUCTION, TROUBLE
from station.ui.widgets.base import View, arrange
from station.ui.widgets.buttons import QuietButton
from station.ui.widgets.icon import Pictogram
from station.ui.widgets.labels import Text
from station.ui.widgets.panel import Panel


class NoCameraView(View):
    """Takes the place of the live picture while there is none. ``choose`` asks for another camera."""

    choose = Signal()

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._error: CameraError | None = None
        panel = Panel(ui, edge="warn", parent=self)
        drawing = Pictogram(ui, 56, panel)
        drawing.show_drawing("camera", "warn", "warn_weak")
        self._what = Text(ui, TROUBLE, parent=panel)
        self._what.setObjectName("noCamera")
        self._todo = Text(ui, INSTRUCTION, parent=panel)
        row = arrange(QHBoxLayout(panel), (32, 20, 26, 24), gap=18)
        row.addWidget(drawing, 0, Qt.AlignmentFlag.AlignTop)
        words = arrange(QVBoxLayout(), gap=6)
        words.addWidget(self._what)
        words.addWidget(self._todo)
        self.other = QuietButton(ui, panel)
        self.other.setObjectName("otherCamera")
        self.other.clicked.connect(self.choose)
        words.addWidget(self.other, 0, Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        row.addLayout(words, 1)
        column = arrange(QVBoxLayout(self))
        column.addWidget(panel)
        column.addStretch(1)

    def show_error(self, error: CameraError | None) -> None:
        """Say why there is no picture."""
        self._error = error
        self.refresh()

    def refresh(self) -> None:
        self.other.set_label(self.ui.text(N_("Another camera…")))
        if self._error is not None:
            what, todo = self.ui.tr_.error(self._error)
            self._what.setText(what)
            self._todo.setText(todo)
            self.setAccessibleName(f"{what} {todo}")
