"""Small buttons with a drawing, and with words beside it where there is room."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import BODY, RADIUS_CONTROL, TextStyle
from station.ui.widgets.icon import drawing
from station.ui.widgets.painting import focus_ring, smooth

_ICON_PX = 20
LABEL = TextStyle(13, 18)


class ToolButton(QPushButton):
    """A drawing that can be pressed; its name is in the tool tip, together with its key, and read out."""

    def __init__(  # noqa: PLR0913 - what it shows by position, how by name
        self, ui: Ui, icon: str, name: str, *, key: str = "", words: bool = False, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._ui, self._icon, self._name, self._key, self._words = ui, icon, name, key, words
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        across = QSizePolicy.Policy.Expanding if words else QSizePolicy.Policy.Fixed
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
        ui.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Say the name in the language in use."""
        name = self._ui.text(self._name)
        self.setAccessibleName(name)
        self.setToolTip(f"{name}  {self._key}" if self._key else name)
        self.setAccessibleDescription(self._key)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        height = max(34, self._ui.theme.scaled(34))
        if not self._words:
            return QSize(height, height)
        width = self._ui.theme.metrics(LABEL).horizontalAdvance(self._ui.text(self._name))
        return QSize(width + _ICON_PX + 26, height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return self.sizeHint() if not self._words else QSize(64, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme, rect = self._ui.theme, QRectF(self.rect())
        painter = QPainter(self)
        smooth(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isEnabled() and (self.isDown() or self.isChecked()):
            painter.setBrush(theme.colour("accent_weak"))
            painter.drawRoundedRect(rect, RADIUS_CONTROL, RADIUS_CONTROL)
        elif self.isEnabled() and self.underMouse():
            painter.setBrush(theme.colour("sunken"))
            painter.drawRoundedRect(rect, RADIUS_CONTROL, RADIUS_CONTROL)
        if self.hasFocus():
            focus_ring(painter, rect, RADIUS_CONTROL, theme.colour("accent"))
        ink = "line" if not self.isEnabled() else "accent" if self.isChecked() else "text"
        left = 8.0 if self._words else (rect.width() - _ICON_PX) / 2
        icon = QRectF(left, (rect.height() - _ICON_PX) / 2, _ICON_PX, _ICON_PX)
        drawing(self._icon, theme.colour(ink).name()).render(painter, icon)
        if self._words:
            painter.setFont(theme.font(LABEL))
            painter.setPen(theme.colour("text" if self.isEnabled() else "muted"))
            room = rect.adjusted(left + _ICON_PX + 7, 0, -4, 0)
            text = painter.fontMetrics().elidedText(
                self._ui.text(self._name), Qt.TextElideMode.ElideRight, round(room.width())
            )
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class Chooser(QPushButton):
    """A button that shows what is chosen and opens a menu to choose something else."""

    def __init__(self, ui: Ui, parent: QWidget) -> None:
        super().__init__(parent)
        self._ui = ui
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        ui.theme.changed.connect(self.update)

    def set_label(self, text: str, name: str = "") -> None:
        """Show what is chosen; ``name`` says what it is a choice of."""
        self.setText(text)
        self.setAccessibleName(f"{name}: {text}" if name else text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        width = self._ui.theme.metrics(BODY).horizontalAdvance(self.text())
        return QSize(width + 44, max(34, self._ui.theme.scaled(34)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(min(70, self.sizeHint().width()), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme, rect = self._ui.theme, QRectF(self.rect())
        painter = QPainter(self)
        smooth(painter)
        painter.setPen(theme.colour("line"))
        painter.setBrush(theme.colour("sunken" if self.underMouse() and self.isEnabled() else "surface"))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_CONTROL, RADIUS_CONTROL)
        if self.hasFocus():
            focus_ring(painter, rect, RADIUS_CONTROL, theme.colour("accent"))
        painter.setFont(theme.font(BODY))
        painter.setPen(theme.colour("text" if self.isEnabled() else "muted"))
        room = rect.adjusted(12, 0, -26, 0)
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, round(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        side = 16.0
        drawing("chevron", theme.colour("muted").name()).render(
            painter, QRectF(rect.right() - side - 7, (rect.height() - side) / 2, side, side)
        )
        painter.end()
