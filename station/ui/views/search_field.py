"""The search field in the header, which is shown before the desk is open."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from station.domain.errors import N_
from station.ui.context import Ui
from station.ui.theme.tokens import BODY, CONTROL_HEIGHT, SECONDARY
from station.ui.widgets.buttons import key_cap
from station.ui.widgets.painting import smooth

_ROOM_FOR_KEY = 280


class SearchField(QLineEdit):
    """The field; ``/`` from anywhere leads here, arrows and Enter go to the list."""

    arrow = Signal(int)
    chosen = Signal()
    queued = Signal()
    given_up = Signal()
    left = Signal()

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self.asked_for = ui, False
        self.setObjectName("search")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(ui.theme.scaled(380))
        self.setMinimumWidth(120)
        ui.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Write the texts anew."""
        self.setFont(self._ui.theme.font(BODY))
        self.setPlaceholderText(self._ui.text(N_("Search: name, student number, e-mail…")))
        self.setAccessibleName(self._ui.text(N_("Search for a student")))
        self.setToolTip(self._ui.text(N_("Enter serves the person, Shift+Enter lets them wait")))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self._ui.theme.scaled(380), max(CONTROL_HEIGHT, self._ui.theme.scaled(CONTROL_HEIGHT)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(120, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.arrow.emit(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            (self.queued if shift else self.chosen).emit()
        elif key == Qt.Key.Key_Escape:
            self.given_up.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        # Qt hands the focus on by itself when the widget that had it is hidden; then nobody asked for a search.
        self.asked_for = event.reason() in (Qt.FocusReason.ShortcutFocusReason, Qt.FocusReason.MouseFocusReason)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        super().focusOutEvent(event)
        self.left.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        super().paintEvent(event)
        if self.text() or self.hasFocus() or self.width() < self._ui.theme.scaled(_ROOM_FOR_KEY):
            return
        painter = QPainter(self)
        smooth(painter)
        painter.setFont(self._ui.theme.font(SECONDARY))
        side = self._ui.theme.scaled(20)
        box = QRectF(self.width() - side - 12, (self.height() - side) / 2, side, side)
        key_cap(painter, box, "/", self._ui.theme.colour("muted"), self._ui.theme.colour("line"))
        painter.end()
