"""A field with its name above it; what was typed wrongly is framed, and stays."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import BODY, CONTROL_HEIGHT, SECONDARY
from station.ui.widgets.base import View, arrange
from station.ui.widgets.labels import OneLine


class Field(View):
    """One line to type into. ``entered`` says that Enter was pressed in it."""

    entered = Signal()
    edited = Signal()

    def __init__(self, ui: Ui, name: str, *, longest: int = 60, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._label = OneLine(ui, SECONDARY, "muted", self)
        self.edit = _Edit(self)
        self.edit.setObjectName(name)
        self.edit.setMaxLength(longest)
        self.edit.returnPressed.connect(self.entered)
        self.edit.textEdited.connect(lambda _text: self._typed())
        self._wrong = False
        column = arrange(QVBoxLayout(self), gap=2)
        column.addWidget(self._label)
        column.addWidget(self.edit)
        self.setFocusProxy(self.edit)
        self.refresh()

    @property
    def text(self) -> str:
        """Return what was typed."""
        return self.edit.text()

    def name(self, label: str, example: str = "") -> None:
        """Call the field something, with an example in it while it is empty."""
        self._label.set_text(label)
        self.edit.setAccessibleName(label)
        self.edit.setPlaceholderText(example)

    def set_wrong(self, wrong: bool) -> None:
        """Frame what can't be used."""
        if wrong != self._wrong:
            self._wrong = wrong
            self.refresh()

    def refresh(self) -> None:
        theme = self.ui.theme
        self.edit.setFont(theme.font(BODY))
        self.edit.setMinimumHeight(max(CONTROL_HEIGHT, theme.scaled(CONTROL_HEIGHT)))
        self.edit.setStyleSheet(f"border: 2px solid {theme.colour('bad').name()};" if self._wrong else "")

    def _typed(self) -> None:
        self.set_wrong(False)
        self.edited.emit()


class _Edit(QLineEdit):
    """The line; Enter is its own, whatever else it means in the window."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        super().keyPressEvent(event)
        # QLineEdit tells of an Enter and does not accept it: it would go on, up to the page and the window.
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
