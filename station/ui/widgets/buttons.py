"""Buttons: one accent button at a time with its key on it, and quiet ones beside it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from station.ui.context import Ui
from station.ui.theme.tokens import (
    CONTROL_HEIGHT,
    INSTRUCTION,
    PRIMARY_HEIGHT,
    RADIUS_BUTTON,
    RADIUS_CONTROL,
    SECONDARY,
    STRONG,
    TextStyle,
)
from station.ui.widgets.painting import focus_ring, smooth

KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_LABEL = TextStyle(INSTRUCTION.size_px, INSTRUCTION.line_px, 600)


def key_cap(painter: QPainter, rect: QRectF, text: str, ink: QColor, line: QColor) -> None:
    """Paint a key's name in a small frame."""
    painter.setPen(QPen(line, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    painter.setPen(ink)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


class ActionButton(QPushButton):
    """A button that says what it does and which key does the same."""

    def __init__(self, ui: Ui, *, primary: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._primary, self._key = ui, primary, ""
        self._progress: float | None = None
        self._ring = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(
            QSizePolicy.Policy.Expanding if primary else QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed
        )
        self.setAutoDefault(False)
        ui.theme.changed.connect(self.update)

    def set_label(self, text: str, key: str = "") -> None:
        """Show ``text``, and the name of the key that does the same."""
        # Each step of a card sets every label again, nearly all to the same: only what differs may ask for a new
        # layout.
        if text == self.text() and key == self._key:
            return
        self.setText(text)
        self._key = key
        self.setAccessibleName(text)
        self.setAccessibleDescription(key)
        self.updateGeometry()
        self.update()

    def set_primary(self, primary: bool) -> None:
        """Be the one accent button, or a quiet one."""
        if primary != self._primary:
            self._primary = primary
            across = QSizePolicy.Policy.Expanding if primary else QSizePolicy.Policy.Preferred
            self.setSizePolicy(across, QSizePolicy.Policy.Fixed)
            self.update()

    def set_progress(self, share: float | None) -> None:
        """Fill up to ``share`` (0..1) while the work that it began goes on; ``None`` is a plain button."""
        if share != self._progress:
            self._progress = share
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        theme = self._ui.theme
        width = theme.metrics(_LABEL).horizontalAdvance(self.text()) + 2 * 20
        if self._key:
            width += self._cap_width() + 14
        return QSize(width, max(PRIMARY_HEIGHT, theme.scaled(PRIMARY_HEIGHT)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        theme = self._ui.theme
        return QSize(theme.metrics(_LABEL).horizontalAdvance(self.text()) + 28, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Let Enter press it as Space does: people press what is on the key cap."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():  # a key that is held down was pressed once
                self.click()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        # The window puts the keyboard onto the main button by itself; a ring there all day would say nothing.
        self._ring = event.reason() in KEYBOARD_REASONS
        super().focusInEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        smooth(painter)
        ink, line = self._paint_body(painter)
        if self.hasFocus() and (self._ring or not self._primary):
            colour = self._ui.theme.colour("on_accent" if self._primary and self.isEnabled() else "accent")
            inset = 3.0 if self._primary else 0.0
            rect = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
            focus_ring(painter, rect, RADIUS_BUTTON - inset, colour)
        self._paint_label(painter, ink, line)
        painter.end()

    def _paint_body(self, painter: QPainter) -> tuple[QColor, QColor]:
        theme, rect = self._ui.theme, QRectF(self.rect())
        if not self._primary:
            fill = "accent_weak" if self.isDown() else "sunken" if self.underMouse() and self.isEnabled() else "surface"
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.setBrush(theme.colour(fill))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_BUTTON, RADIUS_BUTTON)
            return theme.colour("text" if self.isEnabled() else "muted"), theme.colour("line")
        accent = theme.colour("accent")
        if not self.isEnabled():
            accent.setAlphaF(0.45)
        elif self.isDown():
            accent = accent.darker(115)
        elif self.underMouse():
            accent = accent.lighter(108)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawRoundedRect(rect, RADIUS_BUTTON, RADIUS_BUTTON)
        if self._progress is not None:
            painter.setClipRect(QRectF(0, 0, rect.width() * min(1.0, self._progress), rect.height()))
            painter.setBrush(theme.colour("accent"))
            painter.drawRoundedRect(rect, RADIUS_BUTTON, RADIUS_BUTTON)
            painter.setClipping(False)
        ink = theme.colour("on_accent")
        line = QColor(ink)
        line.setAlphaF(0.7)
        return ink, line

    def _paint_label(self, painter: QPainter, ink: QColor, line: QColor) -> None:
        theme = self._ui.theme
        metrics = theme.metrics(_LABEL)
        cap = self._cap_width() if self._key else 0
        room = self.width() - 24
        # Where there is little room the key's name goes, and the words stay.
        with_cap = cap > 0 and metrics.horizontalAdvance(self.text()) + 14 + cap <= room
        text = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        width = metrics.horizontalAdvance(text) + (14 + cap if with_cap else 0)
        left = (self.width() - width) / 2
        painter.setFont(theme.font(_LABEL))
        painter.setPen(ink)
        painter.drawText(QRectF(left, 0, width, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
        if with_cap:
            painter.setFont(theme.font(SECONDARY))
            height = theme.scaled(22)
            area = QRectF(left + width - cap, (self.height() - height) / 2, cap, height)
            key_cap(painter, area, self._key, ink, line)

    def _cap_width(self) -> int:
        return max(22, self._ui.theme.metrics(SECONDARY).horizontalAdvance(self._key) + 14)


class QuietButton(QPushButton):
    """A small button without a frame, for what is rarely wanted."""

    def __init__(self, ui: Ui, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
        ui.theme.changed.connect(self.update)

    def set_label(self, text: str) -> None:
        """Show ``text``."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        theme = self._ui.theme
        return QSize(
            theme.metrics(STRONG).horizontalAdvance(self.text()) + 24,
            max(CONTROL_HEIGHT, theme.scaled(CONTROL_HEIGHT)),
        )

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme, rect = self._ui.theme, QRectF(self.rect())
        painter = QPainter(self)
        smooth(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isEnabled() and (self.underMouse() or self.isDown() or self.isChecked()):
            painter.setBrush(theme.colour("accent_weak"))
            painter.drawRoundedRect(rect, RADIUS_CONTROL, RADIUS_CONTROL)
        if self.hasFocus():
            focus_ring(painter, rect, RADIUS_CONTROL, theme.colour("accent"))
        painter.setFont(theme.font(STRONG))
        painter.setPen(theme.colour("accent" if self.isEnabled() else "muted"))
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width() - 8)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
