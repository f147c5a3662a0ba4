"""A page that takes the middle for a while: a title, a few words, what it shows, and the way back."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from station.domain.errors import N_
from station.ui.context import Ui
from station.ui.theme.tokens import INSTRUCTION, PERSON
from station.ui.widgets.base import View, arrange
from station.ui.widgets.buttons import ActionButton
from station.ui.widgets.labels import OneLine, Text


class PageView(View):
    """The frame of such a page; ``left`` says that the person wants back."""

    left = Signal()
    title = ""
    words = ""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._title = OneLine(ui, PERSON, parent=self)
        self.content = QWidget(self)
        self.content.setObjectName("pageContent")
        self._words = Text(ui, INSTRUCTION, "muted", parent=self.content)
        inside = arrange(QVBoxLayout(self.content), (0, 0, 6, 0), gap=12)
        inside.addWidget(self._words)  # scrolls with what it is about: the buttons below need their room
        self.body = arrange(QVBoxLayout(), gap=12)
        inside.addLayout(self.body, 1)
        self.buttons = arrange(QHBoxLayout(), gap=10)
        self.back = ActionButton(ui, parent=self)
        self.back.clicked.connect(self.left)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.back)
        area = self._area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.content)
        column = self._column = arrange(QVBoxLayout(self), (8, 0, 8, 12), gap=10)
        column.addWidget(self._title)
        column.addWidget(area, 1)
        column.addLayout(self.buttons)
        application = QApplication.instance()
        assert isinstance(application, QApplication)  # noqa: S101 - there is no widget without one
        application.focusChanged.connect(self._keep_in_sight)

    def set_low(self, low: bool) -> None:
        """Spare room around what is shown, where there is little height."""
        self._column.setContentsMargins(8, 0, 8, 4 if low else 12)
        self._column.setSpacing(6 if low else 10)

    def _keep_in_sight(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Scroll to where the keyboard goes; a scroll area does it by itself only when it comes from inside."""
        if now is not None and self.isVisible() and self.content.isAncestorOf(now):
            self._area.ensureWidgetVisible(now)

    @staticmethod
    def in_order(*widgets: QWidget) -> None:
        """Have the keyboard go through these one after the other.

        What was made just now is last in the window, behind all that is around the page.
        """
        for before, after in pairwise(widgets):
            QWidget.setTabOrder(before, after)

    def bring_into_sight(self, widget: QWidget) -> None:
        """Scroll to a part of the page."""
        self._area.ensureWidgetVisible(widget)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Scroll by keyboard, too: on a small screen what is told may not be in sight as a whole."""
        bar, key = self._area.verticalScrollBar(), event.key()
        if bar.maximum() and key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            bar.setValue(bar.value() + (1 if key == Qt.Key.Key_PageDown else -1) * bar.pageStep())
        else:
            super().keyPressEvent(event)

    def refresh(self) -> None:
        self._title.set_text(self.ui.text(self.title))
        self._words.setText(self.ui.text(self.words))
        self._words.setVisible(bool(self.words))
        self.back.set_label(self.ui.text(N_("Back to the desk")), "Esc")
        self.back.setObjectName("pageBack")

    def take_focus(self) -> None:
        """Take the keyboard."""
        self.back.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_body(self) -> None:
        """Show at once what was put into the body.

        A layout shows what it was given only when the window comes to rest: a key pressed before then would find
        nothing to go to, and what had the keyboard could not be given it again.
        """
        for place in range(self.body.count()):
            item = self.body.itemAt(place)
            widget = item.widget() if item else None
            if widget is not None and not widget.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
                widget.show()

    def clear_body(self) -> None:
        """Take everything out of the page's body."""
        while self.body.count():
            item = self.body.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
